#pragma once

#include "common/ledger/state_source.h"
#include "common/resource/kind.h"
#include "common/resource/unit_of_work.h"

namespace oversight::resource {

// The stored resources of a service's kinds, for its ledger.
class KindsStateSource final : public ledger::StateSource {
 public:
  KindsStateSource(const Registry* kinds, const Tables* tables) : kinds_(kinds), tables_(tables) {}

  absl::Status ForEachRecord(mysql::Connection& connection, const std::string& authority, bool check_columns,
                             absl::FunctionRef<absl::Status(const Record&)> reader) override;
  absl::StatusOr<int64_t> RemoveRows(mysql::Connection& connection, const std::string& name) override;
  absl::StatusOr<std::vector<MissingName>> Missing(mysql::Connection& connection,
                                                   const std::vector<std::string>& names) override;

 private:
  absl::StatusOr<std::string> Survivor(mysql::Connection& connection, std::string name) const;

  const Registry* const kinds_;
  const Tables* const tables_;
};

}  // namespace oversight::resource

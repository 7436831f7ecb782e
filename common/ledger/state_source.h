#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mysql/connection.h"

namespace oversight::ledger {

// The stored resources of a service, as the ledger needs them: to export, verify, erase and look them up.
class StateSource {
 public:
  virtual ~StateSource() = default;

  struct Record {
    std::string name;
    std::string type;
    uint64_t version = 0;
    bool deleted = false;
    // Deterministic bytes of the message.
    std::string bytes;
    // The columns kept beside the message say the same as the message. Only checked when asked for.
    bool columns_agree = true;
  };
  // Reads every resource of the authority, in a stable order.
  virtual absl::Status ForEachRecord(mysql::Connection& connection, const std::string& authority,
                                     bool check_columns,
                                     absl::FunctionRef<absl::Status(const Record&)> reader) = 0;
  // Removes the rows of a resource and of all beneath it. Returns how many.
  virtual absl::StatusOr<int64_t> RemoveRows(mysql::Connection& connection, const std::string& name) = 0;
  // A name that is of no kind kept here, does not exist, or is deleted.
  struct MissingName {
    std::string name;
    // The resource that stands for it, when it was a duplicate.
    std::string merged_into;
  };
  virtual absl::StatusOr<std::vector<MissingName>> Missing(mysql::Connection& connection,
                                                           const std::vector<std::string>& names) = 0;
};

// True when `name` is `resource` or lies beneath it.
bool IsOrLiesBeneath(absl::string_view name, absl::string_view resource);

}  // namespace oversight::ledger

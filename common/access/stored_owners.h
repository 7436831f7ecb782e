#pragma once

#include <string>

#include "common/access/owner_source.h"
#include "common/mysql/pool.h"
#include "common/resource/kind.h"
#include "common/resource/unit_of_work.h"
#include "common/time/clock.h"

namespace oversight::access {

// Reads owners off the resources that a service keeps (Belonging in roles.proto).
class StoredOwners final : public OwnerSource {
 public:
  StoredOwners(const resource::Registry* kinds, const resource::Tables* tables, mysql::Pool* pool,
               pb::Belonging belonging, const Clock* clock);
  absl::StatusOr<Owners> OwnersOf(const std::string& name, absl::Time deadline) override;

 private:
  absl::Status AddOwners(mysql::Connection& connection, const std::string& name, Owners& owners) const;
  absl::Status AddLent(mysql::Connection& connection, const resource::Kind& kind, const resource::Key& key,
                       Owners& owners) const;

  const resource::Registry* const kinds_;
  const resource::Tables* const tables_;
  mysql::Pool* const pool_;
  const pb::Belonging belonging_;
  const Clock* const clock_;
};

}  // namespace oversight::access

#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/mysql/connection.h"
#include "common/resource/table.h"
#include "oversight/supervision/v1/supervision.pb.h"

namespace oversight::supervision {

enum class SessionRole { kSupervisee, kSupervisor };

struct StoredSession {
  resource::StoredResource stored;
  v1::Session session;
};

// The sessions of a worker (its name) in this role on the days from `start` up to, but not on, `end`, in the
// order of their days and ids, deleted ones included; at most `limit`.
absl::StatusOr<std::vector<StoredSession>> ReadSessionsOf(mysql::Connection& connection,
                                                          const std::string& authority,
                                                          const std::string& worker, SessionRole role,
                                                          CivilDay start, CivilDay end, int limit);

}  // namespace oversight::supervision

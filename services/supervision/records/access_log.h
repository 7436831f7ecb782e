#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/mysql/connection.h"
#include "services/supervision/domain/record_access.h"

namespace oversight::supervision {

// One attempt to read the text of a session's record.
struct Access {
  std::string authority;
  // The record's name, as it was asked for.
  std::string record;
  // 0 when it was denied.
  int version = 0;
  absl::Time time;
  std::string actor;
  // The worker that the caller is; empty when none.
  std::string worker;
  // kNone when it was denied.
  AccessGround ground = AccessGround::kNone;
  std::string reason;
};

// Stores the attempt. It is durable when this returns OK; otherwise nothing may be shown.
absl::Status RecordAccess(mysql::Connection& connection, const Access& access);

// At most `limit` attempts, the newest first, before the one of this number (0: from the newest on): of all
// of an authority, or of one record when it is not empty.
absl::Status ReadAccesses(mysql::Connection& connection, const std::string& authority,
                          const std::string& record, uint64_t before, int limit,
                          absl::FunctionRef<void(uint64_t number, const Access& access)> reader);

}  // namespace oversight::supervision

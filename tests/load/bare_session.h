#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/mysql/connection.h"
#include "oversight/workforce/v1/workforce.pb.h"

namespace oversight::load {

// What reading and writing workers costs with the connector alone: the statements that the workforce service
// sends, prepared once, in a session set up alike, and nothing else. No validation, no hash chain, no
// references, no retries: the ledger's rows have the right sizes and no meaning. Belongs to one thread.
class BareSession {
 public:
  static absl::StatusOr<std::unique_ptr<BareSession>> Open(const mysql::ConnectionOptions& options);
  virtual ~BareSession() = default;

  // `name` is `authorities/{authority}/workers/{worker}`.
  virtual absl::Status ReadWorker(const std::string& name, workforce::v1::Worker& reply) = 0;
  // Sets the first day of employment.
  virtual absl::Status UpdateWorker(const workforce::v1::Worker& change, workforce::v1::Worker& reply) = 0;
  virtual absl::Status CreateAbsence(const std::string& parent, const std::string& id,
                                     const workforce::v1::Absence& absence,
                                     workforce::v1::Absence& reply) = 0;
};

}  // namespace oversight::load

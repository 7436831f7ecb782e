#pragma once

#include <ostream>

#include "absl/status/status.h"
#include "tests/load/settings.h"
#include "tests/load/suite.h"

namespace oversight::load {

// Reads and durable writes of single resources by the workforce service, each beside a bare gRPC server and
// the connector alone that carry out the same statements. Starts the service and the bare server.
class UnaryBenchmark {
 public:
  UnaryBenchmark(Suite& suite, const Settings& settings, std::ostream& out);
  ~UnaryBenchmark();

  // Fills 16 authorities with workers and starts what is measured.
  absl::Status Prepare();
  absl::Status MeasureReads();
  absl::Status MeasureWrites();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace oversight::load

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/byte_buffer.h"
#include "tests/load/sample.h"

namespace oversight::load {

struct Stretch {
  absl::Duration warm_up = absl::Milliseconds(300);
  absl::Duration measured = absl::Seconds(2);
};

// Connections to one server that share nothing with those to another. At most four, so that neither side's
// single connection is what is measured.
std::vector<std::shared_ptr<grpc::Channel>> Connect(const std::string& target, int in_flight);

// Keeps `in_flight` calls of a method under way from one thread. `request` makes the bytes of the n-th call,
// counted from 0. An error of any call ends it and is returned: what fails fast must not look fast.
absl::StatusOr<Sample> RunCalls(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                                const std::string& method, int in_flight, const Stretch& stretch,
                                const std::function<grpc::ByteBuffer(uint64_t n)>& request);

// The same with `threads` threads that each run `operation` again and again.
absl::StatusOr<Sample> RunThreads(int threads, const Stretch& stretch,
                                  const std::function<absl::Status(int thread, uint64_t n)>& operation);

// Runs `operation` at a steady rate, whether or not earlier ones are done, for as long as `go_on` holds for
// the next. Latency counts from the moment an operation was due, so that a pause shows in all that it
// delayed.
absl::StatusOr<Sample> RunPaced(int threads, double per_second, const std::function<bool(uint64_t n)>& go_on,
                                const std::function<absl::Status(int thread, uint64_t n)>& operation);

}  // namespace oversight::load

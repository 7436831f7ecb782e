#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace oversight::resource::testing {

// Runs the body at once for 0 up to, but not including, `count`.
inline void InParallel(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&body, i] { body(i); });
  for (std::thread& thread : threads) thread.join();
}

// Only what the caller is told to try again may fail in a crowd.
inline bool MayTryAgain(const absl::Status& status) {
  return status.code() == absl::StatusCode::kAborted || status.code() == absl::StatusCode::kUnavailable;
}

// Calls until the answer is another than to try again, as a client does; no more than `most` times.
inline absl::Status Persist(const std::function<absl::Status()>& call, int most = 300) {
  absl::Status status = call();
  for (int tries = 1; MayTryAgain(status) && tries < most; ++tries) status = call();
  EXPECT_FALSE(MayTryAgain(status)) << "still not after " << most << " tries: " << status;
  return status;
}

}  // namespace oversight::resource::testing

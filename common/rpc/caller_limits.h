#pragma once

#include <array>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/principal.h"

namespace oversight::rpc {

// Keeps each user to a rate of calls: a bucket of `burst` calls that fills by `per_second`. Services and demo
// users are not limited. Thread-safe; takes constant memory.
class CallerLimits {
 public:
  // 0 per second: no limit.
  CallerLimits(int per_second, int burst);

  // Takes one call out of the caller's bucket. RESOURCE_EXHAUSTED (CALLER_LIMIT) with a retry hint when it is
  // empty.
  absl::Status Take(const Principal& caller, absl::Time now);

 private:
  static constexpr size_t kShards = 16;
  static constexpr size_t kMostBucketsOfShard = 4096;
  struct Bucket {
    double calls = 0;
    absl::Time filled;
  };
  struct Shard {
    std::mutex mutex;
    absl::flat_hash_map<std::string, Bucket> buckets;
  };
  double CallsNow(const Bucket& bucket, absl::Time now) const;
  void MakeRoom(Shard& shard, absl::Time now) const;

  const double per_second_;
  const double burst_;
  std::array<Shard, kShards> shards_;
};

}  // namespace oversight::rpc

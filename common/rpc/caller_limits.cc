#include "common/rpc/caller_limits.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "common/status/error.h"

namespace oversight::rpc {

CallerLimits::CallerLimits(int per_second, int burst) : per_second_(per_second), burst_(std::max(1, burst)) {}

double CallerLimits::CallsNow(const Bucket& bucket, absl::Time now) const {
  const double since = std::max(0.0, absl::ToDoubleSeconds(now - bucket.filled));
  return std::min(burst_, bucket.calls + since * per_second_);
}

void CallerLimits::MakeRoom(Shard& shard, absl::Time now) const {
  if (shard.buckets.size() < kMostBucketsOfShard) return;
  // A full bucket says nothing that a new one would not.
  absl::erase_if(shard.buckets, [&](const auto& entry) { return CallsNow(entry.second, now) >= burst_; });
  if (shard.buckets.size() >= kMostBucketsOfShard) shard.buckets.clear();
}

absl::Status CallerLimits::Take(const Principal& caller, absl::Time now) {
  if (per_second_ == 0 || caller.kind != Principal::Kind::kUser) return absl::OkStatus();
  Shard& shard = shards_[absl::Hash<std::string>()(caller.actor) % kShards];
  const std::lock_guard lock(shard.mutex);
  if (!shard.buckets.contains(caller.actor)) MakeRoom(shard, now);
  Bucket& bucket = shard.buckets.try_emplace(caller.actor, Bucket{burst_, now}).first->second;
  bucket = {CallsNow(bucket, now), std::max(now, bucket.filled)};
  if (bucket.calls >= 1) {
    bucket.calls -= 1;
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kResourceExhausted, "CALLER_LIMIT",
               "you call too often: wait, or ask for fewer and larger answers")
      .RetryAfter(absl::Seconds((1 - bucket.calls) / per_second_));
}

}  // namespace oversight::rpc

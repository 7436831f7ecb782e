#include "common/rpc/feed_registry.h"

#include <vector>

#include "common/rpc/feed_call.h"
#include "common/status/error.h"

namespace oversight::rpc {
namespace {

absl::Status Draining() {
  return Error(absl::StatusCode::kUnavailable, "DRAINING", "the server is shutting down: connect again");
}

}  // namespace

absl::Status FeedRegistry::Add(const std::shared_ptr<FeedCall>& feed) {
  const std::lock_guard lock(mutex_);
  if (draining_) return Draining();
  if (feeds_.size() >= limit_) {
    return Error(absl::StatusCode::kResourceExhausted, "OVERLOADED",
                 "too many feeds are open: try again later")
        .RetryAfter(absl::Seconds(5));
  }
  feeds_.emplace(feed.get(), feed);
  return absl::OkStatus();
}

void FeedRegistry::Remove(const FeedCall* feed) {
  const std::lock_guard lock(mutex_);
  feeds_.erase(feed);
}

void FeedRegistry::Drain() {
  std::vector<std::shared_ptr<FeedCall>> open;
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    for (const auto& [key, feed] : feeds_) {
      if (std::shared_ptr<FeedCall> alive = feed.lock()) open.push_back(std::move(alive));
    }
  }
  for (const std::shared_ptr<FeedCall>& feed : open) feed->Close(Draining());
}

}  // namespace oversight::rpc

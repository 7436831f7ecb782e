#pragma once

#include <memory>
#include <mutex>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"

namespace oversight::rpc {

class FeedCall;

// The open feeds of a server, to limit them and to end them when it drains. Thread-safe.
class FeedRegistry {
 public:
  explicit FeedRegistry(size_t limit) : limit_(limit) {}

  // Errors: RESOURCE_EXHAUSTED (OVERLOADED) above the limit, UNAVAILABLE (DRAINING) once the server drains.
  absl::Status Add(const std::shared_ptr<FeedCall>& feed);
  void Remove(const FeedCall* feed);
  // Ends all feeds with UNAVAILABLE (DRAINING), so that watchers connect elsewhere, and takes no more.
  void Drain();

 private:
  const size_t limit_;
  std::mutex mutex_;
  bool draining_ = false;
  absl::flat_hash_map<const FeedCall*, std::weak_ptr<FeedCall>> feeds_;
};

}  // namespace oversight::rpc

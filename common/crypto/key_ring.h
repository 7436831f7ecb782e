#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/time/clock.h"

namespace oversight::crypto {

// The key-encryption keys of an installation, as a key file has them (README.md). Immutable.
class Keys {
 public:
  // INVALID_ARGUMENT names the first faulty line by number, never its content.
  static absl::StatusOr<Keys> Parse(absl::string_view text);

  // Null when there is no such key.
  const std::string* Find(absl::string_view id) const;
  const std::string& active_id() const { return active_id_; }
  const std::string& active() const { return keys_.at(active_id_); }

 private:
  std::map<std::string, std::string, std::less<>> keys_;
  std::string active_id_;
};

// A key file, looked at again at most once a second and read when it changed. A file that became unfit is
// reported in the log, and the last good keys stay. Thread-safe.
class KeyRing {
 public:
  // FAILED_PRECONDITION when the file cannot be read or is unfit.
  static absl::StatusOr<std::unique_ptr<KeyRing>> Open(std::string path, const Clock* clock);

  // The present keys.
  std::shared_ptr<const Keys> Get();

 private:
  // Tells one state of the file from another.
  struct Mark {
    int64_t modified_ns = 0;
    int64_t size = 0;
    uint64_t inode = 0;
    friend bool operator==(const Mark&, const Mark&) = default;
  };
  KeyRing(std::string path, const Clock* clock) : path_(std::move(path)), clock_(clock) {}
  absl::StatusOr<Mark> MarkNow() const;
  absl::Status Load() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  const Clock* const clock_;
  absl::Mutex mutex_;
  absl::Time next_look_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  Mark mark_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const Keys> keys_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace oversight::crypto

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace oversight::rpc {

// A file that is read again when it changed, looked at at most once a second. Thread-safe.
class WatchedFile {
 public:
  // `what` names the file's content in messages, `token keys`. `load` takes the text of the file and keeps
  // what it holds; after an error the file is reported in the log, and what was loaded before stays in use.
  // Calls of `load` never overlap.
  WatchedFile(std::string what, std::string path, std::function<absl::Status(const std::string& text)> load);

  // Reads it for the first time. FAILED_PRECONDITION, naming the file, when it cannot be read or is unfit.
  absl::Status Load();
  // Reads it again when it changed and the last look is a second ago.
  void ReloadIfChanged(absl::Time now);

 private:
  struct State {
    int64_t modified_ns = 0;
    int64_t size = 0;
    uint64_t inode = 0;
    friend bool operator==(const State&, const State&) = default;
  };
  absl::Status Look(State* state) const;
  absl::Status LoadLocked();

  const std::string what_;
  const std::string path_;
  const std::function<absl::Status(const std::string&)> load_;
  std::atomic<int64_t> next_look_us_{0};
  std::mutex mutex_;
  State state_;
};

}  // namespace oversight::rpc

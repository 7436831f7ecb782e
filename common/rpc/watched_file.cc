#include "common/rpc/watched_file.h"

#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/macros.h"

namespace oversight::rpc {
namespace {

constexpr int64_t kLookEveryUs = 1'000'000;

}  // namespace

WatchedFile::WatchedFile(std::string what, std::string path,
                         std::function<absl::Status(const std::string& text)> load)
    : what_(std::move(what)), path_(std::move(path)), load_(std::move(load)) {}

absl::Status WatchedFile::Look(State* state) const {
  struct stat found;
  if (stat(path_.c_str(), &found) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(what_, ": ", path_, " cannot be read"));
  }
  *state = {int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec, found.st_size,
            found.st_ino};
  return absl::OkStatus();
}

absl::Status WatchedFile::Load() {
  const std::lock_guard lock(mutex_);
  return LoadLocked();
}

absl::Status WatchedFile::LoadLocked() {
  // The state is taken before the text: a change in between is seen at the next look.
  State state;
  OVERSIGHT_RETURN_IF_ERROR(Look(&state));
  std::ifstream file(path_, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return absl::FailedPreconditionError(absl::StrCat(what_, ": ", path_, " cannot be read"));
  // An unfit file is not tried again until it changes.
  state_ = state;
  const absl::Status loaded = load_(text.str());
  if (loaded.ok()) return loaded;
  return absl::FailedPreconditionError(absl::StrCat(loaded.message(), " (", path_, ")"));
}

void WatchedFile::ReloadIfChanged(absl::Time now) {
  int64_t due = next_look_us_.load(std::memory_order_relaxed);
  const int64_t now_us = absl::ToUnixMicros(now);
  if (now_us < due) return;
  if (!next_look_us_.compare_exchange_strong(due, now_us + kLookEveryUs)) return;
  const std::lock_guard lock(mutex_);
  State state;
  absl::Status status = Look(&state);
  if (status.ok() && state == state_) return;
  if (status.ok()) status = LoadLocked();
  if (!status.ok()) {
    log::Warning("a file that changed is unfit, what it held before stays in use",
                 {{"file", what_}, {"error", status}});
  }
}

}  // namespace oversight::rpc

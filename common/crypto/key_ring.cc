#include "common/crypto/key_ring.h"

#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/crypto/aes_gcm.h"
#include "common/log/log.h"
#include "common/status/macros.h"

namespace oversight::crypto {
namespace {

constexpr size_t kLongestId = 63;
constexpr absl::Duration kBetweenLooks = absl::Seconds(1);

absl::Status Fault(size_t line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, " of the key file: ", what));
}

}  // namespace

absl::StatusOr<Keys> Keys::Parse(absl::string_view text) {
  Keys keys;
  size_t number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
    if (words.empty() || words[0][0] == '#') continue;
    if (words.size() > 3 || words.size() < 2 || (words.size() == 3 && words[2] != "active")) {
      return Fault(number, "expected an id, 32 bytes in base64 and, behind one key, `active`");
    }
    if (words[0].size() > kLongestId) return Fault(number, "an id has at most 63 bytes");
    std::string key;
    if (!absl::Base64Unescape(words[1], &key) || key.size() != kKeyBytes) {
      return Fault(number, "a key is 32 bytes in base64: openssl rand -base64 32");
    }
    if (!keys.keys_.emplace(words[0], std::move(key)).second)
      return Fault(number, "this id stands there twice");
    if (words.size() < 3) continue;
    if (!keys.active_id_.empty()) return Fault(number, "only one key can be active");
    keys.active_id_ = std::string(words[0]);
  }
  if (keys.active_id_.empty()) {
    return absl::InvalidArgumentError("the key file has no active key: put `active` behind one");
  }
  return keys;
}

const std::string* Keys::Find(absl::string_view id) const {
  const auto found = keys_.find(std::string(id));
  return found == keys_.end() ? nullptr : &found->second;
}

absl::StatusOr<std::unique_ptr<KeyRing>> KeyRing::Open(std::string path, const Clock* clock) {
  std::unique_ptr<KeyRing> ring(new KeyRing(std::move(path), clock));
  absl::MutexLock lock(&ring->mutex_);
  OVERSIGHT_RETURN_IF_ERROR(ring->Load());
  return ring;
}

absl::StatusOr<KeyRing::Mark> KeyRing::MarkNow() const {
  struct stat state;
  if (stat(path_.c_str(), &state) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("the key file ", path_, " cannot be read"));
  }
  return Mark{int64_t{state.st_mtim.tv_sec} * 1'000'000'000 + state.st_mtim.tv_nsec, state.st_size,
              state.st_ino};
}

absl::Status KeyRing::Load() {
  OVERSIGHT_ASSIGN_OR_RETURN(const Mark mark, MarkNow());
  std::ifstream file(path_, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return absl::FailedPreconditionError(absl::StrCat("the key file ", path_, " cannot be read"));
  absl::StatusOr<Keys> keys = Keys::Parse(text.str());
  mark_ = mark;
  if (!keys.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(keys.status().message(), " (", path_, ")"));
  }
  keys_ = std::make_shared<const Keys>(*std::move(keys));
  return absl::OkStatus();
}

std::shared_ptr<const Keys> KeyRing::Get() {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = clock_->Now();
  // A clock that was set back must not put the next look off.
  if (now >= next_look_ || now + kBetweenLooks < next_look_) {
    next_look_ = now + kBetweenLooks;
    const absl::StatusOr<Mark> mark = MarkNow();
    if (!mark.ok() || !(*mark == mark_)) {
      if (const absl::Status loaded = Load(); !loaded.ok()) {
        log::Warning("the key file is unfit, the last good keys stay in use", {{"error", loaded}});
      }
    }
  }
  return keys_;
}

}  // namespace oversight::crypto

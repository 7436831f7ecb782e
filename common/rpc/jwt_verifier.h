#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <shared_mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/key_set.h"
#include "common/time/clock.h"

namespace oversight::rpc {

struct JwtOptions {
  std::string keys_file;
  // Empty means not checked.
  std::string issuer;
  std::string audience;
};

// Verifies bearer tokens: JWTs (RFC 7519, 8725) signed with RS256, ES256 or EdDSA by a key of the file, which
// is looked at again at most once a second and read when it changed. A file that became unfit is reported in
// the log and the last good keys stay. Thread-safe.
class JwtVerifier {
 public:
  // Errors: FAILED_PRECONDITION when the file cannot be read or holds no usable key.
  static absl::StatusOr<std::unique_ptr<JwtVerifier>> Create(JwtOptions options, const Clock* clock);

  // The token's subject. `exp` and `sub` are required; 30 seconds of difference between clocks are allowed.
  // Errors: UNAUTHENTICATED, TOKEN_EXPIRED for a genuine token past its `exp`, else TOKEN_INVALID without a
  // word about what was wrong.
  absl::StatusOr<std::string> Verify(absl::string_view token);

 private:
  using Digest = std::array<unsigned char, 32>;
  struct FileState {
    int64_t modified_ns = 0;
    int64_t size = 0;
    uint64_t inode = 0;
    friend bool operator==(const FileState&, const FileState&) = default;
  };
  struct Verified {
    std::string subject;
    absl::Time not_before;
    absl::Time expires;
  };

  JwtVerifier(JwtOptions options, const Clock* clock) : options_(std::move(options)), clock_(clock) {}
  absl::Status LoadKeys();
  void ReloadIfChanged(absl::Time now);
  static absl::StatusOr<FileState> StateOf(const std::string& path);
  absl::StatusOr<Verified> VerifySignatureAndClaims(const KeySet& keys, const std::string& token) const;
  absl::StatusOr<std::string> Within(const Verified& verified, absl::Time now) const;

  const JwtOptions options_;
  const Clock* const clock_;
  std::atomic<int64_t> next_look_us_{0};

  std::shared_mutex mutex_;
  std::shared_ptr<const KeySet> keys_;
  FileState file_;
  // By the token's SHA-256: a signature check costs as much as the rest of a small call.
  absl::flat_hash_map<Digest, Verified> verified_;
};

}  // namespace oversight::rpc

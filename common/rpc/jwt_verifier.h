#pragma once

#include <array>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/key_set.h"
#include "common/rpc/watched_file.h"
#include "common/time/clock.h"

namespace oversight::rpc {

struct JwtOptions {
  std::string keys_file;
  // Empty means not checked.
  std::string issuer;
  std::string audience;
  // The claims that say for which authorities the caller works, one or a list of ids; in which groups it is,
  // a list; and which worker it is, an id.
  std::string authority_claim = "authority";
  std::string groups_claim = "groups";
  std::string worker_claim = "worker";
};

// What a valid token says about its caller.
struct TokenClaims {
  std::string subject;
  // Sorted, without repetition.
  std::vector<std::string> authorities;
  std::vector<std::string> groups;
  std::string worker;
  absl::Time expires;
};

// Verifies bearer tokens: JWTs (RFC 7519, 8725) signed with RS256, ES256 or EdDSA by a key of the file, which
// is looked at again at most once a second and read when it changed. A file that became unfit is reported in
// the log and the last good keys stay. Thread-safe.
class JwtVerifier {
 public:
  // Errors: FAILED_PRECONDITION when the file cannot be read or holds no usable key.
  static absl::StatusOr<std::unique_ptr<JwtVerifier>> Create(JwtOptions options, const Clock* clock);

  // What the token claims. `exp` and `sub` are required; 30 seconds of difference between clocks are allowed.
  // Errors: UNAUTHENTICATED, TOKEN_EXPIRED for a genuine token past its `exp`, else TOKEN_INVALID without a
  // word about what was wrong.
  absl::StatusOr<std::shared_ptr<const TokenClaims>> Verify(absl::string_view token);

 private:
  using Digest = std::array<unsigned char, 32>;
  struct Verified {
    std::shared_ptr<const TokenClaims> claims;
    absl::Time not_before;
  };

  JwtVerifier(JwtOptions options, const Clock* clock);
  absl::Status TakeKeys(const std::string& text);
  absl::StatusOr<Verified> VerifySignatureAndClaims(const KeySet& keys, const std::string& token) const;

  const JwtOptions options_;
  const Clock* const clock_;
  WatchedFile file_;

  std::shared_mutex mutex_;
  std::shared_ptr<const KeySet> keys_;
  // By the token's SHA-256: a signature check costs as much as the rest of a small call.
  absl::flat_hash_map<Digest, Verified> verified_;
};

}  // namespace oversight::rpc

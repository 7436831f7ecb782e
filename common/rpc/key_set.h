#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "rhonabwy.h"

namespace oversight::rpc {

// The public keys that sign callers' tokens. A key's type decides its only algorithm (RFC 8725, 3.1): RSA
// from 2048 bits RS256, P-256 ES256, Ed25519 EdDSA. Immutable; thread-safe.
class KeySet {
 public:
  struct JwkFree {
    void operator()(jwk_t* jwk) const { r_jwk_free(jwk); }
  };
  struct Key {
    // Empty when the file gives none, as PEM files do.
    std::string id;
    jwa_alg algorithm = R_JWA_ALG_UNKNOWN;
    std::unique_ptr<jwk_t, JwkFree> jwk;
  };

  // `text` is a JWKS (RFC 7517) or one or more PEM public keys. Keys of a JWKS that are meant for something
  // else (other types, `use` other than `sig`) are passed over. Errors: FAILED_PRECONDITION when no usable
  // key is left, or when one is private: this service must never hold it.
  static absl::StatusOr<std::shared_ptr<const KeySet>> Parse(absl::string_view text);

  // The keys that may have signed a token with this header: those of that id or, failing them, those without
  // id. A token without id is accepted only where one key alone has its algorithm.
  std::vector<const Key*> Candidates(absl::string_view id, jwa_alg algorithm) const;

 private:
  std::vector<Key> keys_;
};

}  // namespace oversight::rpc

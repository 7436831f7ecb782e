#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace oversight::rpc {

// A key pair for tests, made and used with OpenSSL alone, so that it checks the token library rather than
// trusts it.
class TestKey {
 public:
  enum class Kind { kRsa2048, kRsa1024, kP256, kP384, kEd25519 };
  explicit TestKey(Kind kind);

  // `{"kty":...,"kid":...}`, public part only; without id when it is empty.
  std::string Jwk(const std::string& id) const;
  std::string PublicPem() const;
  std::string PrivatePem() const;
  // A JWT signed with this key by the key's own algorithm (RS256, ES256, EdDSA), whatever the header says.
  std::string Token(const std::string& header, const std::string& claims) const;
  EVP_PKEY* get() const { return key_.get(); }

 private:
  std::string Number(const char* parameter) const;
  std::string Sign(const std::string& text) const;

  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
};

// base64url without padding (RFC 7515).
std::string Base64Url(absl::string_view bytes);
// A JWT with an HMAC-SHA256 under this secret.
std::string HmacToken(const std::string& header, const std::string& claims, const std::string& secret);

// A certificate for `key` in PEM. `alternative` is as in openssl's configuration, for
// example `DNS:a,IP:127.0.0.1`, or empty. Signed by `issuer_key` under the name `issuer`.
struct TestCertificate {
  std::string common_name;
  std::string alternative;
  bool authority = false;
  // Ends so many hours from now; negative for one that has expired. It began two days ago.
  int hours = 24;
};
std::string MakeCertificate(const TestCertificate& certificate, const TestKey& key, const std::string& issuer,
                            const TestKey& issuer_key);

// A new file for the tests, removed at their end.
std::string WriteTestFile(const std::string& name, const std::string& text);

}  // namespace oversight::rpc

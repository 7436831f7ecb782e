#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

struct evp_pkey_st;
struct x509_st;

namespace oversight::testing {

// A certificate with its private key, both PEM.
struct Certificate {
  std::string certificate;
  std::string key;
};

// A certificate authority of the test's own (P-256, valid from yesterday for 30 days).
class CertificateAuthority {
 public:
  explicit CertificateAuthority(absl::string_view common_name = "test authority");
  ~CertificateAuthority();

  // Its own certificate, PEM.
  const std::string& certificate() const { return pem_; }
  // A certificate for servers and clients. `alternative_names` as OpenSSL writes them, for example
  // `IP:127.0.0.1,DNS:localhost` or `URI:spiffe://oversight/workforce`; may be empty.
  Certificate Issue(absl::string_view common_name, absl::string_view alternative_names) const;

 private:
  evp_pkey_st* key_;
  x509_st* self_;
  std::string pem_;
};

// Writes the text to a new file in `directory` and returns its path.
std::string WriteFile(const std::string& directory, absl::string_view name, absl::string_view text);

}  // namespace oversight::testing

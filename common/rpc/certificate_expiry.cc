#include "common/rpc/certificate_expiry.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <ctime>
#include <memory>

namespace oversight::rpc {

std::optional<absl::Time> CertificateExpiry(const std::string& file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> input(std::fopen(file.c_str(), "r"), std::fclose);
  if (input == nullptr) return std::nullopt;
  const std::unique_ptr<X509, void (*)(X509*)> certificate(
      PEM_read_X509(input.get(), nullptr, nullptr, nullptr), X509_free);
  ERR_clear_error();
  std::tm end = {};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) {
    return std::nullopt;
  }
  return absl::FromTM(end, absl::UTCTimeZone());
}

void AddCertificateExpiry(const std::string& file, metrics::Registry& registry) {
  if (file.empty()) return;
  registry.GaugeAtScrape("oversight_tls_certificate_expiry_seconds",
                         "When the certificate that is shown ends to be valid, as seconds since 1970.",
                         [file]() -> std::optional<double> {
                           const std::optional<absl::Time> end = CertificateExpiry(file);
                           if (!end.has_value()) return std::nullopt;
                           return static_cast<double>(absl::ToUnixSeconds(*end));
                         });
}

}  // namespace oversight::rpc

#include "common/rpc/transport_security.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace oversight::rpc {
namespace {

using grpc::experimental::FileWatcherCertificateProvider;

constexpr unsigned kRefreshSeconds = 60;

absl::Status Unfit(absl::string_view file, absl::string_view why) {
  ERR_clear_error();
  return absl::FailedPreconditionError(absl::StrCat("TLS: ", file, " ", why));
}

// gRPC reports unfit files only as failed handshakes; this finds them at start.
absl::Status CheckFiles(const std::string& certificate, const std::string& key, const std::string& ca) {
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_method()), SSL_CTX_free);
  if (context == nullptr) return Unfit("", "cannot start");
  if (!certificate.empty()) {
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
      return Unfit(certificate, "holds no certificate chain in PEM");
    }
    if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
      return Unfit(key, absl::StrCat("holds no private key in PEM that fits ", certificate));
    }
  }
  if (!ca.empty() && SSL_CTX_load_verify_locations(context.get(), ca.c_str(), nullptr) != 1) {
    return Unfit(ca, "holds no CA certificates in PEM");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(const ServerOptions& options) {
  const std::string& certificate = options.tls_certificate_file;
  const std::string& key = options.tls_key_file;
  const std::string& ca = options.tls_client_ca_file;
  if (certificate.empty() && key.empty() && ca.empty()) {
    if (options.tls_require_client_certificate) {
      return absl::FailedPreconditionError(
          "TLS: client certificates are required, but no files are configured");
    }
    return grpc::InsecureServerCredentials();
  }
  if (certificate.empty() || key.empty() || ca.empty()) {
    return absl::FailedPreconditionError("TLS: certificate, key and client CA belong together");
  }
  OVERSIGHT_RETURN_IF_ERROR(CheckFiles(certificate, key, ca));
  grpc::experimental::TlsServerCredentialsOptions tls(
      std::make_shared<FileWatcherCertificateProvider>(key, certificate, ca, kRefreshSeconds));
  tls.watch_root_certs();
  tls.watch_identity_key_cert_pairs();
  tls.set_cert_request_type(options.tls_require_client_certificate
                                ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(tls);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeChannelCredentials(
    const ClientOptions& options) {
  const std::string& certificate = options.tls_certificate_file;
  const std::string& key = options.tls_key_file;
  const std::string& ca = options.tls_ca_file;
  if (certificate.empty() != key.empty()) {
    return absl::FailedPreconditionError("TLS: certificate and key belong together");
  }
  if (ca.empty()) {
    if (certificate.empty()) return grpc::InsecureChannelCredentials();
    return absl::FailedPreconditionError("TLS: a client certificate needs the CA of the server too");
  }
  OVERSIGHT_RETURN_IF_ERROR(CheckFiles(certificate, key, ca));
  grpc::experimental::TlsChannelCredentialsOptions tls;
  tls.set_certificate_provider(
      std::make_shared<FileWatcherCertificateProvider>(key, certificate, ca, kRefreshSeconds));
  tls.watch_root_certs();
  if (!certificate.empty()) tls.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(tls);
}

}  // namespace oversight::rpc

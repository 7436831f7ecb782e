#include "common/rpc/authenticator.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/rpc/jwt_verifier.h"
#include "common/status/error.h"
#include "common/status/utf8.h"

namespace oversight::rpc {
namespace {

constexpr char kDemoHeader[] = "oversight-demo-user";
constexpr size_t kLongestActor = 200;
constexpr size_t kLongestDemoUser = 64;

absl::string_view View(grpc::string_ref text) { return {text.data(), text.size()}; }

bool IsDemoUser(absl::string_view name) {
  if (name.empty() || name.size() > kLongestDemoUser) return false;
  for (const char c : name) {
    if (!absl::ascii_isalnum(c) && c != '.' && c != '_' && c != '-') return false;
  }
  return true;
}

class DemoAuthenticator final : public Authenticator {
 public:
  absl::StatusOr<Principal> Authenticate(const Metadata& metadata, const grpc::AuthContext*) const override {
    const auto header = metadata.find(kDemoHeader);
    if (header == metadata.end()) return Demo("anonymous");
    if (!IsDemoUser(View(header->second))) {
      return Error(absl::StatusCode::kInvalidArgument, "INVALID_DEMO_USER",
                   "oversight-demo-user must be 1 to 64 letters, digits, '.', '_' or '-'");
    }
    return Demo(View(header->second));
  }

  bool wants_peer() const override { return false; }

 private:
  static Principal Demo(absl::string_view name) {
    return {.kind = Principal::Kind::kDemo,
            .subject = std::string(name),
            .actor = absl::StrCat("demo:", name),
            .authorities = {"*"}};
  }
};

// The actor, or empty when the name cannot be one. Never cut: two callers must not become one.
std::string ActorOf(absl::string_view kind, absl::string_view name) {
  if (name.empty() || kind.size() + name.size() > kLongestActor || ValidUtf8(name) != name) return {};
  for (const char c : name) {
    if (absl::ascii_iscntrl(c)) return {};
  }
  return absl::StrCat(kind, name);
}

// The name in a verified certificate: its common name, else its first DNS or URI name.
std::string CertificateName(const grpc::AuthContext& peer) {
  if (!peer.IsPeerAuthenticated()) return {};
  for (const char* property : {"x509_common_name", "peer_dns", "peer_uri"}) {
    const std::vector<grpc::string_ref> values = peer.FindPropertyValues(property);
    if (!values.empty() && !values.front().empty()) return std::string(View(values.front()));
  }
  return {};
}

absl::Status Missing() {
  return Error(absl::StatusCode::kUnauthenticated, "TOKEN_MISSING",
               "send a bearer token in the authorization header, or call with a client certificate");
}

absl::Status Invalid() {
  return Error(absl::StatusCode::kUnauthenticated, "TOKEN_INVALID", "the credentials are not valid here");
}

class CredentialAuthenticator final : public Authenticator {
 public:
  CredentialAuthenticator(std::unique_ptr<JwtVerifier> tokens, bool certificates)
      : tokens_(std::move(tokens)), certificates_(certificates) {}

  absl::StatusOr<Principal> Authenticate(const Metadata& metadata,
                                         const grpc::AuthContext* peer) const override {
    const auto [first, end] = metadata.equal_range("authorization");
    if (first != end) {
      if (std::next(first) != end) return Invalid();
      return ByToken(View(first->second));
    }
    if (!certificates_ || peer == nullptr) return Missing();
    const std::string name = CertificateName(*peer);
    if (name.empty()) return Missing();
    Principal service{.kind = Principal::Kind::kService, .subject = name, .actor = ActorOf("service:", name)};
    if (service.actor.empty()) return Invalid();
    return service;
  }

  bool wants_peer() const override { return certificates_; }

 private:
  absl::StatusOr<Principal> ByToken(absl::string_view header) const {
    constexpr absl::string_view kScheme = "bearer ";
    if (tokens_ == nullptr || !absl::StartsWithIgnoreCase(header, kScheme)) return Invalid();
    OVERSIGHT_ASSIGN_OR_RETURN(const std::shared_ptr<const TokenClaims> claims,
                               tokens_->Verify(absl::StripAsciiWhitespace(header.substr(kScheme.size()))));
    Principal user{.kind = Principal::Kind::kUser,
                   .subject = claims->subject,
                   .actor = ActorOf("user:", claims->subject),
                   .authorities = claims->authorities,
                   .groups = claims->groups,
                   .worker = claims->worker,
                   .expires = claims->expires};
    if (user.actor.empty()) return Invalid();
    return user;
  }

  const std::unique_ptr<JwtVerifier> tokens_;
  const bool certificates_;
};

}  // namespace

bool IsLoopback(absl::string_view listen) {
  if (absl::StartsWith(listen, "unix:")) return true;
  if (absl::StartsWith(listen, "[::1]:")) return true;
  const absl::string_view host = listen.substr(0, listen.find(':'));
  const std::vector<absl::string_view> parts = absl::StrSplit(host, '.');
  if (parts.size() != 4 || parts[0] != "127") return false;
  for (const absl::string_view part : parts) {
    int byte = 0;
    if (part.size() > 3 || !absl::SimpleAtoi(part, &byte) || byte < 0 || byte > 255) return false;
  }
  return true;
}

absl::StatusOr<std::unique_ptr<Authenticator>> Authenticator::Create(const ServerOptions& options,
                                                                     const Clock* clock) {
  const bool certificates = !options.tls_client_ca_file.empty();
  if (options.demo_mode) {
    if (!IsLoopback(options.listen)) {
      return absl::FailedPreconditionError(absl::StrCat(
          "demo mode has no authentication and serves loopback addresses only (127.x.x.x, [::1] or "
          "unix:), not ",
          options.listen));
    }
    if (!options.jwt_keys_file.empty()) {
      return absl::FailedPreconditionError(
          "demo mode ignores tokens: configure it or the token keys, not both");
    }
    return std::make_unique<DemoAuthenticator>();
  }
  std::unique_ptr<JwtVerifier> tokens;
  if (!options.jwt_keys_file.empty()) {
    OVERSIGHT_ASSIGN_OR_RETURN(tokens, JwtVerifier::Create({.keys_file = options.jwt_keys_file,
                                                            .issuer = options.jwt_issuer,
                                                            .audience = options.jwt_audience,
                                                            .authority_claim = options.jwt_authority_claim,
                                                            .groups_claim = options.jwt_groups_claim,
                                                            .worker_claim = options.jwt_worker_claim},
                                                           clock));
  }
  if (tokens == nullptr && !certificates) {
    return absl::FailedPreconditionError(
        "no way to know callers: configure token keys, a CA of client certificates, or demo mode");
  }
  return std::make_unique<CredentialAuthenticator>(std::move(tokens), certificates);
}

}  // namespace oversight::rpc

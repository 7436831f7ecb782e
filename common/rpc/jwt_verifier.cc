#include "common/rpc/jwt_verifier.h"

#include <openssl/sha.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "common/status/error.h"
#include "nlohmann/json.hpp"

namespace oversight::rpc {
namespace {

using Json = nlohmann::json;

constexpr absl::Duration kLeeway = absl::Seconds(30);
constexpr size_t kLongestToken = 8192;
constexpr size_t kMostCached = 10000;

absl::Status Invalid() {
  return Error(absl::StatusCode::kUnauthenticated, "TOKEN_INVALID", "the credentials are not valid here");
}

absl::Status Expired() {
  return Error(absl::StatusCode::kUnauthenticated, "TOKEN_EXPIRED", "the token has expired: get a new one");
}

struct JwtFree {
  void operator()(jwt_t* jwt) const { r_jwt_free(jwt); }
};

// NumericDate of RFC 7519: seconds, perhaps with a fraction. None when absent or no number.
std::optional<absl::Time> TimeClaim(const Json& claims, const char* name) {
  const auto claim = claims.find(name);
  if (claim == claims.end() || !claim->is_number()) return std::nullopt;
  const double seconds = claim->get<double>();
  // Far beyond any real token, and where conversion is still exact.
  if (!(std::abs(seconds) < 1e12)) return std::nullopt;
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

bool TextClaimIs(const Json& claims, const char* name, const std::string& wanted) {
  const auto claim = claims.find(name);
  return claim != claims.end() && claim->is_string() && claim->get_ref<const std::string&>() == wanted;
}

bool HasAudience(const Json& claims, const std::string& wanted) {
  const auto claim = claims.find("aud");
  if (claim == claims.end()) return false;
  if (!claim->is_array()) return TextClaimIs(claims, "aud", wanted);
  return std::any_of(claim->begin(), claim->end(), [&](const Json& audience) {
    return audience.is_string() && audience.get_ref<const std::string&>() == wanted;
  });
}

// A claim that is one text or a list of texts, sorted, without repetition; what else it holds is no text of
// ours.
std::vector<std::string> TextsOf(const Json& claims, const std::string& name) {
  const auto claim = claims.find(name);
  std::set<std::string> texts;
  if (claim != claims.end() && claim->is_string()) texts.insert(claim->get<std::string>());
  if (claim != claims.end() && claim->is_array()) {
    for (const Json& text : *claim) {
      if (text.is_string()) texts.insert(text.get<std::string>());
    }
  }
  texts.erase("");
  return {texts.begin(), texts.end()};
}

Json ClaimsOf(jwt_t* jwt) {
  char* text = r_jwt_get_full_claims_str(jwt);
  Json claims = text == nullptr ? Json() : Json::parse(text, nullptr, /*allow_exceptions=*/false);
  r_free(text);
  return claims;
}

Json HeaderOf(jwt_t* jwt) {
  char* text = r_jwt_get_full_header_str(jwt);
  Json header = text == nullptr ? Json() : Json::parse(text, nullptr, /*allow_exceptions=*/false);
  r_free(text);
  return header;
}

// The key's id in the header; empty when absent or no text.
std::string KeyIdIn(const Json& header) {
  const auto id = header.find("kid");
  return id != header.end() && id->is_string() ? id->get<std::string>() : std::string();
}

bool SignedByAny(jwt_t* jwt, const std::vector<const KeySet::Key*>& keys) {
  return std::any_of(keys.begin(), keys.end(), [jwt](const KeySet::Key* key) {
    return r_jwt_verify_signature(jwt, key->jwk.get(), R_FLAG_IGNORE_REMOTE) == RHN_OK;
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<JwtVerifier>> JwtVerifier::Create(JwtOptions options, const Clock* clock) {
  std::unique_ptr<JwtVerifier> verifier(new JwtVerifier(std::move(options), clock));
  OVERSIGHT_RETURN_IF_ERROR(verifier->file_.Load());
  return verifier;
}

JwtVerifier::JwtVerifier(JwtOptions options, const Clock* clock)
    : options_(std::move(options)),
      clock_(clock),
      file_("token keys", options_.keys_file, [this](const auto& text) { return TakeKeys(text); }) {}

absl::Status JwtVerifier::TakeKeys(const std::string& text) {
  OVERSIGHT_ASSIGN_OR_RETURN(std::shared_ptr<const KeySet> keys, KeySet::Parse(text));
  const std::unique_lock lock(mutex_);
  keys_ = std::move(keys);
  verified_.clear();
  return absl::OkStatus();
}

absl::StatusOr<JwtVerifier::Verified> JwtVerifier::VerifySignatureAndClaims(const KeySet& keys,
                                                                            const std::string& token) const {
  // Exactly header, payload and signature: no encrypted or nested tokens.
  if (std::count(token.begin(), token.end(), '.') != 2) return Invalid();
  jwt_t* raw = nullptr;
  if (r_jwt_init(&raw) != RHN_OK) return Invalid();
  const std::unique_ptr<jwt_t, JwtFree> jwt(raw);
  // R_PARSE_NONE: keys that the token brings along, or points to, are never looked at; unsigned ones do not
  // parse.
  if (r_jwt_advanced_parse(jwt.get(), token.c_str(), R_PARSE_NONE, R_FLAG_IGNORE_REMOTE) != RHN_OK ||
      r_jwt_get_type(jwt.get()) != R_JWT_TYPE_SIGN) {
    return Invalid();
  }
  const Json header = HeaderOf(jwt.get());
  // Extensions that must be understood (RFC 7515, 4.1.11): none is.
  if (!header.is_object() || header.contains("crit")) return Invalid();
  const jwa_alg algorithm = r_jwt_get_sign_alg(jwt.get());
  if (!SignedByAny(jwt.get(), keys.Candidates(KeyIdIn(header), algorithm))) return Invalid();

  const Json claims = ClaimsOf(jwt.get());
  if (!claims.is_object()) return Invalid();
  const std::optional<absl::Time> expires = TimeClaim(claims, "exp");
  const auto subject = claims.find("sub");
  if (!expires || subject == claims.end() || !subject->is_string()) return Invalid();
  if (!options_.issuer.empty() && !TextClaimIs(claims, "iss", options_.issuer)) return Invalid();
  if (!options_.audience.empty() && !HasAudience(claims, options_.audience)) return Invalid();
  absl::Time not_before = absl::InfinitePast();
  if (claims.contains("nbf")) {
    const std::optional<absl::Time> stated = TimeClaim(claims, "nbf");
    if (!stated) return Invalid();
    not_before = *stated;
  }
  auto said = std::make_shared<TokenClaims>();
  said->subject = subject->get<std::string>();
  said->authorities = TextsOf(claims, options_.authority_claim);
  said->groups = TextsOf(claims, options_.groups_claim);
  const std::vector<std::string> workers = TextsOf(claims, options_.worker_claim);
  if (workers.size() == 1) said->worker = workers.front();
  said->expires = *expires;
  return Verified{std::move(said), not_before};
}

absl::StatusOr<std::shared_ptr<const TokenClaims>> JwtVerifier::Verify(absl::string_view token) {
  if (token.empty() || token.size() > kLongestToken) return Invalid();
  const absl::Time now = clock_->Now();
  file_.ReloadIfChanged(now);
  const auto within = [now](const Verified& verified) -> absl::StatusOr<std::shared_ptr<const TokenClaims>> {
    if (now >= verified.claims->expires + kLeeway) return Expired();
    if (now < verified.not_before - kLeeway) return Invalid();
    return verified.claims;
  };
  Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), digest.data());
  std::shared_ptr<const KeySet> keys;
  {
    const std::shared_lock lock(mutex_);
    const auto known = verified_.find(digest);
    if (known != verified_.end()) return within(known->second);
    keys = keys_;
  }
  OVERSIGHT_ASSIGN_OR_RETURN(const Verified verified, VerifySignatureAndClaims(*keys, std::string(token)));
  OVERSIGHT_ASSIGN_OR_RETURN(std::shared_ptr<const TokenClaims> claims, within(verified));
  const std::unique_lock lock(mutex_);
  // Keys replaced in between may not have signed it.
  if (keys == keys_) {
    if (verified_.size() >= kMostCached) verified_.clear();
    verified_.emplace(digest, verified);
  }
  return claims;
}

}  // namespace oversight::rpc

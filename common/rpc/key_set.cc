#include "common/rpc/key_set.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "nlohmann/json.hpp"

namespace oversight::rpc {
namespace {

using Jwk = std::unique_ptr<jwk_t, KeySet::JwkFree>;

constexpr unsigned kLeastRsaBits = 2048;
constexpr absl::string_view kPemBegin = "-----BEGIN";

absl::string_view Property(jwk_t* jwk, const char* name) {
  const char* value = r_jwk_get_property_str(jwk, name);
  return value == nullptr ? absl::string_view() : absl::string_view(value);
}

jwa_alg AlgorithmOf(jwk_t* jwk) {
  unsigned bits = 0;
  const int type = r_jwk_key_type(jwk, &bits, R_FLAG_IGNORE_REMOTE);
  if ((type & R_KEY_TYPE_PUBLIC) == 0) return R_JWA_ALG_UNKNOWN;
  if ((type & R_KEY_TYPE_RSA) != 0) return bits >= kLeastRsaBits ? R_JWA_ALG_RS256 : R_JWA_ALG_UNKNOWN;
  if ((type & R_KEY_TYPE_EC) != 0)
    return Property(jwk, "crv") == "P-256" ? R_JWA_ALG_ES256 : R_JWA_ALG_UNKNOWN;
  if ((type & R_KEY_TYPE_EDDSA) != 0) {
    return Property(jwk, "crv") == "Ed25519" ? R_JWA_ALG_EDDSA : R_JWA_ALG_UNKNOWN;
  }
  return R_JWA_ALG_UNKNOWN;
}

bool MeantForOther(jwk_t* jwk, jwa_alg algorithm) {
  const absl::string_view use = Property(jwk, "use");
  if (!use.empty() && use != "sig") return true;
  const absl::string_view stated = Property(jwk, "alg");
  return !stated.empty() && r_str_to_jwa_alg(std::string(stated).c_str()) != algorithm;
}

absl::Status Unfit(absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat("token keys: ", why));
}

absl::Status PrivateKey() { return Unfit("a private key; only public keys belong here"); }

void AddKey(Jwk jwk, std::vector<KeySet::Key>& keys) {
  const jwa_alg algorithm = AlgorithmOf(jwk.get());
  if (algorithm == R_JWA_ALG_UNKNOWN || MeantForOther(jwk.get(), algorithm)) return;
  std::string id(Property(jwk.get(), "kid"));
  keys.push_back({std::move(id), algorithm, std::move(jwk)});
}

absl::Status CheckJwks(const std::string& text) {
  const nlohmann::json jwks = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!jwks.is_object() || !jwks.contains("keys") || !jwks["keys"].is_array()) {
    return Unfit("neither a JWKS nor PEM");
  }
  for (const nlohmann::json& key : jwks["keys"]) {
    if (key.is_object() && key.contains("d")) return PrivateKey();
  }
  return absl::OkStatus();
}

absl::Status AddJwks(const std::string& text, std::vector<KeySet::Key>& keys) {
  OVERSIGHT_RETURN_IF_ERROR(CheckJwks(text));
  jwks_t* raw = nullptr;
  if (r_jwks_init(&raw) != RHN_OK) return Unfit("out of memory");
  const std::unique_ptr<jwks_t, void (*)(jwks_t*)> jwks(raw, r_jwks_free);
  // Its result only says whether some of the keys are of kinds unknown here.
  r_jwks_import_from_json_str(jwks.get(), text.c_str());
  for (size_t i = 0; i < r_jwks_size(jwks.get()); ++i) {
    AddKey(Jwk(r_jwks_get_at(jwks.get(), i)), keys);
  }
  return absl::OkStatus();
}

absl::Status AddPem(absl::string_view text, std::vector<KeySet::Key>& keys) {
  while (!text.empty()) {
    size_t next = text.find(kPemBegin, kPemBegin.size());
    if (next == absl::string_view::npos) next = text.size();
    const absl::string_view pem = text.substr(0, next);
    text.remove_prefix(next);
    if (absl::StrContains(pem.substr(0, pem.find('\n')), "PRIVATE")) {
      return PrivateKey();
    }
    jwk_t* raw = nullptr;
    if (r_jwk_init(&raw) != RHN_OK) return Unfit("out of memory");
    Jwk jwk(raw);
    if (r_jwk_import_from_pem_der(jwk.get(), R_X509_TYPE_PUBKEY, R_FORMAT_PEM,
                                  reinterpret_cast<const unsigned char*>(pem.data()), pem.size()) != RHN_OK) {
      return Unfit("PEM that holds no public key");
    }
    // The import invents an id, which no token bears.
    r_jwk_delete_property_str(jwk.get(), "kid");
    AddKey(std::move(jwk), keys);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const KeySet>> KeySet::Parse(absl::string_view text) {
  // gnutls and jansson set themselves up once for the process.
  static const int initialised = r_global_init();
  if (initialised != RHN_OK) return Unfit("the token library cannot start");
  auto set = std::make_shared<KeySet>();
  text = absl::StripAsciiWhitespace(text);
  OVERSIGHT_RETURN_IF_ERROR(absl::StartsWith(text, kPemBegin) ? AddPem(text, set->keys_)
                                                              : AddJwks(std::string(text), set->keys_));
  if (set->keys_.empty()) {
    return Unfit("no usable key; RSA from 2048 bits, P-256 and Ed25519 public keys for signatures are");
  }
  return set;
}

std::vector<const KeySet::Key*> KeySet::Candidates(absl::string_view id, jwa_alg algorithm) const {
  std::vector<const Key*> of_id;
  std::vector<const Key*> nameless;
  std::vector<const Key*> all;
  for (const Key& key : keys_) {
    if (key.algorithm != algorithm) continue;
    all.push_back(&key);
    if (key.id.empty()) nameless.push_back(&key);
    if (!id.empty() && key.id == id) of_id.push_back(&key);
  }
  if (id.empty()) return all.size() == 1 ? all : nameless;
  return of_id.empty() ? nameless : of_id;
}

}  // namespace oversight::rpc

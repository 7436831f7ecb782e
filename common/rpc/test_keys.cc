#include "common/rpc/test_keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace oversight::rpc {
namespace {

EVP_PKEY* Generate(TestKey::Kind kind) {
  switch (kind) {
    case TestKey::Kind::kRsa2048:
      return EVP_RSA_gen(2048);
    case TestKey::Kind::kRsa1024:
      return EVP_RSA_gen(1024);
    case TestKey::Kind::kP256:
      return EVP_EC_gen("P-256");
    case TestKey::Kind::kP384:
      return EVP_EC_gen("P-384");
    case TestKey::Kind::kEd25519:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  }
  return nullptr;
}

std::string Text(BIO* bio) {
  char* data = nullptr;
  const auto size = static_cast<size_t>(BIO_get_mem_data(bio, &data));
  std::string text(data, size);
  BIO_free(bio);
  return text;
}

// JOSE has the two numbers one after the other, OpenSSL has them in DER.
std::string JoseEcdsa(const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size()));
  unsigned char out[64];
  BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + 32, 32);
  ECDSA_SIG_free(signature);
  return std::string(reinterpret_cast<char*>(out), sizeof(out));
}

std::string SigningInput(const std::string& header, const std::string& claims) {
  return absl::StrCat(Base64Url(header), ".", Base64Url(claims));
}

}  // namespace

TestKey::TestKey(Kind kind) : key_(Generate(kind), EVP_PKEY_free) {}

std::string TestKey::Number(const char* parameter) const {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key_.get(), parameter, &number);
  std::vector<unsigned char> bytes(static_cast<size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, bytes.data());
  BN_free(number);
  return Base64Url({reinterpret_cast<char*>(bytes.data()), bytes.size()});
}

std::string TestKey::Jwk(const std::string& id) const {
  const std::string kid = id.empty() ? "" : absl::StrCat(R"(,"kid":")", id, "\"");
  switch (EVP_PKEY_get_base_id(key_.get())) {
    case EVP_PKEY_RSA:
      return absl::StrCat(R"({"kty":"RSA","n":")", Number(OSSL_PKEY_PARAM_RSA_N), R"(","e":")",
                          Number(OSSL_PKEY_PARAM_RSA_E), "\"", kid, "}");
    case EVP_PKEY_EC: {
      const int size = (EVP_PKEY_get_bits(key_.get()) + 7) / 8;
      std::string coordinates[2];
      const char* const names[] = {OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y};
      for (int i = 0; i < 2; ++i) {
        BIGNUM* number = nullptr;
        EVP_PKEY_get_bn_param(key_.get(), names[i], &number);
        std::vector<unsigned char> bytes(static_cast<size_t>(size));
        BN_bn2binpad(number, bytes.data(), size);
        BN_free(number);
        coordinates[i] = Base64Url({reinterpret_cast<char*>(bytes.data()), bytes.size()});
      }
      return absl::StrCat(R"({"kty":"EC","crv":"P-)", EVP_PKEY_get_bits(key_.get()), R"(","x":")",
                          coordinates[0], R"(","y":")", coordinates[1], "\"", kid, "}");
    }
    default: {
      unsigned char bytes[32];
      size_t size = sizeof(bytes);
      EVP_PKEY_get_raw_public_key(key_.get(), bytes, &size);
      return absl::StrCat(R"({"kty":"OKP","crv":"Ed25519","x":")",
                          Base64Url({reinterpret_cast<char*>(bytes), size}), "\"", kid, "}");
    }
  }
}

std::string TestKey::PublicPem() const {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, key_.get());
  return Text(bio);
}

std::string TestKey::PrivatePem() const {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return Text(bio);
}

std::string TestKey::Sign(const std::string& text) const {
  const bool edwards = EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_ED25519;
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestSignInit(context, nullptr, edwards ? nullptr : EVP_sha256(), nullptr, key_.get());
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t size = 0;
  EVP_DigestSign(context, nullptr, &size, bytes, text.size());
  std::string signature(size, '\0');
  EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, text.size());
  EVP_MD_CTX_free(context);
  signature.resize(size);
  return EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_EC ? JoseEcdsa(signature) : signature;
}

std::string TestKey::Token(const std::string& header, const std::string& claims) const {
  const std::string input = SigningInput(header, claims);
  return absl::StrCat(input, ".", Base64Url(Sign(input)));
}

std::string Base64Url(absl::string_view bytes) {
  std::string text = absl::WebSafeBase64Escape(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

std::string HmacToken(const std::string& header, const std::string& claims, const std::string& secret) {
  const std::string input = SigningInput(header, claims);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(input.data()), input.size(), mac, &size);
  return absl::StrCat(input, ".", Base64Url({reinterpret_cast<char*>(mac), size}));
}

std::string MakeCertificate(const TestCertificate& certificate, const TestKey& key, const std::string& issuer,
                            const TestKey& issuer_key) {
  static long serial = 1;
  X509* x509 = X509_new();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), serial++);
  X509_gmtime_adj(X509_getm_notBefore(x509), -48 * 3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), certificate.hours * 3600);
  const auto set_name = [](X509_NAME* name, const std::string& text) {
    if (text.empty()) return;
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
  };
  set_name(X509_get_subject_name(x509), certificate.common_name);
  X509_NAME* issuer_name = X509_NAME_new();
  set_name(issuer_name, issuer);
  X509_set_issuer_name(x509, issuer_name);
  X509_NAME_free(issuer_name);
  X509_set_pubkey(x509, key.get());
  const auto add_extension = [x509](int nid, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
  };
  add_extension(NID_basic_constraints, certificate.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!certificate.alternative.empty()) add_extension(NID_subject_alt_name, certificate.alternative);
  X509_sign(x509, issuer_key.get(), EVP_sha256());
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, x509);
  X509_free(x509);
  return Text(bio);
}

std::string WriteTestFile(const std::string& name, const std::string& text) {
  struct Files {
    ~Files() {
      for (const std::string& path : paths) std::remove(path.c_str());
    }
    std::vector<std::string> paths;
  };
  static Files files;
  files.paths.push_back(
      absl::StrCat(testing::TempDir(), "/oversight-", getpid(), "-", files.paths.size(), "-", name));
  std::ofstream(files.paths.back()) << text;
  return files.paths.back();
}

}  // namespace oversight::rpc

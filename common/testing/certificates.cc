#include "common/testing/certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace oversight::testing {
namespace {

void Require(bool ok, const char* what) {
  if (ok) return;
  fprintf(stderr, "FATAL: cannot make a test certificate: %s\n", what);
  abort();
}

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, value.c_str());
  X509_EXTENSION_free(extension);
}

// A certificate without extensions and signature.
X509* NewCertificate(absl::string_view common_name, EVP_PKEY* key) {
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  uint64_t serial = 0;
  Require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1, "serial number");
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -24 * 3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 30 * 24 * 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.data()),
                             static_cast<int>(common_name.size()), -1, 0);
  return certificate;
}

template <typename Write>
std::string Pem(Write write) {
  BIO* bio = BIO_new(BIO_s_mem());
  Require(write(bio) == 1, "PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free(bio);
  return text;
}

std::string CertificatePem(X509* certificate) {
  return Pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

}  // namespace

CertificateAuthority::CertificateAuthority(absl::string_view common_name) : key_(EVP_EC_gen("P-256")) {
  Require(key_ != nullptr, "key");
  self_ = NewCertificate(common_name, key_);
  X509_set_issuer_name(self_, X509_get_subject_name(self_));
  AddExtension(self_, self_, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(self_, self_, NID_key_usage, "critical,keyCertSign,cRLSign");
  AddExtension(self_, self_, NID_subject_key_identifier, "hash");
  Require(X509_sign(self_, key_, EVP_sha256()) > 0, "signature");
  pem_ = CertificatePem(self_);
}

CertificateAuthority::~CertificateAuthority() {
  X509_free(self_);
  EVP_PKEY_free(key_);
}

Certificate CertificateAuthority::Issue(absl::string_view common_name,
                                        absl::string_view alternative_names) const {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  Require(key != nullptr, "key");
  X509* certificate = NewCertificate(common_name, key);
  X509_set_issuer_name(certificate, X509_get_subject_name(self_));
  AddExtension(certificate, self_, NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(certificate, self_, NID_ext_key_usage, "serverAuth,clientAuth");
  AddExtension(certificate, self_, NID_authority_key_identifier, "keyid");
  if (!alternative_names.empty()) {
    AddExtension(certificate, self_, NID_subject_alt_name, std::string(alternative_names));
  }
  Require(X509_sign(certificate, key_, EVP_sha256()) > 0, "signature");
  Certificate result{CertificatePem(certificate), Pem([&](BIO* bio) {
                       return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
                     })};
  X509_free(certificate);
  EVP_PKEY_free(key);
  return result;
}

std::string WriteFile(const std::string& directory, absl::string_view name, absl::string_view text) {
  std::string path = absl::StrCat(directory, "/", name);
  std::ofstream file(path, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  Require(!file.fail(), path.c_str());
  return path;
}

}  // namespace oversight::testing

#include "common/ledger/hash_chain.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <cstring>

namespace oversight::ledger {
namespace {

// Collects fields so that no two different sequences of fields give the same bytes.
class FieldEncoder {
 public:
  explicit FieldEncoder(absl::string_view tag) { Add(tag); }
  FieldEncoder& Add(absl::string_view bytes) {
    AppendNumber(bytes.size());
    out_.append(bytes.data(), bytes.size());
    return *this;
  }
  FieldEncoder& Add(uint64_t number) {
    AppendNumber(8);
    AppendNumber(number);
    return *this;
  }
  const std::string& bytes() const { return out_; }

 private:
  void AppendNumber(uint64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8) out_.push_back(static_cast<char>((number >> shift) & 0xff));
  }
  std::string out_;
};

// OpenSSL looks an algorithm up anew at each use unless it is kept, which costs more than hashing an entry.
const EVP_MD* Sha256Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

// HMAC-SHA-256, set up once for each thread.
class Hmac {
 public:
  Hmac() : algorithm_(EVP_MAC_fetch(nullptr, "HMAC", nullptr)), context_(EVP_MAC_CTX_new(algorithm_)) {
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    if (context_ == nullptr || EVP_MAC_CTX_set_params(context_, parameters) != 1) std::abort();
  }
  ~Hmac() {
    EVP_MAC_CTX_free(context_);
    EVP_MAC_free(algorithm_);
  }
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;

  std::string Of(absl::string_view key, absl::string_view bytes) {
    std::string code(kHashBytes, '\0');
    size_t length = 0;
    if (EVP_MAC_init(context_, Bytes(key), key.size(), nullptr) != 1 ||
        EVP_MAC_update(context_, Bytes(bytes), bytes.size()) != 1 ||
        EVP_MAC_final(context_, reinterpret_cast<unsigned char*>(code.data()), &length, code.size()) != 1) {
      std::abort();
    }
    return code;
  }

 private:
  static const unsigned char* Bytes(absl::string_view text) {
    // A null pointer would mean the key of the time before.
    return reinterpret_cast<const unsigned char*>(text.data() == nullptr ? "" : text.data());
  }

  EVP_MAC* const algorithm_;
  EVP_MAC_CTX* const context_;
};

}  // namespace

std::string Sha256(absl::string_view bytes) {
  std::string digest(kHashBytes, '\0');
  unsigned int length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &length,
                 Sha256Algorithm(), nullptr) != 1) {
    std::abort();  // without SHA-256 nothing written here could be trusted
  }
  return digest;
}

std::string RandomBytes(size_t count) {
  // A few bytes cost OpenSSL as much as many, so that each thread fetches some in advance.
  struct Stock {
    unsigned char bytes[1024];
    size_t used = sizeof(bytes);
  };
  thread_local Stock stock;
  std::string bytes(count, '\0');
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  if (count > sizeof(stock.bytes)) {
    if (RAND_bytes(out, static_cast<int>(count)) != 1) std::abort();
    return bytes;
  }
  if (sizeof(stock.bytes) - stock.used < count) {
    if (RAND_bytes(stock.bytes, sizeof(stock.bytes)) != 1) std::abort();
    stock.used = 0;
  }
  std::memcpy(out, stock.bytes + stock.used, count);
  OPENSSL_cleanse(stock.bytes + stock.used, count);
  stock.used += count;
  return bytes;
}

std::string GenesisHash() { return std::string(kHashBytes, '\0'); }

std::string Commitment(const Payload& payload) {
  FieldEncoder fields("oversight.ledger.payload.1");
  fields.Add(payload.resource_name).Add(payload.resource_type).Add(payload.bytes);
  thread_local Hmac hmac;
  return hmac.Of(payload.salt, fields.bytes());
}

std::string EntryHash(absl::string_view previous_hash, const StoredEntry& entry) {
  FieldEncoder fields("oversight.ledger.entry.1");
  fields.Add(previous_hash)
      .Add(entry.incarnation)
      .Add(entry.authority)
      .Add(entry.revision)
      .Add(static_cast<uint64_t>(absl::ToUnixMicros(entry.time)))
      .Add(entry.actor)
      .Add(entry.method)
      .Add(static_cast<uint64_t>(entry.change))
      .Add(entry.resource_version)
      .Add(entry.commitment);
  fields.Add(static_cast<uint64_t>(entry.depends_on.size()));
  for (const std::string& token : entry.depends_on) fields.Add(token);
  fields.Add(static_cast<uint64_t>(entry.erased_revisions.size()));
  for (uint64_t revision : entry.erased_revisions) fields.Add(revision);
  return Sha256(fields.bytes());
}

}  // namespace oversight::ledger

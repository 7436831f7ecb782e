#include "common/ledger/hash_chain.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstdlib>

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

}  // namespace

std::string Sha256(absl::string_view bytes) {
  std::string digest(kHashBytes, '\0');
  unsigned int length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &length,
                 EVP_sha256(), nullptr) != 1) {
    std::abort();  // without SHA-256 nothing written here could be trusted
  }
  return digest;
}

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) std::abort();
  return bytes;
}

std::string GenesisHash() { return std::string(kHashBytes, '\0'); }

std::string Commitment(const Payload& payload) {
  FieldEncoder fields("oversight.ledger.payload.1");
  fields.Add(payload.resource_name).Add(payload.resource_type).Add(payload.bytes);
  std::string digest(kHashBytes, '\0');
  unsigned int length = 0;
  if (HMAC(EVP_sha256(), payload.salt.data(), static_cast<int>(payload.salt.size()),
           reinterpret_cast<const unsigned char*>(fields.bytes().data()), fields.bytes().size(),
           reinterpret_cast<unsigned char*>(digest.data()), &length) == nullptr) {
    std::abort();
  }
  return digest;
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

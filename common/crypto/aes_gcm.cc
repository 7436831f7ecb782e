#include "common/crypto/aes_gcm.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace oversight::crypto {
namespace {

constexpr int kNonceBytes = 12;
constexpr int kTagBytes = 16;

struct ContextFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextFree>;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// What OpenSSL refuses here is a mistake of the program or a machine without random numbers: going on would
// store what nobody can read, or what everybody can.
void Demand(bool done) {
  if (done) return;
  std::fputs("FATAL: encryption failed\n", stderr);
  std::abort();
}

std::string RandomBytes(int count) {
  std::string bytes(static_cast<size_t>(count), '\0');
  Demand(RAND_bytes(Bytes(bytes), count) == 1);
  return bytes;
}

}  // namespace

std::string Encrypt(absl::string_view key, absl::string_view plaintext, absl::string_view associated) {
  Demand(key.size() == kKeyBytes);
  std::string out = RandomBytes(kNonceBytes);
  out.resize(kNonceBytes + plaintext.size() + kTagBytes);
  const Context context(EVP_CIPHER_CTX_new());
  unsigned char* const text = Bytes(out) + kNonceBytes;
  int length = 0;
  Demand(context != nullptr &&
         EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(out)) == 1 &&
         EVP_EncryptUpdate(context.get(), nullptr, &length, Bytes(associated),
                           static_cast<int>(associated.size())) == 1 &&
         EVP_EncryptUpdate(context.get(), text, &length, Bytes(plaintext),
                           static_cast<int>(plaintext.size())) == 1 &&
         EVP_EncryptFinal_ex(context.get(), text + length, &length) == 1 &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, text + plaintext.size()) == 1);
  return out;
}

std::optional<std::string> Decrypt(absl::string_view key, absl::string_view encrypted,
                                   absl::string_view associated) {
  if (key.size() != kKeyBytes || encrypted.size() < kNonceBytes + kTagBytes) return std::nullopt;
  const absl::string_view text =
      encrypted.substr(kNonceBytes, encrypted.size() - static_cast<size_t>(kNonceBytes + kTagBytes));
  std::string tag(encrypted.substr(encrypted.size() - kTagBytes));
  // One byte more, so that an empty text has an address to write to.
  std::string out(text.size() + 1, '\0');
  const Context context(EVP_CIPHER_CTX_new());
  int length = 0;
  if (context == nullptr ||
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(encrypted)) != 1 ||
      EVP_DecryptUpdate(context.get(), nullptr, &length, Bytes(associated),
                        static_cast<int>(associated.size())) != 1 ||
      EVP_DecryptUpdate(context.get(), Bytes(out), &length, Bytes(text), static_cast<int>(text.size())) !=
          1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) != 1 ||
      EVP_DecryptFinal_ex(context.get(), Bytes(out) + length, &length) != 1) {
    return std::nullopt;
  }
  out.resize(text.size());
  return out;
}

std::string Hmac(absl::string_view key, absl::string_view text) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned int length = 0;
  Demand(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(text), text.size(), Bytes(out),
              &length) != nullptr);
  out.resize(length);
  return out;
}

std::string RandomKey() { return RandomBytes(kKeyBytes); }

}  // namespace oversight::crypto

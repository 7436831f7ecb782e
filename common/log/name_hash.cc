#include "common/log/name_hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace oversight::log {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kHashBytes = 8;
constexpr char kAuthorities[] = "authorities/";

std::string RandomKey() {
  std::string key(kKeyBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), kKeyBytes) != 1) {
    std::fputs("no random numbers to be had for the key of the log's hashes\n", stderr);
    std::abort();
  }
  return key;
}

// Segments of resource names (AIP-122), percent-encoded ones and non-ASCII identifiers included.
bool InName(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || static_cast<signed char>(c) < 0 ||
         absl::string_view("/-_.~%@+").find(c) != absl::string_view::npos;
}

}  // namespace

NameHash::NameHash(std::string key) : key_(key.empty() ? RandomKey() : std::move(key)) {}

std::string NameHash::Of(absl::string_view resource_name) const {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(resource_name.data()), resource_name.size(), digest, &size);
  return absl::StrCat("#", absl::BytesToHexString({reinterpret_cast<const char*>(digest), kHashBytes}));
}

std::string NameHash::HideNames(absl::string_view text) const {
  std::string hidden;
  for (size_t start; (start = text.find(kAuthorities)) != absl::string_view::npos;) {
    absl::StrAppend(&hidden, text.substr(0, start));
    text.remove_prefix(start);
    absl::string_view name =
        text.substr(0, std::find_if_not(text.begin(), text.end(), InName) - text.begin());
    text.remove_prefix(name.size());
    // A full stop or slash after the name ends the sentence, not the name.
    absl::string_view rest = name;
    while (absl::EndsWith(name, ".") || absl::EndsWith(name, "/")) name.remove_suffix(1);
    rest.remove_prefix(name.size());
    const bool below_authority = std::count(name.begin(), name.end(), '/') >= 2;
    absl::StrAppend(&hidden, below_authority ? Of(name) : std::string(name), rest);
  }
  absl::StrAppend(&hidden, text);
  return hidden;
}

}  // namespace oversight::log

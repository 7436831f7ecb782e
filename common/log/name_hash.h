#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace oversight::log {

// Stands in for resource names in logs: the first 64 bits of HMAC-SHA256 under a key of the installation, as
// `#` and 16 hexadecimal digits. Equal names have equal hashes, but without the key no name can be guessed
// from its hash.
class NameHash {
 public:
  // An empty key is replaced by a random one.
  explicit NameHash(std::string key);

  std::string Of(absl::string_view resource_name) const;
  // The text with every name of a resource below an authority replaced by its hash. The authority's own name
  // is no personal data and stays.
  std::string HideNames(absl::string_view text) const;

 private:
  std::string key_;
};

}  // namespace oversight::log

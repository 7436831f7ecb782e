#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace oversight::rpc {

// A verified caller, as its token or its certificate describes it. What it may do is for common/access to
// say.
struct Principal {
  enum class Kind { kUser, kService, kDemo };
  Kind kind = Kind::kUser;
  // The token's `sub`, the certificate's name, or the name given in demo mode.
  std::string subject;
  // `user:{subject}`, `service:{subject}` or `demo:{subject}`: unique, 1 to 200 bytes of UTF-8.
  std::string actor;
  // Ids of the authorities that the token is for, sorted; `*` stands for all. Empty for a certificate.
  std::vector<std::string> authorities;
  // The token's groups, sorted.
  std::vector<std::string> groups;
  // Id of the worker that the caller is, where the token says so; else empty.
  std::string worker;
  // When the token ends.
  absl::Time expires = absl::InfiniteFuture();
};

}  // namespace oversight::rpc

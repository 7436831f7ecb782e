#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace oversight::policy {

// Something wrong in a policy text.
struct Fault {
  // From 1. Columns count bytes.
  int line = 1;
  int column = 1;
  // What is wrong and what would be right.
  std::string message;

  friend bool operator==(const Fault&, const Fault&) = default;
};

// `file:line:column: message`, as compilers print it and editors follow it.
std::string ToString(absl::string_view file_name, const Fault& fault);

// The candidate closest to a misspelt word; empty when none is close.
absl::string_view Closest(absl::string_view word, const std::vector<std::string>& candidates);

}  // namespace oversight::policy

#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/resource/kind.h"
#include "common/resource/table.h"

namespace oversight::resource {

// Which resources of one kind a List returns: a subset of AIP-160.
//
//   filter     = comparison { "AND" comparison }
//   comparison = [ "NOT" | "-" ] field operator value
//   field      = name { "." name }            any field of the resource, output-only ones included
//   operator   = "=" | "!=" | "<" | "<=" | ">" | ">=" | ":"
//   value      = "*" (after ":" only: the field is set) | "text" | 'text' | a word without blanks
//
// Dates are YYYY-MM-DD, instants RFC 3339, enum values their names with or without the prefix that all share.
// Text, flags and enums know only = and != (and : which is = there). A date or instant that is not set equals
// nothing and is neither before nor after anything. In a list, `=` and `:` look for one entry that fits;
// comparisons through the same list are about one and the same entry: `external_ids.system = "hr" AND
// external_ids.id = "123"`.
class Filter {
 public:
  // INVALID_FIELDS (`filter`) says what is wrong and names the field. An empty text lets everything through.
  static absl::StatusOr<Filter> Parse(const Kind& kind, absl::string_view text);

  bool empty() const { return terms_.empty(); }
  bool Matches(const Message& resource) const;
  // What index columns can tell of it; never more than the filter says.
  std::span<const Condition> conditions() const { return conditions_; }

  // One comparison, its value read as the field's type.
  struct Term;

 private:
  std::vector<std::shared_ptr<const Term>> terms_;
  std::vector<Condition> conditions_;
};

}  // namespace oversight::resource

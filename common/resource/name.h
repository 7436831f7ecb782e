#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace oversight::resource {

// Where a resource is kept: `authorities/a/workers/w/posts/p` is {authority "a", parent "workers/w", id "p"};
// an Authority itself is {authority "a", parent "", id "a"}.
struct Key {
  std::string authority;
  std::string parent;
  std::string id;

  friend auto operator<=>(const Key&, const Key&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Key& key) {
    return H::combine(std::move(h), key.authority, key.parent, key.id);
  }
};

// 1 to 63 letters, digits and `-`, `_`, `.`, `~`: the unreserved characters of RFC 3986, compared byte for
// byte.
bool IsValidId(absl::string_view id);

// The name pattern of a resource (AIP-122), `authorities/{authority}/workers/{worker}/posts/{post}`.
class Pattern {
 public:
  // `pattern` comes from a proto annotation and must be well formed.
  explicit Pattern(absl::string_view pattern);

  // The key of a name of this pattern, or nothing. An id may be `-` only where `wildcards` allows it.
  std::optional<Key> Match(absl::string_view name, bool wildcards = false) const;
  std::string Format(const Key& key) const;
  // Matches the name of a parent: the key's id is empty then. Nothing for Authority, which has no parent.
  std::optional<Key> MatchParent(absl::string_view parent, bool wildcards = false) const;
  // Name of the parent of the resource with this key; empty for an Authority.
  std::string FormatParent(const Key& key) const;

  const std::string& text() const { return text_; }
  // True for `authorities/{authority}` itself.
  bool is_authority() const { return segments_.size() == 1; }
  // True when the parent is another resource than the authority.
  bool has_parent_resource() const { return segments_.size() > 2; }
  // The resource's own collection, `posts`.
  const std::string& collection() const { return segments_.back(); }
  // The pattern of the parent, `authorities/{authority}/workers/{worker}`.
  std::string ParentText() const;

 private:
  std::optional<Key> MatchSegments(absl::string_view name, size_t segments, bool wildcards) const;
  std::string text_;
  std::vector<std::string> segments_;  // collections
};

// Where the children of the resource with this key are kept, `workers/w`: their keys' parent.
std::string PathOf(const Pattern& pattern, const Key& key);

// The authority's id in a resource name, `a` of `authorities/a/...`; empty when it is none.
absl::string_view AuthorityOf(absl::string_view name);

}  // namespace oversight::resource

#include "common/resource/name.h"

#include <cctype>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace oversight::resource {
namespace {

constexpr size_t kLongestId = 63;

bool IsIdCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.' || c == '~';
}

}  // namespace

bool IsValidId(absl::string_view id) {
  // A lone `-` means "all" in the parent of a List (AIP-159).
  if (id.empty() || id.size() > kLongestId || id == "-") return false;
  for (char c : id) {
    if (!IsIdCharacter(c)) return false;
  }
  return true;
}

Pattern::Pattern(absl::string_view pattern) : text_(pattern) {
  const std::vector<std::string> parts = absl::StrSplit(pattern, '/');
  for (size_t i = 0; i < parts.size(); i += 2) segments_.push_back(parts[i]);
}

std::optional<Key> Pattern::MatchSegments(absl::string_view name, size_t segments, bool wildcards) const {
  bool more = true;
  const auto next = [&] {
    const size_t slash = name.find('/');
    const absl::string_view part = name.substr(0, slash);
    more = slash != absl::string_view::npos;
    name.remove_prefix(more ? slash + 1 : name.size());
    return part;
  };
  Key key;
  for (size_t i = 0; i < segments; ++i) {
    if (!more || next() != segments_[i] || !more) return std::nullopt;
    const absl::string_view id = next();
    if (!IsValidId(id) && !(wildcards && i > 0 && id == "-")) return std::nullopt;
    if (i == 0) {
      key.authority = std::string(id);
    } else if (i + 1 < segments_.size()) {
      absl::StrAppend(&key.parent, key.parent.empty() ? "" : "/", segments_[i], "/", id);
    }
    if (i + 1 == segments_.size()) key.id = std::string(id);
  }
  if (more) return std::nullopt;
  return key;
}

std::optional<Key> Pattern::Match(absl::string_view name, bool wildcards) const {
  return MatchSegments(name, segments_.size(), wildcards);
}

std::optional<Key> Pattern::MatchParent(absl::string_view parent, bool wildcards) const {
  if (is_authority()) return std::nullopt;
  return MatchSegments(parent, segments_.size() - 1, wildcards);
}

std::string Pattern::FormatParent(const Key& key) const {
  if (is_authority()) return "";
  return absl::StrCat("authorities/", key.authority, key.parent.empty() ? "" : "/", key.parent);
}

std::string Pattern::Format(const Key& key) const {
  if (is_authority()) return absl::StrCat("authorities/", key.id);
  return absl::StrCat(FormatParent(key), "/", collection(), "/", key.id);
}

std::string Pattern::ParentText() const {
  const std::vector<std::string> parts = absl::StrSplit(text_, '/');
  std::string parent;
  for (size_t i = 0; i + 2 < parts.size(); ++i) absl::StrAppend(&parent, i == 0 ? "" : "/", parts[i]);
  return parent;
}

std::string PathOf(const Pattern& pattern, const Key& key) {
  if (pattern.is_authority()) return "";
  return absl::StrCat(key.parent, key.parent.empty() ? "" : "/", pattern.collection(), "/", key.id);
}

absl::string_view AuthorityOf(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, "authorities/")) return {};
  return name.substr(0, name.find('/'));
}

}  // namespace oversight::resource

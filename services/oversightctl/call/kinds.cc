#include "services/oversightctl/call/kinds.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "oversight/type/v1/annotations.pb.h"

namespace oversight::ctl {
namespace {

constexpr size_t kMostKinds = 8;

std::string Plain(absl::string_view name) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(name), {{"_", ""}, {"-", ""}});
}

// The resources of the replies of a service's methods: `Worker` is what GetWorker replies.
std::vector<ResourceKind> MakeKinds() {
  std::vector<ResourceKind> kinds;
  std::set<const google::protobuf::Descriptor*> seen;
  for (const CallableMethod& method : AllMethods()) {
    const auto* message = method.descriptor->output_type();
    const std::string& pattern = message->options().GetExtension(type::v1::resource).pattern();
    if (pattern.empty() || !seen.insert(message).second) continue;
    kinds.push_back({.service = method.service,
                     .name = absl::StrCat(InfoOf(method.service).name, ".", message->name()),
                     .message = message,
                     .pattern = pattern});
  }
  return kinds;
}

}  // namespace

std::string ResourceKind::collection() const {
  const std::vector<std::string> parts = absl::StrSplit(pattern, '/');
  return parts[parts.size() - 2];
}

std::string ResourceKind::parent_pattern() const {
  std::vector<std::string> parts = absl::StrSplit(pattern, '/');
  parts.resize(parts.size() - 2);
  return absl::StrJoin(parts, "/");
}

std::string ResourceKind::plural() const {
  std::string plural = collection();
  plural[0] = absl::ascii_toupper(static_cast<unsigned char>(plural[0]));
  return plural;
}

const std::vector<ResourceKind>& AllKinds() {
  static const auto& kinds = *new std::vector<ResourceKind>(MakeKinds());
  return kinds;
}

absl::StatusOr<ResourceKind> FindKind(absl::string_view name) {
  const std::string wanted = Plain(name);
  std::vector<ResourceKind> found;
  std::vector<std::string> close;
  for (const ResourceKind& kind : AllKinds()) {
    if (Plain(kind.name) == wanted) return kind;
    const std::string last = Plain(kind.message->name());
    if (last == wanted) found.push_back(kind);
    const std::string part = wanted.substr(wanted.rfind('.') + 1);
    if (!part.empty() && (absl::StrContains(last, part) || absl::StrContains(part, last))) {
      close.push_back(kind.name);
    }
  }
  if (found.size() == 1) return found.front();
  if (close.size() > kMostKinds) close.resize(kMostKinds);
  return absl::NotFoundError(
      absl::StrCat("no kind of resource \"", name,
                   "\" (expected for example workforce.Worker; `oversightctl methods Get` shows all)",
                   close.empty() ? "" : absl::StrCat("; perhaps ", absl::StrJoin(close, ", "))));
}

absl::StatusOr<CallableMethod> MethodOfKind(const ResourceKind& kind, const std::string& verb) {
  const bool plural = verb == "List" || absl::StartsWith(verb, "Batch");
  const std::string name =
      absl::StrCat(InfoOf(kind.service).name, ".", verb, plural ? kind.plural() : kind.message->name());
  for (const CallableMethod& method : AllMethods()) {
    if (method.short_name == name) return method;
  }
  return absl::NotFoundError(absl::StrCat("there is no method ", name));
}

std::string FullName(const Context& context, const std::string& pattern, const std::string& text) {
  if (text.empty() || absl::StartsWith(text, "authorities/")) return text;
  if (pattern == "authorities/{authority}") return absl::StrCat("authorities/", text);
  if (absl::StrContains(text, '/')) return context.NameOf(text);
  const std::vector<std::string> parts = absl::StrSplit(pattern, '/');
  // Only directly below the authority is the collection plain.
  if (parts.size() == 4) return context.NameOf(absl::StrCat(parts[2], "/", text));
  return text;
}

}  // namespace oversight::ctl

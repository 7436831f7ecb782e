#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "oversight/access/v1/roles.pb.h"

namespace oversight::access {

namespace pb = ::oversight::access::v1;

// `workforce.GetWorker` of oversight.workforce.v1.WorkforceService/GetWorker: what permissions are written
// for.
std::string ShortMethodName(const google::protobuf::MethodDescriptor& method);

// Scopes of one or more permissions.
struct Scopes {
  bool self = false;
  bool tree = false;
  bool team = false;
  bool authority = false;

  bool any() const { return self || tree || team || authority; }
  void Add(pb::Scope scope);
  Scopes& operator|=(const Scopes& other);
};

// The table of roles, checked. Immutable.
class RoleTable {
 public:
  // Parses protobuf text. INVALID_ARGUMENT names the first fault with its line: unknown fields, no or
  // repeated ids, a permission without method or scope.
  static absl::StatusOr<std::shared_ptr<const RoleTable>> Parse(absl::string_view text);

  // Null when there is none of that id.
  const pb::Role* Find(absl::string_view id) const;
  const std::vector<const pb::Role*>& roles() const { return roles_; }
  const pb::Belonging& belonging() const { return table_.belonging(); }

  // The scopes in which a role may call a method; none when it may not.
  static Scopes ScopesOf(const pb::Role& role, absl::string_view short_method);

 private:
  pb::RoleTable table_;
  std::vector<const pb::Role*> roles_;
};

// Parses protobuf text into `message`. INVALID_ARGUMENT: what was wrong, with its line.
absl::Status ParseText(absl::string_view what, absl::string_view text, google::protobuf::Message* message);

// True when `text` is `pattern`, whose `*` stand for any text.
bool MatchesPattern(absl::string_view pattern, absl::string_view text);

}  // namespace oversight::access

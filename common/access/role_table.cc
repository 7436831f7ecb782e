#include "common/access/role_table.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/macros.h"

namespace oversight::access {
namespace {

absl::Status RoleFault(absl::string_view role, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("roles: role `", role, "`: ", what));
}

// Keeps the first fault.
class FirstFault final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (fault_.empty()) fault_ = absl::StrCat("line ", line + 1, ", column ", column + 1, ": ", message);
  }
  const std::string& fault() const { return fault_; }

 private:
  std::string fault_;
};

bool IsRoleId(absl::string_view id) {
  return !id.empty() && id.size() <= 63 && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  });
}

absl::Status CheckRole(const pb::Role& role) {
  if (!IsRoleId(role.id())) return RoleFault(role.id(), "an id is lower case letters, digits and `-`");
  if (role.holder() == pb::HOLDER_UNSPECIFIED) return RoleFault(role.id(), "`holder` is missing");
  for (const pb::Permission& permission : role.allow()) {
    if (permission.method().empty()) return RoleFault(role.id(), "an `allow` without `method`");
    if (permission.scope() == pb::SCOPE_UNSPECIFIED)
      return RoleFault(role.id(), "an `allow` without `scope`");
    // Who is no worker on record has no team and nobody below.
    if (role.holder() != pb::HOLDER_WORKER_IN_POST && permission.scope() != pb::SCOPE_AUTHORITY) {
      return RoleFault(role.id(), "only workers in post have a scope below the authority");
    }
    for (const auto* patterns : {&permission.method(), &permission.except()}) {
      for (const std::string& pattern : *patterns) {
        if (std::count(pattern.begin(), pattern.end(), '.') != 1) {
          return RoleFault(role.id(), absl::StrCat("`", pattern, "` is not like `workforce.GetWorker`"));
        }
      }
    }
  }
  return absl::OkStatus();
}

bool Matches(const google::protobuf::RepeatedPtrField<std::string>& patterns, absl::string_view method) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return MatchesPattern(pattern, method); });
}

}  // namespace

std::string ShortMethodName(const google::protobuf::MethodDescriptor& method) {
  // oversight.{service}.v1
  const std::vector<absl::string_view> package = absl::StrSplit(method.file()->package(), '.');
  return absl::StrCat(package.size() > 1 ? package[1] : package[0], ".", method.name());
}

void Scopes::Add(pb::Scope scope) {
  self = self || scope == pb::SCOPE_SELF;
  tree = tree || scope == pb::SCOPE_SUPERVISION_TREE;
  team = team || scope == pb::SCOPE_TEAM;
  authority = authority || scope == pb::SCOPE_AUTHORITY;
}

Scopes& Scopes::operator|=(const Scopes& other) {
  self = self || other.self;
  tree = tree || other.tree;
  team = team || other.team;
  authority = authority || other.authority;
  return *this;
}

bool MatchesPattern(absl::string_view pattern, absl::string_view text) {
  while (!pattern.empty()) {
    if (pattern.front() == '*') {
      pattern.remove_prefix(1);
      for (size_t i = 0; i <= text.size(); ++i) {
        if (MatchesPattern(pattern, text.substr(i))) return true;
      }
      return false;
    }
    if (text.empty() || text.front() != pattern.front()) return false;
    pattern.remove_prefix(1);
    text.remove_prefix(1);
  }
  return text.empty();
}

absl::Status ParseText(absl::string_view what, absl::string_view text, google::protobuf::Message* message) {
  google::protobuf::TextFormat::Parser parser;
  FirstFault faults;
  parser.RecordErrorsTo(&faults);
  if (parser.ParseFromString(std::string(text), message)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, ": ", faults.fault()));
}

absl::StatusOr<std::shared_ptr<const RoleTable>> RoleTable::Parse(absl::string_view text) {
  auto table = std::make_shared<RoleTable>();
  OVERSIGHT_RETURN_IF_ERROR(ParseText("roles", text, &table->table_));
  for (const pb::Role& role : table->table_.role()) {
    OVERSIGHT_RETURN_IF_ERROR(CheckRole(role));
    if (table->Find(role.id()) != nullptr) return RoleFault(role.id(), "is there twice");
    table->roles_.push_back(&role);
  }
  if (table->roles_.empty()) return absl::InvalidArgumentError("roles: the table is empty");
  return table;
}

const pb::Role* RoleTable::Find(absl::string_view id) const {
  for (const pb::Role* role : roles_) {
    if (role->id() == id) return role;
  }
  return nullptr;
}

Scopes RoleTable::ScopesOf(const pb::Role& role, absl::string_view short_method) {
  Scopes scopes;
  for (const pb::Permission& permission : role.allow()) {
    if (Matches(permission.method(), short_method) && !Matches(permission.except(), short_method)) {
      scopes.Add(permission.scope());
    }
  }
  return scopes;
}

}  // namespace oversight::access

#include "services/compliance/resources/waiver.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/resource/columns.h"
#include "common/resource/name.h"
#include "oversight/compliance/v1/waiver.pb.h"

namespace oversight::compliance {
namespace {

using google::protobuf::Message;

bool Knows(const PolicyLibrary& library, absl::string_view rule) {
  for (const engine::Policy& policy : library.policies) {
    for (const engine::Rule& candidate : policy.rules) {
      if (candidate.id == rule) return true;
    }
  }
  return false;
}

void Check(const PolicyLibrary& library, const v1::Waiver& waiver, std::vector<FieldViolation>& violations) {
  for (int i = 0; i < waiver.rules_size(); ++i) {
    if (Knows(library, waiver.rules(i))) continue;
    violations.push_back({absl::StrCat("rules[", i, "]"),
                          "is no rule of any policy known here; GetPolicy names the rules of each"});
  }
  if (waiver.subject().empty()) return;
  const absl::string_view authority = resource::AuthorityOf(waiver.subject());
  const bool names_something = waiver.subject().size() > absl::StrCat("authorities/", authority, "/").size();
  if (authority.empty() || authority != resource::AuthorityOf(waiver.name()) || !names_something) {
    violations.push_back(
        {"subject", "must be the full name of a worker, case or other resource of the same authority"});
  }
}

}  // namespace

resource::Kind WaiverKind(std::shared_ptr<const PolicyLibrary> library) {
  resource::Kind kind;
  kind.prototype = &v1::Waiver::default_instance();
  kind.table = "waiver";
  kind.index_columns = {resource::TextColumn("subject"), resource::DateColumn("end_date")};
  kind.validate = [library](const Message& message, std::vector<FieldViolation>& violations) {
    Check(*library, static_cast<const v1::Waiver&>(message), violations);
  };
  return kind;
}

}  // namespace oversight::compliance

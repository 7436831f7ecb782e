#include "services/oversightctl/import/plan.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/compliance/v1/compliance.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"

namespace oversight::ctl {

std::string ToText(const Refusal& refusal) {
  std::string text = absl::StrCat(refusal.origin.file, ":", refusal.origin.line, ": ", refusal.reason, ": ",
                                  refusal.message);
  if (!refusal.fields.empty()) absl::StrAppend(&text, " (", absl::StrJoin(refusal.fields, "; "), ")");
  return text;
}

const std::vector<ImportKind>& ImportKinds() {
  static const auto& kinds = *new std::vector<ImportKind>{
      {workforce::v1::Authority::descriptor(), ServiceId::kWorkforce, "authority"},
      {workforce::v1::Team::descriptor(), ServiceId::kWorkforce, "teams"},
      {workforce::v1::Worker::descriptor(), ServiceId::kWorkforce, "workers"},
      {workforce::v1::Post::descriptor(), ServiceId::kWorkforce, "posts"},
      {workforce::v1::AsyeProgramme::descriptor(), ServiceId::kWorkforce, "ASYE programmes"},
      {workforce::v1::StudentPlacement::descriptor(), ServiceId::kWorkforce, "student placements"},
      {workforce::v1::SupervisorLink::descriptor(), ServiceId::kWorkforce, "supervisor links"},
      {workforce::v1::Absence::descriptor(), ServiceId::kWorkforce, "absences"},
      {caseload::v1::Case::descriptor(), ServiceId::kCaseload, "cases"},
      {caseload::v1::StatusPeriod::descriptor(), ServiceId::kCaseload, "status periods"},
      {caseload::v1::Placement::descriptor(), ServiceId::kCaseload, "placements"},
      {caseload::v1::ReducedFrequencyAgreement::descriptor(), ServiceId::kCaseload,
       "reduced frequency agreements"},
      {caseload::v1::Allocation::descriptor(), ServiceId::kCaseload, "allocations"},
      {supervision::v1::Session::descriptor(), ServiceId::kSupervision, "sessions"},
      {supervision::v1::CaseDiscussion::descriptor(), ServiceId::kSupervision, "case discussions"},
      {compliance::v1::PolicyAssignment::descriptor(), ServiceId::kCompliance, "policy assignments"},
  };
  return kinds;
}

Plan::Plan() {
  for (const ImportKind& kind : ImportKinds()) kinds_.push_back({&kind, {}});
}

void Plan::Add(std::unique_ptr<google::protobuf::Message> resource, Origin origin) {
  for (KindItems& kind : kinds_) {
    if (kind.kind->type != resource->GetDescriptor()) continue;
    if (!names_.insert(NameOf(*resource)).second) {
      Refuse({std::move(origin), "DUPLICATE_ROW", "another row stands for the same record already", {}});
      return;
    }
    kind.items.push_back({std::move(resource), std::move(origin)});
    return;
  }
}

bool Plan::IsShielded(absl::string_view external_id, absl::string_view resource_name) const {
  if (shielded_.contains(external_id)) return true;
  for (size_t slash = resource_name.find('/'); slash != absl::string_view::npos;
       slash = resource_name.find('/', slash + 1)) {
    if (shielded_parents_.contains(resource_name.substr(0, slash))) return true;
  }
  return shielded_parents_.contains(resource_name);
}

std::string NameOf(const google::protobuf::Message& resource) {
  return resource.GetReflection()->GetString(resource, resource.GetDescriptor()->FindFieldByName("name"));
}

}  // namespace oversight::ctl

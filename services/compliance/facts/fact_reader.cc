#include "services/compliance/facts/fact_reader.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/resource/kind.h"
#include "common/status/error.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"

namespace oversight::compliance {
namespace {

using engine::AuthorityFacts;
using engine::DirtySet;
using engine::FactKind;
using google::protobuf::Message;

std::optional<CivilDay> DayOf(const Message& message, absl::string_view field) {
  return resource::DayOf(message, field);
}

Period PeriodOf(const Message& message) {
  return {DayOf(message, "start_date").value_or(CivilDay::Min()),
          DayOf(message, "end_date").value_or(CivilDay::Max())};
}

// `workers/w1` of `workers/w1/posts/p1`.
std::string ParentOf(const std::string& relative_name) {
  const size_t id = relative_name.rfind('/');
  return relative_name.substr(0, relative_name.rfind('/', id - 1));
}

DirtySet Put(AuthorityFacts& facts, const std::string&, const workforce::v1::Authority& authority) {
  return facts.SetRecordsCompleteFrom(
      DayOf(authority, "records_complete_from_date").value_or(CivilDay::Min()));
}

DirtySet Put(AuthorityFacts& facts, const std::string& name, const workforce::v1::Team& team) {
  return facts.Upsert(name, engine::TeamFact{static_cast<engine::ServiceArea>(team.service_area())});
}

DirtySet Put(AuthorityFacts& facts, const std::string& name, const workforce::v1::Worker& worker) {
  return facts.Upsert(
      name,
      engine::WorkerFact{.employment_start = DayOf(worker, "employment_start_date"),
                         .employment_end = DayOf(worker, "employment_end_date").value_or(CivilDay::Max())});
}

DirtySet Put(AuthorityFacts& facts, const std::string& name, const workforce::v1::Post& post) {
  const std::string worker = ParentOf(name);
  const std::string team = RelativeName(post.team());
  return facts.Upsert(
      name,
      engine::PostFact{.worker = worker,
                       .career_stage = static_cast<engine::CareerStage>(post.career_stage()),
                       .employment_basis = static_cast<engine::EmploymentBasis>(post.employment_basis()),
                       .team = team,
                       .case_holding = post.case_holding(),
                       .period = PeriodOf(post)});
}

DirtySet Put(AuthorityFacts& facts, const std::string& name, const workforce::v1::AsyeProgramme& programme) {
  const std::string worker = ParentOf(name);
  return facts.Upsert(
      name, engine::AsyeFact{.worker = worker,
                             .period = {DayOf(programme, "start_date").value_or(CivilDay::Min()),
                                        DayOf(programme, "completed_date").value_or(CivilDay::Max())}});
}

DirtySet Put(AuthorityFacts& facts, const std::string& name,
             const workforce::v1::StudentPlacement& placement) {
  const std::string worker = ParentOf(name);
  return facts.Upsert(
      name, engine::StudentPlacementFact{.worker = worker,
                                         .route = static_cast<engine::StudentRoute>(placement.route()),
                                         .period = PeriodOf(placement)});
}

DirtySet Put(AuthorityFacts& facts, const std::string& name, const workforce::v1::SupervisorLink& link) {
  const std::string worker = ParentOf(name);
  const std::string supervisor = RelativeName(link.supervisor());
  return facts.Upsert(
      name, engine::SupervisorLinkFact{.worker = worker,
                                       .supervisor = supervisor,
                                       .function = static_cast<engine::SupervisorFunction>(link.function()),
                                       .cover = !link.cover_for().empty(),
                                       .period = PeriodOf(link)});
}

DirtySet Put(AuthorityFacts& facts, const std::string& name, const workforce::v1::Absence& absence) {
  const std::string worker = ParentOf(name);
  return facts.Upsert(name,
                      engine::AbsenceFact{.worker = worker,
                                          .first = DayOf(absence, "first_date").value_or(CivilDay::Max()),
                                          .last = DayOf(absence, "last_date").value_or(CivilDay::Max())});
}

DirtySet Put(AuthorityFacts& facts, const std::string& name, const caseload::v1::Case& record) {
  engine::CaseFact fact;
  for (const auto& period : record.open_periods()) fact.open.push_back(PeriodOf(period));
  return facts.Upsert(name, fact);
}

DirtySet Put(AuthorityFacts& facts, const std::string& name, const caseload::v1::StatusPeriod& status) {
  const std::string parent = ParentOf(name);
  return facts.Upsert(name,
                      engine::StatusPeriodFact{.case_name = parent,
                                               .status = static_cast<engine::CaseStatus>(status.status()),
                                               .period = PeriodOf(status)});
}

DirtySet Put(AuthorityFacts& facts, const std::string& name, const caseload::v1::Placement& placement) {
  const std::string parent = ParentOf(name);
  return facts.Upsert(
      name, engine::PlacementFact{.case_name = parent,
                                  .type = static_cast<engine::PlacementType>(placement.type()),
                                  .carer_or_home = placement.carer_or_home(),
                                  .respite = placement.respite(),
                                  .permanence_implemented = DayOf(placement, "permanence_implemented_date"),
                                  .period = PeriodOf(placement)});
}

DirtySet Put(AuthorityFacts& facts, const std::string& name,
             const caseload::v1::ReducedFrequencyAgreement& agreement) {
  const std::string parent = ParentOf(name);
  const std::string agreed_by = RelativeName(agreement.agreed_by());
  return facts.Upsert(
      name, engine::AgreementFact{.case_name = parent,
                                  .ground = static_cast<engine::AgreementGround>(agreement.ground()),
                                  .low_risk = agreement.low_risk(),
                                  .no_carer_deficits = agreement.no_carer_deficits(),
                                  .agreed_by = agreed_by,
                                  .agreed_on = DayOf(agreement, "agreed_date"),
                                  .period = PeriodOf(agreement)});
}

DirtySet Put(AuthorityFacts& facts, const std::string& name, const caseload::v1::Allocation& allocation) {
  const std::string parent = ParentOf(name);
  const std::string worker = RelativeName(allocation.worker());
  const std::string team = RelativeName(allocation.team());
  return facts.Upsert(name,
                      engine::AllocationFact{.case_name = parent,
                                             .worker = worker,
                                             .role = static_cast<engine::AllocationRole>(allocation.role()),
                                             .team = team,
                                             .covers_keyworker = allocation.covers_keyworker(),
                                             .period = PeriodOf(allocation)});
}

DirtySet Put(AuthorityFacts& facts, const std::string& name, const supervision::v1::Session& session) {
  const std::string supervisee = RelativeName(session.supervisee());
  const std::string supervisor = RelativeName(session.supervisor());
  return facts.Upsert(name, engine::SessionFact{.supervisee = supervisee,
                                                .supervisor = supervisor,
                                                .kind = static_cast<engine::SessionKind>(session.kind()),
                                                .state = static_cast<engine::SessionState>(session.state()),
                                                .day = DayOf(session, "date")});
}

DirtySet Put(AuthorityFacts& facts, const std::string& name,
             const supervision::v1::CaseDiscussion& discussion) {
  const std::string session = ParentOf(name);
  const std::string case_name = RelativeName(discussion.case_());
  return facts.Upsert(name, engine::DiscussionFact{.session = session, .case_name = case_name});
}

// Puts it when it is of this type; false when it is of another.
template <typename Resource>
bool PutIf(AuthorityFacts& facts, const std::string& name, const google::protobuf::Any& any,
           absl::StatusOr<DirtySet>& result) {
  if (!any.Is<Resource>()) return false;
  Resource resource;
  if (any.UnpackTo(&resource)) {
    result = Put(facts, name, resource);
  } else {
    result = Error(absl::StatusCode::kDataLoss, "RESOURCE_UNREADABLE",
                   absl::StrCat("a ", Resource::descriptor()->full_name(),
                                " in a ledger cannot be read; verify that ledger"));
  }
  return true;
}

template <typename... Resources>
absl::StatusOr<DirtySet> PutAny(AuthorityFacts& facts, const std::string& name,
                                const google::protobuf::Any& any) {
  absl::StatusOr<DirtySet> result = DirtySet{};
  static_cast<void>((PutIf<Resources>(facts, name, any, result) || ...));
  return result;
}

struct Collection {
  absl::string_view name;
  FactKind kind;
  // The ledger that tells of it.
  absl::string_view ledger;
};

constexpr Collection kCollections[] = {
    {"workers", FactKind::kWorker, "workforce"},
    {"posts", FactKind::kPost, "workforce"},
    {"asyeProgrammes", FactKind::kAsye, "workforce"},
    {"studentPlacements", FactKind::kStudentPlacement, "workforce"},
    {"supervisorLinks", FactKind::kSupervisorLink, "workforce"},
    {"absences", FactKind::kAbsence, "workforce"},
    {"teams", FactKind::kTeam, "workforce"},
    {"cases", FactKind::kCase, "caseload"},
    {"statusPeriods", FactKind::kStatusPeriod, "caseload"},
    {"placements", FactKind::kPlacement, "caseload"},
    {"reducedFrequencyAgreements", FactKind::kAgreement, "caseload"},
    {"allocations", FactKind::kAllocation, "caseload"},
    {"sessions", FactKind::kSession, "supervision"},
    {"caseDiscussions", FactKind::kDiscussion, "supervision"},
};

// The kind of fact that a name in this collection is; nothing for the authority and for what no rule asks of.
std::optional<FactKind> KindOf(absl::string_view relative_name) {
  const absl::string_view without_id = relative_name.substr(0, relative_name.rfind('/'));
  const size_t slash = without_id.rfind('/');
  const absl::string_view name = slash == absl::string_view::npos ? without_id : without_id.substr(slash + 1);
  for (const Collection& collection : kCollections) {
    if (collection.name == name) return collection.kind;
  }
  return std::nullopt;
}

// Removes the facts of one kind whose names `condition` accepts.
template <typename Condition>
void RemoveIf(AuthorityFacts& facts, FactKind kind, Condition condition, DirtySet& dirty) {
  for (uint32_t id = 0; id < facts.NameCount(kind); ++id) {
    const std::string name(facts.Name(kind, id));
    if (condition(name)) dirty.Merge(facts.Remove(kind, name));
  }
}

}  // namespace

std::string RelativeName(absl::string_view resource_name) {
  absl::string_view rest = resource_name;
  if (!absl::ConsumePrefix(&rest, "authorities/")) return std::string(resource_name);
  const size_t slash = rest.find('/');
  return slash == absl::string_view::npos ? std::string() : std::string(rest.substr(slash + 1));
}

std::string FullName(absl::string_view authority, absl::string_view relative_name) {
  if (relative_name.empty()) return "";
  return absl::StrCat("authorities/", authority, "/", relative_name);
}

absl::StatusOr<DirtySet> PutResource(AuthorityFacts& facts, absl::string_view resource_name,
                                     const google::protobuf::Any& resource) {
  using namespace workforce::v1;  // NOLINT: fourteen names of three services, each unique
  return PutAny<supervision::v1::CaseDiscussion, supervision::v1::Session, caseload::v1::Case,
                caseload::v1::StatusPeriod, caseload::v1::Placement, caseload::v1::ReducedFrequencyAgreement,
                caseload::v1::Allocation, Authority, Team, Worker, Post, AsyeProgramme, StudentPlacement,
                SupervisorLink, Absence>(facts, RelativeName(resource_name), resource);
}

DirtySet RemoveResource(AuthorityFacts& facts, absl::string_view resource_name) {
  const std::string name = RelativeName(resource_name);
  if (name.empty()) return facts.SetRecordsCompleteFrom(CivilDay::Min());
  const std::optional<FactKind> kind = KindOf(name);
  return kind.has_value() ? facts.Remove(*kind, name) : DirtySet{};
}

DirtySet EraseResource(AuthorityFacts& facts, absl::string_view resource_name) {
  DirtySet dirty = RemoveResource(facts, resource_name);
  const std::string beneath = absl::StrCat(RelativeName(resource_name), "/");
  for (const Collection& collection : kCollections) {
    RemoveIf(
        facts, collection.kind, [&](const std::string& name) { return absl::StartsWith(name, beneath); },
        dirty);
  }
  dirty.Normalise();
  return dirty;
}

DirtySet RemoveAllOf(AuthorityFacts& facts, absl::string_view ledger) {
  DirtySet dirty{.everyone = true};
  if (ledger == "workforce") facts.SetRecordsCompleteFrom(CivilDay::Min());
  for (const Collection& collection : kCollections) {
    if (collection.ledger != ledger) continue;
    RemoveIf(
        facts, collection.kind, [](const std::string&) { return true; }, dirty);
  }
  return dirty;
}

}  // namespace oversight::compliance

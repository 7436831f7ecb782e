#include "tests/load/england.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "deploy/sample/generate.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/development.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/compliance/facts/fact_reader.h"

namespace oversight::load {
namespace {

namespace caseload_v1 = caseload::v1;
namespace supervision_v1 = supervision::v1;
namespace workforce_v1 = workforce::v1;

constexpr char kWithin[] = "authorities/x/";  // names in fields are full ones

template <typename Date>
void Set(Date* date, CivilDay day) {
  date->set_year(static_cast<int>(day.civil().year()));
  date->set_month(day.civil().month());
  date->set_day(day.civil().day());
}

template <typename Message>
void SetPeriod(Message& message, const Period& period) {
  if (period.start != CivilDay::Min()) Set(message.mutable_start_date(), period.start);
  if (period.end != CivilDay::Max()) Set(message.mutable_end_date(), period.end);
}

workforce_v1::CareerStage StageOf(absl::string_view code) {
  workforce_v1::CareerStage stage = workforce_v1::CAREER_STAGE_UNSPECIFIED;
  std::string name = absl::StrCat("CAREER_STAGE_", std::string(code));
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  workforce_v1::CareerStage_Parse(name, &stage);
  return stage;
}

workforce_v1::ServiceArea AreaOf(sample::Area area) {
  using sample::Area;
  switch (area) {
    case Area::kFrontDoor:
      return workforce_v1::SERVICE_AREA_FRONT_DOOR;
    case Area::kChildInNeed:
      return workforce_v1::SERVICE_AREA_CHILD_IN_NEED;
    case Area::kChildProtection:
      return workforce_v1::SERVICE_AREA_CHILD_PROTECTION;
    case Area::kLookedAfter:
      return workforce_v1::SERVICE_AREA_LOOKED_AFTER;
    case Area::kLeavingCare:
      return workforce_v1::SERVICE_AREA_LEAVING_CARE;
    case Area::kDisabilities:
      return workforce_v1::SERVICE_AREA_CHILDREN_WITH_DISABILITIES;
    case Area::kFamilyPlacement:
      return workforce_v1::SERVICE_AREA_FAMILY_PLACEMENT;
    case Area::kResidential:
      return workforce_v1::SERVICE_AREA_RESIDENTIAL;
    case Area::kOther:
      break;
  }
  return workforce_v1::SERVICE_AREA_UNSPECIFIED;
}

caseload_v1::PlacementType PlacementTypeOf(absl::string_view code) {
  if (code.empty()) return caseload_v1::PLACEMENT_TYPE_UNSPECIFIED;
  if (code[0] == 'U') return caseload_v1::PLACEMENT_TYPE_FOSTER;
  if (code[0] == 'A') return caseload_v1::PLACEMENT_TYPE_FOR_ADOPTION;
  if (code == "P1") return caseload_v1::PLACEMENT_TYPE_WITH_PARENTS;
  if (code[0] == 'K' || code[0] == 'R' || code[0] == 'H') return caseload_v1::PLACEMENT_TYPE_RESIDENTIAL;
  return caseload_v1::PLACEMENT_TYPE_OTHER;
}

using Take = absl::FunctionRef<void(const std::string& name, const google::protobuf::Message& resource)>;

// Hands on the resources of one made-up authority, each with all the fields that rules of the five packs ask
// of it. What the sample does not tell follows from the number of the record, so that each run is the same.
class Putter {
 public:
  Putter(const sample::Authority& authority, std::string prefix, FactCounts& counts, Take take)
      : authority_(authority), prefix_(std::move(prefix)), counts_(counts), take_(take) {}

  void PutAll() {
    workforce_v1::Authority own;
    Set(own.mutable_records_complete_from_date(), authority_.history.start);
    Put("", own);
    PutTeams();
    for (size_t i = 0; i < authority_.workers.size(); ++i) PutWorker(i);
    PutLinks();
    for (size_t i = 0; i < authority_.cases.size(); ++i) PutCase(i);
    for (size_t i = 0; i < authority_.sessions.size(); ++i) PutSession(i);
  }

 private:
  template <typename Message>
  void Put(const std::string& name, const Message& message) {
    take_(name, message);
    ++counts_.records;
  }
  std::string Worker(int index) const {
    return absl::StrCat("workers/", prefix_, authority_.workers[static_cast<size_t>(index)].id);
  }
  std::string Case(int index) const {
    return absl::StrCat("cases/", prefix_, authority_.cases[static_cast<size_t>(index)].id);
  }
  std::string Team(int index) const {
    return absl::StrCat("teams/", prefix_, authority_.teams[static_cast<size_t>(index)].id);
  }
  static std::string Full(const std::string& name) { return absl::StrCat(kWithin, name); }

  void PutTeams() {
    for (size_t i = 0; i < authority_.teams.size(); ++i) {
      workforce_v1::Team team;
      team.set_service_area(AreaOf(authority_.teams[i].area));
      Put(Team(static_cast<int>(i)), team);
    }
  }

  void PutWorker(size_t index) {
    const sample::Worker& worker = authority_.workers[index];
    const std::string name = Worker(static_cast<int>(index));
    workforce_v1::Worker record;
    if (worker.employment.start != CivilDay::Min())
      Set(record.mutable_employment_start_date(), worker.employment.start);
    if (worker.employment.end != CivilDay::Max())
      Set(record.mutable_employment_end_date(), worker.employment.end);
    Put(name, record);
    ++counts_.workers;
    int number = 0;
    for (const sample::Post& post : worker.posts) {
      workforce_v1::Post out;
      out.set_career_stage(StageOf(post.career_stage));
      out.set_employment_basis(
          static_cast<workforce_v1::EmploymentBasis>(worker.basis == sample::Basis::kAgency ? 2 : 1));
      out.set_full_time_equivalent(worker.tenths_of_full_time / 10.0);
      if (post.team >= 0) out.set_team(Full(Team(post.team)));
      out.set_case_holding(post.case_holding);
      SetPeriod(out, post.period);
      Put(absl::StrCat(name, "/posts/p", ++number), out);
    }
    if (worker.asye) {
      workforce_v1::AsyeProgramme out;
      Set(out.mutable_start_date(), worker.asye->start);
      if (worker.asye->completed) Set(out.mutable_completed_date(), *worker.asye->completed);
      Put(absl::StrCat(name, "/asyeProgrammes/a"), out);
    }
    number = 0;
    for (const sample::StudentPlacement& placement : worker.placements) {
      workforce_v1::StudentPlacement out;
      out.set_route(workforce_v1::StudentPlacement::ROUTE_UNIVERSITY);
      SetPeriod(out, placement.period);
      Put(absl::StrCat(name, "/studentPlacements/s", ++number), out);
    }
    number = 0;
    for (const sample::Absence& absence : worker.absences) {
      workforce_v1::Absence out;
      out.set_kind(workforce_v1::Absence::KIND_SICKNESS);
      Set(out.mutable_first_date(), absence.first);
      if (absence.last != CivilDay::Max()) Set(out.mutable_last_date(), absence.last);
      Put(absl::StrCat(name, "/absences/a", ++number), out);
    }
    if (worker.registered) {
      workforce_v1::ProfessionalRegistration out;
      out.set_status(workforce_v1::ProfessionalRegistration::STATUS_REGISTERED);
      Set(out.mutable_start_date(), authority_.history.start - 400);
      Put(absl::StrCat(name, "/professionalRegistrations/r"), out);
    }
  }

  void PutLinks() {
    int number = 0;
    for (const sample::SupervisorLink& link : authority_.links) {
      workforce_v1::SupervisorLink out;
      out.set_supervisor(Full(Worker(link.supervisor)));
      out.set_function(
          link.function == "line_management" ? workforce_v1::SupervisorLink::FUNCTION_LINE_MANAGEMENT
          : link.function == "professional"  ? workforce_v1::SupervisorLink::FUNCTION_PROFESSIONAL
                                             : workforce_v1::SupervisorLink::FUNCTION_PRACTICE_EDUCATION);
      if (link.cover_for >= 0) out.set_cover_for(Full(Worker(link.cover_for)));
      SetPeriod(out, link.period);
      Put(absl::StrCat(Worker(link.worker), "/supervisorLinks/l", ++number), out);
      if (link.cover_for >= 0 || number % 9 == 0) continue;
      supervision_v1::Agreement agreement;
      agreement.set_supervisee(Full(Worker(link.worker)));
      agreement.set_supervisor(Full(Worker(link.supervisor)));
      Set(agreement.mutable_supervisee_signed_date(), link.period.start);
      Set(agreement.mutable_supervisor_signed_date(), link.period.start + 1);
      SetPeriod(agreement, link.period);
      Put(absl::StrCat("agreements/", prefix_, "g", number), agreement);
    }
  }

  void PutStatus(const std::string& of, int& number, caseload_v1::CaseStatus status, const Period& period) {
    caseload_v1::StatusPeriod out;
    out.set_status(status);
    SetPeriod(out, period);
    Put(absl::StrCat(of, "/statusPeriods/s", ++number), out);
  }

  void PutCase(size_t index) {
    const sample::Case& record = authority_.cases[index];
    const std::string name = Case(static_cast<int>(index));
    caseload_v1::Case out;
    out.set_kind(record.care_leaver ? caseload_v1::Case::KIND_CARE_LEAVER : caseload_v1::Case::KIND_CHILD);
    SetPeriod(*out.add_open_periods(), record.open);
    Put(name, out);
    ++counts_.cases;
    counts_.open_cases += record.open.Contains(authority_.today()) ? 1 : 0;
    int number = 0;
    for (const Period& plan : record.cin_plans)
      PutStatus(name, number, caseload_v1::CASE_STATUS_CHILD_IN_NEED, plan);
    for (const Period& plan : record.cp_plans)
      PutStatus(name, number, caseload_v1::CASE_STATUS_CHILD_PROTECTION, plan);
    for (const sample::LegalStatus& status : record.legal_statuses)
      PutStatus(name, number, caseload_v1::CASE_STATUS_LOOKED_AFTER, status.period);
    for (const sample::PreProceedings& pre : record.pre_proceedings) {
      const CivilDay end = pre.stepped_down.value_or(pre.care_proceedings_letter.value_or(CivilDay::Max()));
      PutStatus(name, number, caseload_v1::CASE_STATUS_PRE_PROCEEDINGS, {pre.letter, end});
    }
    if (record.care_leaver) PutStatus(name, number, caseload_v1::CASE_STATUS_CARE_LEAVER, record.open);
    if (number == 0) PutStatus(name, number, caseload_v1::CASE_STATUS_CHILD_IN_NEED, record.open);
    number = 0;
    for (const sample::Placement& placement : record.placements) {
      caseload_v1::Placement put;
      put.set_type(PlacementTypeOf(placement.type));
      put.set_carer_or_home(absl::StrCat(prefix_, placement.carer_or_home));
      put.set_respite(placement.respite);
      if (placement.permanence_implemented)
        Set(put.mutable_permanence_implemented_date(), *placement.permanence_implemented);
      SetPeriod(put, placement.period);
      Put(absl::StrCat(name, "/placements/p", ++number), put);
    }
    number = 0;
    for (const sample::ReducedFrequency& agreement : record.agreements) {
      caseload_v1::ReducedFrequencyAgreement put;
      put.set_ground(caseload_v1::ReducedFrequencyAgreement::GROUND_DIRECT_PAYMENTS_ONLY);
      put.set_low_risk(agreement.low_risk);
      put.set_no_carer_deficits(agreement.no_carer_deficits);
      put.set_agreed_by(Full(Worker(agreement.agreed_by)));
      Set(put.mutable_agreed_date(), agreement.agreed);
      SetPeriod(put, agreement.period);
      Put(absl::StrCat(name, "/reducedFrequencyAgreements/r", ++number), put);
    }
    number = 0;
    for (const sample::Allocation& allocation : record.allocations) {
      caseload_v1::Allocation put;
      put.set_worker(Full(Worker(allocation.worker)));
      put.set_team(Full(Team(allocation.team)));
      put.set_role(RoleOf(allocation.role));
      SetPeriod(put, allocation.period);
      Set(put.mutable_recorded_date(), allocation.period.start);
      put.add_actions("as discussed");
      put.set_instruction(caseload_v1::Allocation::INSTRUCTION_SPOKEN_TO_DIRECTLY);
      Put(absl::StrCat(name, "/allocations/a", ++number), put);
    }
  }

  static caseload_v1::AllocationRole RoleOf(sample::AllocationRole role) {
    switch (role) {
      case sample::AllocationRole::kKeyworker:
        return caseload_v1::ALLOCATION_ROLE_KEYWORKER;
      case sample::AllocationRole::kPersonalAdviser:
        return caseload_v1::ALLOCATION_ROLE_PERSONAL_ADVISER;
      case sample::AllocationRole::kSupervisingSocialWorker:
        return caseload_v1::ALLOCATION_ROLE_SUPERVISING_SOCIAL_WORKER;
      case sample::AllocationRole::kCoworker:
        return caseload_v1::ALLOCATION_ROLE_COWORKER;
      case sample::AllocationRole::kSupervisedStudent:
        return caseload_v1::ALLOCATION_ROLE_INVOLVED_WORKER_SUPERVISED_STUDENT;
    }
    return caseload_v1::ALLOCATION_ROLE_UNSPECIFIED;
  }

  void PutSession(size_t index) {
    const sample::Session& session = authority_.sessions[index];
    const std::string name = absl::StrCat("sessions/", prefix_, session.id);
    const bool held = session.state == sample::SessionState::kHeld;
    supervision_v1::Session out;
    out.set_supervisee(Full(Worker(session.supervisee)));
    out.set_supervisor(Full(Worker(session.supervisor)));
    out.set_kind(KindOf(session.kind));
    out.set_state(held ? supervision_v1::Session::STATE_HELD
                  : session.state == sample::SessionState::kScheduled
                      ? supervision_v1::Session::STATE_SCHEDULED
                      : supervision_v1::Session::STATE_CANCELLED);
    Set(out.mutable_date(), session.date);
    if (session.start_minute >= 0) {
      out.mutable_start_time()->set_seconds(absl::ToUnixSeconds(session.date.Midnight()) +
                                            session.start_minute * 60);
    }
    out.set_uninterrupted_minutes(session.minutes);
    if (!session.replacement_id.empty()) {
      out.set_replacement(Full(absl::StrCat("sessions/", prefix_, session.replacement_id)));
    }
    if (held) {
      if (index % 10 != 0) Set(out.mutable_agenda_shared_date(), session.date - 2);
      if (index % 7 != 0) Set(out.mutable_preparation_sent_date(), session.date - 1);
      out.set_reflective(index % 3 != 0);
    }
    Put(name, out);
    ++counts_.sessions;
    if (held) PutRecord(index, name, session);
    for (const sample::CaseDiscussion& discussion : session.discussions)
      PutDiscussion(name, session, discussion);
  }

  static supervision_v1::Session::Kind KindOf(absl::string_view kind) {
    if (kind == "professional") return supervision_v1::Session::KIND_PROFESSIONAL;
    if (kind == "practice_education") return supervision_v1::Session::KIND_PRACTICE_EDUCATION;
    if (kind == "group") return supervision_v1::Session::KIND_GROUP;
    if (kind == "informal") return supervision_v1::Session::KIND_INFORMAL;
    return supervision_v1::Session::KIND_FORMAL_ONE_TO_ONE;
  }

  void PutRecord(size_t index, const std::string& session_name, const sample::Session& session) {
    supervision_v1::SessionRecord out;
    const bool signed_ = index % 8 != 0;
    out.set_state(signed_ ? supervision_v1::SessionRecord::STATE_SIGNED
                          : supervision_v1::SessionRecord::STATE_SENT);
    Set(out.mutable_first_sent_date(), session.date + 3);
    Set(out.mutable_sent_date(), session.date + 3);
    if (signed_) Set(out.mutable_signed_date(), session.date + 5);
    Set(out.mutable_filed_date(), session.date + 5);
    out.set_filed_place(supervision_v1::FILE_PLACE_SUPERVISION_SITE);
    Put(absl::StrCat(session_name, "/sessionRecords/r"), out);
    supervision_v1::Action action;
    action.set_owner(Full(Worker(session.supervisee)));
    Set(action.mutable_due_date(), session.date + 28);
    if (index % 6 != 0) Set(action.mutable_filed_date(), session.date + 4);
    Put(absl::StrCat(session_name, "/actions/a"), action);
    ++counts_.actions;
  }

  void PutDiscussion(const std::string& session_name, const sample::Session& session,
                     const sample::CaseDiscussion& discussion) {
    supervision_v1::CaseDiscussion out;
    out.set_case_(Full(Case(discussion.case_index)));
    out.set_depth(discussion.in_depth ? supervision_v1::CaseDiscussion::DEPTH_IN_DEPTH
                                      : supervision_v1::CaseDiscussion::DEPTH_CHECK_IN);
    out.set_significant_decision(discussion.significant);
    const int64_t number = counts_.discussions++;
    if (number % 5 != 0) Set(out.mutable_template_sent_date(), session.date - 1);
    // Most records stand on file in time, some late, some not at all.
    if (number % 20 != 0) {
      const CivilDay filed = session.date + (number % 13 == 0 ? 12 : static_cast<int>(number % 4));
      Set(out.mutable_filed_date(), filed);
      if (discussion.significant || number % 3 == 0) {
        out.mutable_filed_time()->set_seconds(absl::ToUnixSeconds(filed.Midnight()) + 17 * 3600);
      }
      out.set_filed_by(Full(Worker(session.supervisor)));
      out.set_filed_place(supervision_v1::FILE_PLACE_CASE_RECORD);
    }
    Put(absl::StrCat(session_name, "/caseDiscussions/", discussion.id), out);
  }

  const sample::Authority& authority_;
  const std::string prefix_;
  FactCounts& counts_;
  const Take take_;
};

}  // namespace

CivilDay EnglandToday() { return CivilDay(2026, 3, 13); }

EnglandSize SizeOf(const EnglandSize& england, int number) {
  // From 0.25 to 1.75 times the mean, evenly: the sum is that of England.
  const double share =
      england.authorities == 1 ? 1.0 : 0.25 + 1.5 * number / static_cast<double>(england.authorities - 1);
  EnglandSize size = england;
  size.workers = std::max(20, static_cast<int>(std::lround(share * england.workers / england.authorities)));
  size.cases = std::max(20, static_cast<int>(std::lround(share * england.cases / england.authorities)));
  return size;
}

void MakeUpAuthority(const EnglandSize& size, int number, const std::string& prefix, FactCounts& counts,
                     Take take) {
  sample::Options options;
  options.seed = static_cast<uint64_t>(number) + 1;
  options.end_day = EnglandToday();
  options.workers = size.workers;
  options.cases = size.cases;
  options.months = size.months;
  const auto authority = sample::Generate(options);
  if (!authority.ok()) {
    std::fprintf(stderr, "%s\n", authority.status().ToString().c_str());
    std::exit(EXIT_FAILURE);
  }
  Putter(*authority, prefix, counts, take).PutAll();
}

void AddAuthority(engine::AuthorityFacts& facts, const EnglandSize& size, int number,
                  const std::string& prefix, FactCounts& counts) {
  MakeUpAuthority(size, number, prefix, counts,
                  [&](const std::string& name, const google::protobuf::Message& resource) {
                    compliance::PutMessage(facts, name, resource);
                  });
}

}  // namespace oversight::load

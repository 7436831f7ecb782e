#include "services/compliance/engine/world.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/compliance/policy/record_schema.h"

namespace oversight::engine::testing {
namespace {

// The records in which an interval is agreed, as the schema of the services has them.
const KindSchema& AgreementsOf(SubjectKind subject) {
  const absl::string_view type = subject == SubjectKind::kWorker
                                     ? "oversight.supervision.v1.Agreement"
                                     : "oversight.caseload.v1.StricterFrequencyAgreement";
  const std::vector<KindSchema>& kinds = policy::RecordSchema().kinds;
  return *std::find_if(kinds.begin(), kinds.end(),
                       [&](const KindSchema& kind) { return kind.type_name == type; });
}

FactKind KindOf(const AnyFact& fact) { return static_cast<FactKind>(fact.index()); }

DirtySet PutAgreement(AuthorityFacts& into, const std::string& name, const AgreedIntervalFact& fact) {
  const bool worker = fact.kind == SubjectKind::kWorker;
  const KindSchema& schema = AgreementsOf(fact.kind);
  std::vector<FieldValue> values = {
      {.column = worker ? schema.FindColumn("supervisee") : kParentColumn,
       .type = ColumnType::kReference,
       .whole = into.RowOf(fact.kind, fact.subject),
       .target = fact.kind},
      {.column = schema.since, .type = ColumnType::kDay, .whole = fact.period.start.number()}};
  if (fact.period.end != CivilDay::Max())
    values.push_back({.column = schema.until, .type = ColumnType::kDay, .whole = fact.period.end.number()});
  const auto add_number = [&](absl::string_view column, int number) {
    if (number == 0) return;
    values.push_back({.column = schema.FindColumn(column),
                      .type = ColumnType::kNumber,
                      .number = static_cast<double>(number)});
  };
  add_number(worker ? "agreed_days" : "interval_days", fact.days);
  add_number(worker ? "agreed_months" : "interval_months", fact.months);
  return into.PutRecord(schema.kind, into.RowOf(schema.kind, name), values);
}

const std::map<std::string, CareerStage>& Stages() {
  static const auto* stages =
      new std::map<std::string, CareerStage>{{"newly-qualified", CareerStage::kNewlyQualified},
                                             {"social-worker", CareerStage::kSocialWorker},
                                             {"experienced", CareerStage::kExperiencedSocialWorker},
                                             {"advanced", CareerStage::kAdvanced},
                                             {"strategic", CareerStage::kStrategic},
                                             {"readiness", CareerStage::kReadinessForPractice},
                                             {"unregistered", CareerStage::kUnregisteredPractitioner},
                                             {"volunteer", CareerStage::kVolunteer}};
  return *stages;
}

const std::map<std::string, CaseStatus>& Statuses() {
  static const auto* statuses =
      new std::map<std::string, CaseStatus>{{"assessment", CaseStatus::kAssessment},
                                            {"child-in-need", CaseStatus::kChildInNeed},
                                            {"child-protection", CaseStatus::kChildProtection},
                                            {"pre-proceedings", CaseStatus::kPreProceedings},
                                            {"public-law-proceedings", CaseStatus::kPublicLawProceedings},
                                            {"looked-after", CaseStatus::kLookedAfter},
                                            {"care-leaver", CaseStatus::kCareLeaver},
                                            {"family-placement", CaseStatus::kFamilyPlacement}};
  return *statuses;
}

const std::map<std::string, PlacementType>& PlacementTypes() {
  static const auto* types =
      new std::map<std::string, PlacementType>{{"foster", PlacementType::kFoster},
                                               {"residential", PlacementType::kResidential},
                                               {"with-parents", PlacementType::kWithParents},
                                               {"for-adoption", PlacementType::kForAdoption},
                                               {"other", PlacementType::kOther}};
  return *types;
}

// Reads one line word by word.
class LineReader {
 public:
  LineReader(absl::string_view line, World& world) : line_(line), world_(world) {
    words_ = absl::StrSplit(line.substr(0, line.find('#')), ' ', absl::SkipWhitespace());
  }

  void Read() {
    if (words_.empty()) return;
    const std::string what = Word();
    if (what == "records") return ReadRecords();
    if (what == "worker") return ReadWorker();
    if (what == "post") return ReadPost();
    if (what == "asye") return ReadAsye();
    if (what == "placement-of-student") return ReadStudentPlacement();
    if (what == "supervisor") return ReadSupervisor();
    if (what == "away") return ReadAbsence();
    if (what == "team") return ReadTeam();
    if (what == "case") return ReadCase();
    if (what == "status") {
      return Add(what,
                 StatusPeriodFact{.case_name = Name(), .status = One(Statuses()), .period = ReadPeriod()});
    }
    if (what == "placement") return ReadPlacement();
    if (what == "agreement") return ReadAgreement();
    if (what == "allocation") return ReadAllocation();
    if (what == "session") return ReadSession(false);
    if (what == "discussed") return ReadSession(true);
    Fail("unknown fact");
  }

 private:
  [[noreturn]] void Fail(absl::string_view why) const {
    std::fprintf(stderr, "cannot read the fact `%s`: %s\n", std::string(line_).c_str(),
                 std::string(why).c_str());
    std::abort();
  }

  bool Done() const { return next_ == words_.size(); }
  std::string Word() {
    if (Done()) Fail("it is too short");
    return words_[next_++];
  }
  absl::string_view Name() { return Keep(Word()); }
  bool Take(absl::string_view word) {
    if (Done() || words_[next_] != word) return false;
    ++next_;
    return true;
  }
  CivilDay Day(const std::string& text) const {
    const absl::StatusOr<CivilDay> day = CivilDay::Parse(text);
    if (!day.ok()) Fail(text);
    return *day;
  }
  CivilDay ReadDay() { return Day(Word()); }
  Period ReadPeriod() {
    const std::string word = Word();
    const std::vector<std::string> ends = absl::StrSplit(word, "..");
    if (ends.size() != 2) Fail(word);
    return {Day(ends[0]), ends[1].empty() ? CivilDay::Max() : Day(ends[1])};
  }
  template <typename Value>
  Value One(const std::map<std::string, Value>& values) {
    const auto found = values.find(Word());
    if (found == values.end()) Fail("unknown word");
    return found->second;
  }
  // Lines without a name of their own are named after what they are and how many there are.
  void Add(const std::string& what, AnyFact fact) {
    world_.facts[absl::StrCat(what, "-", 1000 + world_.facts.size())] = std::move(fact);
    if (!Done()) Fail("there is more on the line than expected");
  }

  void ReadRecords() {
    if (!Take("complete") || !Take("from")) Fail("expected `records complete from`");
    world_.records_complete_from = ReadDay();
  }
  void ReadWorker() {
    const std::string name = Word();
    WorkerFact worker;
    if (Take("employed")) {
      const std::string word = Word();
      const std::vector<std::string> ends = absl::StrSplit(word, "..");
      worker.employment_start = Day(ends[0]);
      if (ends.size() == 2 && !ends[1].empty()) worker.employment_end = Day(ends[1]);
    }
    world_.facts[name] = worker;
  }
  void ReadPost() {
    PostFact post{.worker = Name(), .career_stage = One(Stages()), .period = ReadPeriod()};
    if (Take("team")) post.team = Name();
    Add("post", post);
  }
  void ReadStudentPlacement() {
    static const std::map<std::string, StudentRoute> kRoutes = {{"university", StudentRoute::kUniversity},
                                                                {"employed", StudentRoute::kEmployedStudent},
                                                                {"apprentice", StudentRoute::kApprentice}};
    Add("placement-of-student",
        StudentPlacementFact{.worker = Name(), .route = One(kRoutes), .period = ReadPeriod()});
  }
  void ReadSupervisor() {
    SupervisorLinkFact link{
        .worker = Name(), .supervisor = Name(), .function = SupervisorFunction::kLineManagement};
    if (Take("professional")) link.function = SupervisorFunction::kProfessional;
    if (Take("practice-educator")) link.function = SupervisorFunction::kPracticeEducation;
    if (Take("cover")) link.cover = true;
    link.period = ReadPeriod();
    Add("supervisor", link);
  }
  void ReadAbsence() {
    const absl::string_view worker = Name();
    const Period named = ReadPeriod();
    Add("away", AbsenceFact{.worker = worker, .first = named.start, .last = named.end});
  }
  void ReadTeam() {
    static const std::map<std::string, ServiceArea> kAreas = {
        {"child-in-need", ServiceArea::kChildInNeed},
        {"looked-after", ServiceArea::kLookedAfter},
        {"children-with-disabilities", ServiceArea::kChildrenWithDisabilities}};
    const std::string name = Word();
    world_.facts[name] = TeamFact{.service_area = One(kAreas)};
  }
  void ReadCase() {
    const std::string name = Word();
    CaseFact fact;
    while (!Done()) fact.open.push_back(ReadPeriod());
    world_.facts[name] = fact;
  }
  void ReadAsye() {
    AsyeFact asye{.worker = Name(), .period = ReadPeriod()};
    while (Take("paused")) asye.pauses.push_back(ReadPeriod());
    Add("asye", asye);
  }
  void ReadPlacement() {
    PlacementFact placement{.case_name = Name(), .type = One(PlacementTypes())};
    const std::string carer = Word();
    if (carer != "unknown") placement.carer_or_home = Keep(carer);
    placement.period = ReadPeriod();
    if (Take("permanent")) placement.permanence_implemented = ReadDay();
    placement.respite = Take("respite");
    placement.new_address = Take("new-address");
    Add("placement", placement);
  }
  void ReadAgreement() {
    static const std::map<std::string, AgreementGround> kGrounds = {
        {"support-only", AgreementGround::kSupportOnly},
        {"direct-payments-only", AgreementGround::kDirectPaymentsOnly}};
    AgreementFact agreement{.case_name = Name(), .ground = One(kGrounds), .low_risk = !Take("at-risk")};
    agreement.no_carer_deficits = Take("no-deficits");
    if (Take("by")) agreement.agreed_by = Name();
    if (Take("on")) agreement.agreed_on = ReadDay();
    agreement.period = ReadPeriod();
    Add("agreement", agreement);
  }
  void ReadAllocation() {
    static const std::map<std::string, AllocationRole> kRoles = {
        {"keyworker", AllocationRole::kKeyworker},
        {"coworker", AllocationRole::kCoworker},
        {"involved", AllocationRole::kInvolvedWorker},
        {"personal-adviser", AllocationRole::kPersonalAdviser},
        {"supervising-social-worker", AllocationRole::kSupervisingSocialWorker}};
    AllocationFact allocation{
        .case_name = Name(), .worker = Name(), .role = One(kRoles), .period = ReadPeriod()};
    if (Take("team")) allocation.team = Name();
    allocation.covers_keyworker = Take("cover");
    Add("allocation", allocation);
  }
  void ReadSession(bool with_discussion) {
    const absl::string_view case_name = with_discussion ? Name() : "";
    SessionFact session{.supervisee = Name(),
                        .supervisor = Name(),
                        .kind = SessionKind::kFormalOneToOne,
                        .state = SessionState::kHeld,
                        .day = ReadDay()};
    if (Take("group")) session.kind = SessionKind::kGroup;
    if (Take("informal")) session.kind = SessionKind::kInformal;
    if (Take("professional")) session.kind = SessionKind::kProfessional;
    if (Take("practice-education")) session.kind = SessionKind::kPracticeEducation;
    if (Take("cancelled")) session.state = SessionState::kCancelled;
    if (Take("scheduled")) session.state = SessionState::kScheduled;
    const absl::string_view name = Keep(absl::StrCat("session-", 1000 + world_.facts.size()));
    world_.facts[std::string(name)] = session;
    if (with_discussion) Add("discussion", DiscussionFact{.session = name, .case_name = case_name});
  }

  const absl::string_view line_;
  World& world_;
  std::vector<std::string> words_;
  size_t next_ = 0;
};

}  // namespace

absl::string_view Keep(absl::string_view text) {
  static auto* kept = new std::set<std::string>();
  return *kept->insert(std::string(text)).first;
}

DirtySet Upsert(AuthorityFacts& into, const std::string& name, const AnyFact& fact) {
  return std::visit(
      [&]<typename Fact>(const Fact& value) {
        if constexpr (std::is_same_v<Fact, AgreedIntervalFact>) {
          return PutAgreement(into, name, value);
        } else {
          return into.Upsert(name, value);
        }
      },
      fact);
}

DirtySet Remove(AuthorityFacts& from, const std::string& name, const AnyFact& fact) {
  if (const auto* agreed = std::get_if<AgreedIntervalFact>(&fact)) {
    const FactKind kind = AgreementsOf(agreed->kind).kind;
    return from.RemoveRecord(kind, from.RowOf(kind, name));
  }
  return from.Remove(KindOf(fact), name);
}

void Fill(AuthorityFacts& into, const World& world) {
  for (const auto& [name, fact] : world.facts) Upsert(into, name, fact);
  into.SetRecordsCompleteFrom(world.records_complete_from);
}

World WorldFromText(absl::string_view text) {
  World world;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) LineReader(line, world).Read();
  return world;
}

}  // namespace oversight::engine::testing

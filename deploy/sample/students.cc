#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "deploy/sample/fact_files.h"
#include "deploy/sample/random.h"
#include "deploy/sample/slips.h"
#include "deploy/sample/supervisors.h"
#include "deploy/sample/texts.h"

namespace oversight::sample {
namespace {

// A student's part in a case, with the case's place in the authority.
struct Involvement {
  const Case* subject;
  const Allocation* allocation;
};

class StudentBuilder {
 public:
  explicit StudentBuilder(const Authority& authority)
      : authority_(authority),
        today_(authority.today()),
        random_(authority.options.seed, "students"),
        supervisors_(authority) {}

  std::vector<CsvFile> Build() {
    for (size_t i = 0; i < authority_.workers.size(); ++i) {
      if (authority_.workers[i].basis != Basis::kStudent) continue;
      student_ = static_cast<int>(i);
      numbers_ = 0;
      chair_assessed_ = false;
      Agree();
      GiveAccess();
      AssessForCasework();
      for (size_t p = 0; p < worker().placements.size(); ++p) ObserveAndAssess(p);
      for (const Involvement& involvement : Involvements()) WorkOn(involvement);
    }
    std::vector<CsvFile> files;
    for (CsvFile* file : {&responsibilities_, &accesses_, &assessed_, &observations_, &visits_, &meetings_,
                          &assessments_, &plans_}) {
      files.push_back(std::move(*file));
    }
    return files;
  }

 private:
  const Worker& worker() const { return authority_.workers[student_]; }
  const std::string& IdOf(int worker) const { return authority_.workers[worker].id; }
  std::string NextId(absl::string_view prefix) { return WorkerRecordId(prefix, worker(), ++numbers_); }

  int SupervisorOn(CivilDay day) const { return supervisors_.LineManager(student_, day); }

  void Agree() {
    const CivilDay start = worker().employment.start;
    const int supervisor = SupervisorOn(std::max(start, authority_.history.start));
    if (supervisor < 0 || no_agreement_.Next()) return;
    responsibilities_.AddRow({NextId("RA"), worker().id, IdOf(supervisor), IdOf(supervisor), IdOf(supervisor),
                              DateText(start), DateText(worker().employment.end)});
  }

  // Each supervisor sees what the student records, as long as they supervise; in two functions at once it is
  // one account.
  void GiveAccess() {
    std::map<int, CivilDay> until;
    for (const SupervisorLink& link : authority_.links) {
      if (link.worker != student_ || no_access_.Next()) continue;
      const auto [known, added] = until.try_emplace(link.supervisor, link.period.end);
      if (!added && known->second > link.period.start) continue;
      known->second = link.period.end;
      accesses_.AddRow({NextId("AC"), worker().id, IdOf(link.supervisor), DateText(link.period.start),
                        DateText(link.period.end)});
    }
  }

  void AddAssessment(absl::string_view purpose, CivilDay day, absl::string_view level, bool met,
                     bool may_chair, absl::string_view statuses, const std::string& placement) {
    const int by = SupervisorOn(std::min(day, today_));
    if (by < 0 || day > today_) return;
    assessed_.AddRow({NextId("CA"), worker().id, std::string(purpose), DateText(day), IdOf(by),
                      std::string(level), Flag(met), Flag(may_chair), std::string(statuses), placement,
                      DateText(day + 1 <= today_ ? day + 1 : day)});
  }

  void AssessForCasework() {
    if (not_assessed_.Next()) return;
    AddAssessment("casework", std::max(worker().employment.start + 5, authority_.history.start),
                  "readiness_for_practice", true, false, "child_in_need;child_protection;looked_after", "");
  }

  void ObserveAndAssess(size_t index) {
    const StudentPlacement& placement = worker().placements[index];
    const std::string id = WorkerRecordId("SP", worker(), static_cast<int>(index) + 1);
    const int educator = supervisors_.InFunction(student_, "practice_education", placement.period.start);
    const int observations = too_few_observed_.Next() ? 1 : 2;
    const int days = std::max(20, std::min(placement.period.end, today_) - placement.period.start);
    for (int i = 1; i <= observations && educator >= 0; ++i) {
      const CivilDay day = WorkingDaysAfter(placement.period.start + days * i / 4, 1);
      if (day > today_ || day >= placement.period.end) continue;
      observations_.AddRow({NextId("DO"), worker().id, DateText(day), IdOf(educator), id});
    }
    const bool first = placement.sequence == "first";
    const CivilDay day = placement.period.end - random_.Between(1, 6);
    AddAssessment("placement_end", not_assessed_at_end_.Next() ? placement.period.end + 20 : day,
                  first ? "end_of_first_placement" : "end_of_last_placement", true, false, "", id);
  }

  std::vector<Involvement> Involvements() const {
    std::vector<Involvement> involvements;
    for (const Case& subject : authority_.cases) {
      for (const Allocation& allocation : subject.allocations) {
        if (allocation.worker == student_ && allocation.role == AllocationRole::kSupervisedStudent)
          involvements.push_back({&subject, &allocation});
      }
    }
    return involvements;
  }

  void WorkOn(const Involvement& involvement) {
    const std::string number = involvement.subject->id.substr(2);
    const Period period = involvement.allocation->period;
    const CivilDay start = period.start;
    const int supervisor = SupervisorOn(start);
    if (supervisor < 0) return;
    const std::string joint = not_joint_.Next() ? "" : IdOf(supervisor);
    const CivilDay visited = WorkingDaysAfter(start + random_.Between(3, 35), 1);
    if (visited <= today_) {
      visits_.AddRow(
          {NextId("VI"), involvement.subject->id, "assessment", DateText(visited), worker().id, joint});
    }
    AddMeetings(involvement, supervisor, number);
    const CivilDay completed = WorkingDaysAfter(start + random_.Between(20, 30), 1);
    if (completed > today_) return;
    const bool authorised = !unauthorised_.Next();
    assessments_.AddRow({NextId("AS"), involvement.subject->id, "child_and_family", worker().id,
                         DateText(start), DateText(completed), authorised ? IdOf(supervisor) : "",
                         authorised ? DateText(completed) : ""});
    const bool agreed = !not_agreed_.Next();
    plans_.AddRow({NextId("PL"), involvement.subject->id, "child_in_need", worker().id, DateText(completed),
                   agreed ? IdOf(supervisor) : "", agreed ? DateText(completed) : ""});
  }

  // The first progress meeting and every other one is the practice supervisor's to chair.
  void AddMeetings(const Involvement& involvement, int supervisor, const std::string& number) {
    const Period period = involvement.allocation->period;
    int meeting = 0;
    for (CivilDay day = period.start + random_.Between(14, 30); day <= today_ && day < period.end;
         day = day + 42) {
      const CivilDay held = WorkingDaysAfter(day, 1);
      if (held > today_) break;
      const bool supervisors_turn = meeting % 2 == 0;
      const bool wrong = supervisors_turn && wrongly_chaired_.Next();
      const std::string chair = supervisors_turn && !wrong ? IdOf(supervisor) : worker().id;
      meetings_.AddRow({absl::StrCat("ME-", worker().id.substr(3), "-", number, "-", ++meeting),
                        involvement.subject->id, "child_and_family_progress", "held", DateText(held), "",
                        chair});
      if (chair_assessed_) continue;
      chair_assessed_ = true;
      AddAssessment("meeting_chair",
                    WorkingDaysAfter(held, assessed_late_.Next() ? 18 : random_.Between(1, 7)),
                    "readiness_for_practice", true, true, "", "");
    }
  }

  const Authority& authority_;
  const CivilDay today_;
  Random random_;
  const SupervisorIndex supervisors_;
  int student_ = 0;
  int numbers_ = 0;
  bool chair_assessed_ = false;
  Slips no_agreement_{6}, no_access_{8}, not_assessed_{8}, too_few_observed_{6}, not_assessed_at_end_{6};
  Slips not_joint_{6}, unauthorised_{7}, not_agreed_{8}, wrongly_chaired_{7}, assessed_late_{4};
  CsvFile responsibilities_{"responsibility_agreements.csv",
                            "",
                            {"responsibility_agreement_id", "worker_id", "casework_by_id",
                             "supervision_by_id", "allocation_by_id", "start_date", "end_date"}};
  CsvFile accesses_{"recording_accesses.csv",
                    "",
                    {"recording_access_id", "worker_id", "holder_id", "start_date", "end_date"}};
  CsvFile assessed_{
      "capability_assessments.csv",
      "",
      {"capability_assessment_id", "worker_id", "purpose", "assessed_date", "assessed_by_id", "level",
       "level_met", "may_chair_meetings", "may_work_on_statuses", "student_placement_id", "recorded_date"}};
  CsvFile observations_{
      "direct_observations.csv",
      "",
      {"direct_observation_id", "worker_id", "observed_date", "observer_id", "student_placement_id"}};
  CsvFile visits_{
      "visits.csv", "", {"visit_id", "person_id", "kind", "date", "visitor_id", "joint_with_ids"}};
  CsvFile meetings_{"meetings.csv",
                    "",
                    {"meeting_id", "person_id", "kind", "state", "date", "sequence_number", "chair_id"}};
  CsvFile assessments_{"assessments.csv",
                       "",
                       {"assessment_id", "person_id", "kind", "author_id", "started_date", "completed_date",
                        "authorised_by_id", "authorised_date"}};
  CsvFile plans_{
      "plans.csv",
      "",
      {"plan_id", "person_id", "kind", "author_id", "drafted_date", "agreed_by_id", "agreed_date"}};
};

}  // namespace

std::vector<CsvFile> StudentFiles(const Authority& authority) { return StudentBuilder(authority).Build(); }

}  // namespace oversight::sample

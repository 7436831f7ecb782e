// Why a finding of a kind other than recurring says what it says.

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/compliance/engine/calendar_month.h"
#include "services/compliance/engine/explain.h"
#include "services/compliance/engine/explain_events.h"

namespace oversight::engine {
namespace {

constexpr size_t kMostRecordsShown = 20;

// What the day that identifies the finding is.
absl::string_view WhatBegan(const Rule& rule) {
  if (rule.As<CalendarMonth>() != nullptr) return "It is about the month that begins on ";
  if (rule.As<Deadline>() != nullptr) return "The time runs from ";
  if (rule.As<FollowUp>() != nullptr) return "It is about the sessions from ";
  if (rule.As<Coverage>() != nullptr) return "It is about the session of ";
  if (rule.As<Sequence>() != nullptr) return "It is about what was held on ";
  if (const auto* standing = rule.As<Standing>(); standing != nullptr && standing->on.Given()) {
    return "It is judged on ";
  }
  return "It has stood like this since ";
}

std::string HowItStands(const Finding& finding, bool away, CivilDay as_of) {
  switch (finding.status) {
    case Status::kMet:
      return "It is kept.";
    case Status::kPending:
      return "It is not done yet, and there is time.";
    case Status::kDueSoon:
      return absl::StrCat("The last day in time, ", finding.due.ToString(), ", is near.");
    case Status::kOverdue:
      return absl::StrCat("By ", as_of.ToString(), " it was not done.");
    case Status::kLate:
      return "It was done after that.";
    case Status::kBreached:
      return "It is broken, and nothing can put that right now.";
    case Status::kExcused:
      return away ? "The worker is away." : "The worker was away on too many of the month's days.";
    case Status::kUnknown:
      return "It cannot be said, for want of an input.";
  }
  return "";
}

// The records on which conditions rest: those that count on the day.
class Grounds {
 public:
  Grounds(const Asking& asking, CivilDay day, std::vector<Evidence>& evidence)
      : asking_(asking), day_(day), evidence_(evidence) {}

  void Show(const std::vector<Condition>& conditions, const Frame& frame) {
    for (const Condition& condition : conditions) Show(condition, frame);
  }

 private:
  void Show(const Condition& condition, const Frame& frame) {
    for (const RecordCondition& records : condition.records) ShowRecords(records, frame);
    for (const Measure& measure : condition.measures) {
      if (measure.records) ShowRecords(*measure.records, frame);
    }
    Show(condition.any_of, frame);
    Show(condition.none_of, frame);
  }
  void ShowRecords(const RecordCondition& records, const Frame& frame) {
    std::vector<Evidence> found;
    asking_.ForEachRecord(records, frame, [&](uint32_t row) {
      if (!asking_.RecordDays(records, Frame{records.of, row, &frame}, false).Contains(day_)) return;
      found.push_back(
          {records.of, std::string(asking_.facts().Name(records.of, row)), day_, "Counts on this day."});
    });
    std::sort(found.begin(), found.end(),
              [](const Evidence& a, const Evidence& b) { return a.name < b.name; });
    if (found.size() > kMostRecordsShown) found.resize(kMostRecordsShown);
    evidence_.insert(evidence_.end(), found.begin(), found.end());
  }

  const Asking& asking_;
  const CivilDay day_;
  std::vector<Evidence>& evidence_;
};

void ShowNotCovered(const Subjected& s, const Coverage& coverage, const Finding& finding, CivilDay as_of,
                    Explanation& explanation) {
  std::vector<Evidence> missing;
  for (const uint32_t index : NotCovered(s, coverage, Instance{.base = finding.base}, as_of)) {
    missing.push_back({FactKind::kCase, std::string(s.facts().Name(FactKind::kCase, index)), finding.base,
                       "Open and held that day, and not discussed."});
  }
  std::sort(missing.begin(), missing.end(),
            [](const Evidence& a, const Evidence& b) { return a.name < b.name; });
  explanation.evidence.insert(explanation.evidence.end(), missing.begin(), missing.end());
}

// What put it right, or kept it.
void ShowClosing(const Subjected& s, const Instance& instance, CivilDay as_of, Explanation& explanation) {
  if (instance.done > as_of || instance.closing_event == Finding::kNoEvent) return;
  const FactKind kind = EventKindOf(s.rule(), explanation.finding.row);
  if (kind == FactKind::kNone || instance.closing_event == instance.event) return;
  explanation.evidence.push_back({kind, std::string(s.facts().Name(kind, instance.closing_event)),
                                  instance.done, "It was done by this."});
  if (kind != FactKind::kDiscussion) return;
  explanation.evidence.push_back(
      {FactKind::kSession,
       std::string(s.facts().Name(FactKind::kSession, s.facts().discussion(instance.closing_event).session)),
       instance.done, "The session in which it was held."});
}

// Who was away in the month or at its last day, and what was held in it that does not count.
void ExplainMonth(const Subjected& s, const Instance& month, CivilDay as_of, Explanation& explanation) {
  const CivilDay last = AddMonths(month.base, 1) - 1;
  if (month.due != last) {
    explanation.reasoning.push_back(
        month.due == CivilDay::Max()
            ? "The month's last day lies in an absence without a known end: nothing is due until the absence "
              "is closed."
            : absl::StrCat("The month's last day lies in an absence and moved to ", month.due.ToString(),
                           "."));
  }
  if (s.subject.kind == SubjectKind::kWorker) {
    const CivilDay to = std::max(last, as_of);
    std::vector<Evidence> away;
    for (const Absence& absence : s.facts().worker(s.subject.index).absences) {
      if (absence.days.Empty() || absence.days.start > to || absence.days.end <= month.base) continue;
      away.push_back(AwayOn(s.facts(), absence));
    }
    std::sort(away.begin(), away.end(), [](const Evidence& a, const Evidence& b) {
      return std::tie(a.day, a.name) < std::tie(b.day, b.name);
    });
    explanation.evidence.insert(explanation.evidence.end(), away.begin(), away.end());
  }
  if (s.rule().event) return;
  explanation.not_counted = NotCounted(s.asking, s.subject, month.base, std::min(as_of, month.done),
                                       [&](const EventRef& event) { return SatisfiesLine(s, event); });
}

// How many more are open beside the one that speaks for the rule.
void ExplainOthers(const std::map<Status, int>& open, Explanation& explanation) {
  std::vector<std::string> counts;
  int all = 0;
  for (const Status status : {Status::kOverdue, Status::kUnknown, Status::kDueSoon, Status::kPending}) {
    const auto found = open.find(status);
    if (found == open.end()) continue;
    counts.push_back(absl::StrCat(found->second, " ", std::string(StatusName(status))));
    all += found->second;
  }
  if (all == 0) return;
  explanation.reasoning.push_back(absl::StrCat("Beside it ", all, " more ", all == 1 ? "is" : "are",
                                               " open: ", absl::StrJoin(counts, ", "), "."));
}

}  // namespace

std::optional<Explanation> ExplainInstance(const Evaluator& evaluator, const AuthorityFacts& facts,
                                           uint32_t subject, CivilDay as_of) {
  const std::optional<Finding> finding = evaluator.Evaluate(facts, subject, as_of);
  if (!finding) return std::nullopt;
  const Rule& rule = evaluator.rule();
  const Asking asking(rule, facts, evaluator.working_days());
  const Subjected s = evaluator.MakeSubjected(asking, subject);
  Explanation explanation;
  explanation.finding = *finding;
  const bool has_row = finding->row >= 0 && static_cast<size_t>(finding->row) < rule.rows.size();
  explanation.requirement = has_row ? rule.rows[finding->row].title : rule.title;
  explanation.clause = has_row ? rule.rows[finding->row].clause.value_or(rule.clause) : rule.clause;
  explanation.reasoning.push_back(absl::StrCat(WhatBegan(rule), finding->base.ToString(), "."));
  if (finding->due != CivilDay::Max() && finding->due >= finding->base) {
    explanation.reasoning.push_back(absl::StrCat("The last day in time is ", finding->due.ToString(), "."));
  }
  explanation.reasoning.push_back(HowItStands(*finding, s.absences().Contains(as_of), as_of));
  if (finding->lacking > 0) {
    explanation.reasoning.push_back(absl::StrCat(finding->lacking, " open cases were not discussed."));
  }
  if (std::string missing = WhatIsMissing(rule, *finding); !missing.empty())
    explanation.missing_inputs.push_back(std::move(missing));
  const FactKind kind = EventKindOf(rule, finding->row);
  if (finding->event != Finding::kNoEvent && kind != FactKind::kNone) {
    explanation.evidence.push_back(
        {kind, std::string(facts.Name(kind, finding->event)), finding->base, "What it is about."});
  }
  std::map<Status, int> others;
  for (const Instance& instance : evaluator.Instances(s, as_of, true)) {
    if (instance.base == finding->base && instance.row == finding->row && instance.event == finding->event) {
      ShowClosing(s, instance, as_of, explanation);
      if (rule.As<CalendarMonth>() != nullptr) ExplainMonth(s, instance, as_of, explanation);
    } else if (!instance.waiting && instance.base <= as_of && as_of < instance.until) {
      Finding judged;
      evaluator.Judge(s, instance, as_of, judged);
      const Status status = judged.status;
      if (evaluator.IsOpen(instance, status, as_of)) ++others[status];
    }
  }
  ExplainOthers(others, explanation);
  Grounds grounds(asking, as_of, explanation.evidence);
  grounds.Show(rule.when, s.frame());
  if (const auto* standing = rule.As<Standing>()) grounds.Show(standing->must, s.frame());
  if (const auto* minimum = rule.As<Minimum>()) grounds.Show(minimum->measure, s.frame());
  if (const auto* coverage = rule.As<Coverage>()) ShowNotCovered(s, *coverage, *finding, as_of, explanation);
  return explanation;
}

}  // namespace oversight::engine

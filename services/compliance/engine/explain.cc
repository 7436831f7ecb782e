#include "services/compliance/engine/explain.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/compliance/engine/conditions.h"
#include "services/compliance/engine/explain_events.h"

namespace oversight::engine {
namespace {

std::string Every(const Interval& interval) {
  const bool days = interval.unit == Interval::Unit::kDays;
  if (interval.count == 1) return days ? "every day" : "every month";
  if (days && interval.count == 7) return "every week";
  if (days && interval.count % 7 == 0) return absl::StrCat("every ", interval.count / 7, " weeks");
  return absl::StrCat("every ", interval.count, days ? " days" : " months");
}

absl::string_view Reason(BaseReason reason) {
  switch (reason) {
    case BaseReason::kEvent:
      return "the last one that counts";
    case BaseReason::kRuleApplies:
      return "the first day on which the rule applies";
    case BaseReason::kNextPlacement:
      return "the first day of the student's next placement";
    case BaseReason::kPolicyEffective:
      return "the first day of the policy here";
    case BaseReason::kRecordsComplete:
      return "the first day from which records are complete";
    case BaseReason::kItself:
      return "the day that it is about";
  }
  return "";
}

}  // namespace

// Puts an explanation together for one subject and day; a friend of Evaluator, so that it asks the same
// questions.
class Explainer {
 public:
  Explainer(const Evaluator& evaluator, const AuthorityFacts& facts, uint32_t subject, CivilDay as_of)
      : evaluator_(evaluator),
        rule_(evaluator.rule()),
        facts_(facts),
        subject_(subject),
        as_of_(as_of),
        asking_(rule_, facts, evaluator.working_days_),
        timeline_(evaluator.MakeTimeline(facts, subject)) {}

  std::optional<Explanation> Explain() {
    const std::optional<Finding> finding = evaluator_.Evaluate(facts_, subject_, timeline_, as_of_);
    if (!finding) return std::nullopt;
    explanation_.finding = *finding;
    const Row& row = rule_.rows[finding->row];
    const Interval every = evaluator_.rows_.IntervalOf(finding->row, AgreedOn(as_of_));
    explanation_.requirement = row.IsUnknown() ? row.title : absl::StrCat(row.title, ": ", Every(every));
    explanation_.clause = row.clause.value_or(rule_.clause);
    if (std::string missing = WhatIsMissing(rule_, *finding); !missing.empty())
      explanation_.missing_inputs.push_back(std::move(missing));
    ExplainBase();
    ExplainDueDate();
    const size_t facts_from = explanation_.evidence.size();
    if (rule_.subject == SubjectKind::kWorker) AddWorkerFacts();
    if (rule_.subject == SubjectKind::kCase) AddCaseFacts();
    if (row.every_of) AddAgreedRecords(*row.every_of);
    // Facts are held in the order in which they came, which must not show.
    std::sort(explanation_.evidence.begin() + facts_from, explanation_.evidence.end(),
              [](const Evidence& a, const Evidence& b) {
                return std::tie(a.kind, a.day, a.name) < std::tie(b.kind, b.day, b.name);
              });
    AddNotCounted();
    return std::move(explanation_);
  }

 private:
  const Finding& finding() const { return explanation_.finding; }
  void Say(std::string text) { explanation_.reasoning.push_back(std::move(text)); }
  void Show(FactKind kind, uint32_t id, CivilDay day, std::string text) {
    explanation_.evidence.push_back({kind, std::string(facts_.Name(kind, id)), day, std::move(text)});
  }
  void ShowIfHolds(FactKind kind, uint32_t id, const Period& period, absl::string_view what) {
    if (!period.Contains(as_of_)) return;
    Show(kind, id, period.start,
         absl::StrCat(what, " from ", period.start.ToString(),
                      period.Open() ? "" : absl::StrCat(" until ", period.end.ToString())));
  }

  void ExplainBase() {
    Say(absl::StrCat("Counted from ", finding().base.ToString(), ", ", Reason(finding().base_reason), "."));
    if (finding().base_reason != BaseReason::kEvent) return;
    if (rule_.event) {
      Show(rule_.event->of, finding().event, finding().base, "The last one that counts.");
    } else if (rule_.subject == SubjectKind::kWorker) {
      Show(FactKind::kSession, finding().event, finding().base, "The last session that counts.");
    } else {
      Show(FactKind::kDiscussion, finding().event, finding().base, "The last discussion that counts.");
      Show(FactKind::kSession, facts_.discussion(finding().event).session, finding().base,
           "The session in which it was held.");
    }
  }

  // Each interval that came into force between the base and the due date, then the absences that moved it.
  void ExplainDueDate() {
    const TimelineView timeline(timeline_);
    const Run& run = *timeline.RunOn(as_of_);
    for (const Segment& segment : timeline.SegmentsOf(run)) {
      if (segment.days.end <= finding().base) continue;
      const CivilDay from = std::max(segment.days.start, finding().base);
      if (from > std::max(as_of_, finding().base) && from >= finding().unadjusted_due) break;
      SaySegment(segment, from);
    }
    if (finding().unadjusted_due == CivilDay::Max()) {
      Say(run.days.Open()
              ? "Nothing is due."
              : absl::StrCat("Nothing is due: the rule ceases to apply on ", run.days.end.ToString(), "."));
      return;
    }
    Say(absl::StrCat("That makes it due by ", finding().unadjusted_due.ToString(), "."));
    if (finding().due == finding().unadjusted_due) return;
    Say(finding().due == CivilDay::Max()
            ? "That day lies in an absence without a known end: nothing is due until the absence is closed."
            : absl::StrCat("Moved to ", finding().due.ToString(),
                           ", past absences and days that are not worked."));
  }

  void SaySegment(const Segment& segment, CivilDay from) {
    switch (segment.state) {
      case Segment::State::kBridged:
        Say(absl::StrCat("From ", from.ToString(),
                         " no row holds; the interruption is short and is bridged."));
        return;
      case Segment::State::kUnknown:
        Say(absl::StrCat("From ", from.ToString(), " it cannot be said which row holds."));
        return;
      case Segment::State::kGoverned: {
        const RowTable& rows = evaluator_.rows_;
        const int row = segment.varies ? rows.Shortest(segment.rows, from, segment.agreed) : segment.row;
        Say(absl::StrCat("From ", from.ToString(), " the row ", rule_.rows[row].id, " asks for it ",
                         Every(rows.IntervalOf(row, segment.agreed)), "."));
        return;
      }
    }
  }

  void AddWorkerFacts() {
    const WorkerRecord& worker = facts_.worker(subject_);
    for (const Post& post : worker.posts) ShowIfHolds(FactKind::kPost, post.id, post.period, "Post");
    for (const Asye& asye : worker.asye) ShowIfHolds(FactKind::kAsye, asye.id, asye.period, "ASYE programme");
    for (const StudentPlacement& placement : worker.student_placements) {
      ShowIfHolds(FactKind::kStudentPlacement, placement.id, placement.period, "Student placement");
    }
    for (const SupervisorLink& link : worker.links) {
      ShowIfHolds(FactKind::kSupervisorLink, link.id, link.period, link.cover ? "Cover" : "Supervisor");
    }
    // Absences between the base and the day, or the date to which they moved it.
    const CivilDay to =
        std::max(as_of_, finding().due == CivilDay::Max() ? finding().unadjusted_due : finding().due);
    for (const Absence& absence : worker.absences) {
      if (absence.days.Empty() || absence.days.start > to || absence.days.end <= finding().base) continue;
      explanation_.evidence.push_back(AwayOn(facts_, absence));
    }
  }

  void AddCaseFacts() {
    const CaseRecord& record = facts_.case_record(subject_);
    for (const StatusPeriod& status : record.statuses) {
      ShowIfHolds(FactKind::kStatusPeriod, status.id, status.period, "Status");
    }
    for (const PlacedSpan& span : PlacedSpans(record)) {
      if (!span.days.Contains(as_of_)) continue;
      Show(FactKind::kPlacement, span.id, span.came,
           absl::StrCat(
               "With this carer or home since ", span.came.ToString(),
               span.permanent_from == CivilDay::Max()
                   ? ""
                   : absl::StrCat("; permanence plan implemented on ", span.permanent_from.ToString())));
    }
    for (const Agreement& agreement : record.agreements) {
      if (agreement.valid) {
        ShowIfHolds(FactKind::kAgreement, agreement.id, agreement.period, "Reduced frequency agreed");
      }
    }
    for (const Allocation& allocation : record.allocations) {
      if (allocation.Holds()) ShowIfHolds(FactKind::kAllocation, allocation.id, allocation.period, "Held");
    }
  }

  Interval AgreedOn(CivilDay day) const {
    for (const Segment& segment : timeline_.segments) {
      if (segment.days.Contains(day)) return segment.agreed;
    }
    return {};
  }

  void AddAgreedRecords(const IntervalOfRecords& every) {
    const Frame subject{rule_.subject, subject_};
    asking_.ForEachRecord(every.records, subject, [&](uint32_t row) {
      const Frame record{every.records.of, row, &subject};
      const IntervalSet days = asking_.RecordDays(every.records, record, false);
      for (const Period& period : days.periods()) {
        if (period.Contains(as_of_))
          Show(every.records.of, row, period.start, "In force, and may say how often.");
      }
    });
  }

  void AddNotCounted() {
    if (rule_.event) return;
    explanation_.not_counted = NotCounted(asking_, {rule_.subject, subject_}, finding().base, as_of_,
                                          [](const EventRef&) { return true; });
  }

  const Evaluator& evaluator_;
  const Rule& rule_;
  const AuthorityFacts& facts_;
  const uint32_t subject_;
  const CivilDay as_of_;
  const Asking asking_;
  const Timeline timeline_;
  Explanation explanation_;
};

std::string WhatIsMissing(const Rule& rule, const Finding& finding) {
  return WhatIsMissing(rule, finding.missing, finding.row, finding.input);
}

std::string WhatIsMissing(const Rule& rule, Missing missing, int row, uint16_t input) {
  switch (missing) {
    case Missing::kNothing:
      return "";
    case Missing::kRowInput:
      return rule.rows[static_cast<size_t>(row)].unknown_input;
    case Missing::kInput:
      if (input == kEmploymentStartInput)
        return "the day on which the worker's employment began (employment_start_date of Worker)";
      return input < rule.inputs.size() ? rule.inputs[input] : "";
  }
  return "";
}

std::optional<Explanation> Explain(const Evaluator& evaluator, const AuthorityFacts& facts, uint32_t subject,
                                   CivilDay as_of) {
  if (evaluator.rule().As<Recurring>() == nullptr) return ExplainInstance(evaluator, facts, subject, as_of);
  return Explainer(evaluator, facts, subject, as_of).Explain();
}

}  // namespace oversight::engine

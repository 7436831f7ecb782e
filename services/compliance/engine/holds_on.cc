// Whether a condition holds on one day: what conditions.h says of days, asked of one, without making sets.

#include <algorithm>

#include "services/compliance/engine/conditions.h"
#include "services/compliance/engine/field_tests.h"

namespace oversight::engine {
namespace {

bool IsTimeless(const Condition& condition) {
  const auto dated = [](const FieldCondition& test) { return test.IsDated(); };
  const auto record_dated = [](const RecordCondition& records) {
    return records.since != kNoColumn || records.until != kNoColumn || records.on.Given() ||
           !Timeless(records.where);
  };
  const auto reference_dated = [](const ReferenceCondition& reference) { return !Timeless(reference.is); };
  return !condition.post && !condition.on_asye && !condition.weeks_of_employment &&
         !condition.student_placement && condition.case_statuses == 0 && !condition.placement &&
         condition.keyworker_team_areas == 0 && !condition.reduced_frequency_agreement &&
         condition.measures.empty() &&
         std::none_of(condition.fields.begin(), condition.fields.end(), dated) &&
         std::none_of(condition.records.begin(), condition.records.end(), record_dated) &&
         std::none_of(condition.references.begin(), condition.references.end(), reference_dated) &&
         Timeless(condition.any_of) && Timeless(condition.none_of);
}

}  // namespace

bool Timeless(const std::vector<Condition>& conditions) {
  return std::all_of(conditions.begin(), conditions.end(), IsTimeless);
}

bool Asking::HoldsOn(const std::vector<Condition>& conditions, const Frame& frame, CivilDay day,
                     bool doubt) const {
  for (const Condition& condition : conditions) {
    if (!HoldsOn(condition, frame, day, doubt)) return false;
  }
  return true;
}

bool Asking::HoldsOn(const Condition& condition, const Frame& frame, CivilDay day, bool doubt) const {
  if (frame.kind == FactKind::kWorker && !WorkerHolds(condition, frame, day, doubt)) return false;
  if (frame.kind == FactKind::kCase && !CaseHolds(condition, frame, day)) return false;
  for (const FieldCondition& test : condition.fields) {
    if (!FieldHolds(test, frame, day, doubt)) return false;
  }
  for (const RecordCondition& records : condition.records) {
    if (!EnoughRecordsHold(records, frame, day, doubt)) return false;
  }
  for (const ReferenceCondition& reference : condition.references) {
    if (!NamedHolds(reference, frame, day, doubt)) return false;
  }
  for (const Measure& measure : condition.measures) {
    if (!Kept(measure, frame, doubt).Contains(day)) return false;
  }
  const auto holds = [&](const Condition& part) { return HoldsOn(part, frame, day, doubt); };
  if (!condition.any_of.empty() && std::none_of(condition.any_of.begin(), condition.any_of.end(), holds)) {
    return false;
  }
  return std::none_of(condition.none_of.begin(), condition.none_of.end(),
                      [&](const Condition& part) { return HoldsOn(part, frame, day, !doubt); });
}

Asking::Answer Asking::Ask(const std::vector<Condition>& conditions, const Frame& frame, CivilDay day) const {
  const uint64_t before = doubts_;
  if (HoldsOn(conditions, frame, day, false)) return Answer::kYes;
  return doubts_ != before && HoldsOn(conditions, frame, day, true) ? Answer::kOpen : Answer::kNo;
}

bool Asking::WorkerHolds(const Condition& condition, const Frame& frame, CivilDay day, bool doubt) const {
  const WorkerRecord& worker = facts_.worker(frame.row);
  if (condition.post) {
    const PostCondition& wanted = *condition.post;
    const bool any = std::any_of(worker.posts.begin(), worker.posts.end(), [&](const Post& post) {
      return post.period.Contains(day) && Accepts(wanted.career_stages, post.career_stage) &&
             AcceptsArea(wanted.team_areas, facts_, post.team) &&
             Accepts(wanted.employment_bases, post.employment_basis) &&
             wanted.case_holding.value_or(post.case_holding) == post.case_holding;
    });
    if (!any) return false;
  }
  if (condition.on_asye) {
    const bool any = std::any_of(worker.asye.begin(), worker.asye.end(),
                                 [&](const Asye& asye) { return asye.period.Contains(day); });
    if (any != *condition.on_asye) return false;
  }
  // Clocks that stand still during absences: seldom asked of one day.
  if (condition.weeks_of_employment || (condition.student_placement && !worker.student_placements.empty()))
    return WorkerDays(condition, frame, doubt).Contains(day);
  return !condition.student_placement;
}

bool Asking::CaseHolds(const Condition& condition, const Frame& frame, CivilDay day) const {
  const CaseRecord& record = facts_.case_record(frame.row);
  const auto any = [](const auto& list, auto&& holds) {
    return std::any_of(list.begin(), list.end(), holds);
  };
  if (condition.case_statuses != 0 && !any(record.statuses, [&](const StatusPeriod& status) {
        return Contains(condition.case_statuses, status.status) && status.period.Contains(day);
      })) {
    return false;
  }
  if (condition.placement && !any(Placed(frame.row), [&](const PlacedSpan& span) {
        return DaysWithin(span, *condition.placement).Contains(day);
      })) {
    return false;
  }
  if (condition.keyworker_team_areas != 0 && !any(record.allocations, [&](const Allocation& allocation) {
        return allocation.role == AllocationRole::kKeyworker && allocation.period.Contains(day) &&
               AcceptsArea(condition.keyworker_team_areas, facts_, allocation.team);
      })) {
    return false;
  }
  return !condition.reduced_frequency_agreement ||
         *condition.reduced_frequency_agreement == any(record.agreements, [&](const Agreement& agreement) {
           return agreement.valid && agreement.period.Contains(day);
         });
}

bool Asking::RecordHolds(const RecordCondition& records, const Frame& record, CivilDay day,
                         bool doubt) const {
  const Table& table = facts_.table(records.of);
  if (records.since != kNoColumn) {
    const std::optional<CivilDay> since = table.Day(record.row, records.since);
    if (since && day < *since) return false;
  }
  if (records.until != kNoColumn) {
    const std::optional<CivilDay> until = table.Day(record.row, records.until);
    if (until && (records.until_included ? day > *until : day >= *until)) return false;
  }
  if (records.on.Given()) {
    const std::optional<CivilDay> on = DayAt(records.on, record);
    if (!on || day < *on) return false;
    if (records.recent.count > 0 && day > AddInterval(*on, records.recent)) return false;
  }
  return HoldsOn(records.where, record, day, doubt);
}

bool Asking::EnoughRecordsHold(const RecordCondition& records, const Frame& frame, CivilDay day,
                               bool doubt) const {
  if (records.from.Given()) {
    const uint32_t owner = Target(records.from, frame).row;
    if (owner == kNobody) return InDoubt(doubt);
    if (const IntervalSet* days = RememberedDays(records, owner, frame, doubt)) return days->Contains(day);
  }
  int wanted = std::max(records.at_least, 1);
  return AnyRecord(records, frame, [&](uint32_t row) {
    return RecordHolds(records, Frame{records.of, row, &frame}, day, doubt) && --wanted == 0;
  });
}

bool Asking::NamedHolds(const ReferenceCondition& reference, const Frame& frame, CivilDay day,
                        bool doubt) const {
  bool any = false;
  const bool none = !ForEachNamed(reference, frame, [&](const Frame& named) {
    if (any) return;
    const IntervalSet* days = RememberedDays(reference, named, doubt);
    any = days != nullptr ? days->Contains(day) : HoldsOn(reference.is, named, day, doubt);
  });
  return none ? !reference.unset_fails && InDoubt(doubt) : any;
}

}  // namespace oversight::engine

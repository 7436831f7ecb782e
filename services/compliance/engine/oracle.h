#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/time/civil_day.h"
#include "common/time/working_days.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/engine/policy.h"
#include "services/compliance/engine/world.h"

// A second, independent reading of the design's section 5: slow and obvious. It asks its questions day by day
// and shares no code with the engine, only its plain types. For tests.
namespace oversight::engine::testing {

// What the oracle says about one subject on one day.
struct Verdict {
  Status status = Status::kPending;
  Missing missing = Missing::kNothing;
  uint16_t input = 0;
  std::string row;
  CivilDay base;
  BaseReason base_reason = BaseReason::kRuleApplies;
  std::string event;  // name of the session or discussion; empty when the gap began otherwise
  CivilDay due = CivilDay::Max();
  CivilDay unadjusted_due = CivilDay::Max();
  int days_overdue = 0;

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

struct PastGap {
  Outcome outcome = Outcome::kOpen;
  CivilDay base;
  std::string event;
  CivilDay due = CivilDay::Max();
  CivilDay closed = CivilDay::Max();
  std::string closing_event;
  int days_overdue = 0;

  friend bool operator==(const PastGap&, const PastGap&) = default;
};

// Judges one rule for one subject. Looks at the days from the assignment's first to `horizon` only.
class Oracle {
 public:
  Oracle(const Rule& rule, Assignment assignment, const WorkingDays& working_days, const World& world,
         std::string subject, CivilDay horizon);

  std::optional<Verdict> Judge(CivilDay as_of) const;
  std::vector<PastGap> History(CivilDay until) const;

 private:
  // What the rows say on one day.
  struct DayState {
    bool applies = false;
    bool unknown = false;
    Missing missing = Missing::kNothing;
    uint16_t input = 0;
    int row = -1;
    Interval every;         // what the row asks for
    bool restarts = false;  // a student's placement begins
  };
  struct RunOfDays {
    CivilDay first;
    CivilDay last;  // the last day on which a row holds
    BaseReason reason;
  };

  static bool In(Mask mask, int value) { return mask == 0 || ((mask >> value) & 1) == 1; }
  static bool Has(const Period& period, CivilDay day) { return period.start <= day && day < period.end; }
  static CivilDay Later(CivilDay day, const Interval& interval) {
    return interval.unit == Interval::Unit::kMonths ? AddMonths(day, interval.count) : day + interval.count;
  }

  DayState LookAt(CivilDay day) const;
  const DayState& On(CivilDay day) const;
  bool RowHolds(int row, CivilDay day, bool benefit_of_doubt) const;
  // Of a row that holds.
  Interval AskedBy(int row, CivilDay day) const;
  std::optional<Interval> AgreedOn(CivilDay day) const;
  bool Holds(const Condition& condition, CivilDay day, bool benefit_of_doubt) const;
  bool WorkerHolds(const Condition& condition, CivilDay day, bool benefit_of_doubt) const;
  bool CaseHolds(const Condition& condition, CivilDay day) const;
  bool ClockStandsAt(CivilDay start, Range weeks, CivilDay day, bool of_asye) const;
  bool AsyeIsPaused(CivilDay day) const;
  bool PlacedLike(const PlacementCondition& condition, CivilDay day) const;
  bool InRespite(CivilDay day) const;
  bool StaysWith(absl::string_view carer, CivilDay day) const;
  bool MovesWith(absl::string_view carer, CivilDay day) const;
  CivilDay CameTo(const PlacementFact& placement) const;
  bool InScope(CivilDay day) const;

  bool RecordedAway(CivilDay day) const;
  bool LiesInAbsence(CivilDay day) const;
  bool Away(CivilDay day) const;
  bool ClockPauses(CivilDay day) const;
  // First and last day of the absence around a day on which the worker is away; the last is Max() when not
  // known.
  std::pair<CivilDay, CivilDay> AbsenceAround(CivilDay day) const;

  std::optional<RunOfDays> RunAround(CivilDay day) const;
  std::map<CivilDay, std::string> Events() const;
  std::optional<Interval> IntervalOn(CivilDay day) const;
  CivilDay DueDate(const RunOfDays& run, CivilDay base) const;
  CivilDay MoveDueDate(CivilDay due) const;
  int DaysPresent(CivilDay after, CivilDay to) const;

  const Rule& rule_;
  const Assignment assignment_;
  const WorkingDays& working_days_;
  const WorldByType world_;
  const std::string subject_;
  const CivilDay first_;
  const CivilDay horizon_;
  const CivilDay memory_;  // the answers below begin on this day: clocks reach back before the policy
  std::vector<bool> recorded_away_;
  std::vector<bool> away_;
  std::vector<bool> clock_pauses_;
  std::vector<DayState> days_;
  std::map<CivilDay, std::string> events_;
};

}  // namespace oversight::engine::testing

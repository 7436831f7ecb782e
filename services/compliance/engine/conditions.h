#pragma once

#include <optional>
#include <vector>

#include "common/time/working_days.h"
#include "services/compliance/engine/absence.h"
#include "services/compliance/engine/facts.h"
#include "services/compliance/engine/interval_set.h"
#include "services/compliance/engine/policy.h"

namespace oversight::engine {

// A placement of a child as rules see it: respite left out, its days prolonged over respite from it, and
// dated from when the child came to this carer or home.
struct PlacedSpan {
  uint32_t id;  // of the placement
  PlacementType type;
  Period days;
  CivilDay came;
  // From when the permanence plan is fully implemented; Max(): not.
  CivilDay permanent_from;
};

std::vector<PlacedSpan> PlacedSpans(const CaseRecord& record);

// The days on which a condition holds of a placement; perhaps none.
Period DaysWithin(const PlacedSpan& span, const PlacementCondition& condition);

AbsenceCalendar AbsencesOf(const WorkerRecord& worker, const WorkingDays& working_days);

// A record of which something is asked, within the record from which one came to it.
struct Frame {
  FactKind kind = FactKind::kNone;
  uint32_t row = kNobody;
  const Frame* outer = nullptr;  // null for the rule's subject
};

// A record at the end of a path.
struct Place {
  FactKind kind = FactKind::kNone;
  uint32_t row = kNobody;  // kNobody: some reference on the way is not set
};

// Follows a path up to the record that has its field, or that it names; and to the record that it names, its
// last field being a reference.
Place FollowPath(const AuthorityFacts& facts, const Path& path, const Frame& frame);
Place TargetOf(const AuthorityFacts& facts, const Path& path, const Frame& frame);

// The worker, case or team that answers for what a finding is about; the subject itself when nobody else
// does.
Subject AnswerableFor(const Rule& rule, const AuthorityFacts& facts, Subject subject);

class Remembered;
class RunningCount;

// Asks about the records round the subjects of one rule. For one thread, and while no fact changes.
class Asking {
 public:
  // `running`: what was kept of the records that the rule counts, where it was; null: they are counted.
  // `remembered`: where to keep what is asked of records again and again; null: it is asked again.
  Asking(const Rule& rule, const AuthorityFacts& facts, const WorkingDays& working_days,
         const RunningCount* running = nullptr, Remembered* remembered = nullptr)
      : rule_(rule), facts_(facts), working_days_(working_days), running_(running), remembered_(remembered) {}

  const Rule& rule() const { return rule_; }
  const AuthorityFacts& facts() const { return facts_; }
  const WorkingDays& working_days() const { return working_days_; }
  Remembered* remembered() const { return remembered_; }

  // The days on which a condition holds of a record. Where an input is missing it is taken to hold
  // (`benefit_of_doubt`), or not.
  IntervalSet Days(const Condition& condition, const Frame& frame, bool benefit_of_doubt) const;
  // All of them; every day when there are none.
  IntervalSet Days(const std::vector<Condition>& conditions, const Frame& frame, bool benefit_of_doubt) const;
  // Whether a condition holds of a record on one day: what Days says of it, sooner.
  bool HoldsOn(const Condition& condition, const Frame& frame, CivilDay day, bool benefit_of_doubt) const;
  bool HoldsOn(const std::vector<Condition>& conditions, const Frame& frame, CivilDay day,
               bool benefit_of_doubt) const;
  // Days without the benefit of the doubt and with it. Where nothing was open the answers are the same, and
  // it is asked once.
  struct BothWays {
    IntervalSet sure;
    IntervalSet possible;
  };
  template <typename Asked>
  BothWays DaysBothWays(const Asked& conditions, const Frame& frame) const {
    const uint64_t before = doubts_;
    BothWays days{Days(conditions, frame, false), {}};
    days.possible = doubts_ == before ? days.sure : Days(conditions, frame, true);
    return days;
  }
  // The same of HoldsOn.
  enum class Answer : uint8_t { kNo, kOpen, kYes };
  Answer Ask(const std::vector<Condition>& conditions, const Frame& frame, CivilDay day) const;
  // The first, by number, of the inputs that are missing anywhere in it.
  std::optional<uint16_t> MissingInput(const Condition& condition, const Frame& frame) const;
  std::optional<uint16_t> MissingInput(const std::vector<Condition>& conditions, const Frame& frame) const;
  // The one for want of which it is open whether a row of the rule governs a subject; kNoInput: none.
  uint16_t MissingInputOf(int row, const Frame& subject) const;

  Place Follow(const Path& path, const Frame& frame) const { return FollowPath(facts_, path, frame); }
  Place Target(const Path& path, const Frame& frame) const { return TargetOf(facts_, path, frame); }
  std::optional<CivilDay> DayAt(const Path& path, const Frame& frame) const;
  std::optional<int64_t> InstantAt(const Path& path, const Frame& frame) const;
  std::optional<double> NumberAt(const Path& path, const Frame& frame) const;

  // The records that a condition speaks of, `where` aside, in no particular order.
  template <typename Visit>
  void ForEachRecord(const RecordCondition& records, const Frame& frame, Visit&& visit) const;
  // The same until `visit` says yes; whether it did.
  template <typename Visit>
  bool AnyRecord(const RecordCondition& records, const Frame& frame, Visit&& visit) const;
  // An event of a record.
  struct Occurrence {
    CivilDay day;
    uint32_t row;
    // It is open, for want of an input, whether it counts.
    bool doubtful = false;
  };
  // Dated records that count or may count, by day, then by name.
  std::vector<Occurrence> Occurrences(const RecordEvent& event, const Frame& frame) const;
  // When one record counts for a measure, and for its share. Where that is open it does if `generous`; a
  // record of which it is open whether it counts at all has no part in a share.
  struct Counted {
    IntervalSet days;
    IntervalSet shared;
    friend bool operator==(const Counted&, const Counted&) = default;
  };
  Counted CountedDays(const Measure& measure, const Frame& record, bool generous) const;
  // What a day changes of what the records of a measure add up to.
  struct Step {
    CivilDay day;
    double total = 0;
    double shared = 0;
    int missing = 0;
  };
  // The days on which the measure keeps its bound.
  IntervalSet Kept(const Measure& measure, const Frame& frame, bool benefit_of_doubt) const;
  // The days on which a record counts, `where` included.
  IntervalSet RecordDays(const RecordCondition& records, const Frame& record, bool benefit_of_doubt) const;

 private:
  friend class Block;  // the same of many records at once
  // Ascending, one a day.
  std::vector<Step> Steps(const Measure& measure, const Frame& frame, bool generous) const;
  IntervalSet FieldDays(const FieldCondition& test, const Frame& frame, bool doubt) const;
  IntervalSet EnoughRecords(const RecordCondition& records, const Frame& frame, bool doubt) const;
  IntervalSet OwnDays(const Condition& condition, const Frame& frame, bool doubt) const;
  IntervalSet WorkerDays(const Condition& condition, const Frame& frame, bool doubt) const;
  IntervalSet CaseDays(const Condition& condition, const Frame& frame) const;
  // Visits the known records that the path names; false when there is none.
  bool ForEachNamed(const ReferenceCondition& reference, const Frame& frame,
                    absl::FunctionRef<void(const Frame&)> visit) const;
  bool IsMissing(const FieldCondition& test, const Place& place, const Frame& frame) const;
  // Of one day.
  bool FieldHolds(const FieldCondition& test, const Frame& frame, CivilDay day, bool doubt) const;
  bool WorkerHolds(const Condition& condition, const Frame& frame, CivilDay day, bool doubt) const;
  bool CaseHolds(const Condition& condition, const Frame& frame, CivilDay day) const;
  // PlacedSpans of a case: one row after the other asks for those of the same one.
  const std::vector<PlacedSpan>& Placed(uint32_t case_index) const;
  // Says that a question is open for want of an input, and how it is taken then.
  bool InDoubt(bool doubt) const {
    ++doubts_;
    return doubt;
  }
  bool RecordHolds(const RecordCondition& records, const Frame& record, CivilDay day, bool doubt) const;
  bool EnoughRecordsHold(const RecordCondition& records, const Frame& frame, CivilDay day, bool doubt) const;
  bool NamedHolds(const ReferenceCondition& reference, const Frame& frame, CivilDay day, bool doubt) const;
  template <typename Asked, typename Make>
  const IntervalSet* Remember(const Asked& condition, uint32_t row, bool doubt, Make&& make) const;
  // The days on which enough of the records of `owner` hold; null where that is not remembered.
  const IntervalSet* RememberedDays(const RecordCondition& records, uint32_t owner, const Frame& frame,
                                    bool doubt) const;
  const IntervalSet* RememberedDays(const ReferenceCondition& reference, const Frame& named,
                                    bool doubt) const;
  IntervalSet CountEnough(const RecordCondition& records, const Frame& frame, bool doubt) const;

  const Rule& rule_;
  const AuthorityFacts& facts_;
  const WorkingDays& working_days_;
  const RunningCount* const running_;
  Remembered* const remembered_;
  mutable uint64_t doubts_ = 0;  // how often a question was open
  mutable uint32_t placed_case_ = kNobody;
  mutable std::vector<PlacedSpan> placed_;  // of that case
};

template <typename Visit>
bool Asking::AnyRecord(const RecordCondition& records, const Frame& frame, Visit&& visit) const {
  const Table& table = facts_.table(records.of);
  if (records.via == kNoColumn) {
    for (uint32_t row = 0; row < table.size(); ++row) {
      if (table.Known(row) && visit(row)) return true;
    }
    return false;
  }
  const Place owner = records.from.Given() ? Target(records.from, frame) : Place{frame.kind, frame.row};
  return owner.row != kNobody && table.AnyReferring(records.via, owner.row, visit);
}

template <typename Visit>
void Asking::ForEachRecord(const RecordCondition& records, const Frame& frame, Visit&& visit) const {
  AnyRecord(records, frame, [&](uint32_t row) {
    visit(row);
    return false;
  });
}

// Whether conditions say the same on every day, whatever the records hold.
bool Timeless(const std::vector<Condition>& conditions);

}  // namespace oversight::engine

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/time/civil_day.h"
#include "common/time/period.h"
#include "common/time/working_days.h"
#include "services/compliance/engine/absence.h"
#include "services/compliance/engine/conditions.h"
#include "services/compliance/engine/facts.h"
#include "services/compliance/engine/policy.h"
#include "services/compliance/engine/short_list.h"

namespace oversight::engine {

// From when to when an authority is held to a policy; half-open.
struct Assignment {
  CivilDay effective_from = CivilDay::Min();
  CivilDay effective_until = CivilDay::Max();
};

// What a gap runs from.
enum class BaseReason : uint8_t {
  kEvent,
  // The rule began to apply to the subject.
  kRuleApplies,
  // The next placement of a student began.
  kNextPlacement,
  // The policy took effect in the authority.
  kPolicyEffective,
  // The authority's records are complete from this day.
  kRecordsComplete,
  // It is the day of what the finding is about: a trigger, a month's first day, a session.
  kItself,
};

// Which input is missing.
enum class Missing : uint8_t {
  kNothing,
  // What the row's `unknown_input` says.
  kRowInput,
  // One of Rule::inputs, or what stands in place of one.
  kInput,
};

// Days on which the same rows of a rule hold.
struct Segment {
  enum class State : uint8_t {
    // An interval is in force, that of `row`.
    kGoverned,
    // The rule applies, but an input is missing.
    kUnknown,
    // An interruption short enough to be bridged: no row holds, and the run goes on.
    kBridged,
  };
  Period days;
  uint64_t rows = 0;  // bit by index in Rule::rows
  State state = State::kGoverned;
  Missing missing : 7 = Missing::kNothing;
  // Which row is the shortest depends on the length of the month: ask for each day.
  bool varies : 1 = false;
  // The governing row: the shortest of `rows` on the first of these days. -1 when bridged.
  int16_t row = -1;
  // What records ask for on these days, where the row whose interval stands in them governs, or may.
  Interval agreed;
};
static_assert(sizeof(Segment) == 24, "there are very many of them");

// Days on which a rule applies to a subject without a break.
struct Run {
  Period days;
  BaseReason reason = BaseReason::kRuleApplies;
  uint32_t first_segment = 0;
  uint32_t end_segment = 0;  // one past the last
};

struct Timeline;

// When a rule applies to a subject, with which rows, and when the subject was away, wherever that is kept.
struct TimelineView {
  std::span<const Segment> segments;  // ascending, without overlap; each in one run
  std::span<const Run> runs;          // ascending
  const AbsenceCalendar& absences;    // of a worker; empty for a case

  TimelineView(std::span<const Segment> all_segments, std::span<const Run> all_runs,
               const AbsenceCalendar& of_worker)
      : segments(all_segments), runs(all_runs), absences(of_worker) {}
  TimelineView(const Timeline& timeline);  // NOLINT: it is the same

  // The run that contains the day; null when the rule does not apply.
  const Run* RunOn(CivilDay day) const;
  std::span<const Segment> SegmentsOf(const Run& run) const;
  // The segment of `run` that contains the day, which must lie in the run.
  const Segment& SegmentOn(const Run& run, CivilDay day) const;
};

// The same on its own. Built from slowly changing facts only: sessions and discussions play no part in it.
struct Timeline {
  ShortList<Segment, 3> segments;  // ascending, without overlap; each in one run
  ShortList<Run, 1> runs;          // ascending
  AbsenceCalendar absences;        // of a worker; empty for a case
};

inline TimelineView::TimelineView(const Timeline& timeline)
    : segments(timeline.segments.data(), timeline.segments.size()),
      runs(timeline.runs.data(), timeline.runs.size()),
      absences(timeline.absences) {}

// The timelines of many subjects that have no absences (of all but workers), one after the other in memory.
class TimelineStore {
 public:
  void Put(uint32_t subject, const Timeline& timeline);
  bool Has(uint32_t subject) const { return subject < at_.size() && at_[subject].known; }
  // Of a subject that it has; valid until the next Put.
  TimelineView Get(uint32_t subject) const;
  void Clear();
  size_t BytesUsed() const;

 private:
  struct At {
    uint32_t first_segment = 0;
    uint32_t first_run = 0;
    uint16_t segments = 0;
    uint16_t runs = 0;
    bool known = false;
  };
  // Leaves out what has been replaced.
  void Compact();

  std::vector<At> at_;
  std::vector<Segment> segments_;
  std::vector<Run> runs_;
  size_t replaced_ = 0;  // segments that nobody has any more
};

// What follows from the rows of a rule alone.
class RowTable {
 public:
  explicit RowTable(const Rule& rule);

  // Row indices such that a row comes after every row that stands in its place.
  const std::vector<int>& order() const { return order_; }
  uint64_t unknown_rows() const { return unknown_; }
  uint64_t restarting_rows() const { return restarting_; }
  // The row whose interval stands in records; -1: none has.
  int agreed_row() const { return agreed_row_; }
  // In the following `agreed` is the interval of that row.
  Interval IntervalOf(int row, Interval agreed) const {
    return row == agreed_row_ ? agreed : rule_.rows[static_cast<size_t>(row)].every;
  }
  // The shortest of the rows in `set` counted from `day`, the first of equals; -1 for none.
  int Shortest(uint64_t set, CivilDay day, Interval agreed) const;
  // Whether Shortest(set, ...) differs from day to day.
  bool Varies(uint64_t set, Interval agreed) const;

 private:
  const Rule& rule_;
  std::vector<int> order_;
  uint64_t unknown_ = 0;
  uint64_t restarting_ = 0;
  int agreed_row_ = Row::kNone;
  std::vector<uint64_t> rivals_;  // rows whose order with this one depends on the month
};

// The days on which findings about a subject can be: while a worker is employed, a case open, a record known;
// cut to `window`.
IntervalSet ScopeDays(const Asking& asking, Subject subject, Period window);
// The days that are judged at all.
Period Window(const Assignment& assignment, const AuthorityFacts& facts);

Timeline BuildTimeline(const Asking& asking, const RowTable& rows, const Assignment& assignment,
                       Subject subject);

}  // namespace oversight::engine

#include "services/compliance/engine/timeline.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "services/compliance/engine/agreed_intervals.h"
#include "services/compliance/engine/conditions.h"
#include "services/compliance/engine/interval_set.h"

namespace oversight::engine {
namespace {

constexpr size_t kWorthCompacting = 1024;

constexpr uint64_t Bit(int row) { return uint64_t{1} << row; }

// The days on which each row of a rule holds for one subject.
struct RowDays {
  std::vector<IntervalSet> sure;
  // Where it would hold if the missing input were such; holds no day of `sure`.
  std::vector<IntervalSet> maybe;
  AgreedIntervals agreed;
};

// Where a row says `in_place_of`, and where the rows of last resort are left.
void Displace(const Rule& rule, const RowTable& table, bool may_lack_input, RowDays& rows) {
  // The rows that stand in the place of others: one or two.
  ShortList<int, 4> displacing;
  for (size_t row = 0; row < rule.rows.size(); ++row) {
    if (rule.rows[row].in_place_of != Row::kNone) displacing.push_back(static_cast<int>(row));
  }
  IntervalSet ordinary;
  for (const int row : table.order()) {
    for (const int other : displacing) {
      if (rule.rows[other].in_place_of != row) continue;
      const IntervalSet possible = Union(rows.sure[other], rows.maybe[other]);
      if (may_lack_input) {
        rows.maybe[row] = Union(Difference(rows.maybe[row], rows.sure[other]),
                                Intersection(rows.sure[row], rows.maybe[other]));
      }
      rows.sure[row] = Difference(rows.sure[row], possible);
    }
    if ((table.unknown_rows() >> row & 1) != 0) continue;
    if (!rows.sure[row].Empty()) ordinary = Union(ordinary, rows.sure[row]);
    if (!rows.maybe[row].Empty()) ordinary = Union(ordinary, rows.maybe[row]);
  }
  for (size_t row = 0; row < rule.rows.size(); ++row) {
    if ((table.unknown_rows() >> row & 1) != 0) rows.sure[row] = Difference(rows.sure[row], ordinary);
  }
}

// Those that a case has on some day; of anybody else they are not asked.
Mask StatusesEver(const AuthorityFacts& facts, Subject subject) {
  if (subject.kind != SubjectKind::kCase) return ~Mask{0};
  Mask statuses = 0;
  for (const StatusPeriod& status : facts.case_record(subject.index).statuses)
    statuses |= MaskOf(status.status);
  return statuses;
}

RowDays DaysOfRows(const Asking& asking, const RowTable& table, Subject subject, Period window) {
  const Rule& rule = asking.rule();
  RowDays rows;
  const IntervalSet scope = ScopeDays(asking, subject, window);
  if (scope.Empty()) return rows;
  rows.sure.resize(rule.rows.size());
  rows.maybe.resize(rule.rows.size());
  const Frame frame{subject.kind, subject.index};
  const bool may_lack_input =
      !rule.inputs.empty() ||
      (subject.kind == SubjectKind::kWorker && !asking.facts().worker(subject.index).employment_start);
  const Mask statuses = StatusesEver(asking.facts(), subject);
  const IntervalSet sure =
      rule.when.empty() ? scope : Intersection(scope, asking.Days(rule.when, frame, false));
  const IntervalSet possible =
      rule.when.empty() || !may_lack_input ? sure : Intersection(scope, asking.Days(rule.when, frame, true));
  for (size_t i = 0; i < rule.rows.size(); ++i) {
    const Condition& when = rule.rows[i].when;
    if (when.case_statuses != 0 && (when.case_statuses & statuses) == 0) continue;
    rows.sure[i] = Intersection(sure, asking.Days(when, frame, false));
    if (may_lack_input) rows.maybe[i] = Intersection(possible, asking.Days(when, frame, true));
    if (rule.rows[i].every_of) {
      rows.agreed = AgreedIntervals(asking, *rule.rows[i].every_of, frame);
      rows.sure[i] = Intersection(rows.sure[i], rows.agreed.days());
      rows.maybe[i] = Intersection(rows.maybe[i], rows.agreed.days());
    }
    if (may_lack_input) rows.maybe[i] = Difference(rows.maybe[i], rows.sure[i]);
  }
  Displace(rule, table, may_lack_input, rows);
  return rows;
}

// A day on which a row begins or ceases to hold.
struct Edge {
  CivilDay day;
  uint64_t sure = 0;
  uint64_t maybe = 0;
};

using EdgeList = ShortList<Edge, 16>;

EdgeList Edges(const RowDays& rows, const std::vector<CivilDay>& restarts) {
  EdgeList edges;
  for (size_t row = 0; row < rows.sure.size(); ++row) {
    for (const Period& period : rows.sure[row].periods()) {
      edges.push_back({period.start, Bit(row), 0});
      edges.push_back({period.end, Bit(row), 0});
    }
    for (const Period& period : rows.maybe[row].periods()) {
      edges.push_back({period.start, 0, Bit(row)});
      edges.push_back({period.end, 0, Bit(row)});
    }
  }
  for (const CivilDay day : restarts) edges.push_back({day});
  rows.agreed.ForEachChange([&](CivilDay day) { edges.push_back({day}); });
  std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) { return a.day < b.day; });
  return edges;
}

// What governs days on which the rows `sure` hold and those in `maybe` may hold.
Segment Govern(const RowTable& table, Period days, uint64_t sure, uint64_t maybe, Interval agreed) {
  const uint64_t ordinary = sure & ~table.unknown_rows();
  Segment segment{.days = days, .rows = ordinary};
  const int row = table.Shortest(ordinary, days.start, agreed);
  const int doubtful = table.Shortest(maybe & ~table.unknown_rows(), days.start, agreed);
  const auto reach = [&](int r) { return AddInterval(days.start, table.IntervalOf(r, agreed)); };
  if (doubtful >= 0 && (row < 0 || reach(doubtful) < reach(row))) {
    segment.state = Segment::State::kUnknown;
    segment.missing = Missing::kInput;
    segment.row = static_cast<int16_t>(doubtful);
  } else if (row >= 0) {
    segment.row = static_cast<int16_t>(row);
    segment.varies = table.Varies(ordinary, agreed);
  } else {
    segment.state = Segment::State::kUnknown;
    segment.missing = Missing::kRowInput;
    segment.row = static_cast<int16_t>(std::countr_zero(sure));
  }
  if (segment.varies || segment.row == table.agreed_row()) segment.agreed = agreed;
  return segment;
}

bool SameRequirement(const Segment& a, const Segment& b) {
  return a.state == b.state && a.missing == b.missing && a.row == b.row && a.varies == b.varies &&
         a.agreed == b.agreed && (!a.varies || a.rows == b.rows);
}

// Adds segments in ascending order, joining them to runs.
class RunBuilder {
 public:
  RunBuilder(const Rule& rule, const WorkingDays& working_days, Timeline& timeline)
      : rule_(rule), working_days_(working_days), timeline_(timeline) {}

  void Add(const Segment& segment, bool restarts) {
    const bool goes_on =
        !timeline_.runs.empty() && Bridges(timeline_.runs.back().days.end, segment.days.start);
    if (!goes_on || restarts) {
      const BaseReason reason = goes_on ? BaseReason::kNextPlacement : BaseReason::kRuleApplies;
      const uint32_t first = static_cast<uint32_t>(timeline_.segments.size());
      timeline_.runs.push_back({.days = segment.days, .reason = reason, .first_segment = first});
    } else if (timeline_.runs.back().days.end < segment.days.start) {
      timeline_.segments.push_back(Segment{.days = {timeline_.runs.back().days.end, segment.days.start},
                                           .state = Segment::State::kBridged});
    } else if (SameRequirement(timeline_.segments.back(), segment)) {
      timeline_.segments.back().days.end = segment.days.end;
      timeline_.runs.back().days.end = segment.days.end;
      return;
    }
    timeline_.segments.push_back(segment);
    timeline_.runs.back().days.end = segment.days.end;
    timeline_.runs.back().end_segment = static_cast<uint32_t>(timeline_.segments.size());
  }

 private:
  bool Bridges(CivilDay ended, CivilDay begins) const {
    return ended == begins ||
           working_days_.WorkingDaysBetween(ended, begins - 1) <= rule_.bridge_working_days;
  }

  const Rule& rule_;
  const WorkingDays& working_days_;
  Timeline& timeline_;
};

std::vector<CivilDay> RestartDays(const RowTable& table, const WorkerRecord& worker, Period window) {
  std::vector<CivilDay> days;
  if (table.restarting_rows() == 0) return days;
  for (const StudentPlacement& placement : worker.student_placements) {
    if (!placement.period.Empty() && window.Contains(placement.period.start)) {
      days.push_back(placement.period.start);
    }
  }
  std::sort(days.begin(), days.end());
  return days;
}

}  // namespace

IntervalSet ScopeDays(const Asking& asking, Subject subject, Period window) {
  const AuthorityFacts& facts = asking.facts();
  switch (subject.kind) {
    case SubjectKind::kWorker: {
      const WorkerRecord& worker = facts.worker(subject.index);
      window.end = std::min(window.end, worker.employment_end);
      return worker.known ? IntervalSet(window) : IntervalSet();
    }
    case SubjectKind::kCase: {
      const CaseRecord& record = facts.case_record(subject.index);
      return record.known ? Intersection(IntervalSet(record.open), IntervalSet(window)) : IntervalSet();
    }
    default:
      return facts.table(subject.kind).Known(subject.index) ? IntervalSet(window) : IntervalSet();
  }
}

Period Window(const Assignment& assignment, const AuthorityFacts& facts) {
  const CivilDay earliest_sensible(1900, 1, 1);
  return {std::max({assignment.effective_from, facts.records_complete_from(), earliest_sensible}),
          assignment.effective_until};
}

const Run* TimelineView::RunOn(CivilDay day) const {
  const auto after = std::upper_bound(runs.begin(), runs.end(), day,
                                      [](CivilDay d, const Run& run) { return d < run.days.start; });
  if (after == runs.begin() || !std::prev(after)->days.Contains(day)) return nullptr;
  return &*std::prev(after);
}

std::span<const Segment> TimelineView::SegmentsOf(const Run& run) const {
  return segments.subspan(run.first_segment, run.end_segment - run.first_segment);
}

const Segment& TimelineView::SegmentOn(const Run& run, CivilDay day) const {
  const std::span<const Segment> all = SegmentsOf(run);
  const auto after = std::upper_bound(
      all.begin(), all.end(), day, [](CivilDay d, const Segment& segment) { return d < segment.days.start; });
  return *std::prev(after);
}

void TimelineStore::Put(uint32_t subject, const Timeline& timeline) {
  if (subject >= at_.size()) at_.resize(subject + 1);
  At& at = at_[subject];
  replaced_ += at.segments;
  const bool fits = timeline.segments.size() == at.segments && timeline.runs.size() == at.runs && at.known;
  at.known = true;
  if (fits) {
    std::copy(timeline.segments.begin(), timeline.segments.end(), segments_.begin() + at.first_segment);
    std::copy(timeline.runs.begin(), timeline.runs.end(), runs_.begin() + at.first_run);
    replaced_ -= at.segments;
    return;
  }
  at.first_segment = static_cast<uint32_t>(segments_.size());
  at.first_run = static_cast<uint32_t>(runs_.size());
  at.segments = static_cast<uint16_t>(timeline.segments.size());
  at.runs = static_cast<uint16_t>(timeline.runs.size());
  segments_.insert(segments_.end(), timeline.segments.begin(), timeline.segments.end());
  runs_.insert(runs_.end(), timeline.runs.begin(), timeline.runs.end());
  if (replaced_ > segments_.size() / 2 && replaced_ > kWorthCompacting) Compact();
}

TimelineView TimelineStore::Get(uint32_t subject) const {
  static const auto* never_away = new AbsenceCalendar;
  const At& at = at_[subject];
  return {std::span(segments_).subspan(at.first_segment, at.segments),
          std::span(runs_).subspan(at.first_run, at.runs), *never_away};
}

void TimelineStore::Compact() {
  std::vector<Segment> segments;
  std::vector<Run> runs;
  for (At& at : at_) {
    const auto segment = segments_.begin() + at.first_segment;
    const auto run = runs_.begin() + at.first_run;
    at.first_segment = static_cast<uint32_t>(segments.size());
    at.first_run = static_cast<uint32_t>(runs.size());
    segments.insert(segments.end(), segment, segment + at.segments);
    runs.insert(runs.end(), run, run + at.runs);
  }
  segments_ = std::move(segments);
  runs_ = std::move(runs);
  replaced_ = 0;
}

void TimelineStore::Clear() { *this = TimelineStore(); }

size_t TimelineStore::BytesUsed() const {
  return at_.capacity() * sizeof(At) + segments_.capacity() * sizeof(Segment) +
         runs_.capacity() * sizeof(Run);
}

RowTable::RowTable(const Rule& rule) : rule_(rule), rivals_(rule.rows.size(), 0) {
  const int count = static_cast<int>(rule.rows.size());
  uint64_t placed = 0;
  // Free of cycles, so each pass places at least one row.
  while (static_cast<int>(order_.size()) < count) {
    for (int row = 0; row < count; ++row) {
      if ((placed & Bit(row)) != 0) continue;
      bool ready = true;
      for (int other = 0; other < count; ++other) {
        if (rule.rows[other].in_place_of == row && (placed & Bit(other)) == 0) ready = false;
      }
      if (!ready) continue;
      placed |= Bit(row);
      order_.push_back(row);
    }
  }
  for (int row = 0; row < count; ++row) {
    if (rule.rows[row].IsUnknown()) unknown_ |= Bit(row);
    if (rule.rows[row].restarts_with_next_placement) restarting_ |= Bit(row);
    if (rule.rows[row].every_of) agreed_row_ = row;
    for (int other = 0; other < count; ++other) {
      if (rule.rows[row].every_of || rule.rows[other].every_of) continue;
      if (AreRivals(rule.rows[row].every, rule.rows[other].every)) rivals_[row] |= Bit(other);
    }
  }
}

int RowTable::Shortest(uint64_t set, CivilDay day, Interval agreed) const {
  int shortest = Row::kNone;
  CivilDay earliest = CivilDay::Max();
  for (uint64_t left = set; left != 0; left &= left - 1) {
    const int row = std::countr_zero(left);
    const CivilDay reach = AddInterval(day, IntervalOf(row, agreed));
    if (shortest == Row::kNone || reach < earliest) {
      shortest = row;
      earliest = reach;
    }
  }
  return shortest;
}

bool RowTable::Varies(uint64_t set, Interval agreed) const {
  const bool has_agreed = agreed_row_ >= 0 && (set & Bit(agreed_row_)) != 0;
  for (uint64_t left = set; left != 0; left &= left - 1) {
    const int row = std::countr_zero(left);
    if ((rivals_[row] & set) != 0) return true;
    if (has_agreed && row != agreed_row_ && AreRivals(agreed, rule_.rows[row].every)) return true;
  }
  return false;
}

Timeline BuildTimeline(const Asking& asking, const RowTable& table, const Assignment& assignment,
                       Subject subject) {
  const Rule& rule = asking.rule();
  const AuthorityFacts& facts = asking.facts();
  Timeline timeline;
  const Period window = Window(assignment, facts);
  const CivilDay begin = window.start;
  std::vector<CivilDay> restarts;
  if (subject.kind == SubjectKind::kWorker) {
    const WorkerRecord& worker = facts.worker(subject.index);
    timeline.absences = AbsencesOf(worker, asking.working_days());
    restarts = RestartDays(table, worker, window);
  }
  if (window.Empty()) return timeline;

  const RowDays rows = DaysOfRows(asking, table, subject, window);
  const EdgeList edges = Edges(rows, restarts);
  RunBuilder builder(rule, asking.working_days(), timeline);
  uint64_t sure = 0;
  uint64_t maybe = 0;
  for (size_t i = 0; i < edges.size();) {
    const CivilDay day = edges[i].day;
    for (; i < edges.size() && edges[i].day == day; ++i) {
      sure ^= edges[i].sure;
      maybe ^= edges[i].maybe;
    }
    if ((sure | maybe) == 0 || i == edges.size()) continue;
    const bool restart =
        (sure & table.restarting_rows()) != 0 && std::binary_search(restarts.begin(), restarts.end(), day);
    builder.Add(Govern(table, {day, edges[i].day}, sure, maybe, rows.agreed.On(day)), restart);
  }
  if (!timeline.runs.empty() && timeline.runs.front().days.start == begin) {
    timeline.runs.front().reason = begin == assignment.effective_from       ? BaseReason::kPolicyEffective
                                   : begin == facts.records_complete_from() ? BaseReason::kRecordsComplete
                                                                            : BaseReason::kRuleApplies;
  }
  return timeline;
}

}  // namespace oversight::engine

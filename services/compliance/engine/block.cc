#include "services/compliance/engine/block.h"

#include <algorithm>
#include <bit>

#include "services/compliance/engine/field_tests.h"

namespace oversight::engine {
namespace {

using Test = FieldCondition::Test;

bool SameHops(const std::vector<Path::Hop>& a, const std::vector<Path::Hop>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Path::Hop& one, const Path::Hop& other) {
    return one.kind == other.kind && one.column == other.column;
  });
}

uint64_t NamedBy(std::span<const uint32_t> rows) {
  uint64_t named = 0;
  for (size_t i = 0; i < rows.size(); ++i) named |= uint64_t{rows[i] != kNobody} << i;
  return named;
}

}  // namespace

Block::Block(const Asking& asking, uint32_t first, uint32_t count)
    : asking_(asking), kind_(asking.rule().subject), first_(first), count_(count) {
  for (uint32_t i = 0; i < count; ++i) ways_[0].rows[i] = first + i;
}

uint64_t Block::Known() const {
  return asking_.facts().table(kind_).KnownOf(std::span(ways_[0].rows).first(count_));
}

// Whichever record a path starts from, it is the subject here.
std::span<const uint32_t> Block::Follow(const Path& path, Rows& room) const {
  if (path.hops.empty()) return std::span(ways_[0].rows).first(count_);
  for (size_t i = 1; i < ways_gone_; ++i) {
    if (SameHops(*ways_[i].hops, path.hops)) return std::span(ways_[i].rows).first(count_);
  }
  Rows* kept = &room;
  if (ways_gone_ < kWays) {
    ways_[ways_gone_].hops = &path.hops;
    kept = &ways_[ways_gone_++].rows;
  }
  *kept = ways_[0].rows;
  const std::span<uint32_t> rows = std::span(*kept).first(count_);
  for (const Path::Hop& hop : path.hops) {
    asking_.facts().table(hop.kind).References(rows, hop.column, rows.data());
  }
  return rows;
}

std::span<const uint32_t> Block::Target(const Path& path, Rows& room) const {
  const std::span<const uint32_t> places = Follow(path, room);
  if (path.column == kNoColumn) return places;
  asking_.facts().table(path.kind).References(places, path.column, room.data());
  return std::span(room).first(count_);
}

uint64_t Block::DayAt(const Path& path, Days& days) const {
  Rows room;
  return asking_.facts().table(path.kind).Days(Follow(path, room), path.column, days.data());
}

uint64_t Block::InstantAt(const Path& path, std::array<int64_t, kMost>& instants) const {
  if (!path.Given() || path.type != ColumnType::kInstant) return 0;
  Rows room;
  return asking_.facts().table(path.kind).Instants(Follow(path, room), path.column, instants.data());
}

// As Asking::IsMissing of the path.
uint64_t Block::Missing(const Path& path, std::span<const uint32_t> places) const {
  const Table& table = asking_.facts().table(path.kind);
  if (path.column == kNoColumn) return all() & ~NamedBy(places);
  const bool known_to_be_empty =
      path.type == ColumnType::kSet || path.type == ColumnType::kReferences || path.type == ColumnType::kFlag;
  return all() & ~(known_to_be_empty ? table.KnownOf(places) : table.AnySet(places, path.column));
}

template <typename Passes>
uint64_t Block::Collect(uint64_t among, Passes&& passes) {
  uint64_t passing = 0;
  for (uint64_t left = among; left != 0; left &= left - 1) {
    const auto i = static_cast<size_t>(std::countr_zero(left));
    passing |= uint64_t{passes(i)} << i;
  }
  return passing;
}

Truths Block::FieldHolds(const FieldCondition& test, const Days& days, uint64_t among) const {
  Rows room;
  Rows other_room;
  const std::span<const uint32_t> places = Follow(test.field, room);
  const Table& table = asking_.facts().table(test.field.kind);
  const uint16_t column = test.field.column;
  uint64_t missing = 0;
  if (!test.unset_fails && test.test != Test::kSet && test.test != Test::kText &&
      test.test != Test::kReached) {
    missing = Missing(test.field, places);
    if (test.other.Given()) missing |= Missing(test.other, Follow(test.other, other_room));
  }
  const uint64_t there = among & ~missing;
  uint64_t passing = 0;
  switch (test.test) {
    case Test::kSet: {
      const uint64_t set = column == kNoColumn ? NamedBy(places) : table.AnySet(places, column);
      passing = there & (test.flag ? set : ~set);
      break;
    }
    case Test::kReached: {
      Days dates;
      const uint64_t set = table.Days(places, column, dates.data());
      passing = Collect(
          there, [&](size_t i) { return PassesReached(test, (set >> i & 1) != 0, dates[i], days[i]); });
      break;
    }
    case Test::kText:
    case Test::kIs:
    case Test::kOneOf: {
      Rows values;
      table.Wholes(places, column, values.data());
      passing = Collect(there & NamedBy(places), [&](size_t i) { return PassesWhole(test, values[i]); });
      break;
    }
    case Test::kNotBefore:
    case Test::kNotAfter: {
      Days dates;
      Days others;
      const uint64_t set = table.Days(places, column, dates.data()) & DayAt(test.other, others);
      passing = Collect(there & set, [&](size_t i) { return PassesOther(test, dates[i], others[i]); });
      break;
    }
    case Test::kSameAs:
      if (test.field.type != ColumnType::kReferences) {
        const std::span<const uint32_t> mine = Target(test.field, room);
        const std::span<const uint32_t> others = Target(test.other, other_room);
        passing = Collect(there, [&](size_t i) { return mine[i] != kNobody && mine[i] == others[i]; });
        break;
      }
      [[fallthrough]];
    default:
      // Seldom asked of so many: one by one.
      passing =
          Collect(there, [&](size_t i) { return asking_.FieldHolds(test, FrameOf(i), days[i], false); });
      break;
  }
  return {passing, passing | (among & missing)};
}

Truths Block::HoldsOn(const Condition& condition, const Days& days, uint64_t among) const {
  Truths holds{among, among};
  for (const FieldCondition& test : condition.fields) {
    holds = holds & FieldHolds(test, days, holds.maybe);
    if (holds.maybe == 0) return holds;
  }
  if (!condition.any_of.empty()) {
    Truths any;
    for (const Condition& part : condition.any_of) {
      const Truths one = HoldsOn(part, days, holds.maybe & ~any.sure);
      any = {any.sure | one.sure, any.maybe | one.maybe};
    }
    holds = holds & any;
  }
  for (const Condition& part : condition.none_of) {
    if (holds.maybe == 0) return holds;
    const Truths one = HoldsOn(part, days, holds.maybe);
    holds = holds & Truths{~one.maybe, ~one.sure};
  }
  // What is asked of other records is asked one by one, of those that are left.
  const auto ask = [&](auto&& passes) {
    const uint64_t before = asking_.doubts_;
    const uint64_t sure = Collect(holds.sure, [&](size_t i) { return passes(i, false); });
    // Of those that failed with nothing open there is nothing more to ask.
    uint64_t left = holds.maybe & ~sure;
    if (asking_.doubts_ == before) left &= ~holds.sure;
    holds = {sure, sure | Collect(left, [&](size_t i) { return passes(i, true); })};
  };
  for (const RecordCondition& records : condition.records) {
    ask([&](size_t i, bool doubt) { return asking_.EnoughRecordsHold(records, FrameOf(i), days[i], doubt); });
  }
  for (const ReferenceCondition& reference : condition.references) {
    ask([&](size_t i, bool doubt) { return asking_.NamedHolds(reference, FrameOf(i), days[i], doubt); });
  }
  for (const Measure& measure : condition.measures) {
    ask([&](size_t i, bool doubt) { return asking_.Kept(measure, FrameOf(i), doubt).Contains(days[i]); });
  }
  return holds;
}

Truths Block::HoldsOn(const std::vector<Condition>& conditions, const Days& days, uint64_t among) const {
  Truths holds{among, among};
  for (const Condition& condition : conditions) {
    if (holds.maybe == 0) break;
    holds = holds & HoldsOn(condition, days, holds.maybe);
  }
  return holds;
}

}  // namespace oversight::engine

#include "services/compliance/engine/running_count.h"

#include <algorithm>

#include "services/compliance/engine/grow.h"
#include "services/compliance/engine/reach.h"

namespace oversight::engine {
namespace {

constexpr Period kNever{CivilDay::Min(), CivilDay::Min()};

// The one period of a set, or none.
Period OnlyPeriod(const IntervalSet& days) { return days.Empty() ? kNever : days.periods().front(); }

}  // namespace

RunningCount::RunningCount(const Rule& rule, const WorkingDays& working_days)
    : rule_(rule), working_days_(working_days), measure_(CountedMeasure(rule)) {}

void RunningCount::CountAnew(const AuthorityFacts& facts) {
  if (measure_ == nullptr) return;
  edges_ = {};
  plain_.clear();
  other_.clear();
  const FactKind kind = measure_->records->of;
  for (uint32_t row = 0; row < facts.table(kind).size(); ++row) Count(facts, {kind, row});
}

void RunningCount::Count(const AuthorityFacts& facts, Subject record) {
  if (measure_ == nullptr || record.kind != measure_->records->of) return;
  const Asking asking(rule_, facts, working_days_);
  Counted now;
  if (facts.table(record.kind).Known(record.index)) {
    for (const bool generous : {false, true}) {
      now[generous] = asking.CountedDays(*measure_, Frame{record.kind, record.index}, generous);
    }
  }
  Add(CountedBefore(record.index), -1);
  Add(now, +1);
  Remember(record.index, now);
}

void RunningCount::AddTo(std::vector<Asking::Step>& steps, bool generous) const {
  for (const Edge& edge : edges_[generous]) {
    if (edge.total == 0 && edge.shared == 0) continue;
    steps.push_back(
        {edge.day, static_cast<double>(edge.total), static_cast<double>(edge.shared), /*missing=*/0});
  }
}

RunningCount::Counted RunningCount::CountedBefore(uint32_t row) const {
  if (const auto found = other_.find(row); found != other_.end()) return found->second;
  if (row >= plain_.size()) return {};
  const Asking::Counted counted{IntervalSet(plain_[row].days), IntervalSet(plain_[row].shared)};
  return {counted, counted};
}

void RunningCount::Remember(uint32_t row, const Counted& counted) {
  if (row >= plain_.size()) GrowTo(plain_, row + 1, {kNever, kNever});
  const bool plain = counted[0] == counted[1] && counted[0].days.periods().size() <= 1 &&
                     counted[0].shared.periods().size() <= 1;
  if (plain) {
    plain_[row] = {OnlyPeriod(counted[0].days), OnlyPeriod(counted[0].shared)};
    other_.erase(row);
  } else {
    other_[row] = counted;
  }
}

void RunningCount::Add(const Counted& counted, int by) {
  for (size_t generous = 0; generous < counted.size(); ++generous) {
    for (const Period& period : counted[generous].days.periods()) {
      EdgeOn(edges_[generous], period.start).total += by;
      EdgeOn(edges_[generous], period.end).total -= by;
    }
    for (const Period& period : counted[generous].shared.periods()) {
      EdgeOn(edges_[generous], period.start).shared += by;
      EdgeOn(edges_[generous], period.end).shared -= by;
    }
  }
}

RunningCount::Edge& RunningCount::EdgeOn(Edges& edges, CivilDay day) {
  const auto found = std::lower_bound(edges.begin(), edges.end(), day,
                                      [](const Edge& edge, CivilDay wanted) { return edge.day < wanted; });
  if (found != edges.end() && found->day == day) return *found;
  return *edges.insert(found, Edge{day});
}

}  // namespace oversight::engine

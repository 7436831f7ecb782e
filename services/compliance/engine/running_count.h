#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/time/working_days.h"
#include "services/compliance/engine/conditions.h"
#include "services/compliance/engine/facts.h"
#include "services/compliance/engine/policy.h"

namespace oversight::engine {

// What a rule counts of all records of a kind (CountedMeasure, see reach.h), day by day, kept up to date
// record by record: so that what one change costs does not depend on how many there are. It says exactly what
// counting all of them says. Counts nothing where the rule has no such measure.
class RunningCount {
 public:
  // Both must outlive it.
  RunningCount(const Rule& rule, const WorkingDays& working_days);

  // Null: none.
  const Measure* measure() const { return measure_; }
  // Counts every record.
  void CountAnew(const AuthorityFacts& facts);
  // Counts one record as it is now, in place of as it was counted before; nothing where records of its kind
  // are not counted. To be called for all that a change touches.
  void Count(const AuthorityFacts& facts, Subject record);
  // Adds what all of them add up to, ascending by day; where it is open whether one counts, it does if
  // `generous`.
  void AddTo(std::vector<Asking::Step>& steps, bool generous) const;

 private:
  struct Edge {
    CivilDay day;
    int32_t total = 0;
    int32_t shared = 0;
  };
  using Edges = std::vector<Edge>;  // ascending, one a day
  // How one record is counted: if not generous, and if.
  using Counted = std::array<Asking::Counted, 2>;
  // The same of most records, in a few bytes: a period each, generous or not.
  struct Plain {
    Period days;
    Period shared;
  };

  Counted CountedBefore(uint32_t row) const;
  void Remember(uint32_t row, const Counted& counted);
  void Add(const Counted& counted, int by);
  static Edge& EdgeOn(Edges& edges, CivilDay day);

  const Rule& rule_;
  const WorkingDays& working_days_;
  const Measure* const measure_;
  std::array<Edges, 2> edges_;
  std::vector<Plain> plain_;                      // by row
  absl::flat_hash_map<uint32_t, Counted> other_;  // those that are not plain
};

}  // namespace oversight::engine

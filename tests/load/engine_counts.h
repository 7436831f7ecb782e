#pragma once

#include <array>
#include <cstdint>
#include <numeric>

#include "services/compliance/engine/evaluate.h"
#include "services/compliance/engine/facts.h"

namespace oversight::load {

// How many findings of each row and status: what a sweep that is aggregated answers.
using Counts = std::array<std::array<int64_t, 16>, 66>;

inline int64_t Total(const Counts& counts) {
  int64_t total = 0;
  for (const auto& of_row : counts) total += std::accumulate(of_row.begin(), of_row.end(), int64_t{0});
  return total;
}

inline void Count(const engine::Finding& finding, Counts& counts) {
  ++counts[static_cast<size_t>(finding.row + 1)][static_cast<size_t>(finding.status)];
}

// The latest discussion of each case up to a day, whatever it was: the least that any answer must look at.
inline int64_t BarePass(const engine::AuthorityFacts& facts, CivilDay as_of) {
  int64_t sum = 0;
  for (uint32_t i = 0; i < facts.case_count(); ++i) {
    CivilDay last = CivilDay::Min();
    for (const engine::EventRef& event : facts.case_record(i).discussions) {
      if (event.day <= as_of && event.day > last) last = event.day;
    }
    sum += last.number();
  }
  return sum;
}

}  // namespace oversight::load

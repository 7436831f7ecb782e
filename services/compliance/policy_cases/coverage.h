#pragma once

#include <map>
#include <string>
#include <vector>

#include "services/compliance/engine/policy.h"
#include "services/compliance/policy_cases/case_file.h"
#include "services/compliance/policy_cases/run_case.h"

namespace oversight::policy_cases {

// How far apart two situations are when they differ by one step.
enum class Step {
  kNone,
  // The same facts on two consecutive days.
  kNextDay,
  // One fact, whose days differ by a day (or lie on two working days with none between), or whose instants by
  // at most a minute.
  kTime,
  // One fact, whose numbers differ by at most 1.
  kNumber,
  // One more record, with what lies beneath it.
  kRecord,
  // One fact, in one field: a yes or no, a kind, a name, something given or not.
  kValue,
};

// The step between the facts of two cases; kNone when they differ by more, or not at all.
Step StepBetween(const FactSet& a, const FactSet& b);
// Whether cases this far apart show where the rule's line runs. Where a rule is about time, time must show
// it: recurring, calendar month, deadline, follow-up, standing every day; of a minimum anything that counts;
// of what is judged on one day any step.
bool ShowsBoundary(const engine::Rule& rule, Step step);

// What the cases show of one row of a rule, or of a rule without rows.
struct RowCoverage {
  std::string rule;
  std::string row;  // empty: the rule has none
  // Its findings are UNKNOWN: it can be neither kept nor broken.
  bool only_unknown = false;
  int cases = 0;
  int expectations = 0;
  int kept = 0;    // MET, PENDING, DUE_SOON
  int broken = 0;  // OVERDUE, LATE, BREACHED
  int excused = 0;
  int unknown = 0;
  // Pairs of findings a step apart: kept here, broken there (of a row that is only UNKNOWN: unknown here, not
  // there).
  int boundaries = 0;
  // Pairs a step apart of which one is about this row and the other about another or none: where it begins or
  // ends to hold.
  int edges = 0;

  // What is still to be shown; empty when nothing is.
  std::vector<std::string> Lacking() const;
};

// Of every rule and row of the policy, in their order, from cases that came out as expected.
std::vector<RowCoverage> Cover(const engine::Policy& policy, const std::vector<Case>& cases,
                               const std::vector<CaseResult>& results);

}  // namespace oversight::policy_cases

#pragma once

#include <string>
#include <vector>

#include "common/time/civil_day.h"
#include "services/compliance/engine/evaluate.h"

namespace oversight::engine {

// One fact and the part it played.
struct Evidence {
  FactKind kind = FactKind::kWorker;
  // Its name; empty where the text is about no fact.
  std::string name;
  CivilDay day;
  std::string text;

  friend bool operator==(const Evidence&, const Evidence&) = default;
};

// Why a finding says what it says, in plain words. Names of people and cases appear only as Evidence::name.
struct Explanation {
  Finding finding;
  // What the governing row asks for.
  std::string requirement;
  Clause clause;
  // How the due date came about, step by step.
  std::vector<std::string> reasoning;
  // The base event, the facts because of which the row holds, the absences that moved the date.
  std::vector<Evidence> evidence;
  // The latest events since the base that did not count, at most five, and why.
  std::vector<Evidence> not_counted;
  // What is missing, when UNKNOWN.
  std::vector<std::string> missing_inputs;
};

// What is missing, record and field, where a finding says that something is; else empty.
std::string WhatIsMissing(const Rule& rule, const Finding& finding);
// The same of `row`, for want of `input`.
std::string WhatIsMissing(const Rule& rule, Missing missing, int row, uint16_t input);

// Explains Evaluate(facts, subject, as_of); none where that gives none. Slower: for one finding at a time.
std::optional<Explanation> Explain(const Evaluator& evaluator, const AuthorityFacts& facts, uint32_t subject,
                                   CivilDay as_of);

// The same for the kinds of obligation other than recurring.
std::optional<Explanation> ExplainInstance(const Evaluator& evaluator, const AuthorityFacts& facts,
                                           uint32_t subject, CivilDay as_of);

}  // namespace oversight::engine

#pragma once

#include <string>
#include <vector>

#include "services/compliance/policy/load.h"

namespace oversight::policy_words {

// One thing in which two policies differ.
struct Difference {
  // The rule, in which it lies; empty: the policy itself.
  std::string rule;
  // Which part of it: `row monthly: asks`, `local parameter notice_days`, `clause`; empty: the whole rule.
  std::string part;
  // What it was and what it is; an empty one: it was not there, or is not any more.
  std::string before;
  std::string after;

  friend bool operator==(const Difference&, const Difference&) = default;
};

// What the newer policy changes, in the order of its rules; rules that are gone come where they stood.
// Nothing for two texts that say the same, whatever their comments and layout. A rule whose id changed is one
// that went and one that came.
std::vector<Difference> Compare(const policy::LoadedPolicy& before, const policy::LoadedPolicy& after);

// In a line or two: `knowsley.agenda, notice: was 7 days, is 5 days`.
std::string ToText(const Difference& difference);

}  // namespace oversight::policy_words

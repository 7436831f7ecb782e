#pragma once

#include <string>
#include <vector>

#include "oversight/compliance/v1/policy.pb.h"
#include "services/compliance/policy/load.h"
#include "services/compliance/policy_words/phrase.h"

namespace oversight::policy_words {

// One line of a rule's table, or one step.
struct RowWords {
  std::string id;
  std::string title;
  // What it asks: `every month`, `within 5 working days`.
  std::vector<Phrase> asks;
  // When it holds; empty: always.
  std::vector<Phrase> when;
  std::string clause;  // empty: that of the rule
};

// A number that the clause leaves open.
struct ParameterWords {
  std::string field;
  std::string values;
  std::string reason;
};

// A rule in words: everything that it says, once.
struct RuleWords {
  std::string id;
  std::string title;
  std::string clause;
  std::string paraphrase;
  // Of each what: `worker`.
  std::string about;
  std::vector<Phrase> when;  // empty: always
  std::vector<Phrase> asks;
  std::vector<RowWords> rows;
  // Lengths and allowances that the rule sets apart from its rows.
  std::vector<Phrase> terms;
  std::vector<ParameterWords> parameters;
  std::string severity;
  std::string notice;
};

// Of the rule at this place in the policy.
RuleWords Say(const policy::LoadedPolicy& policy, int rule);

}  // namespace oversight::policy_words

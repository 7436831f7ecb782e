#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/time/civil_day.h"
#include "common/time/period.h"
#include "oversight/compliance/v1/policy_case.pb.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/policy/fault.h"
#include "services/compliance/policy/load.h"
#include "services/compliance/policy_cases/fact_set.h"

namespace oversight::policy_cases {

// What a case expects on one day.
struct Expectation {
  Place place;
  CivilDay day;
  std::string subject;  // within the authority
  // None: there is to be no finding.
  std::optional<engine::Status> status;
  // Max(): nothing is to be due.
  std::optional<CivilDay> due;
  std::optional<CivilDay> counted_from;
  // Everything else as it is written.
  compliance::v1::CaseExpectation written;
};

// A case with all that it shares with its file.
struct Case {
  std::string file;
  std::string id;
  std::string shows;
  Place place;
  // The policy with the case's own numbers in it, and the rule that the case is about.
  std::shared_ptr<const policy::LoadedPolicy> policy;
  const engine::Rule* rule = nullptr;
  Period assigned;
  FactSet facts;
  // As written, to tell whether two cases have the same.
  std::string parameters;
  std::vector<Expectation> expectations;
};

struct CaseFile {
  std::string name;
  std::string text;
};

// Reads a file of cases and checks everything that can be checked without judging: syntax, that rules,
// subjects, rows and resources are there, that days exist. Cases are those without a fault. What is wrong
// comes as faults, in the order of the text.
struct ReadCases {
  std::vector<Case> cases;
  std::vector<policy::Fault> faults;
};
ReadCases Read(const CaseFile& file, const std::shared_ptr<const policy::LoadedPolicy>& policy);

}  // namespace oversight::policy_cases

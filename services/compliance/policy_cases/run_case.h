#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/compliance/policy/fault.h"
#include "services/compliance/policy_cases/case_file.h"

namespace oversight::policy_cases {

// What was found where a case expected something.
struct Found {
  const Expectation* expectation = nullptr;
  // None: there was no finding.
  std::optional<engine::Status> status;
  // The governing row; empty where there is none.
  std::string row;
};

struct CaseResult {
  std::vector<Found> found;  // in the order of the expectations
  // Each difference in words, with the place of what expected it.
  std::vector<policy::Fault> differences;
};

// Judges a case as the service judges an authority, and compares. Pure.
CaseResult RunCase(const Case& tested);

}  // namespace oversight::policy_cases

#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/compliance/policy_cases/coverage.h"

namespace oversight::policy_cases {

// A policy with the files of its cases.
struct PackFiles {
  std::string policy;              // path
  std::vector<std::string> cases;  // paths, ascending
};

// The packs that a path names: a policy file with the `cases/*.txtpb` beside it; one file of cases with the
// policy in the folder above its own; or a folder with such in it or below. NOT_FOUND when there is nothing
// there, INVALID_ARGUMENT when there is no policy to be found.
absl::StatusOr<std::vector<PackFiles>> FindPacks(const std::string& path);

// Everything that the cases of one policy say.
struct PackReport {
  std::string policy_id;
  std::string title;
  size_t files = 0;
  size_t cases = 0;
  size_t expectations = 0;
  // What cannot be read, in the policy or its cases, as `file:line:column: message`.
  std::vector<std::string> faults;
  // What came out otherwise than expected, likewise.
  std::vector<std::string> differences;
  // Of every rule and row.
  std::vector<RowCoverage> coverage;

  bool Passed() const { return faults.empty() && differences.empty(); }
  // How many rows lack something.
  size_t Incomplete() const;
};

// Runs the cases of a pack. A file that cannot be read is a fault.
PackReport TestPack(const PackFiles& files);

}  // namespace oversight::policy_cases

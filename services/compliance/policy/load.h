#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "oversight/compliance/v1/policy.pb.h"
#include "services/compliance/engine/policy.h"
#include "services/compliance/policy/fault.h"

// Reads policy text (protobuf text format of oversight.compliance.v1.PolicyDefinition), checks it, and makes
// of it what the engine evaluates.
namespace oversight::policy {

// A policy that may be used.
struct LoadedPolicy {
  engine::Policy policy;
  compliance::v1::PolicyDefinition definition;
  std::string text;  // as it was written, comments and all
};

struct LintResult {
  // Set when there are no faults.
  std::optional<LoadedPolicy> loaded;
  // Everything that is wrong, in the order of the text.
  std::vector<Fault> faults;
};

// Checks a policy text and reports all its faults at once.
LintResult Lint(absl::string_view text);

// Lint for those who need the policy. INVALID_ARGUMENT lists every fault as `file:line:column: message`.
absl::StatusOr<LoadedPolicy> Load(absl::string_view file_name, absl::string_view text);
// NOT_FOUND when the file cannot be read.
absl::StatusOr<LoadedPolicy> LoadFile(const std::string& path);
// The folder beside a policy that holds its cases, not policies.
inline constexpr char kCasesFolder[] = "cases";
// Every `*.txtpb` file in a folder and the folders in it but for those of cases, ascending by policy id.
// NOT_FOUND when the folder cannot be read; INVALID_ARGUMENT lists the faults of all files, and files that
// define the same policy id.
absl::StatusOr<std::vector<LoadedPolicy>> LoadDirectory(const std::string& path);

}  // namespace oversight::policy

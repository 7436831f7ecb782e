#include "services/compliance/policy_cases/pack.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/compliance/policy/load.h"

namespace oversight::policy_cases {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> TextOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  // An empty file sets the stream's failbit.
  if (!file || (file.peek() != std::ifstream::traits_type::eof() && !(text << file.rdbuf())))
    return std::nullopt;
  return text.str();
}

bool IsText(const fs::directory_entry& entry) {
  std::error_code error;
  return entry.is_regular_file(error) && entry.path().extension() == ".txtpb";
}

// The text files directly in a folder, ascending.
std::vector<std::string> TextsIn(const fs::path& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    if (IsText(*entry)) files.push_back(entry->path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

PackFiles PackOf(const std::string& policy) {
  return {policy, TextsIn(fs::path(policy).parent_path() / policy::kCasesFolder)};
}

// The one policy beside a folder of cases.
absl::StatusOr<std::string> PolicyAbove(const fs::path& cases_folder) {
  const std::vector<std::string> policies = TextsIn(cases_folder.parent_path());
  if (policies.size() == 1) return policies.front();
  return absl::InvalidArgumentError(
      absl::StrCat("expected one policy (*.txtpb) in ",
                   cases_folder.parent_path().empty() ? "." : cases_folder.parent_path().string(),
                   ", but there are ", policies.size()));
}

}  // namespace

absl::StatusOr<std::vector<PackFiles>> FindPacks(const std::string& path) {
  std::error_code error;
  fs::path given = fs::path(path).lexically_normal();
  if (!given.has_filename()) given = given.parent_path();  // a slash at its end
  if (fs::is_regular_file(given, error)) {
    const fs::path folder = fs::absolute(given, error).parent_path();
    if (folder.filename() != policy::kCasesFolder) return std::vector<PackFiles>{PackOf(given.string())};
    auto policy = PolicyAbove(given.has_parent_path() ? given.parent_path() : folder);
    if (!policy.ok()) return policy.status();
    return std::vector<PackFiles>{{*policy, {given.string()}}};
  }
  if (!fs::is_directory(given, error)) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  if (given.filename() == policy::kCasesFolder) {
    auto policy = PolicyAbove(given);
    if (!policy.ok()) return policy.status();
    return std::vector<PackFiles>{{*policy, TextsIn(given)}};
  }
  std::vector<PackFiles> packs;
  for (const std::string& policy : TextsIn(given)) packs.push_back(PackOf(policy));
  std::vector<std::string> policies;
  fs::recursive_directory_iterator entry(given, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->is_directory(error) && entry->path().filename() == policy::kCasesFolder) {
      entry.disable_recursion_pending();
    } else if (entry.depth() > 0 && IsText(*entry)) {
      policies.push_back(entry->path().string());
    }
  }
  std::sort(policies.begin(), policies.end());
  for (const std::string& policy : policies) packs.push_back(PackOf(policy));
  if (packs.empty()) return absl::InvalidArgumentError(absl::StrCat("no policy (*.txtpb) in ", path));
  return packs;
}

size_t PackReport::Incomplete() const {
  return static_cast<size_t>(std::count_if(coverage.begin(), coverage.end(),
                                           [](const RowCoverage& row) { return !row.Lacking().empty(); }));
}

PackReport TestPack(const PackFiles& files) {
  PackReport report;
  const std::optional<std::string> text = TextOf(files.policy);
  if (!text) {
    report.faults.push_back(absl::StrCat(files.policy, ": cannot be read"));
    return report;
  }
  policy::LintResult lint = policy::Lint(*text);
  for (const policy::Fault& fault : lint.faults)
    report.faults.push_back(policy::ToString(files.policy, fault));
  if (!lint.loaded) return report;
  const auto policy = std::make_shared<const policy::LoadedPolicy>(*std::move(lint.loaded));
  report.policy_id = policy->policy.id;
  report.title = policy->policy.title;

  std::vector<Case> cases;
  for (const std::string& path : files.cases) {
    ++report.files;
    std::optional<std::string> case_text = TextOf(path);
    if (!case_text) {
      report.faults.push_back(absl::StrCat(path, ": cannot be read"));
      continue;
    }
    ReadCases read = Read({path, *std::move(case_text)}, policy);
    for (const policy::Fault& fault : read.faults) report.faults.push_back(policy::ToString(path, fault));
    for (Case& one : read.cases) cases.push_back(std::move(one));
  }
  std::vector<CaseResult> results;
  for (const Case& one : cases) {
    results.push_back(RunCase(one));
    for (const policy::Fault& difference : results.back().differences)
      report.differences.push_back(policy::ToString(one.file, difference));
    report.expectations += one.expectations.size();
  }
  report.cases = cases.size();
  report.coverage = Cover(policy->policy, cases, results);
  return report;
}

}  // namespace oversight::policy_cases

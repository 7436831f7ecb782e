#include "services/compliance/policy/load.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/compliance/policy/check.h"
#include "services/compliance/policy/compile.h"
#include "services/compliance/policy/override.h"
#include "services/compliance/policy/parse.h"

namespace oversight::policy {

LintResult Lint(absl::string_view text) {
  LintResult result;
  compliance::v1::PolicyDefinition definition;
  std::unique_ptr<google::protobuf::TextFormat::ParseInfoTree> places;
  if (Parse(text, definition, places, result.faults)) {
    const std::vector<Fault> faults = Check(definition, *places);
    result.faults.insert(result.faults.end(), faults.begin(), faults.end());
  }
  std::stable_sort(result.faults.begin(), result.faults.end(), [](const Fault& a, const Fault& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  if (result.faults.empty()) {
    engine::Policy policy = Compile(definition);
    policy.settle = Settler(std::make_shared<const compliance::v1::PolicyDefinition>(definition));
    result.loaded = LoadedPolicy{std::move(policy), std::move(definition), std::string(text)};
  }
  return result;
}

absl::StatusOr<LoadedPolicy> Load(absl::string_view file_name, absl::string_view text) {
  LintResult result = Lint(text);
  if (result.loaded) return *std::move(result.loaded);
  return absl::InvalidArgumentError(absl::StrJoin(
      result.faults, "\n",
      [&](std::string* out, const Fault& fault) { absl::StrAppend(out, ToString(file_name, fault)); }));
}

absl::StatusOr<LoadedPolicy> LoadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  return Load(path, text.str());
}

absl::StatusOr<std::vector<LoadedPolicy>> LoadDirectory(const std::string& path) {
  std::error_code error;
  std::vector<std::string> files;
  std::filesystem::recursive_directory_iterator entry(path, error);
  for (; !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->is_directory(error) && entry->path().filename() == kCasesFolder) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file(error) && entry->path().extension() == ".txtpb") {
      files.push_back(entry->path().string());
    }
  }
  if (error)
    return absl::NotFoundError(absl::StrCat("cannot read the policies in ", path, ": ", error.message()));
  std::sort(files.begin(), files.end());

  std::vector<std::pair<LoadedPolicy, std::string>> loaded;
  std::vector<std::string> faults;
  for (const std::string& file : files) {
    absl::StatusOr<LoadedPolicy> policy = LoadFile(file);
    if (!policy.ok()) {
      faults.push_back(std::string(policy.status().message()));
      continue;
    }
    for (const auto& [other, other_file] : loaded) {
      if (other.policy.id == policy->policy.id) {
        faults.push_back(ToString(file, {1, 1,
                                         absl::StrCat("policy id `", other.policy.id, "` is taken by ",
                                                      other_file, ": expected an id of its own")}));
      }
    }
    loaded.emplace_back(*std::move(policy), file);
  }
  if (!faults.empty()) return absl::InvalidArgumentError(absl::StrJoin(faults, "\n"));
  std::vector<LoadedPolicy> policies;
  for (auto& [policy, file] : loaded) policies.push_back(std::move(policy));
  std::sort(policies.begin(), policies.end(),
            [](const LoadedPolicy& a, const LoadedPolicy& b) { return a.policy.id < b.policy.id; });
  return policies;
}

}  // namespace oversight::policy

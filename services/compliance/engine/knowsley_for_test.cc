#include "services/compliance/engine/knowsley_for_test.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/compliance/policy/load.h"

namespace oversight::engine::testing {
namespace {

Policy Load(absl::string_view pack) {
  auto loaded =
      oversight::policy::LoadFile(absl::StrCat(OVERSIGHT_POLICIES_DIR "/", pack, "/", pack, ".txtpb"));
  if (!loaded.ok()) {
    std::fprintf(stderr, "%s\n", std::string(loaded.status().message()).c_str());
    std::abort();
  }
  return std::move(loaded->policy);
}

const Rule& RuleOf(const Policy& policy, absl::string_view name) {
  for (const Rule& rule : policy.rules) {
    if (rule.id == absl::StrCat(policy.id, ".", name)) return rule;
  }
  std::abort();
}

Policy WithAgreements() {
  Policy policy = Knowsley();
  const Policy walsall = Load("walsall");
  for (Rule& rule : policy.rules) {
    for (const Row& row : RuleOf(walsall, rule.id.substr(policy.id.size() + 1)).rows) {
      if (row.every_of) rule.rows.push_back(row);
    }
  }
  return policy;
}

}  // namespace

const Policy& Knowsley() {
  static const auto* policy = [] {
    auto* policy = new Policy(Load("knowsley"));
    // The rest of the pack is tested with the other kinds of obligation.
    std::erase_if(policy->rules, [](const Rule& rule) {
      return rule.id != "knowsley.supervision-frequency" && rule.id != "knowsley.case-discussion";
    });
    return policy;
  }();
  return *policy;
}

const Rule& KnowsleyRule(absl::string_view name) { return RuleOf(Knowsley(), name); }

const Rule& KnowsleyRuleWithAgreements(absl::string_view name) {
  static const auto* policy = new Policy(WithAgreements());
  return RuleOf(*policy, name);
}

}  // namespace oversight::engine::testing

#include "services/compliance/engine/knowsley_for_test.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/compliance/policy/load.h"

namespace oversight::engine::testing {

const Policy& Knowsley() {
  static const auto* policy = [] {
    const auto loaded = oversight::policy::LoadFile(OVERSIGHT_POLICIES_DIR "/knowsley/knowsley.txtpb");
    if (!loaded.ok()) {
      std::fprintf(stderr, "%s\n", std::string(loaded.status().message()).c_str());
      std::abort();
    }
    auto* policy = new Policy(loaded->policy);
    // The rest of the pack is tested with the other kinds of obligation.
    std::erase_if(policy->rules, [](const Rule& rule) {
      return rule.id != "knowsley.supervision-frequency" && rule.id != "knowsley.case-discussion";
    });
    return policy;
  }();
  return *policy;
}

const Rule& KnowsleyRule(absl::string_view name) {
  for (const Rule& rule : Knowsley().rules) {
    if (rule.id == absl::StrCat("knowsley.", name)) return rule;
  }
  std::abort();
}

}  // namespace oversight::engine::testing

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
    return new Policy(loaded->policy);
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

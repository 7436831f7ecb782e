#include "services/compliance/facts/kinds_for_test.h"

#include <cstdio>
#include <cstdlib>

namespace oversight::compliance::testing {

const std::vector<policy::LoadedPolicy>& Packs() {
  static const auto* packs = [] {
    auto loaded = policy::LoadDirectory(OVERSIGHT_POLICIES_DIR);
    if (!loaded.ok()) {
      std::fprintf(stderr, "%s\n", std::string(loaded.status().message()).c_str());
      std::abort();
    }
    return new std::vector<policy::LoadedPolicy>(*std::move(loaded));
  }();
  return *packs;
}

std::vector<WrittenRule> RulesOfKind(const std::string& kind) {
  std::vector<WrittenRule> rules;
  for (const policy::LoadedPolicy& pack : Packs()) {
    for (int i = 0; i < pack.definition.rules_size(); ++i) {
      const v1::RuleDefinition& definition = pack.definition.rules(i);
      const auto* field = v1::RuleDefinition::descriptor()->FindFieldByNumber(definition.kind_case());
      if (field->name() == kind) rules.push_back({&definition, &pack.policy.rules[static_cast<size_t>(i)]});
    }
  }
  return rules;
}

}  // namespace oversight::compliance::testing

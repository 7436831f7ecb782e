#pragma once

#include <string>
#include <vector>

#include "oversight/compliance/v1/policy.pb.h"
#include "services/compliance/engine/policy.h"
#include "services/compliance/policy/load.h"

namespace oversight::compliance::testing {

// A rule as it is written and as the engine has it.
struct WrittenRule {
  const v1::RuleDefinition* definition;
  const engine::Rule* rule;
};

const std::vector<policy::LoadedPolicy>& Packs();

// The rules of the five packs that are of a kind, for example `standing`.
std::vector<WrittenRule> RulesOfKind(const std::string& kind);

}  // namespace oversight::compliance::testing

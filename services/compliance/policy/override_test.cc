#include "services/compliance/policy/override.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oversight::policy {
namespace {

using ::testing::HasSubstr;

const LoadedPolicy& Pack(absl::string_view id) {
  static const auto* packs = new std::vector<LoadedPolicy>(*LoadDirectory(OVERSIGHT_POLICIES_DIR));
  for (const LoadedPolicy& pack : *packs) {
    if (pack.policy.id == id) return pack;
  }
  std::abort();
}

const engine::Rule& Rule(const LoadedPolicy& loaded, absl::string_view id) {
  for (const engine::Rule& rule : loaded.policy.rules) {
    if (rule.id == id) return rule;
  }
  std::abort();
}

TEST(OverrideTest, ANumberThatTheClauseLeavesOpenIsSettledOtherwise) {
  const auto changed =
      WithOverrides(Pack("knowsley"), {{"knowsley.record-signed", "deadline.steps.within.working_days", 5},
                                       {"knowsley.supervision-frequency", "recurring.bridge_working_days", 0},
                                       {"knowsley.cancellations", "minimum.measure.at_most", 12.5}});
  ASSERT_TRUE(changed.ok()) << std::string(changed.status().message());
  const auto* deadline = Rule(*changed, "knowsley.record-signed").As<engine::Deadline>();
  ASSERT_EQ(deadline->steps.size(), 2u);
  for (const engine::DeadlineStep& step : deadline->steps) EXPECT_EQ(step.time.count, 5);
  EXPECT_EQ(Rule(*changed, "knowsley.supervision-frequency").bridge_working_days, 0);
  const auto* minimum = Rule(*changed, "knowsley.cancellations").As<engine::Minimum>();
  EXPECT_EQ(minimum->measure.front().measures.front().number, 12.5);
  // It is another policy to those who ask which was applied, and the pack stays what it was.
  EXPECT_NE(changed->policy.content_hash, Pack("knowsley").policy.content_hash);
  EXPECT_EQ(Rule(Pack("knowsley"), "knowsley.supervision-frequency").bridge_working_days, 5);
  EXPECT_EQ(WithOverrides(Pack("knowsley"), {})->policy.content_hash, Pack("knowsley").policy.content_hash);
}

TEST(OverrideTest, WhatCannotBeIsRefusedAndSaysWhy) {
  const struct {
    Override override;
    const char* why;
  } cases[] = {
      {{"knowsley.record-sined", "deadline.steps.within.working_days", 5},
       "the policy has no rule `knowsley.record-sined`; did you mean `knowsley.record-signed`?"},
      {{"knowsley.record-signed", "deadline.steps.within.days", 5},
       "`deadline.steps.within.days` is no local parameter of knowsley.record-signed: it has "
       "deadline.steps.within.working_days"},
      {{"knowsley.disclosure", "notice_days", 5},
       "is no local parameter of knowsley.disclosure: it has none"},
      {{"knowsley.record-signed", "deadline.steps.within.working_days", 2.5}, "is a whole number"},
      {{"knowsley.record-signed", "deadline.steps.within.working_days", -2}, "expected 1 to"},
      {{"knowsley.supervision-frequency", "recurring.return_working_days", 0},
       "return_working_days 0: expected"},
  };
  const Override twice = {"knowsley.record-signed", "deadline.steps.within.working_days", 5};
  EXPECT_THAT(std::string(WithOverrides(Pack("knowsley"), {twice, twice}).status().message()),
              HasSubstr("`deadline.steps.within.working_days` of knowsley.record-signed is given twice"));
  for (const auto& c : cases) {
    const auto changed = WithOverrides(Pack("knowsley"), {c.override});
    EXPECT_EQ(changed.status().code(), absl::StatusCode::kInvalidArgument) << c.why;
    EXPECT_THAT(std::string(changed.status().message()), HasSubstr(c.why));
  }
}

// Every local parameter of the packs can be overridden.
TEST(OverrideTest, EveryLocalParameterOfThePacksStandsForANumberInTheText) {
  const auto packs = LoadDirectory(OVERSIGHT_POLICIES_DIR);
  ASSERT_TRUE(packs.ok());
  for (const LoadedPolicy& pack : *packs) {
    for (const auto& rule : pack.definition.rules()) {
      for (const auto& parameter : rule.local_parameters()) {
        const auto changed = WithOverrides(pack, {{rule.id(), parameter.field(), 11}});
        EXPECT_TRUE(changed.ok()) << rule.id() << ": " << std::string(changed.status().message());
      }
    }
  }
}

}  // namespace
}  // namespace oversight::policy

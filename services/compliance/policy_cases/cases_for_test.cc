#include "services/compliance/policy_cases/cases_for_test.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/compliance/policy_cases/run_case.h"

namespace oversight::policy_cases::testing {
namespace {

std::string Text(const std::vector<policy::Fault>& faults) {
  std::string text;
  for (const policy::Fault& fault : faults)
    absl::StrAppend(&text, fault.line, ":", fault.column, ": ", fault.message, "\n");
  return text;
}

}  // namespace

std::shared_ptr<const policy::LoadedPolicy> Pack(const std::string& id) {
  auto loaded = policy::LoadFile(absl::StrCat(OVERSIGHT_POLICIES_DIR, "/", id, "/", id, ".txtpb"));
  EXPECT_TRUE(loaded.ok()) << std::string(loaded.status().message());
  return std::make_shared<const policy::LoadedPolicy>(*std::move(loaded));
}

std::string FaultsOf(const std::string& pack, absl::string_view text) {
  return Text(Read({"cases.txtpb", std::string(text)}, Pack(pack)).faults);
}

std::vector<Case> CasesOf(const std::string& pack, absl::string_view text) {
  ReadCases read = Read({"cases.txtpb", std::string(text)}, Pack(pack));
  EXPECT_EQ(Text(read.faults), "");
  return std::move(read.cases);
}

void Check(absl::string_view rule, absl::string_view one_case) {
  constexpr absl::string_view kHead = R"(id: "demo"
version: 1
title: "A policy"
authority: "An authority"
documents { id: "doc" title: "The document" published: "2020" }
effective_from { year: 2020 month: 1 day: 1 }
)";
  auto loaded = policy::Load("made.txtpb", absl::StrCat(kHead, rule));
  ASSERT_TRUE(loaded.ok()) << std::string(loaded.status().message());
  const ReadCases read = Read({"cases.txtpb", std::string(one_case)},
                              std::make_shared<const policy::LoadedPolicy>(*std::move(loaded)));
  EXPECT_EQ(Text(read.faults), "");
  ASSERT_EQ(read.cases.size(), 1u);
  EXPECT_EQ(Text(RunCase(read.cases[0]).differences), "");
}

}  // namespace oversight::policy_cases::testing

// What works on policy files, without a service.

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/status/error.h"
#include "common/testing/scratch_folder.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "services/oversightctl/testing/command_line.h"

namespace oversight::ctl {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr absl::string_view kPolicy = R"(
id: "demo" version: 1 title: "Demo" authority: "Anytown"
documents { id: "d" title: "The document" published: "2020" }
effective_from { year: 2024 month: 1 day: 1 }
rules {
  id: "demo.reflective" title: "Reflective sessions"
  clause { document: "d" section: "4" paraphrase: "Sessions are reflective." }
  severity: SEVERITY_REQUIRED
  about: "Session"
  standing { on: "date" must { field { name: "reflective" is: true } } }
}
)";
constexpr absl::string_view kKept = R"(
rule: "demo.reflective" subject: "sessions/s1"
facts: "sessions/s1 date=2024-01-31 reflective"
cases { id: "kept" shows: "A reflective session." on { day: "2024-01-31" status: STATUS_MET } }
)";
constexpr absl::string_view kBroken = R"(
cases { id: "broken" shows: "Another session." facts: "sessions/s1 reflective=no"
        on { day: "2024-01-31" status: STATUS_BREACHED } }
)";

class PolicyFilesTest : public CommandLine {
 protected:
  std::string Write(const std::string& name, absl::string_view text) { return scratch_.Write(name, text); }
  std::string All() const { return absl::StrCat(std::string(kKept), std::string(kBroken)); }

  const ::oversight::testing::ScratchFolder scratch_;
  const std::string& folder_ = scratch_.path();
};

TEST_F(PolicyFilesTest, TestRunsTheCasesBesideAPolicy) {
  const std::string policy = Write("demo/demo.txtpb", kPolicy);
  const std::string cases = Write("demo/cases/reflective.txtpb", All());
  // By the policy, the cases, their folder, and folders above it.
  for (const std::string& path :
       {policy, cases, folder_ + "/demo/cases", folder_ + "/demo", folder_, folder_ + "/"}) {
    EXPECT_EQ(Run({"policy", "test", path, "--require-complete"}), kAllWell) << path << err_.str();
    EXPECT_EQ(out_.str(), R"(demo: Demo
  2 cases in 1 file, 2 checks; 0 faults, 0 differences; of 1 row 1 shown completely
  rule             row  cases  checks  kept  broken  excused  unknown  boundaries  edges  still to show
  demo.reflective  -        2       2     1       1        -        -           1      -
)") << path;
    EXPECT_EQ(err_.str(), "");
  }
}

TEST_F(PolicyFilesTest, TestFailsWhereSomethingIsOtherwise) {
  Write("demo/demo.txtpb", kPolicy);
  const std::string cases =
      Write("demo/cases/reflective.txtpb", absl::StrReplaceAll(All(), {{"_BREACHED", "_MET"}}));
  EXPECT_EQ(Run({"policy", "test", folder_}), kRefused);
  EXPECT_THAT(out_.str(), HasSubstr(absl::StrCat(
                              cases, ":7:9: case broken, on 2024-01-31: expected MET, but it is BREACHED")));
  EXPECT_EQ(err_.str(), "demo: 0 faults, 1 difference\n");

  Write("demo/cases/reflective.txtpb", absl::StrReplaceAll(All(), {{"reflective=no", "reflectiv=no"}}));
  EXPECT_EQ(Run({"policy", "test", folder_}), kRefused);
  EXPECT_THAT(out_.str(),
              HasSubstr(absl::StrCat(
                  cases, ":6:68: a Session has no field `reflectiv`: did you mean `reflective`?")));
}

TEST_F(PolicyFilesTest, WhatIsNotShownFailsOnlyWhereItIsAskedFor) {
  Write("demo/demo.txtpb", kPolicy);
  Write("demo/cases/reflective.txtpb", kKept);
  EXPECT_EQ(Run({"policy", "test", folder_}), kAllWell) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("a broken one, a boundary"));
  EXPECT_EQ(Run({"policy", "test", folder_, "--require-complete"}), kRefused);
  EXPECT_EQ(err_.str(), "demo: 1 row with something to show\n");
}

TEST_F(PolicyFilesTest, APolicyWithoutCasesIsNotTested) {
  Write("demo/demo.txtpb", kPolicy);
  EXPECT_EQ(Run({"policy", "test", folder_}), kRefused);
  EXPECT_EQ(err_.str(), "demo: no cases beside it\n");
}

TEST_F(PolicyFilesTest, TestSaysWhatItCannotUse) {
  EXPECT_EQ(Run({"policy", "test", folder_ + "/nowhere"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("cannot read"));
  EXPECT_EQ(Run({"policy", "test", folder_}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("no policy (*.txtpb)"));
  const std::string cases = Write("demo/cases/reflective.txtpb", kKept);
  EXPECT_EQ(Run({"policy", "test", cases}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("expected one policy (*.txtpb)"));
  Write("demo/demo.txtpb", "id: \"demo\" rulez {}");
  EXPECT_EQ(Run({"policy", "test", folder_}), kRefused);
  EXPECT_THAT(out_.str(), HasSubstr("demo.txtpb:1:12: unknown field `rulez`"));
  EXPECT_EQ(Run({"policy", "test"}), kUsage);
}

TEST_F(PolicyFilesTest, TestAsJson) {
  Write("demo/demo.txtpb", kPolicy);
  Write("demo/cases/reflective.txtpb", kKept);
  EXPECT_EQ(Run({"policy", "test", folder_, "--json"}), kAllWell);
  const json reply = json::parse(out_.str());
  ASSERT_EQ(reply["policies"].size(), 1u);
  const json& demo = reply["policies"][0];
  EXPECT_EQ(demo["policy"], "demo");
  EXPECT_EQ(demo["checks"], 1);
  EXPECT_EQ(demo["differences"], json::array());
  EXPECT_EQ(demo["coverage"][0]["rule"], "demo.reflective");
  EXPECT_EQ(demo["coverage"][0]["kept"], 1);
  EXPECT_EQ(demo["coverage"][0]["lacking"], (json{"a broken one", "a boundary"}));
}

TEST_F(PolicyFilesTest, ShowPrintsAPageOfAFileOrOfAPolicyThatComplianceKnows) {
  const std::string policy = Write("demo/demo.txtpb", kPolicy);
  ASSERT_EQ(Run({"policy", "show", policy}), kAllWell) << err_.str();
  const std::string page = out_.str();
  EXPECT_THAT(page, AllOf(HasSubstr("# Demo\n"), HasSubstr("`demo.reflective`"), HasSubstr("reflective: yes"),
                          HasSubstr("The document, 4")));
  ASSERT_EQ(Run({"policy", "show", policy, "--json"}), kAllWell);
  EXPECT_EQ(json::parse(out_.str())["rules"][0]["id"], "demo.reflective");

  On<compliance::v1::GetPolicyRequest, compliance::v1::Policy>(
      ServiceId::kCompliance, "GetPolicy", [](const auto& request, compliance::v1::Policy& response) {
        if (request.name() != "policies/demo")
          return absl::Status(Error(absl::StatusCode::kNotFound, "POLICY_NOT_FOUND", "no such policy"));
        response.set_text(std::string(kPolicy));
        return absl::OkStatus();
      });
  ASSERT_EQ(Run({"policy", "show", "demo"}), kAllWell) << err_.str();
  EXPECT_EQ(out_.str(), page);
  EXPECT_EQ(Run({"policy", "show", "other"}), kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("there is no file other"));
  const std::string faulty = Write("demo/faulty.txtpb", "rulez {}");
  EXPECT_EQ(Run({"policy", "show", faulty}), kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("faulty.txtpb:1:1: unknown field `rulez`"));
}

TEST_F(PolicyFilesTest, DiffSaysWhatANewerPolicyChanges) {
  const std::string older = Write("demo/demo.txtpb", kPolicy);
  const std::string newer = Write(
      "demo/newer.txtpb",
      absl::StrReplaceAll(kPolicy, {{"version: 1", "version: 2"}, {"section: \"4\"", "section: \"5\""}}));
  EXPECT_EQ(Run({"policy", "diff", older, newer}), kRefused);
  EXPECT_EQ(out_.str(),
            "the policy, version: was: 1\n    is: 2\n"
            "demo.reflective, clause: was: The document, 4\n    is: The document, 5\n");
  EXPECT_EQ(Run({"policy", "diff", older, older}), kAllWell);
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(err_.str(), "both say the same\n");
  EXPECT_EQ(Run({"policy", "diff", older, newer, "--json"}), kRefused);
  EXPECT_EQ(json::parse(out_.str())["differences"][1]["part"], "clause");
  EXPECT_EQ(Run({"policy", "diff", older}), kUsage);
}

}  // namespace
}  // namespace oversight::ctl

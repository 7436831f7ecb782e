#include "services/compliance/policy_cases/case_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/compliance/policy_cases/cases_for_test.h"

namespace oversight::policy_cases {
namespace {

using testing::CasesOf;
using testing::FaultsOf;
using ::testing::HasSubstr;

constexpr absl::string_view kFile = R"(rule: "walsall.supervision-frequency"
subject: "workers/anna"
assigned: "2024-01-01..2025-01-01"
facts: "workers/mona"
facts: ["workers/anna employment_start_date=2022-05-02",
        "workers/anna/supervisorLinks/m supervisor=mona 2022-05-02.."]
cases {
  id: "one"
  shows: "Something."
  facts: "sessions/s1 supervisee=anna supervisor=mona date=2024-01-31"
  on { day: "2024-02-01" status: STATUS_OVERDUE row: "monthly" due: "2024-02-29" because: "sessions/s1" }
  on { day: "2024-12-31" none: true }
}
)";

std::string With(absl::string_view part, absl::string_view instead) {
  std::string text(kFile);
  EXPECT_THAT(text, HasSubstr(std::string(part)));
  return absl::StrReplaceAll(text, {{part, instead}});
}

TEST(CaseFileTest, ACaseStandsOnWhatItsFileSaysForAll) {
  const std::vector<Case> cases = CasesOf("walsall", kFile);
  ASSERT_EQ(cases.size(), 1u);
  EXPECT_EQ(cases[0].rule->id, "walsall.supervision-frequency");
  EXPECT_EQ(cases[0].assigned, (Period{CivilDay(2024, 1, 1), CivilDay(2025, 1, 1)}));
  EXPECT_EQ(cases[0].facts.Names().size(), 4u);
  ASSERT_EQ(cases[0].expectations.size(), 2u);
  EXPECT_EQ(cases[0].expectations[0].subject, "workers/anna");
  EXPECT_EQ(cases[0].expectations[0].status, engine::Status::kOverdue);
  EXPECT_EQ(cases[0].expectations[0].due, CivilDay(2024, 2, 29));
  EXPECT_FALSE(cases[0].expectations[1].status.has_value());
}

TEST(CaseFileTest, FaultsNameTheLineAndColumnAndWhatWouldBeRight) {
  const struct {
    absl::string_view part;
    absl::string_view instead;
    absl::string_view fault;
  } faults[] = {
      {"shows:", "showz:", "9:3: unknown field `showz`: did you mean `shows`?"},
      {"STATUS_OVERDUE", "STATUS_OVERDU", "11:34: unknown value `STATUS_OVERDU`"},
      {"walsall.supervision-frequency", "walsall.supervision-frequenzy",
       "1:1: policy walsall has no rule `walsall.supervision-frequenzy`: did you mean "
       "`walsall.supervision-frequency`?"},
      {"2024-02-01", "2024-02-30", "11:8: `day`: "},
      {"due: \"2024-02-29\"", "due: \"2023-02-29\"", "11:64: `due`: "},
      {"row: \"monthly\"", "row: \"montly\"",
       "11:49: walsall.supervision-frequency has no row `montly`: did you mean `monthly`?"},
      {"because: \"sessions/s1\"", "because: \"sessions/s2\"",
       "11:82: there is no `sessions/s2` among the facts: did you mean `sessions/s1`?"},
      {"supervisee=anna", "supervisee=anja", "10:23: there is no `workers/anja` among the facts"},
      // The second value of a list.
      {"m supervisor=mona", "m supervizor=mona",
       "6:41: a SupervisorLink has no field `supervizor`: did you mean `supervisor`?"},
      {"subject: \"workers/anna\"", "subject: \"workers/olu\"", "there is no `workers/olu` among the facts"},
      {"subject: \"workers/anna\"", "subject: \"cases/c1\"",
       "`cases/c1`: walsall.supervision-frequency is about each Worker"},
      {"2024-01-01..2025-01-01", "2025-01-01..2024-01-01", "3:1: `2025-01-01..2024-01-01`: expected"},
      {"2024-01-01..2025-01-01", "2025-01-01", "3:1: `2025-01-01`: expected"},
      {"status: STATUS_OVERDUE", "", "11:3: no `status`"},
      {"status: STATUS_OVERDUE", "status: STATUS_UNKNOWN", "what is missing?"},
      {"none: true", "none: true row: \"monthly\"", "there is no finding to describe"},
      {"id: \"one\"", "", "7:1: no `id`"},
      {"shows: \"Something.\"", "", "7:1: no `shows`"},
      {"shows: \"Something.\"", "shows: \"x\" parameters { field: \"notice_days\" value: 3 }",
       "9:14: `notice_days` is no local parameter of walsall.supervision-frequency"},
  };
  for (const auto& [part, instead, fault] : faults)
    EXPECT_THAT(FaultsOf("walsall", With(part, instead)), HasSubstr(std::string(fault)))
        << std::string(instead);
}

TEST(CaseFileTest, AFaultyCaseIsNotRunAndTheOthersAre) {
  const std::string text = absl::StrCat(
      std::string(kFile),
      R"(cases { id: "two" shows: "x" facts: "sessions/s1 dat=2024-01-31" on { day: "2024-01-31" none: true } })",
      "\n", R"(cases { id: "one" shows: "x" on { day: "2024-01-31" none: true } })");
  const ReadCases read = Read({"f", text}, testing::Pack("walsall"));
  ASSERT_EQ(read.cases.size(), 1u);
  EXPECT_EQ(read.cases[0].id, "one");
  ASSERT_EQ(read.faults.size(), 2u);
  EXPECT_EQ(read.faults[0].line, 14);
  EXPECT_THAT(read.faults[1].message, HasSubstr("case id `one` is taken"));
}

TEST(CaseFileTest, TextThatIsNoCaseFileIsRefusedNotRun) {
  for (const absl::string_view text : {"", "cases {", "rule: 3", "\xff", "cases {} cases {}"}) {
    const ReadCases read = Read({"f", std::string(text)}, testing::Pack("walsall"));
    EXPECT_TRUE(read.cases.empty()) << std::string(text);
    EXPECT_FALSE(read.faults.empty()) << std::string(text);
  }
}

}  // namespace
}  // namespace oversight::policy_cases

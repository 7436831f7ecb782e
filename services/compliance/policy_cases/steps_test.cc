// Which of a deadline's steps speaks, on a policy made for it: in the packs the steps stand in an order that
// does not show it.

#include <gtest/gtest.h>

#include <string>

#include "services/compliance/policy_cases/cases_for_test.h"

namespace oversight::policy_cases {
namespace {

constexpr absl::string_view kStepsRule = R"(
rules {
  id: "demo.decision"
  title: "Decisions stand on file"
  clause { document: "doc" section: "1" paraphrase: "Within five working days, under their heading." }
  severity: SEVERITY_REQUIRED
  about: "ManagementDecision"
  deadline {
    steps {
      id: "as-agreed"
      title: "Under its heading"
      on: "made_date"
      within { working_days: 5 }
      done {
        field { name: "filed_date" reached: true }
        field { name: "filed_heading" one_of { value: "HEADING_MANAGEMENT_DECISION" } }
      }
    }
    steps {
      id: "on-file"
      title: "On file"
      on: "made_date"
      within { working_days: 5 }
      done_on: "filed_date"
    }
  }
}
)";

constexpr absl::string_view kStepsFacts = R"(
rule: "demo.decision"
subject: "managementDecisions/m1"
assigned: "2024-01-01.."
facts: "workers/mona"
facts: "cases/c1 kind=child open_periods=2023-09-04.."
facts: "managementDecisions/m1 case=c1 made_by=mona made_date=2024-03-11 filed_date=2024-03-12"
)";

void CheckSteps(const std::string& one_case) {
  testing::Check(kStepsRule, std::string(kStepsFacts) + one_case);
}

TEST(StepsTest, AStepThatMayNotBeDoneIsNotHiddenByOneThatIs) {
  CheckSteps(R"(
cases {
  id: "heading-not-known"
  shows: "On file, under which heading nobody knows."
  on { day: "2024-03-11" status: STATUS_PENDING row: "as-agreed" due: "2024-03-18" }
  on { day: "2024-03-12" status: STATUS_UNKNOWN row: "as-agreed" missing: "filed_heading" }
  on { day: "2024-03-25" status: STATUS_UNKNOWN row: "as-agreed" missing: "filed_heading" }
})");
}

TEST(StepsTest, WhatIsDoneInAnyCaseIsNotOpen) {
  CheckSteps(R"(
cases {
  id: "heading-known"
  shows: "On file under its heading."
  facts: "managementDecisions/m1 filed_heading=management_decision"
  on { day: "2024-03-12" status: STATUS_MET }
})");
}

}  // namespace
}  // namespace oversight::policy_cases

// A measure that must be reached by a date, on a policy made for it: the date of the pack's one rule of the
// kind is the end of what still runs.

#include <gtest/gtest.h>

#include <string>

#include "services/compliance/policy_cases/cases_for_test.h"

namespace oversight::policy_cases {
namespace {

constexpr absl::string_view kMinimumRule = R"(
rules {
  id: "demo.decided"
  title: "Something is decided by the next review"
  clause { document: "doc" section: "1" paraphrase: "At least once before the next review." }
  severity: SEVERITY_REQUIRED
  about: "MidwayCheck"
  minimum {
    measure {
      records { of: "ManagementDecision" via: "case" from: "case" on: "made_date" }
      at_least: 1
    }
    by: "next_review_date"
  }
}
)";

constexpr absl::string_view kMinimumFacts = R"(
rule: "demo.decided"
subject: "midwayChecks/k1"
assigned: "2024-01-01.."
facts: "workers/mona"
facts: "cases/c1 kind=child open_periods=2023-09-04.."
facts: "managementDecisions/m1 case=c1 made_by=mona made_date=2024-03-11"
facts: "midwayChecks/k1 case=c1 role=independent_reviewing_officer previous_review_date=2024-01-10"
)";

void CheckMinimum(const std::string& one_case) {
  testing::Check(kMinimumRule, std::string(kMinimumFacts) + one_case);
}

TEST(MinimumTest, ByADateThatIsSet) {
  CheckMinimum(R"(
cases {
  id: "known"
  shows: "Decided two days before the review."
  facts: "midwayChecks/k1 next_review_date=2024-03-13"
  on { day: "2024-03-01" status: STATUS_PENDING due: "2024-03-13" }
  on { day: "2024-03-10" status: STATUS_DUE_SOON }
  on { day: "2024-03-11" status: STATUS_MET }
})");
}

TEST(MinimumTest, ByADateThatIsNotSetNobodyCanSayAndItIsNamed) {
  CheckMinimum(R"(
cases {
  id: "not-known"
  shows: "When the next review is, nobody knows: not before something is decided, nor after it."
  on { day: "2024-03-01" status: STATUS_UNKNOWN due: "never" missing: "next_review_date of MidwayCheck" }
  on { day: "2024-03-11" status: STATUS_UNKNOWN missing: "next_review_date of MidwayCheck" }
})");
}

}  // namespace
}  // namespace oversight::policy_cases

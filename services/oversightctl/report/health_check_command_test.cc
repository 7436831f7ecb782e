#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/error.h"
#include "google/protobuf/text_format.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "services/oversightctl/testing/command_line.h"

namespace oversight::ctl {
namespace {

using compliance::v1::SummarizeHealthCheckRequest;
using compliance::v1::SummarizeHealthCheckResponse;
using ::testing::HasSubstr;
using ::testing::Not;

class HealthCheckCommandTest : public CommandLine {
 protected:
  void Serve(const std::string& figures) {
    On<SummarizeHealthCheckRequest, SummarizeHealthCheckResponse>(
        ServiceId::kCompliance, "SummarizeHealthCheck",
        [this, figures](const SummarizeHealthCheckRequest& request, SummarizeHealthCheckResponse& response) {
          asked_ = request;
          EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(figures, &response)) << figures;
          return absl::OkStatus();
        });
  }
  SummarizeHealthCheckRequest asked_;
};

TEST_F(HealthCheckCommandTest, PrintsTheFiguresAsTables) {
  Serve(R"(
    start_date { year: 2025 month: 4 day: 11 } as_of_date { year: 2026 month: 4 day: 10 }
    last_published_date { year: 2025 month: 3 day: 31 }
    workforce {
      workers: 260 full_time_equivalents: 241.55
      career_stages { group: "newly_qualified" workers: 21 } career_stages { group: "none" workers: 3 }
    }
    caseload { open_cases: 3000 unallocated_cases: 6 case_holders: 180 cases_per_holder: 16.63 most_cases: 31 }
    supervision { formal_held: 2900 with_length: 2000 full_length: 1990 median_minutes: 95 }
    rules {
      rule: "knowsley.case-discussion" title: "Case discussions"
      standing { met: 9999 overdue: 1 share_in_time: 0.9999 }
      fell_due { met: 90 late: 6 overdue: 2 unknown: 2 share_in_time: 0.9 }
    }
    rules { rule: "knowsley.one-record" title: "All excused" standing { excused: 3 } fell_due { excused: 2 } }
    rules { rule: "knowsley.disclosure" title: "Nothing happened" })");
  ASSERT_EQ(Run({"health-check", "-a", "a", "--as-of", "2026-04-10"}), kAllWell) << err_.str();
  EXPECT_EQ(asked_.parent(), "authorities/a");
  EXPECT_EQ(asked_.as_of_date().day(), 10);
  const std::string out = out_.str();
  EXPECT_THAT(out, HasSubstr("Health check of authorities/a: 2025-04-11 to 2026-04-10\n"
                             "Last published: 2025-03-31\n"));
  EXPECT_THAT(out, HasSubstr("  newly qualified "));
  EXPECT_THAT(out, HasSubstr("  career stage not given "));
  EXPECT_THAT(out, HasSubstr("6 of 3000 (0.2 %)\n"));
  EXPECT_THAT(out, HasSubstr("1990 of 2000 (99.5 %)\n"));
  EXPECT_THAT(out, HasSubstr("2000 of 2900 (69.0 %)\n"));
  // Never 100 % where one is overdue; what never applied is left out.
  EXPECT_THAT(
      out, ::testing::ContainsRegex("knowsley.case-discussion +Case discussions +99.9% +100 +90.0% +8 +2\n"));
  // Nor 0 % where nobody is judged.
  EXPECT_THAT(out, ::testing::ContainsRegex("knowsley.one-record +All excused +- +0 +- +0 +0\n"));
  EXPECT_THAT(out, Not(HasSubstr("knowsley.disclosure")));
}

TEST_F(HealthCheckCommandTest, SaysWhenThereIsNothingToSay) {
  Serve("start_date { year: 2025 month: 4 day: 11 } as_of_date { year: 2026 month: 4 day: 10 }");
  ASSERT_EQ(Run({"health-check", "-a", "a"}), kAllWell) << err_.str();
  EXPECT_FALSE(asked_.has_as_of_date());
  EXPECT_THAT(out_.str(), HasSubstr("Last published: never, as far as is known\n"));
  EXPECT_THAT(out_.str(), HasSubstr("no policy is assigned"));
  EXPECT_THAT(out_.str(), ::testing::ContainsRegex("without anybody who holds them +-\n"))
      << "a share of nothing is none";
  ASSERT_EQ(Run({"health-check", "-a", "a", "--json"}), kAllWell);
  EXPECT_THAT(out_.str(), HasSubstr("\"asOfDate\""));
  EXPECT_EQ(Run({"health-check"}), kUsage);
  EXPECT_EQ(Run({"health-check", "-a", "a", "--as-of", "2026-02-30"}), kUsage);
}

}  // namespace
}  // namespace oversight::ctl

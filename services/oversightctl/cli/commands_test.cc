#include "services/oversightctl/cli/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "common/status/error.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "oversight/ledger/v1/ledger.pb.h"
#include "oversight/workforce/v1/workforce_service.pb.h"
#include "services/oversightctl/call/methods.h"
#include "services/oversightctl/testing/command_line.h"

namespace oversight::ctl {
namespace {

using compliance::v1::Finding;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

google::type::Date Day(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

class CommandsTest : public CommandLine {
 protected:
  void ServeReport();

  std::vector<compliance::v1::ListFindingsRequest> listings_;
};

Finding Overdue(const std::string& subject, int days) {
  Finding finding;
  finding.set_rule("knowsley.case-discussion");
  finding.set_subject("authorities/a/" + subject);
  finding.set_status(Finding::STATUS_OVERDUE);
  finding.set_days_overdue(days);
  *finding.mutable_due_date() = Day(2026, 1, 31);
  finding.set_worker("authorities/a/workers/W1");
  finding.set_team("authorities/a/teams/T1");
  return finding;
}

void CommandsTest::ServeReport() {
  using namespace compliance::v1;  // NOLINT
  On<SummarizeFindingsRequest, SummarizeFindingsResponse>(
      ServiceId::kCompliance, "SummarizeFindings",
      [](const SummarizeFindingsRequest& request, SummarizeFindingsResponse& response) {
        *response.mutable_as_of_date() = request.has_as_of_date() ? request.as_of_date() : Day(2026, 2, 28);
        response.set_workers(260);
        response.set_open_cases(3000);
        response.set_unallocated_cases(4);
        auto& rule = *response.add_rules();
        rule.set_rule("knowsley.case-discussion");
        rule.set_title("Case discussions");
        rule.mutable_counts()->set_met(2995);
        rule.mutable_counts()->set_overdue(1);
        rule.mutable_counts()->set_share_in_time(0.9997);
        rule.set_longest_days_overdue(28);
        for (const auto& [team, share] : {std::pair{"T2", 1.0}, std::pair{"T1", 0.5}, std::pair{"", 0.75}}) {
          auto& summary = *response.add_teams();
          summary.set_rule("knowsley.case-discussion");
          if (*team != 0) summary.set_team(std::string("authorities/a/teams/") + team);
          summary.mutable_counts()->set_met(1);
          summary.mutable_counts()->set_share_in_time(share);
          auto& of_policy = *response.add_team_policies();
          of_policy.set_policy("policies/knowsley");
          of_policy.set_team(summary.team());
          *of_policy.mutable_counts() = summary.counts();
        }
        return absl::OkStatus();
      });
  // Three findings, two to a page.
  On<ListFindingsRequest, ListFindingsResponse>(
      ServiceId::kCompliance, "ListFindings",
      [this](const ListFindingsRequest& request, ListFindingsResponse& response) {
        listings_.push_back(request);
        response.set_total_size(3);
        if (request.page_token().empty()) {
          *response.add_findings() = Overdue("cases/C1", 28);
          *response.add_findings() = Overdue("cases/C2", 20);
          response.set_next_page_token("more");
        } else {
          *response.add_findings() = Overdue("cases/C3", 1);
        }
        return absl::OkStatus();
      });
  On<ExplainFindingRequest, Explanation>(
      ServiceId::kCompliance, "ExplainFinding",
      [](const ExplainFindingRequest& request, Explanation& response) {
        if (request.subject() == "authorities/a/cases/none") {
          return absl::Status(Error(absl::StatusCode::kNotFound, "NO_FINDING", "the rule does not apply"));
        }
        *response.mutable_finding() = Overdue("cases/C1", 28);
        response.mutable_finding()->set_subject(request.subject());
        response.mutable_finding()->set_policy("policies/knowsley");
        response.mutable_finding()->set_policy_version("1-ab");
        *response.mutable_finding()->mutable_as_of_date() = Day(2026, 2, 28);
        response.mutable_clause()->set_document("Supervision Policy");
        response.mutable_clause()->set_section("appendix 7");
        response.add_reasoning("The gap runs from 1 January.");
        auto& evidence = *response.add_evidence();
        evidence.set_text("discussed");
        evidence.set_resource("authorities/a/sessions/S1/caseDiscussions/D1");
        *evidence.mutable_date() = Day(2026, 1, 1);
        response.add_not_counted()->set_text("a session that was cancelled");
        return absl::OkStatus();
      });
  On<ListPoliciesRequest, ListPoliciesResponse>(
      ServiceId::kCompliance, "ListPolicies", [](const ListPoliciesRequest&, ListPoliciesResponse& response) {
        auto& policy = *response.add_policies();
        policy.set_name("policies/knowsley");
        policy.set_title("Social Worker's Supervision Policy");
        return absl::OkStatus();
      });
  On<workforce::v1::GetAuthorityRequest, workforce::v1::Authority>(
      ServiceId::kWorkforce, "GetAuthority",
      [](const workforce::v1::GetAuthorityRequest&, workforce::v1::Authority& a) {
        a.set_display_name("Anytown");
        return absl::OkStatus();
      });
  On<workforce::v1::ListTeamsRequest, workforce::v1::ListTeamsResponse>(
      ServiceId::kWorkforce, "ListTeams",
      [](const workforce::v1::ListTeamsRequest&, workforce::v1::ListTeamsResponse& response) {
        auto& team = *response.add_teams();
        team.set_name("authorities/a/teams/T1");
        team.set_display_name("North Team");
        return absl::OkStatus();
      });
}

TEST_F(CommandsTest, ReportShowsRulesTeamsAndTheLongestOverdue) {
  ServeReport();
  ASSERT_EQ(Run({"report", "-a", "a", "--explain-worst"}), kAllWell) << err_.str();
  EXPECT_EQ(out_.str(), R"(Supervision in Anytown as of 2026-02-28
260 workers, 3,000 open cases, 4 of them without anybody who holds them

By rule: knowsley, Social Worker's Supervision Policy
  rule                      in time    met  due soon  overdue  longest
  knowsley.case-discussion    99.9%  2,995         0        1     28 d

By team: share in time under each policy
  team        knowsley
  (no team)      75.0%
  North Team     50.0%
  teams/T2      100.0%

Longest overdue (3 of 3)
  days  due         rule                      subject   worker  team
    28  2026-01-31  knowsley.case-discussion  cases/C1  W1      North Team
    20  2026-01-31  knowsley.case-discussion  cases/C2  W1      North Team
     1  2026-01-31  knowsley.case-discussion  cases/C3  W1      North Team

Why: knowsley.case-discussion for cases/C1
  finding       OVERDUE, due 2026-01-31, 28 days overdue as of 2026-02-28
  worker        workers/W1
  clause        Supervision Policy, section appendix 7
  policy        policies/knowsley 1-ab

  How the due date came about
    1.          The gap runs from 1 January.

  Evidence
    2026-01-01  discussed [sessions/S1/caseDiscussions/D1]

  What did not count
                a session that was cancelled
)");
}

TEST_F(CommandsTest, ReportAsksForTheDayTeamAndWorkerWanted) {
  ServeReport();
  ASSERT_EQ(Run({"report", "-a", "authorities/a", "--as-of", "2026-02-01", "--team", "T1", "--worker", "W1",
                 "--supervisor", "M1", "--rule", "knowsley.case-discussion", "--longest", "1"}),
            kAllWell);
  ASSERT_EQ(listings_.size(), 1u) << "no further page than needed";
  EXPECT_EQ(ToText(listings_[0].as_of_date()), "2026-02-01");
  EXPECT_EQ(listings_[0].team(), "authorities/a/teams/T1");
  EXPECT_EQ(listings_[0].worker(), "authorities/a/workers/W1");
  EXPECT_EQ(listings_[0].supervisor(), "authorities/a/workers/M1");
  EXPECT_THAT(listings_[0].rules(), ::testing::ElementsAre("knowsley.case-discussion"));
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("Longest overdue (1 of 3)"), Not(HasSubstr("By rule"))));
}

TEST_F(CommandsTest, ReportOfOneRuleShowsTheTeamsInNeedFirst) {
  ServeReport();
  ASSERT_EQ(Run({"report", "-a", "a", "--rule", "knowsley.case-discussion", "--longest", "0"}), kAllWell);
  EXPECT_THAT(out_.str(), HasSubstr(R"(
By team: knowsley.case-discussion
  team        in time  met  due soon  overdue  longest
  North Team    50.0%    1         0        0
  (no team)     75.0%    1         0        0
  teams/T2     100.0%    1         0        0
)"));
}

// A Monday: something overdue about a worker and a session, something that comes, something done already.
TEST_F(CommandsTest, WorklistGoesByWorkerTheEarliestFirst) {
  using namespace compliance::v1;  // NOLINT(google-build-using-namespace)
  ServeReport();
  const auto finding = [](const std::string& rule, const std::string& subject, const std::string& worker,
                          Finding::Status status, int day, int overdue) {
    Finding f;
    f.set_rule(rule);
    f.set_policy("policies/" + rule.substr(0, rule.find('.')));
    f.set_subject("authorities/a/" + subject);
    if (!worker.empty()) f.set_worker("authorities/a/workers/" + worker);
    f.set_status(status);
    f.set_days_overdue(overdue);
    *f.mutable_due_date() = Day(2026, 2, day);
    return f;
  };
  On<ListFindingsRequest, ListFindingsResponse>(
      ServiceId::kCompliance, "ListFindings",
      [&](const ListFindingsRequest& request, ListFindingsResponse& response) {
        listings_.push_back(request);
        *response.add_findings() = finding("islington.record-time", "sessions/S1/caseDiscussions/D1", "W2",
                                           Finding::STATUS_OVERDUE, 10, 6);
        *response.add_findings() = finding("islington.record-time", "sessions/S1/caseDiscussions/D2", "W2",
                                           Finding::STATUS_OVERDUE, 10, 6);
        *response.add_findings() =
            finding("knowsley.case-discussion", "cases/C1", "W1", Finding::STATUS_OVERDUE, 12, 4);
        return absl::OkStatus();
      });
  On<ListUpcomingRequest, ListUpcomingResponse>(
      ServiceId::kCompliance, "ListUpcoming",
      [&](const ListUpcomingRequest& request, ListUpcomingResponse& response) {
        EXPECT_EQ(request.days(), 7);
        EXPECT_EQ(request.team(), "authorities/a/teams/T1");
        *response.add_findings() =
            finding("walsall.case-discussion", "cases/C1", "W1", Finding::STATUS_DUE_SOON, 18, 0);
        *response.add_findings() =
            finding("islington.every-case-monthly", "cases/C1", "W1", Finding::STATUS_DUE_SOON, 17, 0);
        *response.add_findings() =
            finding("knowsley.supervision-frequency", "workers/W1", "W1", Finding::STATUS_MET, 20, 0);
        *response.add_findings() =
            finding("knowsley.record-signed", "sessions/S2", "W1", Finding::STATUS_MET, 19, 0);
        *response.add_findings() =
            finding("national.unallocated-case", "cases/C9", "", Finding::STATUS_PENDING, 17, 0);
        return absl::OkStatus();
      });
  ASSERT_EQ(Run({"worklist", "-a", "a", "--team", "T1", "--days", "7"}), kAllWell) << err_.str();
  ASSERT_EQ(listings_.size(), 1u);
  EXPECT_EQ(listings_[0].team(), "authorities/a/teams/T1");
  EXPECT_THAT(listings_[0].statuses(), ::testing::ElementsAre(Finding::STATUS_OVERDUE));
  EXPECT_EQ(out_.str(), R"(North Team: 2 overdue, 2 more due within 7 days

workers/W2
  due         overdue  about        rules
  2026-02-10      6 d  sessions/S1  islington.record-time x2

workers/W1
  due         overdue  about       rules
  2026-02-12      4 d  cases/C1    knowsley.case-discussion, islington.every-case-monthly, 1 more
  2026-02-20           workers/W1  knowsley.supervision-frequency

nobody's
  due         overdue  about     rules
  2026-02-17           cases/C9  national.unallocated-case
)") << "what is signed already is no work";

  ASSERT_EQ(Run({"--json", "worklist", "-a", "a", "--team", "T1", "--days", "7", "--policy", "walsall"}),
            kAllWell);
  const auto json = nlohmann::json::parse(out_.str(), nullptr, false);
  ASSERT_EQ(json["workers"].size(), 1u) << out_.str();
  EXPECT_EQ(json["workers"][0]["tasks"][0]["dueDate"], "2026-02-18");

  ASSERT_EQ(Run({"worklist", "-a", "a", "--team", "T1", "--days", "7", "--most", "1"}), kAllWell);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("2 overdue, 2 more due"), HasSubstr("  2026-02-12"),
                                HasSubstr("\n  and 1 more\n"), Not(HasSubstr("2026-02-20"))));

  EXPECT_EQ(Run({"worklist", "-a", "a"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--team, --supervisor or --worker is required"));
}

TEST_F(CommandsTest, ReportAsJsonIsTheApisOwn) {
  ServeReport();
  ASSERT_EQ(Run({"--json", "-a", "a", "report", "--explain", "knowsley.case-discussion", "cases/C2"}),
            kAllWell);
  const auto json = nlohmann::json::parse(out_.str(), nullptr, false);
  ASSERT_TRUE(json.is_object()) << out_.str();
  EXPECT_EQ(json["summary"]["openCases"], 3000);
  EXPECT_EQ(json["summary"]["asOfDate"]["year"], 2026);
  EXPECT_EQ(json["longestOverdue"][0]["status"], "STATUS_OVERDUE");
  EXPECT_EQ(json["explanation"]["finding"]["subject"], "authorities/a/cases/C2");
}

TEST_F(CommandsTest, ErrorsShowReasonMessageAndFields) {
  ServeReport();
  EXPECT_EQ(Run({"report", "-a", "a", "--explain", "r", "cases/none"}), kRefused);
  EXPECT_EQ(err_.str(),
            "oversightctl: cannot make the report: the rule does not apply (NOT_FOUND, NO_FINDING)\n");

  On<workforce::v1::GetWorkerRequest, workforce::v1::Worker>(
      ServiceId::kWorkforce, "GetWorker", [](const workforce::v1::GetWorkerRequest&, workforce::v1::Worker&) {
        return absl::Status(Error(absl::StatusCode::kInvalidArgument, "INVALID_NAME", "not a name")
                                .Field("name", "must be authorities/{authority}/workers/{worker}"));
      });
  EXPECT_EQ(Run({"call", "workforce.GetWorker", R"({"name": "x"})"}), kRefused);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("(INVALID_ARGUMENT, INVALID_NAME)"),
                                HasSubstr("\n  name: must be authorities/{authority}/workers/{worker}\n")));
  EXPECT_EQ(Run({"--json", "call", "workforce.GetWorker"}), kRefused);
  EXPECT_EQ(nlohmann::json::parse(err_.str(), nullptr, false)["error"]["reason"], "INVALID_NAME");

  On<workforce::v1::GetWorkerRequest, workforce::v1::Worker>(
      ServiceId::kWorkforce, "GetWorker", [](const workforce::v1::GetWorkerRequest&, workforce::v1::Worker&) {
        return absl::UnavailableError("away");
      });
  EXPECT_EQ(Run({"call", "workforce.GetWorker"}), kServiceFailed);
}

TEST_F(CommandsTest, UsageErrorsSayWhatIsExpected) {
  const struct {
    std::vector<std::string> arguments;
    const char* says;
  } cases[] = {
      {{}, "A subcommand is required"},
      {{"report"}, "--authority is required"},
      {{"report", "-a", "a", "--as-of", "31/01/2026"}, "expected YYYY-MM-DD"},
      {{"report", "-a", "a", "--timeout", "soon"}, "no duration"},
      {{"report", "-a", "a", "--explain", "rule"}, "--explain"},
      {{"import", "-a", "a"}, "DIR is required"},
      {{"import", "d", "-a", "a", "--chunk", "5000"}, "--chunk"},
      {{"call", "workforce.GetWorkr"}, "no method \"workforce.GetWorkr\""},
      {{"call", "workforce.GetWorker", "{\"nme\": 1}"}, "no GetWorkerRequest"},
      {{"call", "workforce.GetWorker", "{"}, "no GetWorkerRequest"},
      {{"assign-policy", "knowsley", "-a", "a"}, "--from is required"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.says);
    EXPECT_EQ(Run(c.arguments), kUsage);
    EXPECT_THAT(err_.str(), HasSubstr(c.says));
  }
  EXPECT_EQ(Run({"--help"}), kAllWell);
  EXPECT_EQ(Run({"report", "--help"}), kAllWell);
}

TEST_F(CommandsTest, CallsUnaryAndStreamingMethods) {
  On<workforce::v1::GetWorkerRequest, workforce::v1::Worker>(
      ServiceId::kWorkforce, "GetWorker",
      [](const workforce::v1::GetWorkerRequest& request, workforce::v1::Worker& worker) {
        worker.set_name(request.name());
        return absl::OkStatus();
      });
  ASSERT_EQ(Run({"call", "Workforce.getworker", R"({"name": "authorities/a/workers/W1"})"}), kAllWell)
      << err_.str();
  EXPECT_EQ(nlohmann::json::parse(out_.str(), nullptr, false)["name"], "authorities/a/workers/W1");

  services_->OnStream<ledger::v1::SnapshotRequest, ledger::v1::SnapshotResponse>(
      LedgerMethod("Snapshot"),
      [](const ledger::v1::SnapshotRequest&, std::vector<ledger::v1::SnapshotResponse>& responses) {
        responses.resize(2);
        responses[1].set_complete(true);
        return absl::UnavailableError("ended");
      });
  EXPECT_EQ(Run({"call", "caseload.Snapshot", R"({"name": "authorities/a"})"}), kServiceFailed);
  const std::string lines = out_.str();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2) << "one line a message: " << lines;
}

TEST_F(CommandsTest, FindsMethodsByShortAndFullName) {
  EXPECT_EQ(FindMethod("supervision.HoldSession")->full_name,
            "/oversight.supervision.v1.SupervisionService/HoldSession");
  EXPECT_EQ(FindMethod("oversight.caseload.v1.CaseloadService/GetCase")->service, ServiceId::kCaseload);
  EXPECT_EQ(FindMethod("compliance.Watch")->full_name, "/oversight.ledger.v1.LedgerService/Watch");
  EXPECT_THAT(std::string(FindMethod("workforce.GetWorkers").status().message()),
              HasSubstr("workforce.GetWorker"));
  ASSERT_EQ(Run({"methods", "WORKFORCE.verify"}), kAllWell);
  EXPECT_EQ(out_.str(),
            "  method                  takes                gives\n"
            "  workforce.VerifyLedger  VerifyLedgerRequest  stream of VerifyLedgerResponse\n");
}

TEST_F(CommandsTest, VerifyFailsWhenALedgerIsNotIntact) {
  bool intact = true;
  services_->OnStream<ledger::v1::VerifyLedgerRequest, ledger::v1::VerifyLedgerResponse>(
      LedgerMethod("VerifyLedger"),
      [&](const ledger::v1::VerifyLedgerRequest&, std::vector<ledger::v1::VerifyLedgerResponse>& responses) {
        responses.resize(2);
        responses[1].set_complete(true);
        responses[1].set_intact(intact);
        responses[1].set_entries_checked(1234);
        if (!intact) {
          auto& fault = *responses[1].add_faults();
          fault.set_kind(ledger::v1::VerifyLedgerResponse::Fault::KIND_GAP);
          fault.set_revision(7);
          fault.set_description("revision 7 is missing");
        }
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"verify", "-a", "a", "--service", "caseload"}), kAllWell);
  EXPECT_EQ(out_.str(), "caseload: intact, 1,234 entries and 0 records checked\n");
  intact = false;
  EXPECT_EQ(Run({"verify", "-a", "a", "--service", "caseload"}), kRefused);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("NOT INTACT"), HasSubstr("gap at revision 7: revision 7 is missing")));
}

TEST_F(CommandsTest, HistoryAndChangesReadAllPages) {
  using namespace compliance::v1;  // NOLINT
  On<ListFindingHistoryRequest, ListFindingHistoryResponse>(
      ServiceId::kCompliance, "ListFindingHistory",
      [](const ListFindingHistoryRequest& request, ListFindingHistoryResponse& response) {
        EXPECT_EQ(request.subject(), "authorities/a/cases/C1");
        auto& finding = *response.add_findings();
        *finding.mutable_base_date() = request.page_token().empty() ? Day(2025, 1, 1) : Day(2025, 3, 1);
        finding.set_status(request.page_token().empty() ? Finding::STATUS_LATE : Finding::STATUS_MET);
        if (request.page_token().empty()) response.set_next_page_token("more");
        return absl::OkStatus();
      });
  ASSERT_EQ(Run({"history", "knowsley.case-discussion", "cases/C1", "-a", "a"}), kAllWell);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("2025-01-01"), HasSubstr("LATE"), HasSubstr("2025-03-01")));

  On<ListFindingChangesRequest, ListFindingChangesResponse>(
      ServiceId::kCompliance, "ListFindingChanges",
      [](const ListFindingChangesRequest&, ListFindingChangesResponse& response) {
        auto& change = *response.add_changes();
        change.set_to_status(Finding::STATUS_OVERDUE);
        change.mutable_record_time()->set_seconds(1767225600);
        return absl::OkStatus();
      });
  ASSERT_EQ(Run({"changes", "cases/C1", "-a", "a"}), kAllWell);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("2026-01-01T00:00:00"), HasSubstr("(new)"), HasSubstr("OVERDUE")));
}

TEST_F(CommandsTest, PolicyLintPrintsLineAndColumn) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "oversightctl_lint.txtpb";
  std::ofstream(path) << "id: \"x\"\ntitel: \"y\"\n";
  EXPECT_EQ(Run({"policy", "lint", path.string()}), kRefused);
  EXPECT_THAT(out_.str(), HasSubstr(path.string() + ":2:"));
  std::filesystem::remove(path);
  EXPECT_EQ(Run({"policy", "lint", path.string()}), kUsage);
}

TEST_F(CommandsTest, PolicyPreviewSendsTheDraftAndSaysWhoWouldChange) {
  using namespace compliance::v1;  // NOLINT
  const auto path = std::filesystem::path(::testing::TempDir()) / "oversightctl_preview.txtpb";
  std::ofstream(path) << "id: \"x\"\n";
  On<PreviewPolicyRequest, PreviewPolicyResponse>(
      ServiceId::kCompliance, "PreviewPolicy",
      [](const PreviewPolicyRequest& request, PreviewPolicyResponse& response) {
        EXPECT_EQ(request.policy_text(), "id: \"x\"\n");
        EXPECT_EQ(request.in_place_of(), "policies/knowsley");
        EXPECT_EQ(request.parameters(0).rule(), "x.rule");
        EXPECT_EQ(request.parameters(0).field(), "recurring.days");
        EXPECT_DOUBLE_EQ(request.parameters(0).value(), 3);
        EXPECT_EQ(request.page_size(), request.page_token().empty() ? 2 : 1);
        response.set_total_size(9);
        response.set_appearing(4);
        auto& change = *response.add_changes();
        change.set_subject("authorities/a/workers/W1");
        change.set_rule("x.rule");
        change.mutable_after()->set_status(Finding::STATUS_OVERDUE);
        response.set_next_page_token("more");
        return absl::OkStatus();
      });
  ASSERT_EQ(Run({"policy", "preview", path.string(), "--in-place-of", "knowsley", "--set",
                 "x.rule:recurring.days=3", "--longest", "2", "-a", "a"}),
            kAllWell)
      << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("4 findings appear"), HasSubstr("Who would change (2 of 9)"),
                                HasSubstr("workers/W1  x.rule  (none)  OVERDUE")));
  EXPECT_EQ(Run({"policy", "preview", path.string(), "--set", "nonsense", "-a", "a"}), kUsage);
  std::filesystem::remove(path);
  EXPECT_EQ(Run({"policy", "preview", path.string(), "-a", "a"}), kUsage);
}

TEST_F(CommandsTest, PolicyCompareShowsTheWorstOfEachSide) {
  using namespace compliance::v1;  // NOLINT
  On<ComparePoliciesRequest, ComparePoliciesResponse>(
      ServiceId::kCompliance, "ComparePolicies",
      [](const ComparePoliciesRequest& request, ComparePoliciesResponse& response) {
        EXPECT_EQ(request.left_policy(), "policies/knowsley");
        EXPECT_EQ(request.right_policy(), "policies/islington");
        response.set_total_size(1);
        response.set_in_time_right_only(1);
        response.mutable_left()->set_policy("policies/knowsley");
        response.mutable_right()->set_policy("policies/islington");
        auto& subject = *response.add_subjects();
        subject.set_subject("authorities/a/workers/W1");
        subject.add_left()->set_status(Finding::STATUS_MET);
        subject.add_left()->set_status(Finding::STATUS_OVERDUE);
        return absl::OkStatus();
      });
  ASSERT_EQ(Run({"policy", "compare", "knowsley", "islington", "-a", "a"}), kAllWell) << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("under policies/islington alone 1"),
                                HasSubstr("workers/W1  OVERDUE            (none)")));
}

TEST_F(CommandsTest, AssignsAPolicyUnderTheNameThatAnImportWouldGiveIt) {
  using namespace compliance::v1;  // NOLINT
  On<CreatePolicyAssignmentRequest, PolicyAssignment>(
      ServiceId::kCompliance, "CreatePolicyAssignment",
      [](const CreatePolicyAssignmentRequest& request, PolicyAssignment& assignment) {
        EXPECT_EQ(request.policy_assignment_id(), "knowsley-2026-01-01");
        assignment = request.policy_assignment();
        assignment.set_name(request.parent() + "/policyAssignments/" + request.policy_assignment_id());
        return absl::OkStatus();
      });
  ASSERT_EQ(Run({"assign-policy", "knowsley", "--from", "2026-01-01", "-a", "a"}), kAllWell) << err_.str();
  EXPECT_EQ(
      out_.str(),
      "assigned policies/knowsley from 2026-01-01: authorities/a/policyAssignments/knowsley-2026-01-01\n");
}

}  // namespace
}  // namespace oversight::ctl

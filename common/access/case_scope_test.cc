// Cases as their workers see them: through allocations in force, from caseload's own records and workforce's
// ledger.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/access/token_issuer_for_test.h"
#include "common/status/error.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "oversight/caseload/v1/caseload_service.pb.h"
#include "oversight/workforce/v1/workforce_service.pb.h"
#include "services/caseload/resources/registry.h"
#include "services/workforce/resources/registry.h"

namespace oversight::access {
namespace {

namespace cl = ::oversight::caseload::v1;
namespace wf = ::oversight::workforce::v1;
using ::testing::ElementsAre;

constexpr char kWorkforce[] = "/oversight.workforce.v1.WorkforceService/";
constexpr char kCaseload[] = "/oversight.caseload.v1.CaseloadService/";

std::string Worker(const std::string& id) { return absl::StrCat("authorities/a/workers/", id); }
std::string Case(const std::string& id) { return absl::StrCat("authorities/a/cases/", id); }

void Since2020(google::type::Date* date) {
  date->set_year(2020);
  date->set_month(1);
  date->set_day(1);
}

class CaseScopeTest : public ::testing::Test {
 protected:
  CaseScopeTest() : workforce_(workforce::Definition()) {
    AddWorkforce();
    testing::InProcessOptions options;
    options.access =
        issuer_.Trusted({.grants_file = rpc::WriteTestFile("grants",
                                                           "group { group: 'p' role: 'practitioner' }"
                                                           "group { group: 's' role: 'practice-supervisor' }"
                                                           "group { group: 'm' role: 'team-manager' }"),
                         .first_administrator = "root"});
    options.access->workforce = workforce_.Connect("caseload");
    caseload_ = std::make_unique<testing::InProcessService>(caseload::Definition(), std::move(options));
    root_ = issuer_.As(*caseload_, "root", R"("authority":"a")");
    AddCase("held-by-ben", "ben", {});
    AddCase("was-bens", "ben", CivilDay(2021, 1, 1));
    AddCase("held-by-cleo", "cleo", {});
    AddCase("nobodys", "", {});
    const absl::Time limit = absl::Now() + absl::Seconds(30);
    while (!caseload_->workforce_view().Fresh(absl::Now(), absl::Minutes(1)) && absl::Now() < limit) {
      absl::SleepFor(absl::Milliseconds(2));
    }
  }

  void AddWorkforce() {
    wf::CreateAuthorityRequest authority;
    authority.set_authority_id("a");
    authority.mutable_authority()->set_display_name("Synthetic");
    wf::Authority made_authority;
    OVERSIGHT_EXPECT_OK(workforce_.client().Unary(absl::StrCat(kWorkforce, "CreateAuthority"), authority,
                                                  &made_authority, {}));
    for (const auto& [id, team] : std::map<std::string, std::string>{
             {"ada", "north"}, {"ben", "north"}, {"cleo", "south"}, {"mia", "south"}}) {
      wf::CreateTeamRequest new_team;
      new_team.set_parent("authorities/a");
      new_team.set_team_id(team);
      new_team.mutable_team()->set_display_name(team);
      wf::Team made_team;
      workforce_.client()
          .Unary(absl::StrCat(kWorkforce, "CreateTeam"), new_team, &made_team, {})
          .IgnoreError();
      wf::CreateWorkerRequest worker;
      worker.set_parent("authorities/a");
      worker.set_worker_id(id);
      worker.mutable_worker();
      wf::Worker made_worker;
      OVERSIGHT_EXPECT_OK(
          workforce_.client().Unary(absl::StrCat(kWorkforce, "CreateWorker"), worker, &made_worker, {}));
      wf::CreatePostRequest post;
      post.set_parent(Worker(id));
      post.mutable_post()->set_career_stage(wf::CAREER_STAGE_SOCIAL_WORKER);
      post.mutable_post()->set_team(absl::StrCat("authorities/a/teams/", team));
      Since2020(post.mutable_post()->mutable_start_date());
      wf::Post made_post;
      OVERSIGHT_EXPECT_OK(
          workforce_.client().Unary(absl::StrCat(kWorkforce, "CreatePost"), post, &made_post, {}));
    }
    wf::CreateSupervisorLinkRequest link;
    link.set_parent(Worker("ben"));
    link.mutable_supervisor_link()->set_supervisor(Worker("ada"));
    link.mutable_supervisor_link()->set_function(wf::SupervisorLink::FUNCTION_LINE_MANAGEMENT);
    Since2020(link.mutable_supervisor_link()->mutable_start_date());
    wf::SupervisorLink made_link;
    OVERSIGHT_EXPECT_OK(
        workforce_.client().Unary(absl::StrCat(kWorkforce, "CreateSupervisorLink"), link, &made_link, {}));
  }

  void AddCase(const std::string& id, const std::string& worker, std::optional<CivilDay> until) {
    cl::CreateCaseRequest request;
    request.set_parent("authorities/a");
    request.set_case_id(id);
    request.mutable_case_()->set_kind(cl::Case::KIND_CHILD);
    Since2020(request.mutable_case_()->add_open_periods()->mutable_start_date());
    cl::Case made;
    OVERSIGHT_EXPECT_OK(root_->Unary(absl::StrCat(kCaseload, "CreateCase"), request, &made, {}));
    cl::CreateStatusPeriodRequest status;
    status.set_parent(Case(id));
    status.set_status_period_id("s");
    status.mutable_status_period()->set_status(cl::CASE_STATUS_CHILD_IN_NEED);
    Since2020(status.mutable_status_period()->mutable_start_date());
    cl::StatusPeriod made_status;
    OVERSIGHT_EXPECT_OK(
        root_->Unary(absl::StrCat(kCaseload, "CreateStatusPeriod"), status, &made_status, {}));
    if (worker.empty()) return;
    cl::CreateAllocationRequest allocation;
    allocation.set_parent(Case(id));
    allocation.set_allocation_id("k");
    allocation.mutable_allocation()->set_worker(Worker(worker));
    allocation.mutable_allocation()->set_role(cl::ALLOCATION_ROLE_KEYWORKER);
    allocation.mutable_allocation()->set_unchecked_reason("compliance takes no part in this test");
    Since2020(allocation.mutable_allocation()->mutable_start_date());
    if (until) {
      Since2020(allocation.mutable_allocation()->mutable_end_date());
      allocation.mutable_allocation()->mutable_end_date()->set_year(static_cast<int>(until->civil().year()));
    }
    cl::Allocation made_allocation;
    OVERSIGHT_EXPECT_OK(
        root_->Unary(absl::StrCat(kCaseload, "CreateAllocation"), allocation, &made_allocation, {}));
  }

  std::unique_ptr<rpc::Client> As(const std::string& worker, const std::string& group) {
    return issuer_.As(
        *caseload_, worker,
        absl::StrCat(R"("authority":"a","worker":")", worker, R"(","groups":[")", group, R"("])"));
  }

  static std::vector<std::string> Cases(rpc::Client& client) {
    cl::ListCasesRequest request;
    request.set_parent("authorities/a");
    request.set_page_size(1);
    std::vector<std::string> ids;
    do {
      cl::ListCasesResponse response;
      OVERSIGHT_EXPECT_OK(client.Unary(absl::StrCat(kCaseload, "ListCases"), request, &response, {}));
      for (const cl::Case& each : response.cases())
        ids.push_back(each.name().substr(each.name().rfind('/') + 1));
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return ids;
  }

  TokenIssuer issuer_;
  testing::InProcessService workforce_;
  std::unique_ptr<testing::InProcessService> caseload_;
  std::unique_ptr<rpc::Client> root_;
};

TEST_F(CaseScopeTest, ACaseIsItsPresentWorkersAndTheirSupervisorsAndTeams) {
  EXPECT_THAT(Cases(*As("ben", "p")), ElementsAre("held-by-ben"));
  EXPECT_THAT(Cases(*As("ada", "s")), ElementsAre("held-by-ben"));
  EXPECT_THAT(Cases(*As("ada", "p")), ::testing::IsEmpty());
  EXPECT_THAT(Cases(*As("mia", "m")), ElementsAre("held-by-cleo"));
  EXPECT_THAT(Cases(*root_), ElementsAre("held-by-ben", "held-by-cleo", "nobodys", "was-bens"));

  const auto ben = As("ben", "p");
  for (const auto& [id, seen] : std::map<std::string, bool>{{"held-by-ben", true},
                                                            {"was-bens", false},
                                                            {"held-by-cleo", false},
                                                            {"nobodys", false},
                                                            {"missing", false}}) {
    cl::GetStatusPeriodRequest status;
    status.set_name(Case(id) + "/statusPeriods/s");
    cl::StatusPeriod state;
    EXPECT_EQ(ben->Unary(absl::StrCat(kCaseload, "GetStatusPeriod"), status, &state, {}).ok(), seen) << id;
    cl::ListStatusPeriodsRequest list;
    list.set_parent(Case(id));
    cl::ListStatusPeriodsResponse states;
    EXPECT_EQ(ben->Unary(absl::StrCat(kCaseload, "ListStatusPeriods"), list, &states, {}).ok(), seen) << id;
  }
  cl::ListStatusPeriodsRequest all;
  all.set_parent("authorities/a/cases/-");
  cl::ListStatusPeriodsResponse states;
  OVERSIGHT_ASSERT_OK(ben->Unary(absl::StrCat(kCaseload, "ListStatusPeriods"), all, &states, {}));
  EXPECT_EQ(states.status_periods_size(), 1);
}

TEST_F(CaseScopeTest, AManagerAllocatesWithinTheTeamOnly) {
  const auto mia = As("mia", "m");
  const auto allocate = [&](const std::string& to_case, const std::string& worker) {
    cl::CreateAllocationRequest request;
    request.set_parent(Case(to_case));
    request.mutable_allocation()->set_worker(Worker(worker));
    request.mutable_allocation()->set_role(cl::ALLOCATION_ROLE_COWORKER);
    request.mutable_allocation()->set_unchecked_reason("compliance takes no part in this test");
    Since2020(request.mutable_allocation()->mutable_start_date());
    cl::Allocation made;
    return mia->Unary(absl::StrCat(kCaseload, "CreateAllocation"), request, &made, {});
  };
  OVERSIGHT_EXPECT_OK(allocate("held-by-cleo", "mia"));
  for (const auto& [to_case, worker] : std::vector<std::pair<std::string, std::string>>{
           {"held-by-cleo", "ben"}, {"held-by-ben", "mia"}, {"nobodys", "mia"}, {"missing", "mia"}}) {
    EXPECT_EQ(ReasonOf(allocate(to_case, worker)), "ACCESS_DENIED") << to_case << " " << worker;
  }
}

TEST_F(CaseScopeTest, WithoutWorkforceRolesOfWorkersWait) {
  // A view that was never filled: this service has no workforce to follow.
  testing::InProcessOptions options;
  options.access =
      issuer_.Trusted({.grants_file = rpc::WriteTestFile("g", "group { group: 'p' role: 'practitioner' }"),
                       .first_administrator = "root"});
  options.access->workforce = *rpc::Client::Create({.target = "127.0.0.1:1"});
  testing::InProcessService alone(caseload::Definition(), std::move(options));
  cl::ListCasesRequest request;
  request.set_parent("authorities/a");
  cl::ListCasesResponse response;
  const auto ben = issuer_.As(alone, "ben", R"("authority":"a","worker":"ben","groups":["p"])");
  const absl::Status status = ben->Unary(absl::StrCat(kCaseload, "ListCases"), request, &response, {});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), "WORKFORCE_UNKNOWN");
  EXPECT_GT(RetryDelayOf(status), absl::ZeroDuration());
  OVERSIGHT_EXPECT_OK(issuer_.As(alone, "root", R"("authority":"a")")
                          ->Unary(absl::StrCat(kCaseload, "ListCases"), request, &response, {}));
}

}  // namespace
}  // namespace oversight::access

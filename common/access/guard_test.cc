// A running service asked by callers with tokens: what each sees, and that a refusal says nothing.
#include "common/access/guard.h"

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/access/token_issuer_for_test.h"
#include "common/ledger/token.h"
#include "common/status/error.h"
#include "common/testing/in_process_service.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "oversight/access/v1/access_service.pb.h"
#include "oversight/workforce/v1/workforce_service.pb.h"
#include "services/workforce/resources/registry.h"

namespace oversight::access {
namespace {

namespace wf = ::oversight::workforce::v1;
using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr char kService[] = "/oversight.workforce.v1.WorkforceService/";
constexpr char kListRecords[] = "/oversight.access.v1.AccessService/ListAccessRecords";
constexpr char kGrants[] =
    "group { group: 'g-practitioner' role: 'practitioner' }"
    "group { group: 'g-supervisor' role: 'practice-supervisor' }"
    "group { group: 'g-manager' role: 'team-manager' }"
    "group { group: 'g-hr' role: 'hr' }"
    "group { group: 'g-auditor' role: 'auditor' }"
    "group { group: 'g-integration' role: 'integration' }";

void Eventually(const std::function<bool()>& condition) {
  const absl::Time limit = absl::Now() + absl::Seconds(30);
  while (!condition()) {
    ASSERT_LT(absl::Now(), limit) << "did not happen";
    absl::SleepFor(absl::Milliseconds(2));
  }
}

// One key and one service for all tests: each is slow to make.
struct World {
  World() : grants_file(rpc::WriteTestFile("grants", kGrants)) {
    testing::InProcessOptions options;
    options.access = issuer.Trusted({.grants_file = grants_file, .first_administrator = "root"});
    service = std::make_unique<testing::InProcessService>(workforce::Definition(), std::move(options));
    root = As("root", R"("authority":["a","b"])");
    for (const char* authority : {"a", "b"}) {
      wf::CreateAuthorityRequest request;
      request.set_authority_id(authority);
      request.mutable_authority()->set_display_name("Synthetic");
      Must("CreateAuthority", request);
      AddWorker(authority, "mia", "north");
      AddWorker(authority, "ada", "north");
      AddWorker(authority, "ben", "south");
      AddWorker(authority, "cleo", "south");
      AddWorker(authority, "lea", "north");
      Supervise(authority, "ben", "ada");
    }
    Eventually([this] {
      return service->workforce_view().Fresh(absl::Now(), absl::Minutes(1)) &&
             service->workforce_view()
                     .ReachOf("authorities/b/workers/ada", {.tree = true}, CivilDay::Of(absl::Now()))
                     .workers.size() == 2;
    });
  }

  std::unique_ptr<rpc::Client> As(const std::string& subject, const std::string& claims) {
    return issuer.As(*service, subject, claims);
  }
  // A worker of authority a, known to the identity provider by the worker's external id.
  std::unique_ptr<rpc::Client> AsWorker(const std::string& worker, const std::string& group) {
    return As(absl::StrCat("sub-a-", worker), absl::StrCat(R"("authority":"a","groups":[")", group, R"("])"));
  }

  void Must(const std::string& method, const google::protobuf::Message& request) {
    const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
        "oversight.workforce.v1.WorkforceService." + method);
    std::unique_ptr<google::protobuf::Message> response(google::protobuf::MessageFactory::generated_factory()
                                                            ->GetPrototype(descriptor->output_type())
                                                            ->New());
    OVERSIGHT_EXPECT_OK(root->Unary(kService + method, request, response.get(), {})) << method;
  }
  void AddWorker(const std::string& authority, const std::string& id, const std::string& team) {
    const std::string parent = "authorities/" + authority;
    wf::CreateTeamRequest team_request;
    team_request.set_parent(parent);
    team_request.set_team_id(team);
    team_request.mutable_team()->set_display_name(team);
    wf::Team ignored;
    root->Unary(absl::StrCat(kService, "CreateTeam"), team_request, &ignored, {}).IgnoreError();
    wf::CreateWorkerRequest worker;
    worker.set_parent(parent);
    worker.set_worker_id(id);
    auto* identity = worker.mutable_worker()->add_external_ids();
    identity->set_system("identity");
    identity->set_id(absl::StrCat("sub-", authority, "-", id));
    Must("CreateWorker", worker);
    wf::CreatePostRequest post;
    post.set_parent(absl::StrCat(parent, "/workers/", id));
    post.set_post_id("p");
    post.mutable_post()->set_career_stage(wf::CAREER_STAGE_SOCIAL_WORKER);
    post.mutable_post()->set_team(absl::StrCat(parent, "/teams/", team));
    SetDay(*post.mutable_post()->mutable_start_date());
    Must("CreatePost", post);
  }
  void Supervise(const std::string& authority, const std::string& worker, const std::string& supervisor) {
    wf::CreateSupervisorLinkRequest link;
    link.set_parent(absl::StrCat("authorities/", authority, "/workers/", worker));
    link.set_supervisor_link_id("l");
    link.mutable_supervisor_link()->set_supervisor(
        absl::StrCat("authorities/", authority, "/workers/", supervisor));
    link.mutable_supervisor_link()->set_function(wf::SupervisorLink::FUNCTION_LINE_MANAGEMENT);
    SetDay(*link.mutable_supervisor_link()->mutable_start_date());
    Must("CreateSupervisorLink", link);
  }
  static void SetDay(google::type::Date& date) {
    date.set_year(2020);
    date.set_month(1);
    date.set_day(1);
  }

  const TokenIssuer issuer;
  const std::string grants_file;
  std::unique_ptr<testing::InProcessService> service;
  std::unique_ptr<rpc::Client> root;
};

std::unique_ptr<World> the_world;
World& TheWorld() { return *the_world; }

class GuardTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { the_world = std::make_unique<World>(); }
  // Its threads end before what they use at the end of the process does.
  static void TearDownTestSuite() { the_world.reset(); }

  template <typename Response>
  static absl::Status Call(rpc::Client& client, const std::string& method,
                           const google::protobuf::Message& request, Response* response) {
    return client.Unary(kService + method, request, response, {});
  }
  static absl::Status GetWorker(rpc::Client& client, const std::string& name) {
    wf::GetWorkerRequest request;
    request.set_name(name);
    wf::Worker worker;
    return Call(client, "GetWorker", request, &worker);
  }
  // Ids of the workers that the caller sees, over all pages.
  static std::vector<std::string> Workers(rpc::Client& client, int page_size) {
    std::vector<std::string> ids;
    wf::ListWorkersRequest request;
    request.set_parent("authorities/a");
    request.set_page_size(page_size);
    do {
      wf::ListWorkersResponse response;
      OVERSIGHT_EXPECT_OK(Call(client, "ListWorkers", request, &response));
      for (const wf::Worker& worker : response.workers()) {
        ids.push_back(worker.name().substr(worker.name().rfind('/') + 1));
      }
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return ids;
  }

  World& world_ = TheWorld();
};

TEST_F(GuardTest, ScopesShowWhatTheyShould) {
  EXPECT_THAT(Workers(*world_.AsWorker("ada", "g-practitioner"), 2), ElementsAre("ada"));
  EXPECT_THAT(Workers(*world_.AsWorker("ada", "g-supervisor"), 1), ElementsAre("ada", "ben"));
  EXPECT_THAT(Workers(*world_.AsWorker("mia", "g-manager"), 1), ElementsAre("ada", "lea", "mia"));
  EXPECT_THAT(Workers(*world_.AsWorker("nobody", "g-hr"), 100), SizeIs(5));
  // A supervisor of another team reaches those below, and no further.
  const auto ada = world_.AsWorker("ada", "g-supervisor");
  for (const auto& [name, seen] : std::map<std::string, bool>{{"authorities/a/workers/ada", true},
                                                              {"authorities/a/workers/ben", true},
                                                              {"authorities/a/workers/cleo", false},
                                                              {"authorities/a/workers/mia", false},
                                                              {"authorities/b/workers/ada", false}}) {
    EXPECT_EQ(GetWorker(*ada, name).ok(), seen) << name;
  }
  wf::ListPostsRequest posts;
  posts.set_parent("authorities/a/workers/-");
  wf::ListPostsResponse found;
  OVERSIGHT_ASSERT_OK(Call(*ada, "ListPosts", posts, &found));
  EXPECT_THAT(found.posts(), SizeIs(2));
}

TEST_F(GuardTest, RefusalsAreTheSameWhetherAThingExistsOrNot) {
  const auto practitioner = world_.AsWorker("ada", "g-practitioner");
  const auto hr = world_.AsWorker("hr", "g-hr");
  std::set<std::string> answers;
  const auto note = [&answers](const absl::Status& status) {
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << status;
    std::string answer = status.ToString();
    status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
      absl::StrAppend(&answer, url, "=", std::string(payload));
    });
    answers.insert(answer);
  };
  wf::ListWorkersRequest all;
  all.set_parent("authorities/a");
  all.set_page_size(1);
  wf::ListWorkersResponse page;
  OVERSIGHT_ASSERT_OK(Call(*hr, "ListWorkers", all, &page));
  struct Asked {
    rpc::Client* client;
    std::string worker;
  };
  for (const Asked& asked : std::vector<Asked>{{practitioner.get(), "authorities/a/workers/ben"},
                                               {practitioner.get(), "authorities/a/workers/missing"},
                                               {practitioner.get(), "authorities/a/workers/not a name"},
                                               {practitioner.get(), "authorities/b/workers/ben"},
                                               {hr.get(), "authorities/b/workers/ben"},
                                               {hr.get(), "authorities/b/workers/missing"},
                                               {hr.get(), "authorities/missing/workers/ben"},
                                               {hr.get(), "authorities/-/workers/ben"},
                                               {hr.get(), "authorities//workers/ben"}}) {
    wf::Worker worker;
    note(GetWorker(*asked.client, asked.worker));
    for (const std::string etag : {"", "1", "wrong"}) {
      for (const std::string request_id : {"", "r-1"}) {
        wf::UpdateWorkerRequest update;
        update.mutable_worker()->set_name(asked.worker);
        update.mutable_worker()->set_etag(etag);
        update.set_request_id(request_id);
        update.set_validate_only(etag == "1");
        update.set_allow_missing(etag.empty());
        note(Call(*asked.client, "UpdateWorker", update, &worker));
        wf::DeleteWorkerRequest remove;
        remove.set_name(asked.worker);
        remove.set_etag(etag);
        remove.set_request_id(request_id);
        note(Call(*asked.client, "DeleteWorker", remove, &worker));
      }
    }
    wf::GetPostRequest post;
    wf::Post state;
    for (const char* id : {"p", "missing"}) {
      post.set_name(absl::StrCat(asked.worker, "/posts/", id));
      note(Call(*asked.client, "GetPost", post, &state));
    }
    wf::ListPostsRequest posts;
    wf::ListPostsResponse listed;
    posts.set_parent(asked.worker);
    for (const std::string& token : {std::string(), page.next_page_token(), std::string("garbage")}) {
      posts.set_page_token(token);
      note(Call(*asked.client, "ListPosts", posts, &listed));
    }
  }
  EXPECT_THAT(answers, SizeIs(1));
}

TEST_F(GuardTest, APageTokenBelongsToItsCallerAndNamesNobody) {
  const auto ada = world_.AsWorker("ada", "g-supervisor");
  const auto mia = world_.AsWorker("mia", "g-manager");
  wf::ListWorkersRequest request;
  request.set_parent("authorities/a");
  request.set_page_size(1);
  wf::ListWorkersResponse page;
  OVERSIGHT_ASSERT_OK(Call(*ada, "ListWorkers", request, &page));
  request.set_page_token(page.next_page_token());
  OVERSIGHT_EXPECT_OK(Call(*ada, "ListWorkers", request, &page));
  EXPECT_EQ(ReasonOf(Call(*mia, "ListWorkers", request, &page)), "INVALID_PAGE_TOKEN");
  // One of who sees all is of no use to who does not.
  request.clear_page_token();
  OVERSIGHT_ASSERT_OK(Call(*world_.AsWorker("hr", "g-hr"), "ListWorkers", request, &page));
  request.set_page_token(page.next_page_token());
  EXPECT_EQ(ReasonOf(Call(*ada, "ListWorkers", request, &page)), "INVALID_PAGE_TOKEN");
}

TEST_F(GuardTest, AuthoritiesAreListedOnlyToThoseWhoWorkForThem) {
  wf::ListAuthoritiesRequest request;
  wf::ListAuthoritiesResponse response;
  OVERSIGHT_ASSERT_OK(Call(*world_.AsWorker("ada", "g-practitioner"), "ListAuthorities", request, &response));
  ASSERT_THAT(response.authorities(), SizeIs(1));
  EXPECT_EQ(response.authorities(0).name(), "authorities/a");
  OVERSIGHT_ASSERT_OK(Call(*world_.root, "ListAuthorities", request, &response));
  EXPECT_THAT(response.authorities(), SizeIs(2));
}

TEST_F(GuardTest, ALeaversRoleEndsWithThePost) {
  const auto lea = world_.AsWorker("lea", "g-practitioner");
  // Also a role that does not come from the post.
  const auto lea_hr = world_.AsWorker("lea", "g-hr");
  OVERSIGHT_EXPECT_OK(GetWorker(*lea, "authorities/a/workers/lea"));
  OVERSIGHT_EXPECT_OK(GetWorker(*lea_hr, "authorities/a/workers/ben"));
  wf::UpdatePostRequest end;
  end.mutable_post()->set_name("authorities/a/workers/lea/posts/p");
  World::SetDay(*end.mutable_post()->mutable_end_date());
  end.mutable_post()->mutable_end_date()->set_year(2021);
  world_.Must("UpdatePost", end);
  Eventually([&] { return absl::IsPermissionDenied(GetWorker(*lea, "authorities/a/workers/lea")); });
  EXPECT_TRUE(absl::IsPermissionDenied(GetWorker(*lea_hr, "authorities/a/workers/ben")));
}

TEST_F(GuardTest, AWatchShowsTheAuthoritiesOfItsCallerAndEndsWithTheGrant) {
  const auto integration = world_.AsWorker("warehouse", "g-integration");
  ledger::v1::WatchRequest request;
  request.set_all_authorities(true);
  const std::string watch = testing::InProcessService::LedgerMethod("Watch");
  auto stream = integration->Stream(watch, request, {.deadline = absl::Now() + absl::Seconds(60)});
  std::set<std::string> authorities;
  ledger::v1::WatchResponse message;
  while (stream->Read(&message) && !message.entries().empty()) {
    for (const auto& entry : message.entries()) authorities.insert(entry.authority());
  }
  EXPECT_THAT(authorities, ElementsAre("authorities/a"));
  for (const std::string& head : message.heads()) {
    EXPECT_EQ(ledger::DecodeToken(head)->authority(), "authorities/a");
  }
  ledger::v1::WatchRequest foreign;
  foreign.add_authorities("authorities/a");
  foreign.add_authorities("authorities/b");
  auto refused = integration->Stream(watch, foreign, {.deadline = absl::Now() + absl::Seconds(60)});
  EXPECT_FALSE(refused->Read(&message));
  EXPECT_EQ(ReasonOf(refused->Finish()), "ACCESS_DENIED");

  // The group loses its role while the watch is open: at the next message it ends.
  std::ofstream(world_.grants_file) << "group { group: 'g-hr' role: 'hr' } # fewer";
  absl::SleepFor(absl::Milliseconds(1100));
  world_.AddWorker("a", "new", "north");
  while (stream->Read(&message)) {
  }
  EXPECT_EQ(ReasonOf(stream->Finish()), "GRANTS_CHANGED");
  std::ofstream(world_.grants_file) << kGrants;
  const auto ada = world_.AsWorker("ada", "g-practitioner");
  Eventually([&] { return GetWorker(*ada, "authorities/a/workers/ada").ok(); });
}

TEST_F(GuardTest, DeniedCallsAreInTheAccessLogAndStayDeniedWithoutIt) {
  const auto ben = world_.AsWorker("ben", "g-practitioner");
  const std::string name = "authorities/a/workers/cleo";
  EXPECT_TRUE(absl::IsPermissionDenied(GetWorker(*ben, name)));
  const auto auditor = world_.AsWorker("auditor", "g-auditor");
  v1::ListAccessRecordsRequest request;
  request.set_parent("authorities/a");
  request.set_actor("user:sub-a-ben");
  request.set_resource(name);
  request.set_page_size(1);
  v1::ListAccessRecordsResponse response;
  OVERSIGHT_ASSERT_OK(auditor->Unary(kListRecords, request, &response, {}));
  ASSERT_THAT(response.access_records(), SizeIs(1));
  const v1::AccessRecord& record = response.access_records(0);
  EXPECT_EQ(record.outcome(), v1::AccessRecord::OUTCOME_DENIED);
  EXPECT_THAT(record.roles(), ElementsAre("practitioner"));
  EXPECT_EQ(record.method(), absl::StrCat(kService, "GetWorker"));
  EXPECT_EQ(record.resource_hash().substr(0, 1), "#");
  EXPECT_FALSE(absl::StrContains(record.ShortDebugString(), "cleo"));
  EXPECT_EQ(response.next_page_token(), "");

  // Pages, newest first, each once.
  EXPECT_TRUE(absl::IsPermissionDenied(GetWorker(*ben, "authorities/a/workers/x1")));
  EXPECT_TRUE(absl::IsPermissionDenied(GetWorker(*ben, "authorities/a/workers/x2")));
  request.clear_resource();
  std::vector<std::string> ids;
  absl::Time last = absl::InfiniteFuture();
  do {
    OVERSIGHT_ASSERT_OK(auditor->Unary(kListRecords, request, &response, {}));
    for (const auto& each : response.access_records()) {
      ids.push_back(each.request_id());
      const absl::Time time =
          absl::FromUnixSeconds(each.time().seconds()) + absl::Nanoseconds(each.time().nanos());
      EXPECT_LE(time, last);
      last = time;
    }
    request.set_page_token(response.next_page_token());
  } while (!response.next_page_token().empty());
  EXPECT_THAT(ids, SizeIs(3));
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 3u);
  // It is for auditors alone.
  request.clear_page_token();
  EXPECT_TRUE(absl::IsPermissionDenied(ben->Unary(kListRecords, request, &response, {})));

  world_.service->Sql("RENAME TABLE access_log TO access_log_away");
  EXPECT_TRUE(absl::IsPermissionDenied(GetWorker(*ben, name)));
  world_.service->Sql("RENAME TABLE access_log_away TO access_log");
}

}  // namespace
}  // namespace oversight::access

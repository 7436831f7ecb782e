#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "common/status/error.h"
#include "oversight/supervision/v1/supervision_service.pb.h"
#include "oversight/workforce/v1/workforce_batch.pb.h"
#include "oversight/workforce/v1/workforce_service.pb.h"
#include "services/oversightctl/call/fields.h"
#include "services/oversightctl/call/kinds.h"
#include "services/oversightctl/testing/command_line.h"

namespace oversight::ctl {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace workforce::v1;  // NOLINT: the messages of many methods

class ResourceCommandsTest : public CommandLine {
 protected:
  // Keeps the requests of a method; replies with what `reply` makes of them.
  template <typename Request, typename Response>
  void Keep(
      const std::string& method, std::vector<Request>& kept,
      std::function<void(const Request&, Response&)> reply = [](const Request&, Response&) {}) {
    On<Request, Response>(ServiceId::kWorkforce, method,
                          [&kept, reply](const Request& request, Response& response) {
                            kept.push_back(request);
                            reply(request, response);
                            return absl::OkStatus();
                          });
  }
  static std::string Text(const google::protobuf::Message& message) { return message.ShortDebugString(); }
};

TEST_F(ResourceCommandsTest, KindsAreFoundByName) {
  EXPECT_EQ(FindKind("workforce.Worker")->pattern, "authorities/{authority}/workers/{worker}");
  EXPECT_EQ(FindKind("supervisor-link")->name, "workforce.SupervisorLink");
  EXPECT_EQ(FindKind("CASELOAD.case")->service, ServiceId::kCaseload);
  EXPECT_EQ(FindKind("policy_assignment")->service, ServiceId::kCompliance);
  EXPECT_THAT(std::string(FindKind("workforce.Wor").status().message()), HasSubstr("workforce.Worker"));
  // Every kind of every service can at least be read.
  for (const ResourceKind& kind : AllKinds()) {
    EXPECT_TRUE(MethodOfKind(kind, "Get").ok()) << kind.name;
    EXPECT_TRUE(MethodOfKind(kind, "List").ok()) << kind.name;
  }
}

TEST_F(ResourceCommandsTest, GetShowsEachResource) {
  std::vector<GetWorkerRequest> requests;
  Keep<GetWorkerRequest, Worker>("GetWorker", requests, [](const GetWorkerRequest& request, Worker& worker) {
    worker.set_name(request.name());
    worker.mutable_employment_start_date()->set_year(2024);
    worker.mutable_employment_start_date()->set_month(2);
    worker.mutable_employment_start_date()->set_day(29);
  });
  ASSERT_EQ(Run({"get", "workforce.Worker", "W1", "workers/W2", "-a", "a"}), kAllWell) << err_.str();
  ASSERT_EQ(requests.size(), 2);
  EXPECT_EQ(requests[0].name(), "authorities/a/workers/W1");
  EXPECT_EQ(requests[1].name(), "authorities/a/workers/W2");
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("employment_start_date  2024-02-29"), HasSubstr("authorities/a/workers/W2")));
  ASSERT_EQ(Run({"get", "Worker", "authorities/b/workers/W1", "--json"}), kAllWell) << err_.str();
  EXPECT_EQ(nlohmann::json::parse(out_.str())["name"], "authorities/b/workers/W1");
}

TEST_F(ResourceCommandsTest, ListGoesThroughPagesWhenAskedTo) {
  std::vector<ListWorkersRequest> requests;
  Keep<ListWorkersRequest, ListWorkersResponse>(
      "ListWorkers", requests, [](const ListWorkersRequest& request, ListWorkersResponse& response) {
        const bool first = request.page_token().empty();
        response.add_workers()->set_name(first ? "authorities/a/workers/W1" : "authorities/a/workers/W2");
        if (first) response.set_next_page_token("more");
      });
  ASSERT_EQ(Run({"list", "Worker", "-a", "a", "--filter", "NOT employment_end_date:*", "--page-size", "1"}),
            kAllWell)
      << err_.str();
  ASSERT_EQ(requests.size(), 1);
  EXPECT_EQ(Text(requests[0]), R"(parent: "authorities/a" page_size: 1 filter: "NOT employment_end_date:*")");
  EXPECT_EQ(out_.str(), "  name\n  workers/W1\n");
  EXPECT_THAT(err_.str(), HasSubstr("--page-token more"));

  requests.clear();
  ASSERT_EQ(Run({"list", "Worker", "-a", "a", "--all", "--json"}), kAllWell);
  ASSERT_EQ(requests.size(), 2);
  EXPECT_EQ(requests[1].page_token(), "more");
  const auto json = nlohmann::json::parse(out_.str());
  EXPECT_EQ(json["workers"].size(), 2);
  EXPECT_EQ(json["nextPageToken"], "");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(ResourceCommandsTest, ListLooksFurtherAfterAnEmptyPage) {
  std::vector<ListWorkersRequest> requests;
  Keep<ListWorkersRequest, ListWorkersResponse>(
      "ListWorkers", requests, [](const ListWorkersRequest& request, ListWorkersResponse& response) {
        if (request.page_token().empty()) {
          response.set_next_page_token("more");
        } else {
          response.add_workers()->set_name("authorities/a/workers/W2");
        }
      });
  ASSERT_EQ(Run({"list", "Worker", "-a", "a", "--filter", "external_ids.id = x"}), kAllWell);
  EXPECT_EQ(requests.size(), 2);
  EXPECT_EQ(out_.str(), "  name\n  workers/W2\n");
}

TEST_F(ResourceCommandsTest, ListTakesAParentOrAll) {
  std::vector<ListPostsRequest> requests;
  Keep<ListPostsRequest, ListPostsResponse>("ListPosts", requests);
  ASSERT_EQ(Run({"list", "Post", "-a", "a"}), kAllWell) << err_.str();
  ASSERT_EQ(Run({"list", "Post", "W1", "-a", "a"}), kAllWell) << err_.str();
  ASSERT_EQ(Run({"list", "Post", "--parent", "workers/W2", "-a", "a", "--show-deleted"}), kAllWell)
      << err_.str();
  ASSERT_EQ(requests.size(), 3);
  EXPECT_EQ(requests[0].parent(), "authorities/a/workers/-");
  EXPECT_EQ(requests[1].parent(), "authorities/a/workers/W1");
  EXPECT_EQ(Text(requests[2]), R"(parent: "authorities/a/workers/W2" show_deleted: true)");
}

TEST_F(ResourceCommandsTest, CreateTakesFieldsByName) {
  std::vector<CreateSupervisorLinkRequest> requests;
  Keep<CreateSupervisorLinkRequest, SupervisorLink>("CreateSupervisorLink", requests);
  ASSERT_EQ(Run({"create",
                 "workforce.SupervisorLink",
                 "workers/W1/supervisorLinks/L1",
                 "-a",
                 "a",
                 "--supervisor",
                 "W2",
                 "--function",
                 "line-management",
                 "--elements",
                 "line_management",
                 "--elements",
                 "ELEMENT_LEARNING_AND_CAREER",
                 "--start-date",
                 "2026-03-01",
                 "--external_ids",
                 R"({"system": "hr", "id": "7"})",
                 "--request-id",
                 "r1",
                 "--validate-only"}),
            kAllWell)
      << err_.str();
  ASSERT_EQ(requests.size(), 1);
  EXPECT_EQ(Text(requests[0]),
            R"(parent: "authorities/a/workers/W1" supervisor_link_id: "L1" supervisor_link { )"
            R"(supervisor: "authorities/a/workers/W2" function: FUNCTION_LINE_MANAGEMENT )"
            R"(elements: ELEMENT_LINE_MANAGEMENT elements: ELEMENT_LEARNING_AND_CAREER )"
            R"(start_date { year: 2026 month: 3 day: 1 } external_ids { system: "hr" id: "7" } } )"
            R"(request_id: "r1" validate_only: true)");
}

TEST_F(ResourceCommandsTest, CreateTakesJsonToo) {
  std::vector<CreateWorkerRequest> requests;
  Keep<CreateWorkerRequest, Worker>("CreateWorker", requests);
  const auto path = std::filesystem::path(::testing::TempDir()) / "oversightctl_worker.json";
  std::ofstream(path) << R"({"employmentStartDate": {"year": 2024, "month": 1, "day": 1}})";
  ASSERT_EQ(Run({"create", "Worker", "--json-body", "@" + path.string(), "--employment-end-date",
                 "2025-01-01", "-a", "a"}),
            kAllWell)
      << err_.str();
  std::filesystem::remove(path);
  ASSERT_EQ(requests.size(), 1);
  EXPECT_EQ(Text(requests[0]),
            R"(parent: "authorities/a" worker { employment_start_date { year: 2024 month: 1 day: 1 } )"
            R"(employment_end_date { year: 2025 month: 1 day: 1 } })");
  EXPECT_EQ(Run({"create", "Worker", "--json-body", "@" + path.string(), "-a", "a"}), kUsage);
  EXPECT_EQ(Run({"create", "Worker", "--json-body", "{\"colour\": 1}", "-a", "a"}), kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("colour"));
}

TEST_F(ResourceCommandsTest, UpdateNamesWhatItChanges) {
  std::vector<UpdateWorkerRequest> requests;
  Keep<UpdateWorkerRequest, Worker>("UpdateWorker", requests);
  ASSERT_EQ(Run({"update", "Worker", "W1", "-a", "a", "--employment-start-date", "2024-01-01",
                 "--employment-end-date", "", "--etag", "v3"}),
            kAllWell)
      << err_.str();
  EXPECT_EQ(
      Text(requests.at(0)),
      R"(worker { name: "authorities/a/workers/W1" employment_start_date { year: 2024 month: 1 day: 1 } )"
      R"(etag: "v3" } update_mask { paths: "employment_start_date" paths: "employment_end_date" paths: "etag" })");
  ASSERT_EQ(Run({"update", "Worker", "W1", "-a", "a", "--json-body", R"({"employmentEndDate": null})"}),
            kAllWell);
  EXPECT_EQ(Text(requests.at(1)),
            R"(worker { name: "authorities/a/workers/W1" } update_mask { paths: "employment_end_date" })");
}

TEST_F(ResourceCommandsTest, DeleteVoidUndeleteAndMerge) {
  std::vector<DeleteWorkerRequest> deletions;
  std::vector<UndeleteWorkerRequest> returns;
  std::vector<VoidWorkerRequest> voids;
  std::vector<MergeWorkerRequest> merges;
  Keep<DeleteWorkerRequest, Worker>("DeleteWorker", deletions);
  Keep<UndeleteWorkerRequest, Worker>("UndeleteWorker", returns);
  Keep<VoidWorkerRequest, Worker>("VoidWorker", voids);
  Keep<MergeWorkerRequest, Worker>("MergeWorker", merges);
  ASSERT_EQ(Run({"delete", "Worker", "W1", "W2", "-a", "a", "--etag", "v1"}), kAllWell) << err_.str();
  ASSERT_EQ(Run({"undelete", "Worker", "W1", "-a", "a"}), kAllWell) << err_.str();
  ASSERT_EQ(Run({"void", "Worker", "W1", "--reason", "another person", "-a", "a"}), kAllWell) << err_.str();
  ASSERT_EQ(Run({"merge", "Worker", "W1", "--into", "W2", "--reason", "twice", "-a", "a"}), kAllWell)
      << err_.str();
  EXPECT_EQ(Text(deletions.at(1)), R"(name: "authorities/a/workers/W2" etag: "v1")");
  EXPECT_EQ(Text(returns.at(0)), R"(name: "authorities/a/workers/W1")");
  EXPECT_EQ(Text(voids.at(0)), R"(name: "authorities/a/workers/W1" reason: "another person")");
  EXPECT_EQ(Text(merges.at(0)),
            R"(name: "authorities/a/workers/W1" into: "authorities/a/workers/W2" reason: "twice")");
  EXPECT_EQ(Run({"merge", "Post", "W1/P1", "--reason", "x", "-a", "a"}), kUsage) << "posts are not merged";
}

TEST_F(ResourceCommandsTest, CallTakesFieldsByNameToo) {
  supervision::v1::HoldSessionRequest held;
  On<supervision::v1::HoldSessionRequest, supervision::v1::Session>(
      ServiceId::kSupervision, "HoldSession",
      [&](const supervision::v1::HoldSessionRequest& request, supervision::v1::Session&) {
        held = request;
        return absl::OkStatus();
      });
  ASSERT_EQ(Run({"call", "supervision.HoldSession", "--name", "S1", "--date", "2026-03-01",
                 "--uninterrupted-minutes", "90", "-a", "a"}),
            kAllWell)
      << err_.str();
  EXPECT_EQ(
      Text(held),
      R"(name: "authorities/a/sessions/S1" date { year: 2026 month: 3 day: 1 } uninterrupted_minutes: 90)");
}

TEST_F(ResourceCommandsTest, ExitCodesTellWhatWentWrong) {
  struct Case {
    absl::Status status;
    ExitCode code;
  };
  const Case cases[] = {
      {absl::NotFoundError("gone"), kRefused},
      {absl::FailedPreconditionError("not so"), kRefused},
      {absl::AbortedError("changed"), kRefused},
      {absl::UnavailableError("away"), kServiceFailed},
      {absl::DeadlineExceededError("late"), kServiceFailed},
      {absl::InternalError("broken"), kServiceFailed},
  };
  for (const Case& c : cases) {
    On<GetWorkerRequest, Worker>(ServiceId::kWorkforce, "GetWorker",
                                 [&](const GetWorkerRequest&, Worker&) { return c.status; });
    EXPECT_EQ(Run({"get", "Worker", "W1", "-a", "a"}), c.code) << c.status;
  }
  const std::vector<std::vector<std::string>> wrong = {
      {"get", "Worker", "W1"},                                                  // of which authority?
      {"get", "Worker", "-a", "a"},                                             // which?
      {"get", "Wrker", "W1", "-a", "a"},                                        // no such kind
      {"create", "Worker", "--employment-start-date", "yesterday", "-a", "a"},  // no day
      {"create", "Worker", "--colour", "red", "-a", "a"},                       // no such field
      {"create", "SupervisorLink", "x", "--function", "BOSS", "-a", "a"},       // no such value
      {"completion", "tcsh"},
  };
  for (const auto& words : wrong) EXPECT_EQ(Run(words), kUsage) << words[1] << " " << words[2 % words.size()];
}

TEST_F(ResourceCommandsTest, HelpShowsTheFieldsOfTheKind) {
  ASSERT_EQ(Run({"create", "workforce.Post", "--help"}), kAllWell);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("--career-stage"), HasSubstr("STRATEGIC"),
                                HasSubstr("--validate-only"), Not(HasSubstr("--create-time"))));
}

TEST_F(ResourceCommandsTest, CompletionKnowsWhatMayComeNext) {
  struct Case {
    std::vector<std::string> words;
    std::vector<std::string> offers;
  };
  const Case cases[] = {
      {{"unde"}, {"undelete"}},
      {{"get", "workforce.Wor"}, {"workforce.Worker"}},
      {{"-a", "a", "void", "caseload.Cas"}, {"caseload.Case"}},
      {{"call", "supervision.HoldS"}, {"supervision.HoldSession"}},
      {{"create", "workforce.Post", "--caree"}, {"--career-stage"}},
      {{"create", "workforce.SupervisorLink", "--function", "PROF"}, {"PROFESSIONAL"}},
      {{"report", "--longe"}, {"--longest"}},
      {{"get", "workforce.Worker", ""}, {}},
  };
  for (const Case& c : cases) {
    std::vector<std::string> arguments = {"__complete"};
    arguments.insert(arguments.end(), c.words.begin(), c.words.end());
    ASSERT_EQ(Run(arguments), kAllWell) << err_.str();
    std::string offers;
    for (const std::string& offer : c.offers) offers += offer + "\n";
    EXPECT_EQ(out_.str(), offers) << c.words.back();
  }
  ASSERT_EQ(Run({"completion", "bash"}), kAllWell);
  EXPECT_THAT(out_.str(), HasSubstr("complete -o default -F _oversightctl oversightctl"));
}

TEST(FieldTextTest, TellsValuesTheWayPeopleWriteThem) {
  Post post;
  post.set_career_stage(CAREER_STAGE_ADVANCED);
  post.set_case_holding(true);
  post.set_full_time_equivalent(0.8);
  post.mutable_start_date()->set_year(2024);
  post.mutable_start_date()->set_month(3);
  post.mutable_start_date()->set_day(1);
  post.mutable_create_time()->set_seconds(1767225600);
  const auto text = [&](const char* name) {
    return FieldText(post, *Post::descriptor()->FindFieldByName(name));
  };
  EXPECT_EQ(text("career_stage"), "ADVANCED");
  EXPECT_EQ(text("case_holding"), "yes");
  EXPECT_EQ(text("full_time_equivalent"), "0.8");
  EXPECT_EQ(text("start_date"), "2024-03-01");
  EXPECT_EQ(text("create_time"), "2026-01-01T00:00:00");
  EXPECT_EQ(text("end_date"), "");
}

}  // namespace
}  // namespace oversight::ctl

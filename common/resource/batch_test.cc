#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "common/resource/testing/workforce_road.h"
#include "common/testing/proto_matchers.h"
#include "oversight/workforce/v1/workforce_batch.pb.h"

// The batch methods through a running service.
namespace oversight::resource {
namespace {

using ::oversight::testing::EqualsProto;
using ::oversight::testing::IsOk;
using ::oversight::testing::StatusIs;
using ::testing::ElementsAre;
using testing::FieldsOf;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using namespace workforce::v1;  // NOLINT: the messages of ten methods

class BatchTest : public testing::WorkforceRoad {
 protected:
  absl::StatusOr<BatchCreateWorkersResponse> Create(const std::string& text) {
    return Send<BatchCreateWorkersResponse>("BatchCreateWorkers", "parent: '$' " + text,
                                            BatchCreateWorkersRequest());
  }
  absl::StatusOr<BatchGetWorkersResponse> Get(const std::string& text) {
    return Send<BatchGetWorkersResponse>("BatchGetWorkers", "parent: '$' " + text, BatchGetWorkersRequest());
  }
  absl::StatusOr<BatchUpdateWorkersResponse> Update(const std::string& text) {
    return Send<BatchUpdateWorkersResponse>("BatchUpdateWorkers", "parent: '$' " + text,
                                            BatchUpdateWorkersRequest());
  }
  absl::StatusOr<BatchDeleteWorkersResponse> Delete(const std::string& text) {
    return Send<BatchDeleteWorkersResponse>("BatchDeleteWorkers", "parent: '$' " + text,
                                            BatchDeleteWorkersRequest());
  }
  absl::StatusOr<BatchCreatePostsResponse> CreatePosts(const std::string& parent, const std::string& text) {
    return Send<BatchCreatePostsResponse>("BatchCreatePosts",
                                          absl::StrCat("parent: '$/workers/", parent, "' ", text),
                                          BatchCreatePostsRequest());
  }
  static std::string PostText(const std::string& parent, int month, int end_month) {
    return absl::StrCat(
        "requests { ", parent.empty() ? "" : "parent: '$/workers/" + parent + "' ",
        "post { career_stage: CAREER_STAGE_ADVANCED team: '$/teams/t' start_date { year: 2024 month: ", month,
        " day: 1 } end_date { year: 2024 month: ", end_month, " day: 1 } } } ");
  }
};

TEST_F(BatchTest, CreatesReadsChangesAndDeletesInTheOrderAskedFor) {
  const int64_t before = Revision();
  const auto created = Create(
      "requests { worker_id: 'b' worker {} } requests { worker_id: 'a' worker {} } requests { worker {} }");
  OVERSIGHT_ASSERT_OK(created);
  ASSERT_THAT(created->workers(), SizeIs(3));
  EXPECT_EQ(created->workers(0).name(), root_ + "/workers/b");
  EXPECT_EQ(created->workers(1).name(), root_ + "/workers/a");
  EXPECT_THAT(created->workers(2).name(), StartsWith(root_ + "/workers/"));
  EXPECT_EQ(Revision(), before + 3) << "an entry each";

  const auto read = Get("names: '$/workers/a' names: '$/workers/b'");
  OVERSIGHT_ASSERT_OK(read);
  ASSERT_THAT(read->workers(), SizeIs(2));
  EXPECT_THAT(read->workers(0), EqualsProto(created->workers(1)));
  EXPECT_THAT(read->workers(1), EqualsProto(created->workers(0)));

  const auto updated = Update(
      "requests { worker { name: '$/workers/b' employment_start_date { year: 2024 month: 1 day: 1 } } } "
      "requests { worker { name: '$/workers/c' } allow_missing: true }");
  OVERSIGHT_ASSERT_OK(updated);
  EXPECT_EQ(updated->workers(0).etag(), "v2");
  EXPECT_EQ(updated->workers(1).etag(), "v1");

  const auto deleted = Delete("requests { name: '$/workers/c' } requests { name: '$/workers/b' etag: 'v2' }");
  OVERSIGHT_ASSERT_OK(deleted);
  EXPECT_TRUE(deleted->workers(0).has_delete_time());
  EXPECT_TRUE(deleted->workers(1).has_delete_time());
}

TEST_F(BatchTest, OneThatFailsStopsAllAndIsNamed) {
  OVERSIGHT_ASSERT_OK(CreateWorker("there"));
  const int64_t before = Revision();
  const auto taken =
      Create("requests { worker_id: 'new' worker {} } requests { worker_id: 'there' worker {} }");
  EXPECT_THAT(taken, StatusIs(absl::StatusCode::kAlreadyExists, "RESOURCE_EXISTS"));
  EXPECT_EQ(MetadataOf(taken.status(), "part"), "requests[1]");
  EXPECT_THAT(GetWorker("new"), StatusIs(absl::StatusCode::kNotFound));

  const auto wrong = Create(
      "requests { worker_id: 'new' worker { employment_start_date { year: 2023 month: 2 day: 29 } } }");
  EXPECT_THAT(wrong, StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(FieldsOf(wrong.status()), ElementsAre("requests[0].worker.employment_start_date"));

  EXPECT_THAT(Update("requests { worker { name: '$/workers/there' etag: 'v9' } }"),
              StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_THAT(Delete("requests { name: '$/workers/there' } requests { name: '$/workers/gone' }"),
              StatusIs(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  const auto missing = Get("names: '$/workers/there' names: '$/workers/gone'");
  EXPECT_THAT(missing, StatusIs(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_EQ(MetadataOf(missing.status(), "part"), "names[1]");
  EXPECT_EQ(Revision(), before);
  EXPECT_THAT(GetWorker("there"), IsOk());
}

TEST_F(BatchTest, WhatABatchMayNotHold) {
  struct Case {
    const char* what;
    absl::StatusOr<BatchCreateWorkersResponse> result;
    const char* field;
  };
  std::string many;
  for (int i = 0; i < 1001; ++i) many += "requests { worker {} } ";
  const Case cases[] = {
      {"too many", Create(many), "requests"},
      {"the same twice",
       Create("requests { worker_id: 'w' worker {} } requests { worker_id: 'w' worker {} }"),
       "requests[1].name"},
      {"an id within", Create("requests { worker {} request_id: 'x' }"), "requests[0].request_id"},
      {"a trial within", Create("requests { worker {} validate_only: true }"), "requests[0].validate_only"},
      {"another parent", Create("requests { parent: 'authorities/other' worker {} }"), "requests[0].parent"},
      {"no id", Create("requests { worker_id: '/' worker {} }"), "requests[0].worker_id"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(c.result, StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS")) << c.what;
    EXPECT_THAT(FieldsOf(c.result.status()), ElementsAre(c.field)) << c.what;
  }
  EXPECT_THAT(Get("names: '$/workers/a' names: '$/workers/a'"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(Get("names: 'authorities/other/workers/a'"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(Get("names: 'nonsense'"), StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_NAME"));
  EXPECT_THAT(Delete("requests { name: 'authorities/other/workers/a' }"),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(Send<BatchGetWorkersResponse>("BatchGetWorkers", "parent: 'x'", BatchGetWorkersRequest()),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  const auto empty = Create("");
  OVERSIGHT_ASSERT_OK(empty);
  EXPECT_THAT(empty->workers(), IsEmpty());
}

TEST_F(BatchTest, ItsPartsSeeEachOther) {
  OVERSIGHT_ASSERT_OK(CreateTeam("t"));
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  EXPECT_THAT(CreatePosts("w", PostText("", 1, 3) + PostText("", 3, 5)), IsOk());
  OVERSIGHT_ASSERT_OK(CreateWorker("v"));
  const auto overlap = CreatePosts("v", PostText("", 1, 4) + PostText("", 3, 5));
  EXPECT_THAT(overlap, StatusIs(absl::StatusCode::kFailedPrecondition, "PERIOD_OVERLAP"));
  EXPECT_EQ(MetadataOf(overlap.status(), "part"), "requests[1]");
}

TEST_F(BatchTest, TheParentMayBeAny) {
  OVERSIGHT_ASSERT_OK(CreateTeam("t"));
  for (const char* worker : {"v", "w"}) OVERSIGHT_ASSERT_OK(CreateWorker(worker));
  const auto created = CreatePosts("-", PostText("v", 1, 3) + PostText("w", 1, 3));
  OVERSIGHT_ASSERT_OK(created);
  EXPECT_THAT(created->posts(1).name(), StartsWith(root_ + "/workers/w/posts/"));
  EXPECT_THAT(CreatePosts("-", PostText("", 5, 6)),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"))
      << "which one?";
  EXPECT_THAT(CreatePosts("-", PostText("gone", 5, 6)),
              StatusIs(absl::StatusCode::kNotFound, "PARENT_NOT_FOUND"));
}

TEST_F(BatchTest, ATrialWritesNothing) {
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  const int64_t before = Revision();
  const auto trial = Create("requests { worker_id: 'x' worker {} } validate_only: true");
  OVERSIGHT_ASSERT_OK(trial);
  EXPECT_EQ(trial->workers(0).name(), root_ + "/workers/x");
  EXPECT_THAT(Delete("requests { name: '$/workers/w' } validate_only: true"), IsOk());
  EXPECT_THAT(Create("requests { worker_id: 'w' worker {} } validate_only: true"),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Revision(), before);
}

TEST_F(BatchTest, SentAgainItIsDoneOnce) {
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  const std::string text = "requests { worker {} } requests { worker_id: 'x' worker {} } request_id: 'r1'";
  const auto first = Create(text);
  OVERSIGHT_ASSERT_OK(first);
  const int64_t after = Revision();
  OVERSIGHT_ASSERT_OK(CreateWorker("later"));
  const auto again = Create(text);
  OVERSIGHT_ASSERT_OK(again);
  EXPECT_THAT(*again, EqualsProto(*first)) << "chosen ids included";
  EXPECT_EQ(Revision(), after + 1);
  EXPECT_THAT(Create("requests { worker {} } request_id: 'r1'"),
              StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));

  // One of them changes nothing; the other has moved on since.
  const std::string change =
      "requests { worker { name: '$/workers/w' employment_start_date { year: 2024 month: 1 day: 1 } } } "
      "requests { worker { name: '$/workers/x' } } request_id: 'r2'";
  const auto changed = Update(change);
  OVERSIGHT_ASSERT_OK(changed);
  OVERSIGHT_ASSERT_OK(Update(
      "requests { worker { name: '$/workers/w' employment_start_date { year: 2025 month: 1 day: 1 } } }"));
  const auto repeated = Update(change);
  OVERSIGHT_ASSERT_OK(repeated);
  EXPECT_THAT(*repeated, EqualsProto(*changed));

  OVERSIGHT_ASSERT_OK(Delete("requests { name: '$/workers/x' } request_id: 'r3'"));
  const auto deleted = Delete("requests { name: '$/workers/x' } request_id: 'r3'");
  OVERSIGHT_ASSERT_OK(deleted);
  EXPECT_TRUE(deleted->workers(0).has_delete_time());
}

TEST_F(BatchTest, KindsThatLockTheAuthorityGoInBatchesToo) {
  for (const char* worker : {"a", "b", "c"}) OVERSIGHT_ASSERT_OK(CreateWorker(worker));
  const auto link = [&](const char* worker, const char* supervisor) {
    return absl::StrCat("requests { parent: '$/workers/", worker,
                        "' supervisor_link { supervisor: '$/workers/", supervisor,
                        "' function: FUNCTION_PROFESSIONAL start_date { year: 2025 month: 1 day: 1 } } } ");
  };
  const auto send = [&](const std::string& text) {
    return Send<BatchCreateSupervisorLinksResponse>(
        "BatchCreateSupervisorLinks", "parent: '$/workers/-' " + text, BatchCreateSupervisorLinksRequest());
  };
  const auto cycle = send(link("a", "b") + link("b", "c") + link("c", "a"));
  EXPECT_THAT(cycle, StatusIs(absl::StatusCode::kFailedPrecondition, "SUPERVISOR_CYCLE"));
  EXPECT_EQ(MetadataOf(cycle.status(), "part"), "requests[2]");
  EXPECT_THAT(send(link("a", "b") + link("b", "c")), IsOk());
}

// Batches that want the same resources in opposite orders: each is carried out whole, or not at all.
TEST_F(BatchTest, ConcurrentBatchesNeverMix) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 5;
  OVERSIGHT_ASSERT_OK(Create("requests { worker_id: 'a' worker {} } requests { worker_id: 'b' worker {} }"));
  std::vector<std::thread> threads;
  std::atomic<int> done = 0;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < kRounds; ++round) {
        const auto one = [&](const char* id) {
          return absl::StrCat("requests { worker { name: '$/workers/", id,
                              "' employment_start_date { year: ", 2000 + t, " month: 1 day: ", round + 1,
                              " } } } ");
        };
        const auto result = Update(t % 2 == 0 ? one("a") + one("b") : one("b") + one("a"));
        if (result.ok()) {
          ++done;
          EXPECT_THAT(result->workers(0).employment_start_date(),
                      EqualsProto(result->workers(1).employment_start_date()));
        } else {
          EXPECT_THAT(result, StatusIs(absl::StatusCode::kAborted, "TRANSACTION_CONFLICT"));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(done, 0);
  const auto read = Get("names: '$/workers/a' names: '$/workers/b'");
  OVERSIGHT_ASSERT_OK(read);
  EXPECT_THAT(read->workers(0).employment_start_date(),
              EqualsProto(read->workers(1).employment_start_date()));
  EXPECT_EQ(read->workers(0).etag(), read->workers(1).etag());
}

}  // namespace
}  // namespace oversight::resource

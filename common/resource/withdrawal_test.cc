#include "common/resource/withdrawal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/resource/testing/workforce_road.h"
#include "common/testing/proto_matchers.h"
#include "oversight/workforce/v1/workforce_batch.pb.h"

// Voiding, bringing back and merging through a running service.
namespace oversight::resource {
namespace {

using ::oversight::testing::EqualsProto;
using ::oversight::testing::IsOk;
using ::oversight::testing::StatusIs;
using ::testing::ElementsAre;
using testing::FieldsOf;
using ::testing::SizeIs;
using namespace workforce::v1;  // NOLINT: the messages of many methods

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
constexpr absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr char kAll2024[] =
    "team: '$/teams/t' start_date { year: 2024 month: 1 day: 1 } end_date { year: 2025 month: 1 day: 1 }";
constexpr char kAll2025[] =
    "team: '$/teams/t' start_date { year: 2025 month: 1 day: 1 } end_date { year: 2026 month: 1 day: 1 }";

class WithdrawalTest : public testing::WorkforceRoad {
 protected:
  void SetUp() override {
    WorkforceRoad::SetUp();
    OVERSIGHT_ASSERT_OK(CreateTeam("t"));
  }
  absl::StatusOr<Worker> VoidWorker(const std::string& id,
                                    const std::string& more = "reason: 'wrong person'") {
    return Send<Worker>("VoidWorker", absl::StrCat("name: '$/workers/", id, "' ", more), VoidWorkerRequest());
  }
  absl::StatusOr<Worker> UndeleteWorker(const std::string& id, const std::string& more = "") {
    return Send<Worker>("UndeleteWorker", absl::StrCat("name: '$/workers/", id, "' ", more),
                        UndeleteWorkerRequest());
  }
  absl::StatusOr<Worker> Merge(const std::string& id, const std::string& into,
                               const std::string& more = "reason: 'entered twice'") {
    return Send<Worker>("MergeWorker",
                        absl::StrCat("name: '$/workers/", id, "' into: '$/workers/", into, "' ", more),
                        MergeWorkerRequest());
  }
  absl::StatusOr<Post> GetPost(const std::string& worker, const std::string& id) {
    return Send<Post>("GetPost", absl::StrCat("name: '$/workers/", worker, "/posts/", id, "'"),
                      GetPostRequest());
  }
  absl::StatusOr<SupervisorLink> GetLink(const std::string& worker) {
    return Send<SupervisorLink>("GetSupervisorLink",
                                absl::StrCat("name: '$/workers/", worker, "/supervisorLinks/l'"),
                                GetSupervisorLinkRequest());
  }
  std::vector<std::string> LivePosts(const std::string& worker) {
    const auto listed = Send<ListPostsResponse>("ListPosts", absl::StrCat("parent: '$/workers/", worker, "'"),
                                                ListPostsRequest());
    EXPECT_THAT(listed, IsOk());
    std::vector<std::string> ids;
    if (listed.ok()) {
      for (const auto& post : listed->posts()) ids.push_back(post.name().substr(post.name().rfind('/') + 1));
    }
    return ids;
  }
  void CreateTwo() {
    OVERSIGHT_ASSERT_OK(CreateWorker("dup"));
    OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  }
};

TEST_F(WithdrawalTest, WhatIsVoidedStaysReadableAndCountsNoLonger) {
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  OVERSIGHT_ASSERT_OK(CreatePost("w", "p", kAll2024));
  const auto voided =
      Send<Post>("VoidPost", "name: '$/workers/w/posts/p' reason: 'another worker\\'s'", VoidPostRequest());
  OVERSIGHT_ASSERT_OK(voided);
  EXPECT_EQ(voided->withdrawal().reason(), "another worker's");
  EXPECT_EQ(voided->withdrawal().merged_into(), "");
  EXPECT_TRUE(voided->has_delete_time());
  const auto read = GetPost("w", "p");
  OVERSIGHT_ASSERT_OK(read);
  EXPECT_THAT(*read, EqualsProto(*voided));
  EXPECT_THAT(LivePosts("w"), ElementsAre());
  EXPECT_THAT(CreatePost("w", "q", kAll2024), IsOk()) << "it overlaps nothing that counts";
}

TEST_F(WithdrawalTest, WhatLiesBeneathIsVoidedWithIt) {
  OVERSIGHT_ASSERT_OK(CreateWorker("s"));
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  OVERSIGHT_ASSERT_OK(CreatePost("w", "p", kAll2024));
  OVERSIGHT_ASSERT_OK(CreateLink("w", "s"));
  const int64_t before = Revision();
  OVERSIGHT_ASSERT_OK(VoidWorker("w"));
  EXPECT_EQ(Revision(), before + 3);
  EXPECT_EQ(GetPost("w", "p")->withdrawal().reason(), "wrong person");
  EXPECT_EQ(GetLink("w")->withdrawal().reason(), "wrong person");
}

TEST_F(WithdrawalTest, VoidingSaysWhyAndHeedsEtagTrialAndRepetition) {
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  EXPECT_THAT(FieldsOf(VoidWorker("w", "").status()), ElementsAre("reason"));
  EXPECT_THAT(FieldsOf(VoidWorker("w", absl::StrCat("reason: '", std::string(1001, 'x'), "'")).status()),
              ElementsAre("reason"));
  EXPECT_THAT(VoidWorker("w", "reason: 'x' etag: 'v9'"),
              StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_THAT(VoidWorker("gone"), StatusIs(kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(VoidWorker("w", "reason: 'x' validate_only: true"), IsOk());
  EXPECT_FALSE(GetWorker("w")->has_delete_time());
  const auto first = VoidWorker("w", "reason: 'x' request_id: 'r'");
  OVERSIGHT_ASSERT_OK(first);
  const auto again = VoidWorker("w", "reason: 'x' request_id: 'r'");
  OVERSIGHT_ASSERT_OK(again);
  EXPECT_THAT(*again, EqualsProto(*first));
  EXPECT_THAT(VoidWorker("w"), StatusIs(kNotFound, "RESOURCE_NOT_FOUND")) << "it counts no longer already";
}

TEST_F(WithdrawalTest, OnlyUndeleteBringsBackWhatWasVoided) {
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  EXPECT_THAT(UndeleteWorker("w"), StatusIs(absl::StatusCode::kAlreadyExists, "RESOURCE_NOT_DELETED"));
  EXPECT_THAT(UndeleteWorker("gone"), StatusIs(kNotFound, "RESOURCE_NOT_FOUND"));
  OVERSIGHT_ASSERT_OK(VoidWorker("w"));
  EXPECT_THAT(Send<Worker>("UpdateWorker", "worker { name: '$/workers/w' } allow_missing: true",
                           UpdateWorkerRequest()),
              StatusIs(kPrecondition, "RESOURCE_VOIDED"));
  const auto imported = Import("records { worker { name: '$/workers/w' } }");
  OVERSIGHT_ASSERT_OK(imported);
  EXPECT_EQ(imported->results(0).outcome(), ImportResponse::OUTCOME_REFUSED);
  EXPECT_THAT(CreateWorker("w"), StatusIs(absl::StatusCode::kAlreadyExists, "RESOURCE_EXISTS"));
  EXPECT_THAT(UndeleteWorker("w", "etag: 'v1'"), StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  const auto back = UndeleteWorker("w", "etag: 'v2'");
  OVERSIGHT_ASSERT_OK(back);
  EXPECT_FALSE(back->has_withdrawal());
  EXPECT_FALSE(back->has_delete_time());
  EXPECT_EQ(back->etag(), "v3");
}

TEST_F(WithdrawalTest, WhatComesBackMustFit) {
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  OVERSIGHT_ASSERT_OK(CreatePost("w", "p", kAll2024));
  OVERSIGHT_ASSERT_OK(Send<Post>("DeletePost", "name: '$/workers/w/posts/p'", DeletePostRequest()));
  OVERSIGHT_ASSERT_OK(CreatePost("w", "q", kAll2024));
  const auto undelete = [&] {
    return Send<Post>("UndeletePost", "name: '$/workers/w/posts/p'", UndeletePostRequest());
  };
  EXPECT_THAT(undelete(), StatusIs(kPrecondition, "PERIOD_OVERLAP"));
  OVERSIGHT_ASSERT_OK(Send<Post>("DeletePost", "name: '$/workers/w/posts/q'", DeletePostRequest()));
  EXPECT_THAT(undelete(), IsOk());
  OVERSIGHT_ASSERT_OK(VoidWorker("w"));
  EXPECT_THAT(undelete(), StatusIs(kNotFound, "PARENT_NOT_FOUND")) << "its worker first";
}

TEST_F(WithdrawalTest, AMergeMovesEverythingToTheSurvivor) {
  OVERSIGHT_ASSERT_OK(
      Import("records { worker { name: '$/workers/dup' external_ids { system: 'hr' id: '1' } external_ids { "
             "system: 'old' "
             "id: '9' } } } "
             "records { worker { name: '$/workers/w' external_ids { system: 'hr' id: '1' } } } "
             "records { worker { name: '$/workers/s' } } records { worker { name: '$/workers/x' } }"));
  OVERSIGHT_ASSERT_OK(CreatePost("dup", "p", kAll2024));
  OVERSIGHT_ASSERT_OK(CreatePost("w", "p", kAll2025));
  OVERSIGHT_ASSERT_OK(CreateLink("dup", "s"));
  OVERSIGHT_ASSERT_OK(CreateLink("x", "dup"));
  const auto merged = Merge("dup", "w");
  OVERSIGHT_ASSERT_OK(merged);
  EXPECT_EQ(merged->name(), root_ + "/workers/dup");
  EXPECT_TRUE(merged->has_delete_time());
  EXPECT_EQ(merged->withdrawal().merged_into(), root_ + "/workers/w");
  EXPECT_EQ(merged->withdrawal().reason(), "entered twice");

  EXPECT_THAT(LivePosts("w"), SizeIs(2)) << "the id was taken, so it has another one";
  EXPECT_THAT(GetPost("dup", "p")->withdrawal().merged_into(),
              ::testing::StartsWith(root_ + "/workers/w/posts/p-"));
  EXPECT_EQ(GetLink("w")->supervisor(), root_ + "/workers/s");
  EXPECT_EQ(GetLink("dup")->withdrawal().merged_into(), root_ + "/workers/w/supervisorLinks/l");
  EXPECT_EQ(GetLink("x")->supervisor(), root_ + "/workers/w");
  const auto survivor = GetWorker("w");
  OVERSIGHT_ASSERT_OK(survivor);
  ASSERT_EQ(survivor->external_ids_size(), 2);
  EXPECT_EQ(survivor->external_ids(1).id(), "9");
}

TEST_F(WithdrawalTest, WhatBothHaveIsKeptOnce) {
  CreateTwo();
  OVERSIGHT_ASSERT_OK(CreatePost("dup", "p", kAll2024));
  OVERSIGHT_ASSERT_OK(CreatePost("w", "q", kAll2024));
  OVERSIGHT_ASSERT_OK(Merge("dup", "w"));
  EXPECT_THAT(LivePosts("w"), ElementsAre("q"));
  EXPECT_EQ(GetPost("dup", "p")->withdrawal().merged_into(), root_ + "/workers/w/posts/q");
}

TEST_F(WithdrawalTest, AMergeThatBreaksARuleChangesNothing) {
  CreateTwo();
  OVERSIGHT_ASSERT_OK(CreatePost("dup", "p", kAll2024));
  OVERSIGHT_ASSERT_OK(CreatePost("w", "q", std::string("role_title: 'another' ") + kAll2024));
  const int64_t before = Revision();
  const auto overlap = Merge("dup", "w");
  EXPECT_THAT(overlap, StatusIs(kPrecondition, "PERIOD_OVERLAP"));
  EXPECT_EQ(MetadataOf(overlap.status(), "resource"), root_ + "/workers/w/posts/p");
  EXPECT_EQ(Revision(), before);
  OVERSIGHT_ASSERT_OK(
      Send<Post>("VoidPost", "name: '$/workers/dup/posts/p' reason: 'double'", VoidPostRequest()));
  EXPECT_THAT(Merge("dup", "w"), IsOk());
}

TEST_F(WithdrawalTest, NobodySupervisesThemselvesAfterAMerge) {
  CreateTwo();
  OVERSIGHT_ASSERT_OK(CreateLink("w", "dup"));
  EXPECT_THAT(Merge("dup", "w"), StatusIs(kPrecondition, "SUPERVISOR_CYCLE"));
  EXPECT_EQ(GetLink("w")->supervisor(), root_ + "/workers/dup");
}

TEST_F(WithdrawalTest, WhatAMergeRefuses) {
  CreateTwo();
  EXPECT_THAT(FieldsOf(Merge("dup", "dup").status()), ElementsAre("into"));
  EXPECT_THAT(FieldsOf(Merge("dup", "w", "").status()), ElementsAre("reason"));
  EXPECT_THAT(
      Send<Worker>("MergeWorker", "name: '$/workers/dup' into: 'authorities/other/workers/w' reason: 'x'",
                   MergeWorkerRequest()),
      StatusIs(kInvalid, "INVALID_FIELDS"));
  EXPECT_THAT(Send<Worker>("MergeWorker", "name: '$/workers/dup' into: '$/teams/t' reason: 'x'",
                           MergeWorkerRequest()),
              StatusIs(kInvalid, "INVALID_NAME"));
  EXPECT_THAT(Merge("gone", "w"), StatusIs(kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(FieldsOf(Merge("dup", "gone").status()), ElementsAre("into"));
  EXPECT_THAT(Merge("dup", "w", "reason: 'x' etag: 'v7'"),
              StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_THAT(Merge("dup", "w", "reason: 'x' validate_only: true"), IsOk());
  EXPECT_FALSE(GetWorker("dup")->has_delete_time());
}

TEST_F(WithdrawalTest, WritesAboutADuplicateAreToldTheSurvivor) {
  CreateTwo();
  OVERSIGHT_ASSERT_OK(CreateWorker("x"));
  const auto merged = Merge("dup", "w", "reason: 'x' request_id: 'r'");
  OVERSIGHT_ASSERT_OK(merged);
  const std::string survivor = root_ + "/workers/w";
  const auto link = CreateLink("x", "dup");
  EXPECT_THAT(link, StatusIs(kPrecondition, "REFERENCE_NOT_FOUND"));
  EXPECT_EQ(MetadataOf(link.status(), "merged_into"), survivor);
  const auto post = CreatePost("dup", "p", kAll2024);
  EXPECT_THAT(post, StatusIs(kNotFound, "PARENT_NOT_FOUND"));
  EXPECT_EQ(MetadataOf(post.status(), "merged_into"), survivor);
  const auto update = Send<Worker>("UpdateWorker", "worker { name: '$/workers/dup' }", UpdateWorkerRequest());
  EXPECT_THAT(update, StatusIs(kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_EQ(MetadataOf(update.status(), "merged_into"), survivor);
  const auto into = Merge("x", "dup");
  EXPECT_THAT(into, StatusIs(kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_EQ(MetadataOf(into.status(), "merged_into"), survivor);
  const auto again = Merge("dup", "w", "reason: 'x' request_id: 'r'");
  OVERSIGHT_ASSERT_OK(again);
  EXPECT_THAT(*again, EqualsProto(*merged));

  // An extract that still has the duplicate's name means the survivor.
  const auto imported = Import(
      "records { supervisor_link { name: '$/workers/x/supervisorLinks/l' supervisor: '$/workers/dup' "
      "function: "
      "FUNCTION_PROFESSIONAL start_date { year: 2025 month: 1 day: 1 } } } records { worker { name: "
      "'$/workers/dup' } }");
  OVERSIGHT_ASSERT_OK(imported);
  EXPECT_EQ(imported->results(0).outcome(), ImportResponse::OUTCOME_CREATED);
  EXPECT_EQ(GetLink("x")->supervisor(), survivor);
  EXPECT_EQ(imported->results(1).outcome(), ImportResponse::OUTCOME_REFUSED);
}

TEST_F(WithdrawalTest, OtherServicesAreToldTheLastSurvivor) {
  CreateTwo();
  OVERSIGHT_ASSERT_OK(CreateWorker("v"));
  OVERSIGHT_ASSERT_OK(Merge("dup", "w"));
  OVERSIGHT_ASSERT_OK(Merge("w", "v"));
  const auto looked_up = service_->CallLedger<ledger::pb::LookUpResponse>(
      "LookUp", Read<ledger::pb::LookUpRequest>(
                    "parent: '$' names: '$/workers/dup' names: '$/workers/v' names: '$/workers/gone'"));
  OVERSIGHT_ASSERT_OK(looked_up);
  EXPECT_THAT(looked_up->missing(),
              ::testing::UnorderedElementsAre(root_ + "/workers/dup", root_ + "/workers/gone"));
  ASSERT_THAT(looked_up->merged(), SizeIs(1));
  EXPECT_EQ(looked_up->merged(0).name(), root_ + "/workers/dup");
  EXPECT_EQ(looked_up->merged(0).into(), root_ + "/workers/v");
}

TEST_F(WithdrawalTest, AMergeCanBeTakenBack) {
  CreateTwo();
  OVERSIGHT_ASSERT_OK(Merge("dup", "w"));
  const auto back = UndeleteWorker("dup");
  OVERSIGHT_ASSERT_OK(back);
  EXPECT_FALSE(back->has_withdrawal());
  EXPECT_THAT(CreatePost("dup", "p", kAll2024), IsOk());
}

// Others write about both workers while they are merged: nothing is lost, and nothing stays with the
// duplicate.
TEST_F(WithdrawalTest, AMergeAmidConcurrentWrites) {
  constexpr int kThreads = 6;
  CreateTwo();
  for (int t = 0; t < kThreads; ++t) OVERSIGHT_ASSERT_OK(CreateWorker(absl::StrCat("x", t)));
  std::atomic<int> posts = 0;
  std::atomic<int> links = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) {
        const std::string period =
            absl::StrCat("start_date { year: ", 1950 + 10 * t + i,
                         " month: 1 day: 1 } end_date { year: ", 1950 + 10 * t + i, " month: 6 day: 1 }");
        posts += CreatePost("dup", absl::StrCat("p", t, "-", i), period).ok();
      }
      links += CreateLink(absl::StrCat("x", t), "dup").ok();
    });
  }
  const auto is_conflict = [](const absl::Status& status) {
    return ReasonOf(status) == "TRANSACTION_CONFLICT";
  };
  absl::Status merged;
  do {
    merged = Merge("dup", "w").status();
  } while (is_conflict(merged));
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(merged, IsOk());
  EXPECT_THAT(LivePosts("w"), SizeIs(posts.load()));
  int pointing = 0;
  for (int t = 0; t < kThreads; ++t) {
    const auto link = GetLink(absl::StrCat("x", t));
    if (!link.ok()) continue;
    ++pointing;
    EXPECT_EQ(link->supervisor(), root_ + "/workers/w");
  }
  EXPECT_EQ(pointing, links);
}

// Two merges the other way round: one of them finds its survivor gone.
TEST_F(WithdrawalTest, MergesOfTheSameTwoDoNotPassEachOther) {
  CreateTwo();
  absl::Status one, other;
  std::thread thread([&] { one = Merge("dup", "w").status(); });
  other = Merge("w", "dup").status();
  thread.join();
  EXPECT_NE(one.ok(), other.ok()) << one << " " << other;
}

}  // namespace
}  // namespace oversight::resource

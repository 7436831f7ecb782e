#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/testing/crowd.h"
#include "common/resource/testing/workforce_road.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "oversight/workforce/v1/workforce_questions.pb.h"
#include "oversight/workforce/v1/workforce_service.pb.h"

namespace oversight::workforce {
namespace {

using ::oversight::testing::IsOk;
using ::oversight::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::string On(int year, int month, int day) {
  return absl::StrCat(" { year: ", year, " month: ", month, " day: ", day, " } ");
}
const std::string& JuneFirst() {
  static const auto* const day = new std::string(On(2026, 6, 1));
  return *day;
}

// An authority with director d; managers m1 and m2 under d; workers w1 and w2 under m1, w3 under m2; all in
// post in team t since 2025.
class WorkforceQuestionsTest : public resource::testing::WorkforceRoad {
 protected:
  void SetUp() override {
    WorkforceRoad::SetUp();
    ASSERT_THAT(CreateTeam("t"), IsOk());
    std::string records;
    for (const char* worker : {"d", "m1", "m2", "w1", "w2", "w3"}) {
      records +=
          absl::StrCat("records { worker { name: '$/workers/", worker, "' employment_start_date",
                       On(2025, 1, 1), "} }", "records { post { name: '$/workers/", worker,
                       "/posts/p' career_stage: CAREER_STAGE_SOCIAL_WORKER team: '$/teams/t' start_date",
                       On(2025, 1, 1), "} }");
    }
    for (const auto& [worker, supervisor] : std::vector<std::pair<std::string, std::string>>{
             {"m1", "d"}, {"m2", "d"}, {"w1", "m1"}, {"w2", "m1"}, {"w3", "m2"}}) {
      records += LinkRecord(worker, supervisor, "l", "");
    }
    ASSERT_THAT(ImportAll(records), IsOk());
  }
  std::string LinkRecord(const std::string& worker, const std::string& supervisor, const std::string& id,
                         const std::string& more) {
    return absl::StrCat(
        "records { supervisor_link { name: '$/workers/", worker, "/supervisorLinks/", id,
        "' supervisor: '$/workers/", supervisor, "' function: FUNCTION_LINE_MANAGEMENT ",
        more.find("start_date") == std::string::npos ? absl::StrCat("start_date", On(2025, 1, 1)) : "", more,
        "} }");
  }
  // Fails where a record was refused.
  absl::Status ImportAll(const std::string& records) {
    OVERSIGHT_ASSIGN_OR_RETURN(const v1::ImportResponse response, Import(records));
    for (const auto& result : response.results()) {
      if (result.has_error()) return absl::InvalidArgumentError(result.error().message());
    }
    return absl::OkStatus();
  }
  // `workers/w1` of `authorities/a1/workers/w1`.
  std::string Short(const std::string& name) const { return name.substr(root_.size() + 1); }
  std::string Link(const v1::SupervisorLink& link) const {
    return absl::StrCat(Short(link.name()).substr(8, 2), "<", Short(link.supervisor()).substr(8), " ",
                        link.start_date().year(), "-", link.has_end_date() ? link.end_date().year() : 0);
  }
  absl::StatusOr<std::vector<std::string>> Supervisees(const std::string& supervisor,
                                                       const std::string& more) {
    OVERSIGHT_ASSIGN_OR_RETURN(const auto response, Send<v1::ListSuperviseesResponse>(
                                                        "ListSupervisees",
                                                        absl::StrCat("parent: '$/workers/", supervisor,
                                                                     "' as_of_date", JuneFirst(), more),
                                                        v1::ListSuperviseesRequest()));
    std::vector<std::string> told;
    for (const v1::Supervisee& supervisee : response.supervisees()) {
      told.push_back(absl::StrCat(supervisee.depth(), " ", Short(supervisee.worker()),
                                  supervisee.cover() ? " covered" : ""));
    }
    return told;
  }
  absl::StatusOr<v1::MoveSuperviseesResponse> Move(const std::string& from, const std::string& to,
                                                   const std::string& more) {
    return Send<v1::MoveSuperviseesResponse>(
        "MoveSupervisees", absl::StrCat("name: '$/workers/", from, "' to: '$/workers/", to, "' ", more),
        v1::MoveSuperviseesRequest());
  }
};

TEST_F(WorkforceQuestionsTest, SuperviseesAsOfADay) {
  ASSERT_THAT(ImportAll(LinkRecord("w3", "m1", "past", "end_date" + JuneFirst()) +
                        LinkRecord("w3", "m1", "cover",
                                   "cover_for: '$/workers/m2' start_date" + JuneFirst() + "end_date" +
                                       On(2026, 6, 2))),
              IsOk());
  EXPECT_THAT(*Supervisees("m1", ""), ElementsAre("1 workers/w1", "1 workers/w2", "1 workers/w3 covered"))
      << "the past link ended on that day, cover began";
  EXPECT_THAT(*Supervisees("d", "indirect: true"), ElementsAre("1 workers/m1", "1 workers/m2", "2 workers/w1",
                                                               "2 workers/w2", "2 workers/w3 covered"));
  EXPECT_THAT(*Supervisees("d", "function: FUNCTION_PROFESSIONAL"), IsEmpty());
  EXPECT_THAT(Supervisees("nobody", "").status(),
              StatusIs(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(Send<v1::ListSuperviseesResponse>(
                  "ListSupervisees", "parent: '$/workers/d' as_of_date { year: 2026 month: 2 day: 30 }",
                  v1::ListSuperviseesRequest())
                  .status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

TEST_F(WorkforceQuestionsTest, PagesOfTheTreeJoinUp) {
  std::vector<std::string> told;
  std::string token;
  int pages = 0;
  do {
    const auto page = Send<v1::ListSupervisionTreeResponse>(
        "ListSupervisionTree",
        absl::StrCat("parent: '$' as_of_date", JuneFirst(), "page_size: 2 page_token: '", token, "'"),
        v1::ListSupervisionTreeRequest());
    ASSERT_THAT(page.status(), IsOk());
    for (const v1::Supervisee& node : page->nodes()) {
      told.push_back(absl::StrCat(node.depth(), " ", Short(node.worker())));
    }
    token = page->next_page_token();
    ++pages;
  } while (!token.empty());
  EXPECT_THAT(told, ElementsAre("0 workers/d", "1 workers/m1", "1 workers/m2", "2 workers/w1", "2 workers/w2",
                                "2 workers/w3"));
  EXPECT_EQ(pages, 3);
}

TEST_F(WorkforceQuestionsTest, WhoHasNoSupervisorAndWhoseIsAway) {
  ASSERT_THAT(
      ImportAll("records { worker { name: '$/workers/alone' } } "
                "records { worker { name: '$/workers/gone' employment_end_date" +
                JuneFirst() +
                "} } records { post { name: '$/workers/alone/posts/p' career_stage: CAREER_STAGE_VOLUNTEER "
                "start_date" +
                JuneFirst() +
                "} } records { post { name: '$/workers/gone/posts/p' career_stage: CAREER_STAGE_VOLUNTEER "
                "start_date" +
                On(2025, 1, 1) + "} } records { absence { name: '$/workers/m1/absences/x' first_date" +
                On(2026, 5, 30) + "last_date" + JuneFirst() + "} }" +
                LinkRecord("w1", "m2", "cover", "cover_for: '$/workers/m1' start_date" + JuneFirst())),
      IsOk());
  const auto unsupervised = [&](const std::string& more) {
    const auto response = Send<v1::ListUnsupervisedWorkersResponse>(
        "ListUnsupervisedWorkers", absl::StrCat("parent: '$' as_of_date", JuneFirst(), more),
        v1::ListUnsupervisedWorkersRequest());
    std::vector<std::string> workers;
    for (const auto& worker : response->workers()) workers.push_back(Short(worker.worker()));
    return workers;
  };
  EXPECT_THAT(unsupervised(""), ElementsAre("workers/alone")) << "who has left by that day is not missed";
  EXPECT_THAT(unsupervised("include_top: true"), ElementsAre("workers/alone", "workers/d"));

  const auto uncovered = [&](const std::string& day) {
    const auto response = Send<v1::ListUncoveredWorkersResponse>(
        "ListUncoveredWorkers", "parent: '$' as_of_date" + day, v1::ListUncoveredWorkersRequest());
    std::vector<std::string> workers;
    for (const auto& worker : response->workers()) workers.push_back(Short(worker.worker()));
    return workers;
  };
  EXPECT_THAT(uncovered(On(2026, 5, 31)), ElementsAre("workers/w1", "workers/w2")) << "before the cover";
  EXPECT_THAT(uncovered(JuneFirst()), ElementsAre("workers/w2")) << "the last day of the absence";
  EXPECT_THAT(uncovered(On(2026, 6, 2)), IsEmpty());
}

TEST_F(WorkforceQuestionsTest, SpansCareersAndCapacities) {
  const auto spans = Send<v1::ListSpansOfControlResponse>(
      "ListSpansOfControl", "parent: '$' as_of_date" + JuneFirst(), v1::ListSpansOfControlRequest());
  ASSERT_THAT(spans.status(), IsOk());
  ASSERT_EQ(spans->spans_size(), 3);
  EXPECT_EQ(Short(spans->spans(0).supervisor()), "workers/d");
  EXPECT_EQ(spans->spans(0).line_managed(), 2);
  EXPECT_EQ(spans->spans(0).line_managed_below(), 5);

  ASSERT_THAT(
      ImportAll("records { post { name: '$/workers/w1/posts/p' career_stage: CAREER_STAGE_NEWLY_QUALIFIED "
                "team: '$/teams/t' full_time_equivalent: 0.6 start_date" +
                On(2025, 1, 1) + "end_date" + On(2026, 1, 1) +
                "} } records { post { name: '$/workers/w1/posts/q' team: '$/teams/t' "
                "career_stage: CAREER_STAGE_SOCIAL_WORKER full_time_equivalent: 0.5 start_date" +
                On(2026, 1, 1) +
                "} } records { capacity { name: '$/workers/w1/capacities/c' points: 12 start_date" +
                On(2026, 1, 1) +
                "} } records { capacity_reduction { name: '$/workers/w1/capacityReductions/r' "
                "reason: REASON_AGREED percent: 20 start_date" +
                On(2026, 1, 1) + "end_date" + JuneFirst() + "} }"),
      IsOk());
  const auto stages = Send<v1::ListCareerStagesResponse>("ListCareerStages", "parent: '$/workers/w1'",
                                                         v1::ListCareerStagesRequest());
  ASSERT_THAT(stages.status(), IsOk());
  ASSERT_EQ(stages->periods_size(), 2);
  EXPECT_EQ(stages->periods(0).career_stage(), v1::CAREER_STAGE_NEWLY_QUALIFIED);
  EXPECT_EQ(stages->periods(0).end_date().year(), 2026);
  EXPECT_FALSE(stages->periods(1).has_end_date());

  const auto capacity = [&](const std::string& day) {
    const auto response = Send<v1::ListWorkerCapacitiesResponse>(
        "ListWorkerCapacities", "parent: '$' workers: '$/workers/w1' as_of_date" + day,
        v1::ListWorkerCapacitiesRequest());
    if (!response.ok() || response->capacities_size() != 1) return response.status().ToString();
    const auto& found = response->capacities(0);
    return absl::StrCat(found.full_time_equivalent(), " ", found.has_points() ? found.points() : -1, " ",
                        found.reduction_percent(), " ", found.teams_size());
  };
  EXPECT_EQ(capacity(On(2025, 12, 31)), "0.6 -1 0 1");
  EXPECT_EQ(capacity(On(2026, 5, 31)), "0.5 12 20 1");
  EXPECT_EQ(capacity(JuneFirst()), "0.5 12 0 1");
}

TEST_F(WorkforceQuestionsTest, AllSuperviseesMoveInOneTransaction) {
  ASSERT_THAT(ImportAll(LinkRecord("m2", "m1", "future", "start_date" + On(2027, 1, 1)) +
                        LinkRecord("w3", "m1", "cover", "cover_for: '$/workers/m2'")),
              IsOk());
  const int64_t before = Revision();
  const std::string request = "date" + JuneFirst() + "request_id: 'r1' ";
  const auto tried = Move("m1", "m2", request + "validate_only: true");
  ASSERT_THAT(tried.status(), IsOk());
  EXPECT_EQ(Revision(), before);

  const auto moved = Move("m1", "m2", request);
  ASSERT_THAT(moved.status(), IsOk());
  std::vector<std::string> links;
  for (const v1::SupervisorLink& link : moved->supervisor_links()) links.push_back(Link(link));
  EXPECT_THAT(links, ElementsAre("w1<m1 2025-2026", "w1<m2 2026-0", "w2<m1 2025-2026", "w2<m2 2026-0"))
      << "m2 does not come under m2, and cover stays";
  EXPECT_EQ(Revision(), before + 4);
  EXPECT_THAT(*Supervisees("m1", ""), ElementsAre("1 workers/w3 covered"));
  EXPECT_THAT(*Supervisees("m2", ""), ElementsAre("1 workers/w1", "1 workers/w2", "1 workers/w3"));

  const auto again = Move("m1", "m2", request);
  ASSERT_THAT(again.status(), IsOk());
  EXPECT_EQ(again->SerializeAsString(), moved->SerializeAsString()) << "the same reply";
  EXPECT_EQ(Revision(), before + 4);
  EXPECT_THAT(Move("m1", "d", request).status(),
              StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
}

TEST_F(WorkforceQuestionsTest, NobodyMovesWhenOneCannot) {
  const int64_t before = Revision();
  const absl::Status cycle = Move("d", "w1", "date" + JuneFirst()).status();
  EXPECT_THAT(cycle, StatusIs(absl::StatusCode::kFailedPrecondition, "SUPERVISOR_CYCLE"))
      << "w1 is below m1, whom d supervises";
  EXPECT_EQ(Revision(), before);
  EXPECT_THAT(Move("m1", "m1", "").status(), StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(Move("m1", "nobody", "").status(), StatusIs(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
}

TEST_F(WorkforceQuestionsTest, TwentyWritersOfOneWorkerLeaveNoHalfTransaction) {
  std::atomic<int> posts = 0;
  resource::testing::InParallel(20, [&](int writer) {
    for (int i = 0; i < 3; ++i) {
      const absl::Status status = resource::testing::Persist([&] {
        const std::string id = absl::StrCat("x", writer, "-", i);
        switch (writer % 4) {
          case 0:
            return Move("m1", "m2", "date" + JuneFirst()).status();
          case 1:
            return Move("m2", "m1", "date" + JuneFirst()).status();
          case 2:
            // Of these only one can be: they share all their days.
            return CreatePost(
                       "w1", id,
                       "start_date" + On(2020, 1, 1) + "end_date" + On(2021, 1, 1) + "team: '$/teams/t'")
                .status();
          default:
            const auto known = GetWorker("w1");
            if (!known.ok()) return known.status();
            v1::UpdateWorkerRequest request;
            *request.mutable_worker() = *known;
            auto& external = *request.mutable_worker()->add_external_ids();
            external.set_system(absl::StrCat("system", writer));
            external.set_id(absl::StrCat(i));
            return service_->Call<v1::Worker>("UpdateWorker", request).status();
        }
      });
      if (writer % 4 == 2 && !status.ok()) {
        EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "PERIOD_OVERLAP"));
      } else {
        EXPECT_THAT(status, IsOk());
        posts += writer % 4 == 2;
      }
    }
  });
  EXPECT_EQ(posts, 1);
  EXPECT_EQ(GetWorker("w1")->external_ids_size(), 5 * 3);
  // Everybody has one supervisor still, w1 and w2 the same one.
  std::vector<std::string> all;
  for (const char* manager : {"m1", "m2"}) {
    const std::vector<std::string> supervised = *Supervisees(manager, "");
    all.insert(all.end(), supervised.begin(), supervised.end());
    EXPECT_EQ(std::count(supervised.begin(), supervised.end(), "1 workers/w1"),
              std::count(supervised.begin(), supervised.end(), "1 workers/w2"));
  }
  EXPECT_THAT(all, UnorderedElementsAre("1 workers/w1", "1 workers/w2", "1 workers/w3"));
}

TEST_F(WorkforceQuestionsTest, TwentyMovesAtOnceLoseNobody) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&, i] {
      // To and fro between the two managers; a call that comes too late finds nobody to move, or tries in
      // vain.
      const auto status =
          (i % 2 == 0 ? Move("m1", "m2", "date" + JuneFirst()) : Move("m2", "m1", "date" + JuneFirst()))
              .status();
      EXPECT_TRUE(status.ok() || absl::IsAborted(status)) << status;
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<std::string> supervised = *Supervisees("m1", "");
  const std::vector<std::string> others = *Supervisees("m2", "");
  supervised.insert(supervised.end(), others.begin(), others.end());
  EXPECT_THAT(supervised, UnorderedElementsAre("1 workers/w1", "1 workers/w2", "1 workers/w3"));
}

}  // namespace
}  // namespace oversight::workforce

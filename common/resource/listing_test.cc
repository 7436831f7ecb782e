#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "common/resource/testing/workforce_road.h"

// Lists with filters through a running service.
namespace oversight::resource {
namespace {

using ::oversight::testing::IsOk;
using ::oversight::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using workforce::v1::ListPostsRequest;
using workforce::v1::ListPostsResponse;
using workforce::v1::ListWorkersRequest;
using workforce::v1::ListWorkersResponse;

class ListingTest : public testing::WorkforceRoad {
 protected:
  absl::StatusOr<ListWorkersResponse> ListWorkers(const std::string& filter, const std::string& more = "") {
    ListWorkersRequest request = Read<ListWorkersRequest>("parent: '$' " + more);
    request.set_filter(Named(filter));
    return service_->Call<ListWorkersResponse>("ListWorkers", request);
  }
  std::vector<std::string> IdsOf(const ListWorkersResponse& response) {
    std::vector<std::string> ids;
    for (const auto& worker : response.workers())
      ids.push_back(worker.name().substr(worker.name().rfind('/') + 1));
    return ids;
  }
};

TEST_F(ListingTest, FindsByExternalId) {
  OVERSIGHT_ASSERT_OK(Import(
      "records { worker { name: '$/workers/w1' external_ids { system: 'hr' id: '7' } } } "
      "records { worker { name: '$/workers/w2' external_ids { system: 'hr' id: '8' } external_ids { system: "
      "'old' id: '7' } } }"));
  const auto found = ListWorkers("external_ids.system = \"hr\" AND external_ids.id = \"7\"");
  OVERSIGHT_ASSERT_OK(found);
  EXPECT_THAT(IdsOf(*found), ElementsAre("w1"));
  EXPECT_THAT(found->next_page_token(), IsEmpty());
}

TEST_F(ListingTest, IndexedAndOtherFieldsGiveTheSame) {
  for (const char* team : {"t1", "t2"}) OVERSIGHT_ASSERT_OK(CreateTeam(team));
  for (const char* worker : {"a", "b"}) OVERSIGHT_ASSERT_OK(CreateWorker(worker));
  OVERSIGHT_ASSERT_OK(CreatePost("a", "p1", "team: '$/teams/t1' start_date { year: 2024 month: 1 day: 1 }"));
  OVERSIGHT_ASSERT_OK(CreatePost(
      "b", "p2", "team: '$/teams/t2' case_holding: true start_date { year: 2025 month: 1 day: 1 }"));
  OVERSIGHT_ASSERT_OK(CreatePost("b", "p3", "start_date { year: 2026 month: 1 day: 1 }"));
  struct Case {
    const char* parent;
    const char* filter;
    std::vector<std::string> posts;
  };
  const Case cases[] = {
      {"-", "team = \"$/teams/t1\"", {"p1"}},
      {"-", "team != \"$/teams/t1\"", {"p2", "p3"}},
      {"-", "NOT team:*", {"p3"}},
      {"-", "team = \"\"", {"p3"}},
      {"-", "case_holding = true AND team = \"$/teams/t2\"", {"p2"}},
      {"b", "start_date >= 2025-01-01", {"p2", "p3"}},
      {"b", "start_date > 2025-01-01", {"p3"}},
      {"a", "team = \"$/teams/t2\"", {}},
      {"-", "update_time > \"2000-01-01T00:00:00Z\" AND NOT delete_time:*", {"p1", "p2", "p3"}},
  };
  for (const Case& c : cases) {
    ListPostsRequest request = Read<ListPostsRequest>(absl::StrCat("parent: '$/workers/", c.parent, "'"));
    request.set_filter(Named(c.filter));
    const auto listed = service_->Call<ListPostsResponse>("ListPosts", request);
    OVERSIGHT_ASSERT_OK(listed);
    std::vector<std::string> posts;
    for (const auto& post : listed->posts()) posts.push_back(post.name().substr(post.name().rfind('/') + 1));
    EXPECT_EQ(posts, c.posts) << c.parent << " " << c.filter;
  }
}

TEST_F(ListingTest, PagesGoOnWhereTheyEndedAndBelongToTheirFilter) {
  std::string records;
  for (int i = 0; i < 30; ++i) {
    absl::StrAppend(&records, "records { worker { name: '$/workers/w", 100 + i, "' external_ids { system: '",
                    i % 3 == 0 ? "hr" : "old", "' id: '", i, "' } } } ");
  }
  OVERSIGHT_ASSERT_OK(Import(records));
  std::vector<std::string> ids;
  std::string token;
  int pages = 0;
  do {
    const auto page =
        ListWorkers("external_ids.system = hr", absl::StrCat("page_size: 3 page_token: '", token, "'"));
    OVERSIGHT_ASSERT_OK(page);
    EXPECT_LE(page->workers_size(), 3);
    for (const std::string& id : IdsOf(*page)) ids.push_back(id);
    token = page->next_page_token();
    ++pages;
    ASSERT_LT(pages, 10);
    if (pages == 1) {
      EXPECT_THAT(ListWorkers("external_ids.system = old", absl::StrCat("page_token: '", token, "'")),
                  StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
    }
  } while (!token.empty());
  EXPECT_THAT(ids, SizeIs(10));
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 10);
  EXPECT_EQ(pages, 4);
}

// A filter that nothing satisfies ends after a bounded search, and its pages come to an end.
TEST_F(ListingTest, ThePageOfARareFilterIsBounded) {
  constexpr int kWorkers = 12000;
  for (int begin = 0; begin < kWorkers; begin += 2000) {
    std::string records;
    for (int i = begin; i < begin + 2000; ++i) {
      absl::StrAppend(&records, "records { worker { name: '$/workers/w", 100000 + i, "' ",
                      i == kWorkers - 1 ? "external_ids { system: 'hr' id: 'last' }" : "", " } } ");
    }
    OVERSIGHT_ASSERT_OK(Import(records));
  }
  const auto first = ListWorkers("external_ids.id = last");
  OVERSIGHT_ASSERT_OK(first);
  EXPECT_THAT(IdsOf(*first), IsEmpty());
  ASSERT_FALSE(first->next_page_token().empty());
  const auto second =
      ListWorkers("external_ids.id = last", absl::StrCat("page_token: '", first->next_page_token(), "'"));
  OVERSIGHT_ASSERT_OK(second);
  EXPECT_THAT(IdsOf(*second), ElementsAre("w111999"));
  EXPECT_THAT(second->next_page_token(), IsEmpty());
}

TEST_F(ListingTest, WrongFiltersAreRefused) {
  EXPECT_THAT(ListWorkers("colour = red"), StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
}

}  // namespace
}  // namespace oversight::resource

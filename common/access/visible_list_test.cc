#include "common/access/visible_list.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "oversight/workforce/v1/workforce_service.pb.h"

namespace oversight::access {
namespace {

namespace wf = ::oversight::workforce::v1;
using google::protobuf::Message;
using ::testing::IsEmpty;

// A list of so many workers, of whom some may be seen.
class FakeList {
 public:
  FakeList(int size, std::set<int> visible) : size_(size), visible_(std::move(visible)) {}

  VisibleList list() {
    return {.ask =
                [this](const Message& request, Message& response) {
                  return Page(static_cast<const wf::ListWorkersRequest&>(request),
                              static_cast<wf::ListWorkersResponse&>(response));
                },
            .shows = [this](const Message& item) -> absl::StatusOr<bool> {
              int number = 0;
              EXPECT_TRUE(absl::SimpleAtoi(static_cast<const wf::Worker&>(item).name(), &number));
              return visible_.contains(number);
            }};
  }
  int asked() const { return asked_; }

 private:
  absl::Status Page(const wf::ListWorkersRequest& request, wf::ListWorkersResponse& response) {
    ++asked_;
    int from = 0;
    EXPECT_TRUE(request.page_token().empty() || absl::SimpleAtoi(request.page_token(), &from));
    const int page_size = request.page_size() == 0 ? 100 : std::min(request.page_size(), 1000);
    const int to = std::min(size_, from + page_size);
    for (int i = from; i < to; ++i) response.add_workers()->set_name(absl::StrCat(i));
    if (to < size_) response.set_next_page_token(absl::StrCat(to));
    return absl::OkStatus();
  }

  const int size_;
  const std::set<int> visible_;
  int asked_ = 0;
};

// What is seen over all pages; each page but the only one must hold something.
std::vector<int> ReadAll(FakeList& fake, int page_size) {
  std::vector<int> seen;
  wf::ListWorkersRequest request;
  request.set_page_size(page_size);
  for (int page = 0;; ++page) {
    wf::ListWorkersResponse response;
    EXPECT_TRUE(fake.list().Answer(request, response).ok());
    EXPECT_TRUE(response.workers_size() > 0 || page == 0)
        << "an empty page after others tells of what is hidden";
    EXPECT_TRUE(response.workers_size() > 0 || response.next_page_token().empty());
    EXPECT_LE(response.workers_size(), page_size == 0 ? 100 : page_size);
    for (const wf::Worker& worker : response.workers()) {
      int number = 0;
      EXPECT_TRUE(absl::SimpleAtoi(worker.name(), &number));
      seen.push_back(number);
    }
    if (response.next_page_token().empty()) return seen;
    request.set_page_token(response.next_page_token());
  }
}

TEST(VisibleList, ShowsExactlyWhatMayBeSeenAndNoTraceOfTheRest) {
  std::mt19937 random(3);
  for (const int size : {0, 1, 2, 9, 10, 11, 100, 999, 1000, 1001, 5000}) {
    for (const int share : {0, 1, 3, 50, 500}) {
      std::set<int> visible;
      for (int i = 0; i < share && size > 0; ++i)
        visible.insert(static_cast<int>(random() % static_cast<unsigned>(size)));
      for (const int page_size : {0, 1, 7, 100, 1000}) {
        FakeList fake(size, visible);
        EXPECT_EQ(ReadAll(fake, page_size), std::vector<int>(visible.begin(), visible.end()))
            << size << " " << share << " " << page_size;
      }
    }
  }
}

TEST(VisibleList, ReadsPastWhatIsHiddenInLargePages) {
  FakeList fake(40'000, {39'999});
  EXPECT_THAT(ReadAll(fake, 1), ::testing::ElementsAre(39'999));
  EXPECT_LT(fake.asked(), 100);
}

TEST(VisibleList, CountsAreLeftOutAndErrorsPass) {
  const VisibleList list{.ask =
                             [](const Message&, Message& response) {
                               auto& findings = static_cast<compliance::v1::ListFindingsResponse&>(response);
                               findings.add_findings();
                               findings.set_total_size(7);
                               return absl::OkStatus();
                             },
                         .shows = [](const Message&) -> absl::StatusOr<bool> { return false; }};
  compliance::v1::ListFindingsResponse response;
  ASSERT_TRUE(list.Answer(compliance::v1::ListFindingsRequest(), response).ok());
  EXPECT_EQ(response.total_size(), 0);
  EXPECT_THAT(response.findings(), IsEmpty());
  VisibleList failing = list;
  failing.ask = [](const Message&, Message&) { return absl::UnavailableError("away"); };
  EXPECT_TRUE(absl::IsUnavailable(failing.Answer(compliance::v1::ListFindingsRequest(), response)));
  failing = list;
  failing.shows = [](const Message&) -> absl::StatusOr<bool> { return absl::UnavailableError("away"); };
  EXPECT_TRUE(absl::IsUnavailable(failing.Answer(compliance::v1::ListFindingsRequest(), response)));
}

}  // namespace
}  // namespace oversight::access

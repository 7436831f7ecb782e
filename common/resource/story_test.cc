// Many callers do anything to a few resources at once; what the ledger tells afterwards must make sense at
// every step.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/resource/testing/workforce_road.h"

namespace oversight::resource {
namespace {

using ::oversight::testing::IsOk;
using ::testing::IsEmpty;
using ::testing::Not;
using workforce::v1::Post;
using workforce::v1::SupervisorLink;
using workforce::v1::Worker;

// The state of an authority as its ledger tells it, entry by entry.
class Story {
 public:
  // What is wrong with this entry, given those before it.
  std::vector<std::string> Tell(const ledger::pb::Entry& entry) {
    std::vector<std::string> faults;
    const std::string& name = entry.resource_name();
    const auto fault = [&](absl::string_view what) {
      faults.push_back(absl::StrCat(entry.revision(), " ", ledger::pb::Change_Name(entry.change()), " ", name,
                                    ": ", what));
    };
    const bool was_known = versions_.contains(name);
    if (entry.resource_version() != ++versions_[name]) fault("a version is missing");
    switch (entry.change()) {
      case ledger::pb::CHANGE_CREATED:
        if (was_known) fault("was created before");
        break;
      case ledger::pb::CHANGE_RESTORED:
        if (!was_known || live_.contains(name)) fault("was not deleted");
        break;
      default:
        if (!live_.contains(name)) fault("does not exist");
    }
    if (entry.change() == ledger::pb::CHANGE_DELETED) {
      live_.erase(name);
      if (HasLiveBeneath(name)) fault("leaves children behind");
      return faults;
    }
    live_[name] = entry.resource().value();
    const std::string parent = name.substr(0, name.rfind('/', name.rfind('/') - 1));
    if (parent != "authorities" && !live_.contains(parent)) fault("has no parent");
    CheckPost(entry, parent, fault);
    CheckLink(entry, fault);
    return faults;
  }

 private:
  bool HasLiveBeneath(const std::string& name) const {
    const auto next = live_.lower_bound(name + "/");
    return next != live_.end() && absl::StartsWith(next->first, name + "/");
  }
  void CheckPost(const ledger::pb::Entry& entry, const std::string& parent,
                 const std::function<void(absl::string_view)>& fault) const {
    Post post;
    if (!entry.resource().UnpackTo(&post) || post.team().empty()) return;
    if (!live_.contains(post.team())) fault("names a team that does not exist");
    for (const auto& [name, state] : live_) {
      if (name == entry.resource_name() || !absl::StartsWith(name, parent + "/posts/")) continue;
      Post other;
      other.ParseFromString(state);
      if (other.team() == post.team()) fault("overlaps another post");
    }
  }
  void CheckLink(const ledger::pb::Entry& entry, const std::function<void(absl::string_view)>& fault) const {
    SupervisorLink link;
    if (!entry.resource().UnpackTo(&link)) return;
    if (!live_.contains(link.supervisor())) fault("names a supervisor who does not exist");
    std::set<std::string> reached;
    std::vector<std::string> open = {link.supervisor()};
    while (!open.empty()) {
      const std::string worker = open.back();
      open.pop_back();
      if (!reached.insert(worker).second) continue;
      for (const auto& [name, state] : live_) {
        if (!absl::StartsWith(name, worker + "/supervisorLinks/")) continue;
        SupervisorLink next;
        next.ParseFromString(state);
        open.push_back(next.supervisor());
      }
    }
    const std::string& name = entry.resource_name();
    if (reached.contains(name.substr(0, name.find("/supervisorLinks/")))) fault("closes a cycle");
  }

  std::map<std::string, std::string> live_;
  std::map<std::string, int64_t> versions_;
};

class StoryTest : public testing::WorkforceRoad {
 protected:
  static std::string WorkerText(int i) { return absl::StrCat("name: '$/workers/w", i, "'"); }
  static std::string TeamText(int i) { return absl::StrCat("name: '$/teams/t", i, "' display_name: 'T'"); }
  static std::string PostText(int worker, int post, int team, int n) {
    return absl::StrCat("name: '$/workers/w", worker, "/posts/p", post,
                        "' career_stage: CAREER_STAGE_ADVANCED "
                        "start_date { year: 2024 month: 1 day: 1 } team: '$/teams/t",
                        team, "' role_title: '", n, "'");
  }
  static std::string LinkText(int worker, int link, int supervisor) {
    return absl::StrCat("name: '$/workers/w", worker, "/supervisorLinks/l", link,
                        "' supervisor: '$/workers/w", supervisor,
                        "' function: FUNCTION_PROFESSIONAL start_date { year: 2024 month: 1 day: 1 }");
  }

  // Anything that a caller may do; what comes of it is not known beforehand.
  absl::Status DoAnything(absl::BitGen& random, int n) {
    const int a = absl::Uniform(random, 0, 3);
    const int b = absl::Uniform(random, 0, 3);
    const int c = absl::Uniform(random, 0, 2);
    const std::string worker = absl::StrCat("$/workers/w", a);
    switch (absl::Uniform(random, 0, 12)) {
      case 0:
        return Send<Worker>("UpdateWorker",
                            absl::StrCat("worker { ", WorkerText(a), " external_ids { system: 'n' id: '", n,
                                         "' } } allow_missing: true"),
                            workforce::v1::UpdateWorkerRequest())
            .status();
      case 1:
        return Send<Worker>("DeleteWorker", absl::StrCat("name: '", worker, "'"),
                            workforce::v1::DeleteWorkerRequest())
            .status();
      case 2:
        return Send<workforce::v1::Team>("UpdateTeam",
                                         absl::StrCat("team { ", TeamText(c), " service_area: ",
                                                      absl::Uniform(random, 0, 9), " } allow_missing: true"),
                                         workforce::v1::UpdateTeamRequest())
            .status();
      case 3:
        return Send<workforce::v1::Team>("DeleteTeam", absl::StrCat("name: '$/teams/t", c, "'"),
                                         workforce::v1::DeleteTeamRequest())
            .status();
      case 4:
      case 5:
        return Send<Post>("UpdatePost",
                          absl::StrCat("post { ", PostText(a, b, c, n), " } allow_missing: true"),
                          workforce::v1::UpdatePostRequest())
            .status();
      case 6:
        return Send<Post>("DeletePost", absl::StrCat("name: '", worker, "/posts/p", b, "'"),
                          workforce::v1::DeletePostRequest())
            .status();
      case 7:
      case 8:
        return Send<SupervisorLink>(
                   "UpdateSupervisorLink",
                   absl::StrCat("supervisor_link { ", LinkText(a, c, b), " } allow_missing: true"),
                   workforce::v1::UpdateSupervisorLinkRequest())
            .status();
      case 9:
        return Send<SupervisorLink>("DeleteSupervisorLink",
                                    absl::StrCat("name: '", worker, "/supervisorLinks/l", c, "'"),
                                    workforce::v1::DeleteSupervisorLinkRequest())
            .status();
      case 10:
        return Import(absl::StrCat("records { post { ", PostText(a, b, c, n),
                                   " } } records { supervisor_link { ", LinkText(b, c, a),
                                   " } } records { worker { ", WorkerText(a), " } } records { team { ",
                                   TeamText(c), " } }"))
            .status();
      default:
        return Import(absl::StrCat("records { post { ", PostText(a, b, c, n),
                                   " } retire: true } records { worker { ", WorkerText(b),
                                   " } retire: true } records { supervisor_link { ", LinkText(a, c, b),
                                   " } retire: true }"))
            .status();
    }
  }
};

TEST_F(StoryTest, MakesSenseAtEveryStep) {
  constexpr int kCallers = 12;
  constexpr int kCallsEach = 60;
  std::atomic<int> done = 0;
  std::atomic<bool> stop = false;
  std::atomic<int> bothered = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      absl::BitGen random;
      for (int i = 0; i < kCallsEach; ++i) {
        const absl::Status status = DoAnything(random, caller * kCallsEach + i);
        done += status.ok();
        bothered += ReasonOf(status) == "TRANSACTION_CONFLICT";
        EXPECT_FALSE(absl::IsInternal(status) || absl::IsUnknown(status) || absl::IsDataLoss(status))
            << status;
      }
    });
  }
  // However busy it is, what is verified is a moment at which all was well.
  std::thread verifier([&] {
    while (!stop) {
      const auto report = service_->Verify(authority_);
      EXPECT_THAT(report, IsOk());
      if (report.ok()) {
        EXPECT_TRUE(report->intact()) << report->DebugString();
      }
    }
  });
  for (std::thread& caller : callers) caller.join();
  stop = true;
  verifier.join();

  EXPECT_GT(done, kCallers * kCallsEach / 10) << "so few calls did anything that this proves nothing";
  EXPECT_LT(bothered, kCallers * kCallsEach / 20);
  Story story;
  std::vector<std::string> faults;
  int64_t expected = 1;
  const std::vector<ledger::pb::Entry> entries = service_->Entries(authority_);
  for (const ledger::pb::Entry& entry : entries) {
    EXPECT_EQ(entry.revision(), expected++);
    for (std::string& fault : story.Tell(entry)) faults.push_back(std::move(fault));
  }
  EXPECT_GT(expected, 50);
  Story without_the_authority;
  EXPECT_THAT(without_the_authority.Tell(entries[1]), Not(IsEmpty())) << "it would notice";
  EXPECT_THAT(faults, IsEmpty());
}

}  // namespace
}  // namespace oversight::resource

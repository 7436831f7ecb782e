#include "common/rpc/fair_pool.h"

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"

namespace oversight::rpc {
namespace {

using ::testing::ElementsAre;

class FunctionTask final : public FairPool::Task {
 public:
  explicit FunctionTask(std::function<void()> run) : run_(std::move(run)) {}
  void Run() override { run_(); }

 private:
  const std::function<void()> run_;
};

// One thread, held by a first task until Release.
class HeldPool {
 public:
  HeldPool(int queue_limit, int lane_limit)
      : pool_(std::make_unique<FairPool>(
            FairPool::Options{.threads = 1, .queue_limit = queue_limit, .lane_limit = lane_limit})),
        holder_([this] {
          held_.Notify();
          release_.WaitForNotification();
        }) {
    while (!pool_->Admit("", &holder_)) std::this_thread::yield();
    held_.WaitForNotification();
  }

  bool Admit(const std::string& lane, const std::string& name) {
    tasks_.emplace_back([this, name] { ran_.push_back(name); });
    return pool_->Admit(lane, &tasks_.back());
  }

  // Lets everything run and says in which order it did.
  std::vector<std::string> Release() {
    release_.Notify();
    pool_.reset();
    return ran_;
  }

 private:
  absl::Notification held_;
  absl::Notification release_;
  std::vector<std::string> ran_;
  std::deque<FunctionTask> tasks_;
  std::unique_ptr<FairPool> pool_;
  FunctionTask holder_;
};

TEST(FairPool, ServesLanesInTurn) {
  HeldPool pool(100, 100);
  for (const char* name : {"a1", "a2", "a3"}) pool.Admit("a", name);
  for (const char* name : {"b1", "b2"}) pool.Admit("b", name);
  pool.Admit("c", "c1");
  EXPECT_THAT(pool.Release(), ElementsAre("a1", "b1", "c1", "a2", "b2", "a3"));
}

TEST(FairPool, LimitsOneLaneAndAll) {
  HeldPool pool(3, 2);
  EXPECT_TRUE(pool.Admit("a", "a1"));
  EXPECT_TRUE(pool.Admit("a", "a2"));
  EXPECT_FALSE(pool.Admit("a", "a3"));
  EXPECT_TRUE(pool.Admit("b", "b1"));
  EXPECT_FALSE(pool.Admit("c", "c1"));
  EXPECT_THAT(pool.Release(), ElementsAre("a1", "b1", "a2"));
}

TEST(FairPool, ForgetsEmptyLanesButServesTheirNextTasks) {
  int ran = 0;
  std::deque<FunctionTask> tasks;
  {
    FairPool pool({.threads = 1, .queue_limit = 1'000'000, .lane_limit = 10});
    for (int i = 0; i < 10'000; ++i) {
      tasks.emplace_back([&] { ++ran; });
      ASSERT_TRUE(pool.Admit(std::to_string(i % 5000), &tasks.back()));
    }
  }
  EXPECT_EQ(ran, 10'000);
}

TEST(FairPool, IdleThreadsTakeTasksWithoutAnyQueue) {
  absl::Notification done;
  FunctionTask task([&] { done.Notify(); });
  FairPool pool({.threads = 2, .queue_limit = 0, .lane_limit = 0});
  while (!pool.Admit("a", &task)) std::this_thread::yield();
  done.WaitForNotification();
}

}  // namespace
}  // namespace oversight::rpc

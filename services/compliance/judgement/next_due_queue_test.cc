#include "services/compliance/judgement/next_due_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <utility>
#include <vector>

namespace oversight::compliance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using Who = std::pair<uint32_t, uint32_t>;

const CivilDay kMonday(2026, 3, 2);

std::vector<Who> Due(NextDueQueue& queue, CivilDay today) {
  std::vector<Who> due;
  queue.TakeDue(today, [&](uint32_t rule, uint32_t subject) { due.emplace_back(rule, subject); });
  return due;
}

TEST(NextDueQueueTest, EachComesOnceOnItsDayAndDaysComeInOrder) {
  NextDueQueue queue;
  queue.Reset(2);
  queue.Put(1, 7, kMonday);
  queue.Put(0, 9, kMonday);
  queue.Put(0, 3, kMonday - 1);
  queue.Put(1, 1, kMonday + 1);
  EXPECT_THAT(Due(queue, kMonday - 2), IsEmpty());
  EXPECT_THAT(Due(queue, kMonday), ElementsAre(Pair(0, 3), Pair(0, 9), Pair(1, 7)));
  EXPECT_THAT(Due(queue, kMonday), IsEmpty());
  EXPECT_THAT(Due(queue, kMonday + 1), ElementsAre(Pair(1, 1)));
}

TEST(NextDueQueueTest, WhoIsPutElsewhereComesThereAlone) {
  NextDueQueue queue;
  queue.Reset(1);
  queue.Put(0, 1, kMonday);
  queue.Put(0, 1, kMonday + 7);
  queue.Put(0, 2, kMonday);
  queue.Put(0, 2, CivilDay::Max());
  // There and back again, and still once.
  queue.Put(0, 3, kMonday);
  queue.Put(0, 3, kMonday + 1);
  queue.Put(0, 3, kMonday);
  EXPECT_THAT(Due(queue, kMonday), ElementsAre(Pair(0, 3)));
  EXPECT_THAT(Due(queue, kMonday + 7), ElementsAre(Pair(0, 1)));
}

TEST(NextDueQueueTest, OneMayBePutAgainWhileItIsVisited) {
  NextDueQueue queue;
  queue.Reset(1);
  queue.Put(0, 1, kMonday);
  queue.TakeDue(kMonday, [&](uint32_t rule, uint32_t subject) { queue.Put(rule, subject, kMonday + 1); });
  EXPECT_THAT(Due(queue, kMonday), IsEmpty());
  EXPECT_THAT(Due(queue, kMonday + 1), ElementsAre(Pair(0, 1)));
}

TEST(NextDueQueueTest, SaysWhatAMapOfDaysSays) {
  std::mt19937 random(20261129);  // fixed: the same each time
  const auto below = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
  NextDueQueue queue;
  queue.Reset(3);
  std::map<Who, CivilDay> expected;
  CivilDay today = kMonday;
  for (int round = 0; round < 300; ++round) {
    for (int i = 0; i < 200; ++i) {
      const Who who{below(3), below(500)};
      const CivilDay day = below(10) == 0 ? CivilDay::Max() : today + 1 + static_cast<int>(below(40));
      queue.Put(who.first, who.second, day);
      expected[who] = day;
    }
    today = today + static_cast<int>(below(3));
    std::vector<std::pair<CivilDay, Who>> due;
    for (const auto& [who, day] : expected) {
      if (day <= today) due.emplace_back(day, who);
    }
    std::sort(due.begin(), due.end());
    std::vector<Who> in_order;
    for (const auto& [day, who] : due) {
      in_order.push_back(who);
      expected.erase(who);
    }
    ASSERT_EQ(Due(queue, today), in_order) << "in round " << round;
  }
}

}  // namespace
}  // namespace oversight::compliance

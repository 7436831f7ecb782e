#include "common/rpc/caller_limits.h"

#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "gtest/gtest.h"

namespace oversight::rpc {
namespace {

constexpr absl::Time kStart = absl::FromUnixSeconds(1'900'000'000);

Principal User(const std::string& name) { return {.subject = name, .actor = "user:" + name}; }

TEST(CallerLimits, ABurstThenTheRateAndTheHintIsRight) {
  CallerLimits limits(10, 5);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(limits.Take(User("ada"), kStart).ok());
  const absl::Status refused = limits.Take(User("ada"), kStart);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), "CALLER_LIMIT");
  const absl::Duration wait = RetryDelayOf(refused);
  EXPECT_EQ(wait, absl::Milliseconds(100));
  EXPECT_FALSE(limits.Take(User("ada"), kStart + wait - absl::Milliseconds(1)).ok());
  EXPECT_TRUE(limits.Take(User("ada"), kStart + wait).ok());
  EXPECT_FALSE(limits.Take(User("ada"), kStart + wait).ok());
}

TEST(CallerLimits, OneCallersFloodIsNobodyElsesAndServicesAreFree) {
  CallerLimits limits(1, 1);
  EXPECT_TRUE(limits.Take(User("ada"), kStart).ok());
  EXPECT_FALSE(limits.Take(User("ada"), kStart).ok());
  EXPECT_TRUE(limits.Take(User("ben"), kStart).ok());
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(limits.Take({.kind = Principal::Kind::kService, .actor = "service:x"}, kStart).ok());
    EXPECT_TRUE(limits.Take({.kind = Principal::Kind::kDemo, .actor = "demo:x"}, kStart).ok());
  }
  CallerLimits none(0, 1);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(none.Take(User("ada"), kStart).ok());
}

// Never more than the burst and what flowed in since, however the calls come; and a clock that goes back
// gives nothing.
TEST(CallerLimits, NeverMoreThanWhatFlowedIn) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    CallerLimits limits(20, 10);
    EXPECT_TRUE(limits.Take(User("ada"), kStart).ok());
    absl::Time now = kStart;
    absl::Time latest = kStart;
    int taken = 1;
    for (int i = 0; i < 500; ++i) {
      now += absl::Milliseconds(static_cast<int>(random() % 100) - 20);
      latest = std::max(latest, now);
      if (limits.Take(User("ada"), now).ok()) ++taken;
      EXPECT_LE(taken, 10 + absl::ToDoubleSeconds(latest - kStart) * 20 + 1e-6);
    }
    EXPECT_GT(taken, 100);
  }
}

TEST(CallerLimits, ManyCallersMakeRoomForEachOther) {
  CallerLimits limits(1, 2);
  for (int i = 0; i < 200'000; ++i) EXPECT_TRUE(limits.Take(User(absl::StrCat(i)), kStart).ok());
}

}  // namespace
}  // namespace oversight::rpc

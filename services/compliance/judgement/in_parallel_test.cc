#include "services/compliance/judgement/in_parallel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>

namespace oversight::compliance {
namespace {

TEST(InParallelTest, DoesEachPartOnceAndHasDoneAllOfItOnReturn) {
  for (const size_t count : {size_t{0}, size_t{1}, size_t{2}, size_t{1000}}) {
    std::array<std::atomic<int>, 1001> done{};
    InParallel(count, [&](size_t i) { ++done[i]; });
    for (size_t i = 0; i < done.size(); ++i) EXPECT_EQ(done[i], i < count ? 1 : 0) << i << " of " << count;
  }
}

}  // namespace
}  // namespace oversight::compliance

#include "common/metrics/metrics.h"

#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight::metrics {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(RegistryTest, TheSameNameIsTheSameFamily) {
  Registry registry;
  auto& calls = registry.Counter("oversight_rpc_calls_total", "Calls answered.");
  EXPECT_EQ(&calls, &registry.Counter("oversight_rpc_calls_total", "Calls answered."));
  EXPECT_EQ(&calls, &registry.Counter("oversight_rpc_calls_total", "Other words."));
  auto& series = calls.Add({{"method", "GetWorker"}});
  EXPECT_EQ(&series, &calls.Add({{"method", "GetWorker"}}));
  series.Increment(2);
  EXPECT_THAT(registry.Render(), HasSubstr("oversight_rpc_calls_total{method=\"GetWorker\"} 2"));
}

TEST(RegistryTest, RendersEveryTypeInPrometheusText) {
  Registry registry;
  registry.Counter("oversight_sessions_total", "Sessions held.").Add({{"kind", "formal"}}).Increment();
  registry.Gauge("oversight_overdue_days", "Days the oldest is overdue.").Add({}).Set(12);
  registry.Histogram("oversight_wait_seconds", "Time waited.").Add({}, LatencyBuckets()).Observe(0.002);
  EXPECT_THAT(registry.Render(), AllOf(HasSubstr("# HELP oversight_sessions_total Sessions held."),
                                       HasSubstr("# TYPE oversight_sessions_total counter"),
                                       HasSubstr("oversight_sessions_total{kind=\"formal\"} 1"),
                                       HasSubstr("oversight_overdue_days 12"),
                                       HasSubstr("oversight_wait_seconds_bucket{le=\"0.001\"} 0"),
                                       HasSubstr("oversight_wait_seconds_bucket{le=\"0.0025\"} 1"),
                                       HasSubstr("oversight_wait_seconds_count 1")));
}

TEST(RegistryTest, ListsNamesInOrderEvenWithoutSeries) {
  Registry registry;
  registry.Histogram("oversight_c_seconds", "c");
  registry.Counter("oversight_a_total", "a");
  registry.Gauge("oversight_b", "b");
  registry.Counter("oversight_a_total", "a");
  EXPECT_THAT(registry.MetricNames(), ElementsAre("oversight_a_total", "oversight_b", "oversight_c_seconds"));
}

TEST(RegistryTest, RegistriesAreApart) {
  Registry one, two;
  one.Counter("oversight_a_total", "a").Add({}).Increment();
  EXPECT_THAT(two.Render(), Not(HasSubstr("oversight_a_total")));
}

TEST(RegistryTest, ThreadsShareOneFamily) {
  Registry registry;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&registry] {
      for (int n = 0; n < 250; ++n) registry.Counter("oversight_a_total", "a").Add({{"k", "v"}}).Increment();
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(registry.Render(), HasSubstr("oversight_a_total{k=\"v\"} 1000"));
}

TEST(RegistryDeathTest, RefusesBadNamesAndOtherTypes) {
  Registry registry;
  registry.Counter("oversight_a_total", "a");
  EXPECT_DEATH(registry.Gauge("oversight_a_total", "a"), "is a counter already");
  EXPECT_DEATH(registry.Counter("a_total", "a"), "must start with oversight_");
  EXPECT_DEATH(registry.Counter("oversight_A-total", "a"), "lower-case");
}

TEST(LatencyBucketsTest, AscendFromHalfAMillisecondToHalfAMinute) {
  const auto& buckets = LatencyBuckets();
  EXPECT_DOUBLE_EQ(buckets.front(), 0.0005);
  EXPECT_DOUBLE_EQ(buckets.back(), 30);
  for (size_t i = 1; i < buckets.size(); ++i) EXPECT_LT(buckets[i - 1], buckets[i]);
}

}  // namespace
}  // namespace oversight::metrics

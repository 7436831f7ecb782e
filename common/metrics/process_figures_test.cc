#include "common/metrics/process_figures.h"

#include <fcntl.h>
#include <unistd.h>

#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight::metrics {
namespace {

// The figure as a scrape would tell it; -1 when it is left out.
double Figure(const Registry& registry, const std::string& name) {
  for (const auto& collectable : registry.collectables()) {
    for (const prometheus::MetricFamily& family : collectable->Collect()) {
      if (family.name != name) continue;
      const prometheus::ClientMetric& metric = family.metric.at(0);
      return family.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value;
    }
  }
  return -1;
}

TEST(ProcessFiguresTest, CountsDescriptorsAsTheyOpenAndClose) {
  Registry registry;
  AddProcessFigures(registry);
  const double before = Figure(registry, "oversight_process_open_descriptors");
  ASSERT_GE(before, 3);
  std::vector<int> opened;
  for (int i = 0; i < 5; ++i) opened.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(Figure(registry, "oversight_process_open_descriptors"), before + 5);
  for (const int descriptor : opened) close(descriptor);
  EXPECT_EQ(Figure(registry, "oversight_process_open_descriptors"), before);
  EXPECT_GT(Figure(registry, "oversight_process_descriptor_limit"), before);
}

TEST(ProcessFiguresTest, MemoryAndProcessorTimeGrowWithUse) {
  Registry registry;
  AddProcessFigures(registry);
  const double memory = Figure(registry, "oversight_process_resident_bytes");
  const double processor = Figure(registry, "oversight_process_cpu_seconds_total");
  const std::string held(64 << 20, 'x');
  unsigned sum = 0;
  for (int round = 0; round < 4; ++round) {
    for (const char c : held) sum = sum * 31 + static_cast<unsigned char>(c);
  }
  EXPECT_NE(sum, 1u);
  EXPECT_GE(Figure(registry, "oversight_process_resident_bytes"), memory + (48 << 20));
  EXPECT_GT(Figure(registry, "oversight_process_cpu_seconds_total"), processor);
}

TEST(ProcessFiguresTest, AFigureThatIsNotToldIsLeftOut) {
  Registry registry;
  std::optional<double> value;
  registry.GaugeAtScrape("oversight_sometimes", "Not always there.", [&] { return value; });
  EXPECT_EQ(registry.Render().find("oversight_sometimes"), std::string::npos);
  value = 7;
  EXPECT_THAT(registry.Render(), ::testing::HasSubstr("oversight_sometimes 7"));
  EXPECT_THAT(registry.MetricNames(), ::testing::ElementsAre("oversight_sometimes"));
}

}  // namespace
}  // namespace oversight::metrics

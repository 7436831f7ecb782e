#include "common/metrics/figures_at_scrape.h"

#include <utility>

namespace oversight::metrics {

void FiguresAtScrape::Add(Figure figure) {
  const std::lock_guard<std::mutex> lock(mutex_);
  figures_.push_back(std::move(figure));
}

std::vector<prometheus::MetricFamily> FiguresAtScrape::Collect() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<prometheus::MetricFamily> families;
  for (const Figure& figure : figures_) {
    const std::optional<double> value = figure.read();
    if (!value.has_value()) continue;
    prometheus::ClientMetric metric;
    (figure.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) = *value;
    families.push_back({figure.name, figure.help, figure.type, {std::move(metric)}});
  }
  return families;
}

}  // namespace oversight::metrics

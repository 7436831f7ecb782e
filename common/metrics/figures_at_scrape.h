#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"

namespace oversight::metrics {

// Figures that are read when somebody scrapes; see Registry::GaugeAtScrape. Thread-safe.
class FiguresAtScrape : public prometheus::Collectable {
 public:
  struct Figure {
    std::string name;
    std::string help;
    prometheus::MetricType type = prometheus::MetricType::Gauge;
    std::function<std::optional<double>()> read;
  };

  void Add(Figure figure);
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  mutable std::mutex mutex_;
  std::vector<Figure> figures_;
};

}  // namespace oversight::metrics

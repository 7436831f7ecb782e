#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "prometheus/collectable.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace oversight::metrics {

using Labels = prometheus::Labels;

class FiguresAtScrape;

// The process's metrics. Names start with `oversight_` and consist of lower-case letters, digits and
// underscores; units are seconds, days or none, and labels never name a person, case or child. A family asked
// for again is the same family. Families and series are made once and their references, valid as long as the
// registry, kept by the caller: looking a series up takes a lock. Thread-safe.
//
// A name that breaks the rules, or is taken by another type, is a mistake in the program and ends it.
class Registry {
 public:
  Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  prometheus::Family<prometheus::Counter>& Counter(absl::string_view name, absl::string_view help);
  prometheus::Family<prometheus::Gauge>& Gauge(absl::string_view name, absl::string_view help);
  prometheus::Family<prometheus::Histogram>& Histogram(absl::string_view name, absl::string_view help);

  // A figure without labels that is read anew at each scrape, from the threads of whoever scrapes, and is
  // left out while `read` returns nothing.
  void GaugeAtScrape(absl::string_view name, absl::string_view help,
                     std::function<std::optional<double>()> read);
  // The same for what only grows; its name ends in `_total`.
  void CounterAtScrape(absl::string_view name, absl::string_view help,
                       std::function<std::optional<double>()> read);

  // The names of all families in alphabetical order, those without a series yet included.
  std::vector<std::string> MetricNames() const;
  // The Prometheus text format of all metrics.
  std::string Render() const;
  // What a scrape collects.
  std::vector<std::shared_ptr<prometheus::Collectable>> collectables() const;

 private:
  // Ends the program unless the name is well formed and of no other type.
  void Claim(absl::string_view name, absl::string_view type);

  std::shared_ptr<prometheus::Registry> registry_;
  std::shared_ptr<FiguresAtScrape> at_scrape_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> types_;  // by name
};

// Upper bounds in seconds for calls and waits: 0.5 ms to 30 s.
const std::vector<double>& LatencyBuckets();

}  // namespace oversight::metrics

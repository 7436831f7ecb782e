#include "common/metrics/metrics.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/metrics/figures_at_scrape.h"
#include "prometheus/text_serializer.h"

namespace oversight::metrics {
namespace {

constexpr char kPrefix[] = "oversight_";

bool WellFormed(absl::string_view name) {
  return absl::StartsWith(name, kPrefix) && std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
         });
}

[[noreturn]] void Refuse(absl::string_view name, absl::string_view fault) {
  std::fputs(absl::StrCat("metric ", name, ": ", fault, "\n").c_str(), stderr);
  std::abort();
}

}  // namespace

Registry::Registry()
    : registry_(std::make_shared<prometheus::Registry>(prometheus::Registry::InsertBehavior::Merge)),
      at_scrape_(std::make_shared<FiguresAtScrape>()) {}

prometheus::Family<prometheus::Counter>& Registry::Counter(absl::string_view name, absl::string_view help) {
  Claim(name, "counter");
  return prometheus::BuildCounter().Name(std::string(name)).Help(std::string(help)).Register(*registry_);
}

prometheus::Family<prometheus::Gauge>& Registry::Gauge(absl::string_view name, absl::string_view help) {
  Claim(name, "gauge");
  return prometheus::BuildGauge().Name(std::string(name)).Help(std::string(help)).Register(*registry_);
}

prometheus::Family<prometheus::Histogram>& Registry::Histogram(absl::string_view name,
                                                               absl::string_view help) {
  Claim(name, "histogram");
  return prometheus::BuildHistogram().Name(std::string(name)).Help(std::string(help)).Register(*registry_);
}

void Registry::GaugeAtScrape(absl::string_view name, absl::string_view help,
                             std::function<std::optional<double>()> read) {
  Claim(name, "gauge at scrape");
  at_scrape_->Add({std::string(name), std::string(help), prometheus::MetricType::Gauge, std::move(read)});
}

void Registry::CounterAtScrape(absl::string_view name, absl::string_view help,
                               std::function<std::optional<double>()> read) {
  Claim(name, "counter at scrape");
  at_scrape_->Add({std::string(name), std::string(help), prometheus::MetricType::Counter, std::move(read)});
}

std::vector<std::shared_ptr<prometheus::Collectable>> Registry::collectables() const {
  return {registry_, at_scrape_};
}

void Registry::Claim(absl::string_view name, absl::string_view type) {
  if (!WellFormed(name))
    Refuse(name, "must start with oversight_ and have lower-case letters, digits and _ only");
  std::lock_guard<std::mutex> lock(mutex_);
  const auto [entry, added] = types_.emplace(name, type);
  if (!added && entry->second != type) Refuse(name, absl::StrCat("is a ", entry->second, " already"));
}

std::vector<std::string> Registry::MetricNames() const {
  std::lock_guard<std::mutex> lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, type] : types_) names.push_back(name);
  return names;
}

std::string Registry::Render() const {
  std::vector<prometheus::MetricFamily> families;
  for (const auto& collectable : collectables()) {
    for (prometheus::MetricFamily& family : collectable->Collect()) families.push_back(std::move(family));
  }
  return prometheus::TextSerializer().Serialize(families);
}

const std::vector<double>& LatencyBuckets() {
  static const std::vector<double> buckets = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                              0.25,   0.5,   1,      2.5,   5,    10,    30};
  return buckets;
}

}  // namespace oversight::metrics

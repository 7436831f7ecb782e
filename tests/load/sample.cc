#include "tests/load/sample.h"

#include <algorithm>

namespace oversight::load {
namespace {

absl::Duration Percentile(const std::vector<int64_t>& sorted, double share) {
  if (sorted.empty()) return absl::ZeroDuration();
  const auto index = static_cast<size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5);
  return absl::Nanoseconds(sorted[index]);
}

}  // namespace

Sample Summarise(std::vector<int64_t>& nanoseconds, absl::Duration elapsed) {
  std::sort(nanoseconds.begin(), nanoseconds.end());
  return {.calls = static_cast<int64_t>(nanoseconds.size()),
          .per_second = static_cast<double>(nanoseconds.size()) / absl::ToDoubleSeconds(elapsed),
          .p50 = Percentile(nanoseconds, 0.50),
          .p99 = Percentile(nanoseconds, 0.99),
          .longest = Percentile(nanoseconds, 1.0)};
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

absl::Duration MedianOf(const std::vector<Sample>& rounds, absl::Duration Sample::*field) {
  std::vector<double> seconds;
  for (const Sample& sample : rounds) seconds.push_back(absl::ToDoubleSeconds(sample.*field));
  return absl::Seconds(Median(std::move(seconds)));
}

double MedianOf(const std::vector<Sample>& rounds, double Sample::*field) {
  std::vector<double> values;
  for (const Sample& sample : rounds) values.push_back(sample.*field);
  return Median(std::move(values));
}

double MedianRatio(const std::vector<Sample>& numerator, const std::vector<Sample>& denominator) {
  std::vector<double> ratios;
  for (size_t i = 0; i < std::min(numerator.size(), denominator.size()); ++i) {
    if (denominator[i].per_second > 0) ratios.push_back(numerator[i].per_second / denominator[i].per_second);
  }
  return Median(std::move(ratios));
}

}  // namespace oversight::load

#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace oversight::load {

// What one stretch of measuring gave.
struct Sample {
  int64_t calls = 0;
  double per_second = 0;
  absl::Duration p50;
  absl::Duration p99;
  absl::Duration longest;
  // Statements that the database carried out for each call, those of everything else in that time included.
  double statements_per_call = 0;
  // What the server's process used for each call; 0 without a server.
  absl::Duration cpu_per_call;
};

// Summarises the calls of one stretch; sorts `nanoseconds`.
Sample Summarise(std::vector<int64_t>& nanoseconds, absl::Duration elapsed);

// The middle one, or the mean of the two in the middle; 0 when there is none.
double Median(std::vector<double> values);
absl::Duration MedianOf(const std::vector<Sample>& rounds, absl::Duration Sample::*field);
double MedianOf(const std::vector<Sample>& rounds, double Sample::*field);

// The median of the ratios round by round: what slows the machine in one round slows both sides of its ratio.
double MedianRatio(const std::vector<Sample>& numerator, const std::vector<Sample>& denominator);

}  // namespace oversight::load

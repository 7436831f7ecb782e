#pragma once

#include "absl/time/time.h"
#include "tests/load/load_loop.h"

namespace oversight::load {

// How thoroughly to measure.
struct Settings {
  // Each round measures every side once, in an order that turns from round to round; medians of the rounds
  // count.
  int rounds = 5;
  Stretch stretch;
};

}  // namespace oversight::load

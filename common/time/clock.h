#pragma once

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace oversight {

// Where the present comes from. Passed in everywhere, so that tests and replays set it.
class Clock {
 public:
  virtual ~Clock() = default;
  // The present instant, UTC.
  virtual absl::Time Now() const = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace oversight

#pragma once

#include <malloc.h>
#include <time.h>

#include <cstddef>

namespace oversight::load {

// Seconds since it was made: of the clock, and of processor time of this process.
class Stopwatch {
 public:
  double Cpu() const { return Now(CLOCK_PROCESS_CPUTIME_ID) - cpu_; }
  double Wall() const { return Now(CLOCK_MONOTONIC) - wall_; }

 private:
  static double Now(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
  }
  const double cpu_ = Now(CLOCK_PROCESS_CPUTIME_ID);
  const double wall_ = Now(CLOCK_MONOTONIC);
};

// What the program holds from the allocator, its own overhead included.
inline size_t AllocatedBytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace oversight::load

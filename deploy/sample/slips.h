#pragma once

namespace oversight::sample {

// Decides for one thing after the other where a decent but imperfect authority slips: once in `one_in`, first
// at the second, so that even two of a kind show both.
class Slips {
 public:
  explicit Slips(int one_in) : one_in_(one_in) {}

  bool Next() { return count_++ % one_in_ == 1; }

 private:
  const int one_in_;
  int count_ = 0;
};

}  // namespace oversight::sample

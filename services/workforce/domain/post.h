#pragma once

#include <string>

#include "common/time/period.h"

namespace oversight::workforce {

// A post that a worker fills.
struct Post {
  // Empty when the post belongs to no team.
  std::string team;
  Period period;
};

// Whether two posts of one worker cannot both be true: they are in the same team on the same day.
bool Clash(const Post& a, const Post& b);

}  // namespace oversight::workforce

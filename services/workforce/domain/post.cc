#include "services/workforce/domain/post.h"

namespace oversight::workforce {

bool Clash(const Post& a, const Post& b) {
  return !a.team.empty() && a.team == b.team && a.period.Overlaps(b.period);
}

}  // namespace oversight::workforce

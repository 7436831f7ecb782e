#include "services/supervision/domain/survey.h"

#include <optional>

namespace oversight::supervision {

std::vector<bool> WithheldGroups(const std::vector<int>& groups, int total) {
  std::vector<bool> withheld(groups.size());
  int shown = 0;
  for (size_t i = 0; i < groups.size(); ++i) {
    withheld[i] = groups[i] < kSmallestGroup;
    if (!withheld[i]) shown += groups[i];
  }
  // The total less the groups that are shown tells how the rest answered, as if it were a group.
  while (total > shown && total - shown < kSmallestGroup) {
    std::optional<size_t> smallest;
    for (size_t i = 0; i < groups.size(); ++i) {
      if (!withheld[i] && (!smallest || groups[i] < groups[*smallest])) smallest = i;
    }
    if (!smallest) break;
    withheld[*smallest] = true;
    shown -= groups[*smallest];
  }
  return withheld;
}

}  // namespace oversight::supervision

#include "services/workforce/domain/career.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace oversight::workforce {

std::vector<CareerStagePeriod> CareerStages(std::vector<CareerPost> posts) {
  std::erase_if(posts, [](const CareerPost& post) { return post.period.Empty(); });
  std::sort(posts.begin(), posts.end(), [](const CareerPost& a, const CareerPost& b) {
    return std::tie(a.period.start, a.name) < std::tie(b.period.start, b.name);
  });
  std::map<int, std::vector<CareerStagePeriod>> by_stage;
  for (CareerPost& post : posts) {
    std::vector<CareerStagePeriod>& periods = by_stage[post.stage];
    if (periods.empty() || periods.back().period.end < post.period.start) {
      periods.push_back({post.stage, post.period, {}});
    }
    CareerStagePeriod& last = periods.back();
    last.period.end = std::max(last.period.end, post.period.end);
    last.posts.push_back(std::move(post.name));
  }
  std::vector<CareerStagePeriod> history;
  for (auto& [stage, periods] : by_stage) {
    for (CareerStagePeriod& period : periods) history.push_back(std::move(period));
  }
  std::sort(history.begin(), history.end(), [](const CareerStagePeriod& a, const CareerStagePeriod& b) {
    return std::tie(a.period.start, a.stage) < std::tie(b.period.start, b.stage);
  });
  return history;
}

}  // namespace oversight::workforce

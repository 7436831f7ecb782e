#include "services/compliance/judgement/next_due_queue.h"

#include <algorithm>

namespace oversight::compliance {
namespace {

constexpr size_t kWorthCompacting = 1024;

}  // namespace

void NextDueQueue::Reset(size_t rules) {
  *this = NextDueQueue();
  day_of_.resize(rules);
}

void NextDueQueue::Put(uint32_t rule, uint32_t subject, CivilDay day) {
  std::vector<CivilDay>& days = day_of_[rule];
  if (days.size() <= subject) days.resize(subject + 1, CivilDay::Max());
  CivilDay& known = days[subject];
  if (known == day) return;
  if (known != CivilDay::Max()) ++elsewhere_;
  known = day;
  if (day == CivilDay::Max()) return;
  lines_[day].emplace_back(rule, subject);
  ++in_lines_;
  if (elsewhere_ > in_lines_ / 2 && in_lines_ > kWorthCompacting) Compact();
}

void NextDueQueue::TakeDue(CivilDay today, absl::FunctionRef<void(uint32_t, uint32_t)> visit) {
  while (!lines_.empty() && lines_.begin()->first <= today) {
    const CivilDay day = lines_.begin()->first;
    std::vector<RuleAndSubject> due = std::move(lines_.begin()->second);
    lines_.erase(lines_.begin());
    in_lines_ -= due.size();
    std::sort(due.begin(), due.end());
    for (const auto& [rule, subject] : due) {
      CivilDay& known = day_of_[rule][subject];
      if (known != day) {
        --elsewhere_;
        continue;
      }
      known = CivilDay::Max();
      visit(rule, subject);
    }
  }
}

void NextDueQueue::Compact() {
  for (auto& of_day : lines_) {
    std::vector<RuleAndSubject>& line = of_day.second;
    std::sort(line.begin(), line.end());
    line.erase(std::unique(line.begin(), line.end()), line.end());
    std::erase_if(line,
                  [&](const RuleAndSubject& who) { return day_of_[who.first][who.second] != of_day.first; });
  }
  std::erase_if(lines_, [](const auto& line) { return line.second.empty(); });
  in_lines_ = 0;
  for (const auto& [day, line] : lines_) in_lines_ += line.size();
  elsewhere_ = 0;
}

}  // namespace oversight::compliance

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "common/time/civil_day.h"

namespace oversight::compliance {

// On which day each rule's finding about each subject may next turn without any change of the facts. A line
// of those for each day, in which who has since been put elsewhere is passed over: putting one takes the same
// time however many there are.
class NextDueQueue {
 public:
  // Forgets all of them; from now on there are so many rules.
  void Reset(size_t rules);
  // Max(): on none. Takes the place of what was said of the two before.
  void Put(uint32_t rule, uint32_t subject, CivilDay day);
  // Takes out all whose day has come by `today`, day by day and in the order of rules and subjects, and
  // visits each after that. The visit may put any of them again, on a later day than `today`.
  void TakeDue(CivilDay today, absl::FunctionRef<void(uint32_t rule, uint32_t subject)> visit);

 private:
  using RuleAndSubject = std::pair<uint32_t, uint32_t>;
  // Leaves out who has been put elsewhere.
  void Compact();

  std::vector<std::vector<CivilDay>> day_of_;  // by rule, then by subject
  std::map<CivilDay, std::vector<RuleAndSubject>> lines_;
  size_t in_lines_ = 0;
  size_t elsewhere_ = 0;  // of those in lines
};

}  // namespace oversight::compliance

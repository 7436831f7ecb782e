#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "common/time/civil_day.h"
#include "common/time/period.h"

namespace oversight::compliance {

// What an authority has agreed not to hold somebody to, for a time.
struct Waiver {
  std::set<std::string> rules;
  // Name within the authority, `workers/w1`.
  std::string subject;
  // Not before it was agreed.
  Period period;
};

// The waivers of one authority, found by whom they are about. What they cover is decided here and nowhere
// else.
class Waivers {
 public:
  void Set(const std::string& name, Waiver waiver);
  void Remove(const std::string& name);
  void Clear();
  bool empty() const { return by_name_.empty(); }
  // Null when there is none of that name.
  const Waiver* Find(const std::string& name) const;
  // All of them, by name.
  const std::map<std::string, Waiver>& all() const { return by_name_; }

  // The name of the waiver that excuses the subject from the rule on a day, the first by name; empty when
  // none does.
  absl::string_view Covering(absl::string_view rule, absl::string_view subject, CivilDay day) const;
  // The first day after `day` on which that may be another answer; Max() when it stays.
  CivilDay NextBorder(absl::string_view rule, absl::string_view subject, CivilDay day) const;

 private:
  std::map<std::string, Waiver> by_name_;
  absl::flat_hash_map<std::string, std::set<std::string>> names_by_subject_;
};

}  // namespace oversight::compliance

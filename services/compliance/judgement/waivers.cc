#include "services/compliance/judgement/waivers.h"

#include <algorithm>
#include <utility>

namespace oversight::compliance {

void Waivers::Set(const std::string& name, Waiver waiver) {
  Remove(name);
  names_by_subject_[waiver.subject].insert(name);
  by_name_[name] = std::move(waiver);
}

void Waivers::Remove(const std::string& name) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return;
  const auto names = names_by_subject_.find(found->second.subject);
  names->second.erase(name);
  if (names->second.empty()) names_by_subject_.erase(names);
  by_name_.erase(found);
}

void Waivers::Clear() {
  by_name_.clear();
  names_by_subject_.clear();
}

const Waiver* Waivers::Find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

absl::string_view Waivers::Covering(absl::string_view rule, absl::string_view subject, CivilDay day) const {
  const auto names = names_by_subject_.find(subject);
  if (names == names_by_subject_.end()) return "";
  for (const std::string& name : names->second) {
    const Waiver& waiver = by_name_.at(name);
    if (waiver.period.Contains(day) && waiver.rules.contains(std::string(rule))) return name;
  }
  return "";
}

CivilDay Waivers::NextBorder(absl::string_view rule, absl::string_view subject, CivilDay day) const {
  CivilDay next = CivilDay::Max();
  const auto names = names_by_subject_.find(subject);
  if (names == names_by_subject_.end()) return next;
  for (const std::string& name : names->second) {
    const Waiver& waiver = by_name_.at(name);
    if (!waiver.rules.contains(std::string(rule))) continue;
    for (const CivilDay border : {waiver.period.start, waiver.period.end}) {
      if (border > day) next = std::min(next, border);
    }
  }
  return next;
}

}  // namespace oversight::compliance

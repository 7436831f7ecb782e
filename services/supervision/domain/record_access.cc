#include "services/supervision/domain/record_access.h"

namespace oversight::supervision {

bool GivesAccess(const Disclosure& disclosure, CivilDay day) {
  if (!disclosure.period.Contains(day)) return false;
  switch (disclosure.reason) {
    case DisclosureReason::kUnspecified:
    case DisclosureReason::kOther:
      return false;
    case DisclosureReason::kAdvice:
      return disclosure.agreed_by_both;
    default:
      return true;
  }
}

std::set<std::string> WorkersOver(const std::vector<std::string>& people, int levels,
                                  const ManagersOf& managers_of) {
  std::set<std::string> over;
  std::set<std::string> level(people.begin(), people.end());
  level.erase("");
  for (int i = 0; i < levels && !level.empty(); ++i) {
    std::set<std::string> next;
    for (const std::string& worker : level) {
      for (std::string& manager : managers_of(worker)) {
        if (over.insert(manager).second) next.insert(std::move(manager));
      }
    }
    level = std::move(next);
  }
  return over;
}

AccessGround GroundFor(const std::string& reader, const SessionPeople& people, int levels,
                       const ManagersOf& managers_of, const std::vector<Disclosure>& disclosures,
                       CivilDay day) {
  if (reader.empty()) return AccessGround::kNone;
  if (reader == people.supervisee) return AccessGround::kSupervisee;
  if (reader == people.supervisor || reader == people.led_by) return AccessGround::kSupervisor;
  if (WorkersOver({people.supervisee, people.supervisor}, levels, managers_of).contains(reader)) {
    return AccessGround::kManager;
  }
  for (const Disclosure& disclosure : disclosures) {
    if (disclosure.disclosed_to == reader && GivesAccess(disclosure, day)) return AccessGround::kDisclosure;
  }
  return AccessGround::kNone;
}

}  // namespace oversight::supervision

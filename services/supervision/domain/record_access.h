#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/time/period.h"

namespace oversight::supervision {

// Everybody around the text of a session's record, by the names of their workers.
struct SessionPeople {
  std::string supervisee;
  // The supervisor, and who led the session in the supervisor's place; empty names are nobody.
  std::string supervisor;
  std::string led_by;
};

enum class DisclosureReason {
  kUnspecified,
  kHumanResources,
  kOccupationalHealth,
  kRegulatorOrAudit,
  kDisciplinaryOrFitnessToPractise,
  kGrievance,
  kSafeguarding,
  kAdvice,
  kOther,
};

// A disclosure of the session's record.
struct Disclosure {
  std::string disclosed_to;
  DisclosureReason reason = DisclosureReason::kUnspecified;
  bool agreed_by_both = false;
  Period period;
};

enum class AccessGround { kNone, kSupervisee, kSupervisor, kManager, kDisclosure };

// Whether the disclosure lets the worker named in it read, on that day: it is in force, and rests on a ground
// that policy knows (Knowsley 8.3 and 10); advice from somebody else needs the agreement of both.
bool GivesAccess(const Disclosure& disclosure, CivilDay day);

// Who leads the line of this worker on the day asked about: the line managers, and who stands in for them.
using ManagersOf = std::function<std::vector<std::string>(const std::string& worker)>;

// The workers over `people`, up to so many levels: 1 means their line managers, 2 also theirs. The people
// themselves are not among them unless one is over the other.
std::set<std::string> WorkersOver(const std::vector<std::string>& people, int levels,
                                  const ManagersOf& managers_of);

// On what ground `reader`, the name of a worker, may read the record of the session on `day`; kNone when on
// none, and for an empty name.
AccessGround GroundFor(const std::string& reader, const SessionPeople& people, int levels,
                       const ManagersOf& managers_of, const std::vector<Disclosure>& disclosures,
                       CivilDay day);

}  // namespace oversight::supervision

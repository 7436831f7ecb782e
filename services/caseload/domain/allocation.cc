#include "services/caseload/domain/allocation.h"

namespace oversight::caseload {

bool Holds(AllocationRole role) {
  return role == AllocationRole::kKeyworker || role == AllocationRole::kPersonalAdviser ||
         role == AllocationRole::kSupervisingSocialWorker;
}

bool Clash(const Allocation& a, const Allocation& b) {
  return a.role == AllocationRole::kKeyworker && b.role == AllocationRole::kKeyworker &&
         a.period.Overlaps(b.period);
}

AllocationState StateOn(const Period& period, CivilDay day) {
  if (day < period.start) return AllocationState::kPlanned;
  if (period.end <= day) return AllocationState::kEnded;
  return period.Open() ? AllocationState::kCurrent : AllocationState::kEnding;
}

absl::string_view NameOf(AllocationState state) {
  constexpr absl::string_view kNames[] = {"NONE", "PLANNED", "CURRENT", "ENDING", "ENDED"};
  return kNames[static_cast<int>(state)];
}

std::optional<AllocationState> Next(AllocationState state, AllocationAction action) {
  const bool holds = state == AllocationState::kCurrent || state == AllocationState::kEnding;
  switch (action) {
    case AllocationAction::kAllocate:
      if (state == AllocationState::kNone) return AllocationState::kCurrent;
      return std::nullopt;
    case AllocationAction::kEnd:
    case AllocationAction::kMove:
      if (holds) return AllocationState::kEnded;
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace oversight::caseload

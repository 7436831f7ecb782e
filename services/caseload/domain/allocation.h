#pragma once

#include <optional>

#include "absl/strings/string_view.h"
#include "common/time/period.h"

namespace oversight::caseload {

enum class AllocationRole {
  kNone,
  kKeyworker,
  kCoworker,
  kInvolvedWorker,
  kSupervisedStudent,
  kPersonalAdviser,
  kSupervisingSocialWorker,
};

// Whether the worker in this role holds the case: keyworker, personal adviser, supervising social worker.
bool Holds(AllocationRole role);

// A worker's part in a case.
struct Allocation {
  AllocationRole role = AllocationRole::kNone;
  Period period;
};

// Whether two allocations of one case cannot both be true: a case has one keyworker at a time. Workers in
// other roles, cover for the keyworker among them, may be as many as there are.
bool Clash(const Allocation& a, const Allocation& b);

// What an allocation is in, seen from a day.
enum class AllocationState {
  kNone,     // there is none
  kPlanned,  // starts after the day
  kCurrent,  // has started, and no end is known
  kEnding,   // has started, and ends after the day
  kEnded,    // no longer holds on the day
};
AllocationState StateOn(const Period& period, CivilDay day);
// `CURRENT`, for error metadata.
absl::string_view NameOf(AllocationState state);

// What the verbs do with an allocation; plain updates correct it in any state.
enum class AllocationAction {
  kAllocate,  // AllocateCase, on the day from which it holds
  kEnd,       // EndAllocation, CloseCase, AllocateCase with replace_keyworker, on the first day without it
  kMove,      // TransferCaseload, on the first day with the new worker
};
// The state after an action on a day, seen from that day; nothing when it is not allowed. What is planned
// cannot be ended before it starts: delete it instead.
std::optional<AllocationState> Next(AllocationState state, AllocationAction action);

}  // namespace oversight::caseload

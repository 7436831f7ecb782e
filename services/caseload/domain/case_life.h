#pragma once

#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "common/time/period.h"

namespace oversight::caseload {

enum class CaseAction { kOpen, kClose, kReopen };
enum class CaseState { kNeverOpened, kOpen, kClosed };

// What a case is in, whatever its day: open when its last period has no end.
CaseState StateOf(absl::Span<const Period> open_periods);

// Its periods after an action on `day`: opened where it never was, closed where it is open, reopened where it
// was closed. Nothing when the action does not fit its state, or the day lies before the last period's start
// (closing) or end (reopening).
std::optional<std::vector<Period>> After(std::vector<Period> open_periods, CaseAction action, CivilDay day);

}  // namespace oversight::caseload

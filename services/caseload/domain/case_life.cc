#include "services/caseload/domain/case_life.h"

namespace oversight::caseload {

CaseState StateOf(absl::Span<const Period> open_periods) {
  if (open_periods.empty()) return CaseState::kNeverOpened;
  return open_periods.back().Open() ? CaseState::kOpen : CaseState::kClosed;
}

std::optional<std::vector<Period>> After(std::vector<Period> open_periods, CaseAction action, CivilDay day) {
  const CaseState state = StateOf(open_periods);
  switch (action) {
    case CaseAction::kOpen:
      if (state != CaseState::kNeverOpened) return std::nullopt;
      open_periods.push_back({day});
      break;
    case CaseAction::kClose:
      if (state != CaseState::kOpen || day < open_periods.back().start) return std::nullopt;
      open_periods.back().end = day;
      break;
    case CaseAction::kReopen:
      if (state != CaseState::kClosed || day < open_periods.back().end) return std::nullopt;
      open_periods.push_back({day});
      break;
  }
  return open_periods;
}

}  // namespace oversight::caseload

#include "services/supervision/domain/case_discussion.h"

namespace oversight::supervision {

bool CanHaveDiscussions(SessionState state) {
  return state == SessionState::kScheduled || state == SessionState::kHeld;
}

bool Clash(const CaseDiscussion& a, const CaseDiscussion& b) { return a.case_name == b.case_name; }

}  // namespace oversight::supervision

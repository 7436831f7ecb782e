#pragma once

#include <string>

#include "services/supervision/domain/session_state.h"

namespace oversight::supervision {

// A case talked through in a session; the name is compared only.
struct CaseDiscussion {
  std::string case_name;
};

// Cases can be put on the list of a scheduled session and recorded for a held one. In one that was cancelled
// or missed nothing was discussed.
bool CanHaveDiscussions(SessionState state);

// Whether two discussions of one session are the same one: each case is recorded once, however often it came
// up.
bool Clash(const CaseDiscussion& a, const CaseDiscussion& b);

}  // namespace oversight::supervision

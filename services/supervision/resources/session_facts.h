#pragma once

#include "absl/status/status.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "services/supervision/domain/session.h"

namespace oversight::supervision {

SessionState StateOf(const v1::Session& session);

// The session as the rules see it. Instants outside what a Timestamp may hold count as not given.
Session FactsOf(const v1::Session& session);

// FAILED_PRECONDITION (ILLEGAL_TRANSITION): the session's state does not allow what was asked. `advice` says
// what to do; the state is in the metadata.
absl::Status IllegalTransition(SessionState state, absl::string_view advice);

}  // namespace oversight::supervision

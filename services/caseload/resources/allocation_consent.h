#pragma once

#include "common/resource/kind.h"
#include "services/caseload/peers/peers.h"

namespace oversight::caseload {

// Kind::consult of allocations: asks compliance whether a rule that blocks forbids a new allocation, or a
// change that gives a worker more of a case than before (worker, role, an earlier start, a later end).
// - FAILED_PRECONDITION (ALLOCATION_BLOCKED) when one does; the metadata `rule` and `clause` are the first
// one's, `rules`
//   names all.
// - UNAVAILABLE (COMPLIANCE_UNREACHABLE) when it cannot be asked and no `unchecked_reason` says why the
// allocation must
//   go ahead.
// What it found out is stored with the allocation: `verdict`, `verdict_tokens`, `unchecked_reason`.
resource::Kind::Consult AskCompliance(PeersPtr peers);

}  // namespace oversight::caseload

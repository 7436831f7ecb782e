#pragma once

#include "absl/status/status.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "services/supervision/domain/agreement.h"

namespace oversight::supervision {

AgreementState StateOf(const v1::Agreement& agreement);
v1::Agreement::State ToProto(AgreementState state);

// The agreement as the rules see it.
Agreement FactsOf(const v1::Agreement& agreement);

// FAILED_PRECONDITION (ILLEGAL_TRANSITION): the agreement's state does not allow what was asked. `advice`
// says what to do; the state is in the metadata.
absl::Status IllegalTransition(AgreementState state, absl::string_view advice);

}  // namespace oversight::supervision

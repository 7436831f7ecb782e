#pragma once

#include "absl/status/status.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "services/supervision/domain/record_state.h"

namespace oversight::supervision {

RecordState StateOf(const v1::SessionRecord& record);

// FAILED_PRECONDITION (ILLEGAL_TRANSITION): the record's state does not allow what was asked. `advice` says
// what to do; the state is in the metadata.
absl::Status IllegalTransition(RecordState state, absl::string_view advice);

}  // namespace oversight::supervision

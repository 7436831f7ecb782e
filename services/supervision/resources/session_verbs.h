#pragma once

#include "common/resource/standard_methods.h"
#include "common/rpc/methods.h"
#include "oversight/supervision/v1/supervision_verbs.pb.h"
#include "services/supervision/resources/kinds.h"

namespace oversight::supervision {

// What HoldSession makes of a scheduled session. FAILED_PRECONDITION (ILLEGAL_TRANSITION) in any other state.
absl::Status Hold(const v1::HoldSessionRequest& request, v1::Session& session);

// What CancelSession makes of a scheduled session. INVALID_FIELDS without a reason; FAILED_PRECONDITION
// (ILLEGAL_TRANSITION) in any other state.
absl::Status Cancel(const v1::CancelSessionRequest& request, v1::Session& session);

// What MissSession makes of a scheduled session. FAILED_PRECONDITION (ILLEGAL_TRANSITION) in any other state.
absl::Status Miss(const v1::MissSessionRequest& request, v1::Session& session);

// Registers HoldSession, CancelSession and MissSession.
void RegisterSessionVerbs(resource::StandardMethods& standard, rpc::Methods& methods, KindsPtr kinds);

}  // namespace oversight::supervision

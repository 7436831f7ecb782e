#pragma once

#include "common/resource/standard_methods.h"
#include "common/rpc/methods.h"
#include "oversight/supervision/v1/supervision_verbs.pb.h"
#include "services/supervision/resources/kinds.h"

namespace oversight::supervision {

// What SignAgreement makes of an agreement. INVALID_FIELDS without a party or a day;
// FAILED_PRECONDITION (ILLEGAL_TRANSITION) when that party has signed, or it has ended.
absl::Status Sign(const v1::SignAgreementRequest& request, v1::Agreement& agreement);

// What EndAgreement makes of an agreement. INVALID_FIELDS without an end; FAILED_PRECONDITION
// (ILLEGAL_TRANSITION) when it has ended.
absl::Status End(const v1::EndAgreementRequest& request, v1::Agreement& agreement);

// Registers SignAgreement and EndAgreement.
void RegisterAgreementVerbs(resource::StandardMethods& standard, rpc::Methods& methods, KindsPtr kinds);

}  // namespace oversight::supervision

#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/ledger/state_source.h"
#include "common/ledger/store.h"
#include "common/mysql/connection.h"
#include "oversight/ledger/v1/ledger.pb.h"

namespace oversight::ledger {

// Recomputes the whole chain of one authority and compares every stored resource with its last state in it.
// Must run in one consistent snapshot. `progress` is called now and then with a report without faults; a
// status other than OK stops the verification. Faults are findings, not errors: they are in the report.
absl::StatusOr<pb::VerifyLedgerResponse> Verify(
    mysql::Connection& connection, absl::string_view ledger, const std::string& authority,
    const std::vector<pb::Token>& known_tokens, StateSource& state,
    absl::FunctionRef<absl::Status(const pb::VerifyLedgerResponse&)> progress);

}  // namespace oversight::ledger

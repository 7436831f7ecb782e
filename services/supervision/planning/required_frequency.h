#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/call.h"
#include "common/rpc/client.h"
#include "oversight/compliance/v1/frequency.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "services/supervision/domain/series_plan.h"

namespace oversight::supervision {

// What the policies in force ask of the sessions of a series. `tokens`: what the answer must rest on.
// UNAVAILABLE (COMPLIANCE_UNREACHABLE) when compliance, which may be null, cannot be asked; other errors are
// its own.
absl::StatusOr<compliance::v1::ProjectFrequencyResponse> AskFrequency(rpc::Client* compliance,
                                                                      const rpc::Call& call,
                                                                      const v1::PlannedSeries& series,
                                                                      const std::vector<std::string>& tokens);

// The same as a plan takes it.
std::vector<Requirement> RequirementsOf(const compliance::v1::ProjectFrequencyResponse& said);

// A session that was held counts for the requirement too, unless it knows of a later one.
void AddLastSession(CivilDay held, Requirement& requirement);

// FAILED_PRECONDITION (NO_FREQUENCY_REQUIRED): there is nothing to plan from.
absl::Status NothingRequired();

// Writes it into the series as its `requirements` and `requirement_tokens`.
void NoteRequirements(const compliance::v1::ProjectFrequencyResponse& said, v1::PlannedSeries& series);

}  // namespace oversight::supervision

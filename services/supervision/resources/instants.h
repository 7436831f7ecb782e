#pragma once

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/resource/kind.h"
#include "common/status/violation.h"
#include "google/protobuf/timestamp.pb.h"

namespace oversight::supervision {

// The instant; nothing when it is not set or outside of what a Timestamp may hold.
std::optional<absl::Time> InstantOf(const resource::Message& message, absl::string_view field);

void SetDay(resource::Message& message, absl::string_view field, CivilDay day);

// Facts with a day and an instant, `filed_date` and `filed_time`: fills the day where only the instant is
// given.
void FillDays(resource::Message& message);

// Adds a violation for each instant that is none, and for each day that is not that of its instant in
// Europe/London.
void CheckInstants(const resource::Message& message, std::vector<FieldViolation>& violations);

}  // namespace oversight::supervision

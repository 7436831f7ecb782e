#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/time/civil_day.h"
#include "google/protobuf/descriptor.h"
#include "google/type/date.pb.h"

namespace oversight::ctl {

// The values that the files hold. Every error is INVALID_ARGUMENT whose message says what would be accepted,
// to be read after the column's name: `is not a day (...)`. Dates are not repeated in messages, because they
// are personal data; codes are.

// `2024-03-01`, `2024-03-01T10:30:00`, `2024-03-01 00:00:00.000` (its day), or with a zone,
// `2024-06-30T23:00:00Z` (the day in Europe/London on which the instant falls: 1 July).
absl::StatusOr<CivilDay> ParseDay(absl::string_view text);

// RFC 3339 with `Z` or an offset.
absl::StatusOr<absl::Time> ParseInstant(absl::string_view text);

// Y, Yes, 1, true and N, No, 0, false in any case; empty is no.
absl::StatusOr<bool> ParseFlag(absl::string_view text);

absl::StatusOr<double> ParseNumber(absl::string_view text);
absl::StatusOr<int32_t> ParseWholeNumber(absl::string_view text);

// An enum value in lower case without its prefix: `newly_qualified` for CAREER_STAGE_NEWLY_QUALIFIED.
absl::StatusOr<int> ParseEnum(const google::protobuf::EnumDescriptor& type, absl::string_view text);
// All values that ParseEnum takes.
std::vector<std::string> AcceptedValues(const google::protobuf::EnumDescriptor& type);

google::type::Date ToDate(CivilDay day);

}  // namespace oversight::ctl

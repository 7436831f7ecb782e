#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/time/civil_day.h"

namespace oversight::mysql {

// How instants and days are written in SQL: UTC `YYYY-MM-DD hh:mm:ss.ffffff`, cut to whole microseconds, and
// `YYYY-MM-DD`. Years 1 to 9999 only; the caller keeps to that.
std::string FormatDateTime(absl::Time instant);
// Nothing when the text is no such value (for example MySQL's zero date).
std::optional<absl::Time> ParseDateTime(absl::string_view text);
std::optional<CivilDay> ParseDate(absl::string_view text);

}  // namespace oversight::mysql

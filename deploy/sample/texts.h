#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/time/civil_day.h"
#include "deploy/sample/model.h"

// Values as the files write them.
namespace oversight::sample {

// `YYYY-MM-DD`; empty for a day that has not come or is not known.
std::string DateText(CivilDay day);
std::string OptionalDate(const std::optional<CivilDay>& day);
// The day if it has come by `today`, else empty: what is yet to happen is not on file.
std::string PastDate(CivilDay day, CivilDay today);
// An instant in UTC, of minutes after midnight in London.
std::string InstantText(CivilDay day, int minutes);
const char* Flag(bool value);

// The n-th working day after a day; the day itself for 0.
CivilDay WorkingDaysAfter(CivilDay day, int n);
// The last working day before a day.
CivilDay WorkingDayBefore(CivilDay day);

// Whether somebody is with the authority, in a social worker's post (newly qualified to strategic), that day.
bool IsEmployed(const Worker& worker, CivilDay day);
const Post* PostOn(const Worker& worker, CivilDay day);
bool IsSocialWorkPost(const Post& post);

// Ids of records about one worker or case: `TR-0001-2`.
std::string WorkerRecordId(absl::string_view prefix, const Worker& worker, int number);

}  // namespace oversight::sample

#include "services/oversightctl/import/values.h"

#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace oversight::ctl {
namespace {

constexpr size_t kDayLength = 10;  // of YYYY-MM-DD
constexpr char kDayExpected[] = "is not a day (expected YYYY-MM-DD, with or without a time of day)";

bool HasZone(absl::string_view time) {
  return absl::EndsWith(time, "Z") || absl::EndsWith(time, "z") || absl::StrContains(time, '+') ||
         absl::StrContains(time, '-');
}

// The prefix of the enum's values, `CAREER_STAGE_`.
std::string PrefixOf(const google::protobuf::EnumDescriptor& type) {
  return std::string(absl::StripSuffix(type.FindValueByNumber(0)->name(), "UNSPECIFIED"));
}

}  // namespace

absl::StatusOr<CivilDay> ParseDay(absl::string_view text) {
  const auto day = CivilDay::Parse(text.substr(0, kDayLength));
  if (!day.ok()) return absl::InvalidArgumentError(kDayExpected);
  if (text.size() == kDayLength) return day;

  // RFC 3339 writes a T, databases write a blank.
  std::string with_t(text);
  if (with_t[kDayLength] == ' ') with_t[kDayLength] = 'T';
  absl::Time instant;
  std::string error;
  const bool zoned = HasZone(absl::string_view(with_t).substr(kDayLength));
  const char* format = zoned ? absl::RFC3339_full : "%Y-%m-%dT%H:%M:%E*S";
  if (!absl::ParseTime(format, with_t, &instant, &error)) {
    // Some systems leave the seconds out.
    if (zoned || !absl::ParseTime("%Y-%m-%dT%H:%M", with_t, &instant, &error)) {
      return absl::InvalidArgumentError(kDayExpected);
    }
  }
  return zoned ? CivilDay::Of(instant) : day;
}

absl::StatusOr<absl::Time> ParseInstant(absl::string_view text) {
  absl::Time instant;
  std::string error;
  if (text.size() <= kDayLength || !HasZone(text.substr(kDayLength)) ||
      !absl::ParseTime(absl::RFC3339_full, text, &instant, &error)) {
    return absl::InvalidArgumentError(
        "is not an instant (expected 2024-03-01T10:30:00Z, or with an offset like +01:00)");
  }
  return instant;
}

absl::StatusOr<bool> ParseFlag(absl::string_view text) {
  const std::string flag = absl::AsciiStrToLower(text);
  for (const char* yes : {"y", "yes", "1", "true", "t"}) {
    if (flag == yes) return true;
  }
  for (const char* no : {"", "n", "no", "0", "false", "f"}) {
    if (flag == no) return false;
  }
  return absl::InvalidArgumentError(
      "is not a flag (expected Y or N, Yes or No, 1 or 0, true or false; empty is no)");
}

absl::StatusOr<double> ParseNumber(absl::string_view text) {
  double number = 0;
  if (!absl::SimpleAtod(text, &number) || !std::isfinite(number)) {
    return absl::InvalidArgumentError("is not a number (expected for example 0.8)");
  }
  return number;
}

absl::StatusOr<int32_t> ParseWholeNumber(absl::string_view text) {
  int32_t number = 0;
  if (!absl::SimpleAtoi(text, &number)) return absl::InvalidArgumentError("is not a whole number");
  return number;
}

absl::StatusOr<int> ParseEnum(const google::protobuf::EnumDescriptor& type, absl::string_view text) {
  const std::string prefix = PrefixOf(type);
  const auto* value = type.FindValueByName(absl::StrCat(prefix, absl::AsciiStrToUpper(text)));
  if (value != nullptr && value->number() != 0) return value->number();
  return absl::InvalidArgumentError(absl::StrCat("is \"", text.substr(0, 60), "\" (expected one of ",
                                                 absl::StrJoin(AcceptedValues(type), ", "), ")"));
}

std::vector<std::string> AcceptedValues(const google::protobuf::EnumDescriptor& type) {
  const std::string prefix = PrefixOf(type);
  std::vector<std::string> accepted;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() == 0) continue;
    accepted.push_back(absl::AsciiStrToLower(absl::StripPrefix(type.value(i)->name(), prefix)));
  }
  return accepted;
}

google::type::Date ToDate(CivilDay day) {
  google::type::Date date;
  date.set_year(static_cast<int>(day.civil().year()));
  date.set_month(day.civil().month());
  date.set_day(day.civil().day());
  return date;
}

}  // namespace oversight::ctl

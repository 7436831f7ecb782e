#include "common/mysql/text_format.h"

#include <cstdint>

namespace oversight::mysql {
namespace {

// Reads exactly `count` digits at `position`; -1 when they are not all digits.
int Digits(absl::string_view text, size_t position, size_t count) {
  if (text.size() < position + count) return -1;
  int value = 0;
  for (size_t i = position; i < position + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// Every row has several instants: general formatting would cost more than the rest of binding them.
void SetDigits(std::string& text, size_t position, size_t count, int64_t value) {
  for (size_t i = position + count; i > position; value /= 10)
    text[--i] = static_cast<char>('0' + value % 10);
}

std::optional<absl::CivilDay> ParseCivil(absl::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = Digits(text, 0, 4), month = Digits(text, 5, 2), day = Digits(text, 8, 2);
  if (year < 1 || month < 1 || day < 1) return std::nullopt;
  const absl::CivilDay civil(year, month, day);
  if (civil.year() != year || civil.month() != month || civil.day() != day) return std::nullopt;
  return civil;
}

}  // namespace

std::string FormatDateTime(absl::Time instant) {
  const int64_t micros = absl::ToUnixMicros(instant);
  const int64_t seconds = micros >= 0 ? micros / 1000000 : -((-micros + 999999) / 1000000);
  const absl::CivilSecond civil = absl::CivilSecond(1970, 1, 1) + seconds;
  std::string text = "0000-00-00 00:00:00.000000";
  SetDigits(text, 0, 4, civil.year());
  SetDigits(text, 5, 2, civil.month());
  SetDigits(text, 8, 2, civil.day());
  SetDigits(text, 11, 2, civil.hour());
  SetDigits(text, 14, 2, civil.minute());
  SetDigits(text, 17, 2, civil.second());
  SetDigits(text, 20, 6, micros - seconds * 1000000);
  return text;
}

std::optional<absl::Time> ParseDateTime(absl::string_view text) {
  const std::optional<absl::CivilDay> civil = ParseCivil(text);
  if (!civil.has_value()) return std::nullopt;
  const int64_t days = *civil - absl::CivilDay(1970, 1, 1);
  int64_t micros = days * 86400 * 1000000;
  if (text.size() == 10) return absl::FromUnixMicros(micros);
  const int hour = Digits(text, 11, 2), minute = Digits(text, 14, 2), second = Digits(text, 17, 2);
  if (hour < 0 || minute < 0 || second < 0 || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  micros += (int64_t{hour} * 3600 + minute * 60 + second) * 1000000;
  if (text.size() == 19) return absl::FromUnixMicros(micros);
  if (text[19] != '.' || text.size() > 26 || text.size() == 20) return std::nullopt;
  int fraction = Digits(text, 20, text.size() - 20);
  if (fraction < 0) return std::nullopt;
  for (size_t i = text.size(); i < 26; ++i) fraction *= 10;
  return absl::FromUnixMicros(micros + fraction);
}

std::optional<CivilDay> ParseDate(absl::string_view text) {
  const std::optional<absl::CivilDay> civil = ParseCivil(text.substr(0, 10));
  if (!civil.has_value()) return std::nullopt;
  return CivilDay::FromNumber(static_cast<int32_t>(*civil - absl::CivilDay(1970, 1, 1)));
}

}  // namespace oversight::mysql

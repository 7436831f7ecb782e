#include "common/config/setting.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace oversight::config {
namespace {

bool IsDuration(const std::string& text, absl::Duration min, absl::Duration max) {
  absl::Duration duration;
  return absl::ParseDuration(text, &duration) && duration >= min && duration <= max;
}

std::optional<std::string> PathFault(const std::string& path, bool directory) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0)
    return absl::StrCat("\"", path, "\" does not exist or is out of reach");
  if (directory != (S_ISDIR(status.st_mode) != 0)) {
    return absl::StrCat("\"", path, "\" is ", directory ? "no directory" : "a directory");
  }
  if (access(path.c_str(), R_OK) != 0) return absl::StrCat("\"", path, "\" may not be read by this user");
  return std::nullopt;
}

}  // namespace

Setting& Setting::Default(absl::string_view text) {
  default_text = std::string(text);
  // A path's default is looked at when it is used: it need not exist where the reference is generated.
  const bool path = kind == Kind::kFile || kind == Kind::kDirectory;
  if (kind == Kind::kSecret || (!path && Fault(*default_text).has_value())) {
    std::fputs(absl::StrCat("setting ", name, ": \"", text, "\" can be no default\n").c_str(), stderr);
    std::abort();
  }
  return *this;
}

Setting& Setting::Optional() {
  optional = true;
  return *this;
}

std::string Setting::FlagName() const { return kind == Kind::kSecret ? name + "-file" : name; }

std::string Setting::EnvironmentName() const {
  return absl::StrCat("OVERSIGHT_", absl::AsciiStrToUpper(absl::StrReplaceAll(FlagName(), {{"-", "_"}})));
}

std::string Setting::Accepts() const {
  switch (kind) {
    case Kind::kText:
      return "text";
    case Kind::kInteger:
      return absl::StrCat("a whole number from ", min_integer, " to ", max_integer);
    case Kind::kDuration:
      return absl::StrCat("a duration from ", absl::FormatDuration(min_duration), " to ",
                          absl::FormatDuration(max_duration), ", as 250ms, 30s, 5m or 1h30m");
    case Kind::kBoolean:
      return "true or false";
    case Kind::kChoice:
      return absl::StrCat("one of ", absl::StrJoin(choices, ", "));
    case Kind::kAddress:
      return "host:port";
    case Kind::kFile:
      return "the path of a readable file";
    case Kind::kDirectory:
      return "the path of a readable directory";
    case Kind::kSecret:
      return "the path of a file that holds the secret";
  }
  return "";
}

std::optional<std::string> Setting::Fault(const std::string& text) const {
  bool good = true;
  int64_t integer = 0;
  bool boolean = false;
  switch (kind) {
    case Kind::kText:
      if (text.empty() && !optional && default_text != "") return "must not be empty";
      break;
    case Kind::kInteger:
      good = absl::SimpleAtoi(text, &integer) && integer >= min_integer && integer <= max_integer;
      break;
    case Kind::kDuration:
      good = IsDuration(text, min_duration, max_duration);
      break;
    case Kind::kBoolean:
      good = absl::SimpleAtob(text, &boolean);
      break;
    case Kind::kChoice:
      good = std::find(choices.begin(), choices.end(), text) != choices.end();
      break;
    case Kind::kAddress:
      good = ParseHostAndPort(text).has_value();
      break;
    case Kind::kFile:
    case Kind::kSecret:
      return PathFault(text, /*directory=*/false);
    case Kind::kDirectory:
      return PathFault(text, /*directory=*/true);
  }
  if (good) return std::nullopt;
  return absl::StrCat("expected ", Accepts(), ", not \"", text, "\"");
}

std::optional<HostAndPort> ParseHostAndPort(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  absl::string_view host = text.substr(0, colon);
  const absl::string_view digits = text.substr(colon + 1);
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  const bool colons = host.find(':') != absl::string_view::npos;
  const bool bad_host =
      host.empty() || colons != brackets || host.find_first_of("[]/ \t") != absl::string_view::npos;
  int port = 0;
  const bool bad_port = digits.empty() || digits.size() > 5 ||
                        !std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) ||
                        !absl::SimpleAtoi(digits, &port) || port > 65535;
  if (bad_host || bad_port) return std::nullopt;
  return HostAndPort{std::string(host), port};
}

}  // namespace oversight::config

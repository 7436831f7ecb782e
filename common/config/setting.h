#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace oversight::config {

enum class Kind { kText, kInteger, kDuration, kBoolean, kChoice, kAddress, kFile, kDirectory, kSecret };
enum class Source { kNone, kDefault, kEnvironment, kFlag };

// One setting: what it means, what it accepts and, once parsed, its value. Required unless it has a default
// or is optional.
struct Setting {
  // The value when none is given, written as in a flag. It must be acceptable itself.
  Setting& Default(absl::string_view text);
  // May stay without a value.
  Setting& Optional();

  // `mysql-password-file` for the secret `mysql-password`, else the name.
  std::string FlagName() const;
  // `OVERSIGHT_MYSQL_PASSWORD_FILE`.
  std::string EnvironmentName() const;
  // What is accepted, for people: `a whole number from 1 to 64`.
  std::string Accepts() const;
  // Why the text is no value of this setting, or nothing. Files and directories must be readable now.
  std::optional<std::string> Fault(const std::string& text) const;

  std::string name;  // kebab-case
  std::string help;
  std::string section;
  Kind kind = Kind::kText;
  int64_t min_integer = 0;
  int64_t max_integer = 0;
  absl::Duration min_duration;
  absl::Duration max_duration;
  std::vector<std::string> choices;
  std::optional<std::string> default_text;
  bool optional = false;

  // The value: for a secret its file's content, the path being in `secret_path`.
  std::optional<std::string> value;
  std::string secret_path;
  Source source = Source::kNone;
};

// `127.0.0.1:8080`, `db.internal:3306` or `[::1]:8080`.
struct HostAndPort {
  std::string host;  // without brackets
  int port = 0;

  friend bool operator==(const HostAndPort&, const HostAndPort&) = default;
};

// Nothing unless the text is host:port with a port of 0 to 65535.
std::optional<HostAndPort> ParseHostAndPort(absl::string_view text);

}  // namespace oversight::config

#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/config/setting.h"
#include "common/status/violation.h"

namespace oversight::config {

// The value of an environment variable, if it is set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
// The process's own environment.
Environment SystemEnvironment();

// The settings of a program: declared first, then parsed once, then read.
//
//   Settings settings("workforce serve");
//   settings.Section("Database");
//   settings.AddAddress("mysql-address", "Where the database listens.").Default("127.0.0.1:3306");
//   settings.AddSecret("mysql-password", "The database user's password.");
//   OVERSIGHT_RETURN_IF_ERROR(settings.Parse(args, SystemEnvironment()));
//   settings.Address("mysql-address").port;
//
// A value comes from the flag `--name=value` or `--name value` (`--name` alone sets a boolean), else from the
// environment variable OVERSIGHT_NAME unless that is empty, else from the default. Secrets come only from a
// file, named by `--name-file` or OVERSIGHT_NAME_FILE; a line end at the file's end is cut.
//
// Mistakes in the program, such as declaring a name twice or reading one that was not declared, end it.
class Settings {
 public:
  // Yields violations whose `field` is a setting's name.
  using Check = std::function<std::vector<FieldViolation>(const Settings&)>;

  // `usage` is how the program is called, without the flags.
  explicit Settings(absl::string_view usage);
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  // What follows is listed under this heading.
  void Section(absl::string_view heading);
  Setting& AddText(absl::string_view name, absl::string_view help);
  Setting& AddInteger(absl::string_view name, absl::string_view help, int64_t min, int64_t max);
  Setting& AddDuration(absl::string_view name, absl::string_view help, absl::Duration min,
                       absl::Duration max);
  Setting& AddBoolean(absl::string_view name, absl::string_view help);
  Setting& AddChoice(absl::string_view name, absl::string_view help, std::vector<std::string> choices);
  Setting& AddAddress(absl::string_view name, absl::string_view help);
  Setting& AddFile(absl::string_view name, absl::string_view help);
  Setting& AddDirectory(absl::string_view name, absl::string_view help);
  Setting& AddSecret(absl::string_view name, absl::string_view help);
  // A rule over several settings, judged when none of `names` has a fault of its own.
  void AddCheck(std::vector<std::string> names, Check check);

  // `args` without the program's name and sub-commands. INVALID_ARGUMENT lists every fault, one a line, and
  // never quotes a secret. With `--help` among them nothing is judged.
  absl::Status Parse(std::span<const std::string> args, const Environment& environment);
  bool help_requested() const { return help_requested_; }
  // What works but should not be so, for example a secret's file that everybody may read.
  const std::vector<std::string>& warnings() const { return warnings_; }

  // Whether the setting has a value: always, unless it is optional.
  bool Has(absl::string_view name) const;
  // Of a text, choice, file or directory; empty when an optional one has none.
  const std::string& Text(absl::string_view name) const;
  // Empty when an optional one has none.
  const std::string& Secret(absl::string_view name) const;
  // The rest must have a value.
  int64_t Integer(absl::string_view name) const;
  absl::Duration Duration(absl::string_view name) const;
  bool Boolean(absl::string_view name) const;
  HostAndPort Address(absl::string_view name) const;

  // For `--help`.
  std::string Help() const;
  // The reference of all settings as Markdown tables, one for each section.
  std::string Markdown() const;
  // The values in force and where each comes from, one a line, secrets masked.
  std::string Describe() const;

 private:
  struct Given;

  Setting& Add(absl::string_view name, absl::string_view help, Kind kind);
  Setting* FindFlag(absl::string_view flag);
  const Setting& Get(absl::string_view name, std::initializer_list<Kind> kinds) const;
  const std::string& Required(absl::string_view name, Kind kind) const;
  std::vector<Given> ReadFlags(std::span<const std::string> args, std::vector<std::string>& faults);
  std::string UnknownFlag(absl::string_view flag) const;
  void Take(Setting& setting, const std::string& text, Source source, absl::string_view origin,
            std::vector<std::string>& faults);
  void TakeSecret(Setting& setting, const std::string& path, Source source, absl::string_view origin,
                  std::vector<std::string>& faults);

  std::string usage_;
  std::string section_ = "Settings";
  std::deque<Setting> settings_;  // in the order declared; addresses stay valid
  std::vector<std::pair<std::vector<std::string>, Check>> checks_;
  std::vector<std::string> warnings_;
  bool help_requested_ = false;
};

}  // namespace oversight::config

// What people read about the settings: `--help`, the reference for the documentation, the values in force.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/config/settings.h"

namespace oversight::config {
namespace {

std::string Placeholder(const Setting& setting) {
  switch (setting.kind) {
    case Kind::kText:
      return "TEXT";
    case Kind::kInteger:
      return "NUMBER";
    case Kind::kDuration:
      return "DURATION";
    case Kind::kBoolean:
      return "true|false";
    case Kind::kChoice:
      return "CHOICE";
    case Kind::kAddress:
      return "HOST:PORT";
    case Kind::kFile:
    case Kind::kSecret:
      return "PATH";
    case Kind::kDirectory:
      return "DIRECTORY";
  }
  return "";
}

std::string DefaultFor(const Setting& setting) {
  if (!setting.default_text.has_value()) return setting.optional ? "none" : "required";
  return setting.default_text->empty() ? "empty" : *setting.default_text;
}

std::string Cell(absl::string_view text) { return absl::StrReplaceAll(text, {{"|", "\\|"}, {"\n", " "}}); }

// A default as code, a word about its absence as prose.
std::string DefaultCell(const Setting& setting) {
  const bool literal = setting.default_text.has_value() && !setting.default_text->empty();
  return literal ? absl::StrCat("`", Cell(DefaultFor(setting)), "`") : DefaultFor(setting);
}

std::string SourceFor(const Setting& setting) {
  switch (setting.source) {
    case Source::kNone:
      return "not set";
    case Source::kDefault:
      return "default";
    case Source::kEnvironment:
      return setting.EnvironmentName();
    case Source::kFlag:
      return absl::StrCat("--", setting.FlagName());
  }
  return "";
}

}  // namespace

std::string Settings::Help() const {
  std::string text = absl::StrCat("Usage: ", usage_, " [--setting=value ...]\n");
  std::string section;
  for (const Setting& setting : settings_) {
    if (setting.section != section) absl::StrAppend(&text, "\n", section = setting.section, ":\n");
    absl::StrAppend(&text, "  --", setting.FlagName(), "=", Placeholder(setting), "\n      ", setting.help,
                    "\n");
    absl::StrAppend(&text, "      Accepts ", setting.Accepts(), ". Environment: ", setting.EnvironmentName(),
                    ". Default: ", DefaultFor(setting), ".\n");
  }
  return text;
}

std::string Settings::Markdown() const {
  std::string text;
  std::string section;
  for (const Setting& setting : settings_) {
    if (setting.section != section) {
      absl::StrAppend(&text, text.empty() ? "" : "\n", "### ", section = setting.section,
                      "\n\n| flag | environment | accepts | default | meaning |\n|---|---|---|---|---|\n");
    }
    absl::StrAppend(&text, "| `--", setting.FlagName(), "` | `", setting.EnvironmentName(), "` | ",
                    Cell(setting.Accepts()), " | ", DefaultCell(setting), " | ", Cell(setting.help), " |\n");
  }
  return text;
}

std::string Settings::Describe() const {
  size_t width = 0;
  for (const Setting& setting : settings_) width = std::max(width, setting.name.size());
  std::string text;
  for (const Setting& setting : settings_) {
    std::string value = setting.value.value_or("");
    if (setting.kind == Kind::kSecret && setting.value.has_value())
      value = absl::StrCat("******** in ", setting.secret_path);
    absl::StrAppend(&text, setting.name, std::string(width - setting.name.size(), ' '), " = ", value,
                    value.empty() ? "(" : " (", SourceFor(setting), ")\n");
  }
  return text;
}

}  // namespace oversight::config

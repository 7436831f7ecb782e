#include "common/config/settings.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace oversight::config {
namespace {

[[noreturn]] void Mistake(absl::string_view name, absl::string_view fault) {
  std::fputs(absl::StrCat("setting ", name, ": ", fault, "\n").c_str(), stderr);
  std::abort();
}

bool KebabCase(absl::string_view name) {
  return !name.empty() && absl::ascii_islower(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
         });
}

}  // namespace

Environment SystemEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

Settings::Settings(absl::string_view usage) : usage_(usage) {}

void Settings::Section(absl::string_view heading) { section_ = std::string(heading); }

Setting& Settings::Add(absl::string_view name, absl::string_view help, Kind kind) {
  Setting setting;
  setting.name = std::string(name);
  setting.help = std::string(help);
  setting.section = section_;
  setting.kind = kind;
  if (!KebabCase(name)) Mistake(name, "names are in kebab-case");
  if (setting.FlagName() == "help" || FindFlag(setting.FlagName()) != nullptr) Mistake(name, "is taken");
  return settings_.emplace_back(std::move(setting));
}

Setting& Settings::AddText(absl::string_view name, absl::string_view help) {
  return Add(name, help, Kind::kText);
}

Setting& Settings::AddInteger(absl::string_view name, absl::string_view help, int64_t min, int64_t max) {
  Setting& setting = Add(name, help, Kind::kInteger);
  setting.min_integer = min;
  setting.max_integer = max;
  return setting;
}

Setting& Settings::AddDuration(absl::string_view name, absl::string_view help, absl::Duration min,
                               absl::Duration max) {
  Setting& setting = Add(name, help, Kind::kDuration);
  setting.min_duration = min;
  setting.max_duration = max;
  return setting;
}

Setting& Settings::AddBoolean(absl::string_view name, absl::string_view help) {
  return Add(name, help, Kind::kBoolean);
}

Setting& Settings::AddChoice(absl::string_view name, absl::string_view help,
                             std::vector<std::string> choices) {
  Setting& setting = Add(name, help, Kind::kChoice);
  setting.choices = std::move(choices);
  return setting;
}

Setting& Settings::AddAddress(absl::string_view name, absl::string_view help) {
  return Add(name, help, Kind::kAddress);
}

Setting& Settings::AddFile(absl::string_view name, absl::string_view help) {
  return Add(name, help, Kind::kFile);
}

Setting& Settings::AddDirectory(absl::string_view name, absl::string_view help) {
  return Add(name, help, Kind::kDirectory);
}

Setting& Settings::AddSecret(absl::string_view name, absl::string_view help) {
  return Add(name, help, Kind::kSecret);
}

void Settings::AddCheck(std::vector<std::string> names, Check check) {
  for (const std::string& name : names) Get(name, {});
  checks_.emplace_back(std::move(names), std::move(check));
}

Setting* Settings::FindFlag(absl::string_view flag) {
  for (Setting& setting : settings_) {
    if (setting.FlagName() == flag) return &setting;
  }
  return nullptr;
}

// With no kinds, of any kind.
const Setting& Settings::Get(absl::string_view name, std::initializer_list<Kind> kinds) const {
  for (const Setting& setting : settings_) {
    if (setting.name != name) continue;
    if (kinds.size() != 0 && std::find(kinds.begin(), kinds.end(), setting.kind) == kinds.end()) {
      Mistake(name, "is read as another kind than declared");
    }
    return setting;
  }
  Mistake(name, "is not declared");
}

const std::string& Settings::Required(absl::string_view name, Kind kind) const {
  const Setting& setting = Get(name, {kind});
  if (!setting.value.has_value()) Mistake(name, "is read without a value");
  return *setting.value;
}

bool Settings::Has(absl::string_view name) const { return Get(name, {}).value.has_value(); }

const std::string& Settings::Text(absl::string_view name) const {
  static const std::string none;
  const Setting& setting = Get(name, {Kind::kText, Kind::kChoice, Kind::kFile, Kind::kDirectory});
  return setting.value.has_value() ? *setting.value : none;
}

const std::string& Settings::Secret(absl::string_view name) const {
  static const std::string none;
  const Setting& setting = Get(name, {Kind::kSecret});
  return setting.value.has_value() ? *setting.value : none;
}

int64_t Settings::Integer(absl::string_view name) const {
  int64_t value = 0;
  if (!absl::SimpleAtoi(Required(name, Kind::kInteger), &value)) Mistake(name, "is no number");
  return value;
}

absl::Duration Settings::Duration(absl::string_view name) const {
  absl::Duration value;
  if (!absl::ParseDuration(Required(name, Kind::kDuration), &value)) Mistake(name, "is no duration");
  return value;
}

bool Settings::Boolean(absl::string_view name) const {
  bool value = false;
  if (!absl::SimpleAtob(Required(name, Kind::kBoolean), &value)) Mistake(name, "is no boolean");
  return value;
}

HostAndPort Settings::Address(absl::string_view name) const {
  std::optional<HostAndPort> value = ParseHostAndPort(Required(name, Kind::kAddress));
  if (!value.has_value()) Mistake(name, "is no address");
  return *std::move(value);
}

}  // namespace oversight::config

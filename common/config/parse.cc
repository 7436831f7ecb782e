#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/config/nearest.h"
#include "common/config/settings.h"

namespace oversight::config {
namespace {

constexpr size_t kMaxSecretBytes = 64 * 1024;

std::string FlagOf(const Setting& setting) { return absl::StrCat("--", setting.FlagName()); }

// The flag and, where it stands in the same argument, its value.
std::pair<std::string, std::optional<std::string>> SplitFlag(absl::string_view argument) {
  argument.remove_prefix(2);
  const size_t equals = argument.find('=');
  if (equals == absl::string_view::npos) return {std::string(argument), std::nullopt};
  return {std::string(argument.substr(0, equals)), std::string(argument.substr(equals + 1))};
}

// Without the one line end that editors and `echo` add.
void CutLineEnd(std::string& text) {
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (!text.empty() && text.back() == '\r') text.pop_back();
}

// The environment is seen by too many: crash reports, child processes, `kubectl describe`.
void RefuseBareSecret(const Setting& setting, const Environment& environment,
                      std::vector<std::string>& faults) {
  const std::string with_suffix = setting.EnvironmentName();
  const std::string bare = with_suffix.substr(0, with_suffix.size() - std::string("_FILE").size());
  if (environment(bare).value_or("").empty()) return;
  faults.push_back(
      absl::StrCat(bare, ": a secret is never given in the environment, but in a file: ", with_suffix));
}

}  // namespace

struct Settings::Given {
  Setting* setting;
  std::optional<std::string> text;  // nothing when the value is missing, which is reported already
};

std::string Settings::UnknownFlag(absl::string_view flag) const {
  std::vector<std::string> names = {"help"};
  for (const Setting& setting : settings_) {
    if (setting.kind == Kind::kSecret && setting.name == flag) {
      return absl::StrCat("--", flag, ": a secret is never given as a flag, but in a file: ", FlagOf(setting),
                          "=PATH");
    }
    names.push_back(setting.FlagName());
  }
  const std::string nearest = Nearest(flag, names);
  return absl::StrCat("--", flag, ": no such setting",
                      nearest.empty() ? "" : absl::StrCat("; did you mean --", nearest, "?"));
}

std::vector<Settings::Given> Settings::ReadFlags(std::span<const std::string> args,
                                                 std::vector<std::string>& faults) {
  std::vector<Given> given;
  for (size_t i = 0; i < args.size(); ++i) {
    if (!absl::StartsWith(args[i], "--") || args[i] == "--") {
      faults.push_back(absl::StrCat("unexpected argument \"", args[i], "\""));
      continue;
    }
    auto [flag, text] = SplitFlag(args[i]);
    Setting* setting = FindFlag(flag);
    const bool value_follows = i + 1 < args.size() && !absl::StartsWith(args[i + 1], "--");
    if (!text.has_value() && (setting == nullptr || setting->kind != Kind::kBoolean) && value_follows)
      text = args[++i];
    if (setting == nullptr) {
      faults.push_back(UnknownFlag(flag));
    } else if (std::any_of(given.begin(), given.end(),
                           [&](const Given& other) { return other.setting == setting; })) {
      faults.push_back(absl::StrCat("--", flag, ": given twice"));
    } else if (!text.has_value() && setting->kind != Kind::kBoolean) {
      faults.push_back(absl::StrCat("--", flag, ": needs a value: ", setting->Accepts()));
      given.push_back({setting, std::nullopt});
    } else {
      given.push_back({setting, text.value_or("true")});
    }
  }
  return given;
}

absl::Status Settings::Parse(std::span<const std::string> args, const Environment& environment) {
  help_requested_ = std::find(args.begin(), args.end(), "--help") != args.end();
  if (help_requested_) return absl::OkStatus();

  std::vector<std::string> faults;
  const std::vector<Given> flags = ReadFlags(args, faults);
  std::set<std::string> faulty;
  for (Setting& setting : settings_) {
    const size_t before = faults.size();
    const auto flag =
        std::find_if(flags.begin(), flags.end(), [&](const Given& g) { return g.setting == &setting; });
    const std::string variable = setting.EnvironmentName();
    const std::string from_environment = environment(variable).value_or("");
    if (flag != flags.end() && !flag->text.has_value()) {
      faulty.insert(setting.name);
    } else if (flag != flags.end()) {
      Take(setting, *flag->text, Source::kFlag, FlagOf(setting), faults);
    } else if (!from_environment.empty()) {
      Take(setting, from_environment, Source::kEnvironment, variable, faults);
    } else if (setting.default_text.has_value()) {
      Take(setting, *setting.default_text, Source::kDefault, absl::StrCat(FlagOf(setting), " (default)"),
           faults);
    } else if (!setting.optional) {
      faults.push_back(absl::StrCat(FlagOf(setting), " or ", variable, ": required: ", setting.Accepts()));
    }
    if (setting.kind == Kind::kSecret) RefuseBareSecret(setting, environment, faults);
    if (faults.size() != before) faulty.insert(setting.name);
  }
  for (const auto& [names, check] : checks_) {
    if (std::any_of(names.begin(), names.end(),
                    [&](const std::string& name) { return faulty.count(name) > 0; }))
      continue;
    for (const FieldViolation& violation : check(*this)) {
      faults.push_back(absl::StrCat(FlagOf(Get(violation.field, {})), ": ", violation.description));
    }
  }
  if (faults.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(faults, "\n"));
}

void Settings::Take(Setting& setting, const std::string& text, Source source, absl::string_view origin,
                    std::vector<std::string>& faults) {
  if (std::optional<std::string> fault = setting.Fault(text)) {
    faults.push_back(absl::StrCat(origin, ": ", *fault));
  } else if (setting.kind == Kind::kSecret) {
    TakeSecret(setting, text, source, origin, faults);
  } else {
    setting.value = text;
    setting.source = source;
  }
}

void Settings::TakeSecret(Setting& setting, const std::string& path, Source source, absl::string_view origin,
                          std::vector<std::string>& faults) {
  std::ifstream file(path, std::ios::binary);
  std::string secret(kMaxSecretBytes + 1, '\0');
  file.read(secret.data(), static_cast<std::streamsize>(secret.size()));
  secret.resize(static_cast<size_t>(file.gcount()));
  if (secret.size() > kMaxSecretBytes) {
    faults.push_back(absl::StrCat(origin, ": \"", path, "\" is longer than ", kMaxSecretBytes, " bytes"));
    return;
  }
  CutLineEnd(secret);
  if (secret.empty()) {
    faults.push_back(absl::StrCat(origin, ": \"", path, "\" is empty"));
    return;
  }
  struct stat status = {};
  if (stat(path.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0) {
    warnings_.push_back(
        absl::StrCat(origin, ": everybody on this machine may read \"", path, "\"; use mode 0400 or 0440"));
  }
  setting.value = std::move(secret);
  setting.secret_path = path;
  setting.source = source;
}

}  // namespace oversight::config

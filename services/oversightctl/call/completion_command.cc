#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "services/oversightctl/call/kinds.h"
#include "services/oversightctl/call/methods.h"
#include "services/oversightctl/cli/commands.h"

namespace oversight::ctl {
namespace {

// Asks the program itself what may come next; file names where it knows nothing.
constexpr char kBash[] = R"(_oversightctl() {
  local IFS=$'\n'
  compopt -o nosort 2>/dev/null
  COMPREPLY=($(oversightctl __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _oversightctl oversightctl
)";

void AddOptionsOf(const CLI::App& app, std::vector<std::string>& candidates) {
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_lnames().empty()) candidates.push_back("--" + option->get_lnames().front());
  }
}

// What `A|B|C` offers for the option that is being given.
std::vector<std::string> ValuesOf(const CLI::App& command, const std::string& option_name) {
  if (!absl::StartsWith(option_name, "--")) return {};
  const CLI::Option* option = command.get_option_no_throw(option_name);
  if (option == nullptr || !absl::StrContains(option->get_type_name(), '|')) return {};
  return absl::StrSplit(option->get_type_name(), '|');
}

std::vector<CLI::App*> CommandsOf(CLI::App& app) {
  return app.get_subcommands([](CLI::App*) { return true; });
}

CLI::App* CommandNamed(CLI::App& app, const std::string& name) {
  for (CLI::App* command : CommandsOf(app)) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

std::vector<std::string> Candidates(CLI::App& app, const std::vector<std::string>& words) {
  const std::string partial = words.empty() ? "" : words.back();
  CLI::App* command = nullptr;
  std::vector<std::string> behind;
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (command != nullptr) {
      behind.push_back(words[i]);
    } else {
      command = CommandNamed(app, words[i]);
    }
  }
  std::vector<std::string> candidates;
  if (absl::StartsWith(partial, "-")) {
    if (command != nullptr) AddOptionsOf(*command, candidates);
    AddOptionsOf(app, candidates);
    return candidates;
  }
  if (command == nullptr) {
    for (const CLI::App* each : CommandsOf(app)) {
      if (!each->get_group().empty()) candidates.push_back(each->get_name());
    }
    return candidates;
  }
  if (!behind.empty()) {
    if (auto values = ValuesOf(*command, behind.back()); !values.empty()) return values;
  }
  bool has_subject = false;
  for (const std::string& word : behind) has_subject = has_subject || !absl::StartsWith(word, "-");
  if (has_subject) return candidates;
  if (IsResourceCommand(command->get_name())) {
    for (const ResourceKind& kind : AllKinds()) candidates.push_back(kind.name);
  } else if (command->get_name() == "call") {
    for (const CallableMethod& method : AllMethods()) candidates.push_back(method.short_name);
  }
  return candidates;
}

}  // namespace

void AddCompletionCommands(CLI::App& app, Context& context) {
  auto shell = std::make_shared<std::string>();
  CLI::App* completion = app.add_subcommand("completion", "Print the completion script of a shell");
  completion->fallthrough();
  completion->add_option("SHELL", *shell, "bash: `. <(oversightctl completion bash)`")
      ->required()
      ->check(CLI::IsMember({"bash"}));
  completion->callback([&context, shell] { *context.console.out << kBash; });

  // Everything behind it is what stands on the line that is being completed.
  CLI::App* complete = app.add_subcommand("__complete", "")->group("");
  complete->set_help_flag();
  complete->prefix_command();
  complete->allow_extras();
  complete->callback([&app, &context, complete] {
    const std::vector<std::string> words = complete->remaining();
    for (const std::string& candidate : Candidates(app, words)) {
      if (absl::StartsWith(candidate, words.empty() ? "" : words.back())) {
        *context.console.out << candidate << "\n";
      }
    }
  });
}

}  // namespace oversight::ctl

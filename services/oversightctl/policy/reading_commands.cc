#include "services/oversightctl/policy/reading_commands.h"

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "services/compliance/policy/load.h"
#include "services/compliance/policy_words/difference.h"
#include "services/compliance/policy_words/page.h"

namespace oversight::ctl {
namespace {

using policy::LoadedPolicy;

// The text of a policy that compliance knows.
std::optional<std::string> TextFromService(Context& context, const std::string& id) {
  compliance::v1::GetPolicyRequest request;
  request.set_name(absl::StartsWith(id, "policies/") ? id : absl::StrCat("policies/", id));
  const auto known = Call<compliance::v1::Policy>(context, ServiceId::kCompliance, "GetPolicy", request);
  if (known.ok()) return known->text();
  context.Fail(absl::StrCat("there is no file ", id, ", and compliance cannot show such a policy"),
               known.status());
  return std::nullopt;
}

// A policy from a file, or else by its id from compliance. Nothing after saying why.
std::optional<LoadedPolicy> PolicyOf(Context& context, const std::string& file_or_id) {
  std::error_code error;
  if (std::filesystem::exists(file_or_id, error)) {
    absl::StatusOr<LoadedPolicy> loaded = policy::LoadFile(file_or_id);
    if (loaded.ok()) return *std::move(loaded);
    *context.console.err << std::string(loaded.status().message()) << "\n";
    context.exit_code = absl::IsNotFound(loaded.status()) ? kUsage : kRefused;
    return std::nullopt;
  }
  const std::optional<std::string> text = TextFromService(context, file_or_id);
  if (!text) return std::nullopt;
  absl::StatusOr<LoadedPolicy> loaded = policy::Load(file_or_id, *text);
  if (loaded.ok()) return *std::move(loaded);
  context.Fail("the policy of compliance cannot be read here", loaded.status());
  return std::nullopt;
}

void Show(Context& context, const std::string& file_or_id) {
  const std::optional<LoadedPolicy> policy = PolicyOf(context, file_or_id);
  if (!policy) return;
  if (context.console.json) {
    *context.console.out << ToJson(policy->definition);
  } else {
    *context.console.out << policy_words::Page(*policy);
  }
}

void Diff(Context& context, const std::string& before, const std::string& after) {
  const std::optional<LoadedPolicy> older = PolicyOf(context, before);
  if (!older) return;
  const std::optional<LoadedPolicy> newer = PolicyOf(context, after);
  if (!newer) return;
  const std::vector<policy_words::Difference> differences = policy_words::Compare(*older, *newer);
  if (context.console.json) {
    nlohmann::json list = nlohmann::json::array();
    for (const policy_words::Difference& difference : differences) {
      list.push_back({{"rule", difference.rule},
                      {"part", difference.part},
                      {"before", difference.before},
                      {"after", difference.after}});
    }
    *context.console.out << nlohmann::json{{"differences", list}}.dump() << "\n";
  } else {
    for (const policy_words::Difference& difference : differences)
      *context.console.out << policy_words::ToText(difference) << "\n";
    if (differences.empty()) *context.console.err << "both say the same\n";
  }
  if (!differences.empty()) context.exit_code = kRefused;
}

}  // namespace

void AddReadingCommands(CLI::App& policy, Context& context) {
  auto shown = std::make_shared<std::string>();
  CLI::App* show = policy.add_subcommand(
      "show", "Print a policy as a page (Markdown): rules, clauses, conditions in words, local parameters");
  show->fallthrough();
  show->add_option("POLICY", *shown, "A policy file, or the id of a policy that compliance knows")
      ->required();
  show->callback([&context, shown] { Show(context, *shown); });

  auto pair = std::make_shared<std::pair<std::string, std::string>>();
  CLI::App* diff =
      policy.add_subcommand("diff", "What a newer policy says otherwise; exit code 1 when it does");
  diff->fallthrough();
  diff->add_option("OLD", pair->first, "A policy file, or the id of a policy that compliance knows")
      ->required();
  diff->add_option("NEW", pair->second, "The same")->required();
  diff->callback([&context, pair] { Diff(context, pair->first, pair->second); });
}

}  // namespace oversight::ctl

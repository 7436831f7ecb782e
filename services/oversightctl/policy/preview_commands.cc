#include "services/oversightctl/policy/preview_commands.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "services/oversightctl/cli/text_table.h"
#include "services/oversightctl/report/report.h"

namespace oversight::ctl {
namespace {

using compliance::v1::Finding;
using Counts = compliance::v1::SummarizeFindingsResponse::Counts;

struct PreviewArguments {
  // A file, or the name of a known policy.
  std::string draft;
  std::string in_place_of;
  // `knowsley.case-discussion:notice_days=5`.
  std::vector<std::string> parameters;
  google::type::Date as_of;
  int longest = 50;
};

struct CompareArguments {
  std::string left;
  std::string right;
  google::type::Date as_of;
  int longest = 50;
};

void SetParameter(const std::string& text, compliance::v1::PreviewPolicyRequest& request) {
  const std::pair<std::string, std::string> rule = absl::StrSplit(text, absl::MaxSplits(':', 1));
  const std::pair<std::string, std::string> field = absl::StrSplit(rule.second, absl::MaxSplits('=', 1));
  double value = 0;
  if (field.first.empty() || !absl::SimpleAtod(field.second, &value)) {
    throw CLI::ValidationError("--set",
                               "expected RULE:PARAMETER=NUMBER, for example "
                               "knowsley.supervision-frequency:recurring.bridge_working_days=3");
  }
  auto& parameter = *request.add_parameters();
  parameter.set_rule(rule.first);
  parameter.set_field(field.first);
  parameter.set_value(value);
}

void SetDraft(const PreviewArguments& arguments, compliance::v1::PreviewPolicyRequest& request) {
  std::ifstream in(arguments.draft, std::ios::binary);
  std::ostringstream text;
  if (absl::EndsWith(arguments.draft, ".txtpb")) {
    if (!in || !(text << in.rdbuf()))
      throw CLI::ValidationError("DRAFT", arguments.draft + " cannot be read");
    request.set_policy_text(text.str());
  } else {
    request.set_policy(PolicyName(arguments.draft));
  }
  for (const std::string& parameter : arguments.parameters) SetParameter(parameter, request);
}

std::string Percent(const Counts& counts) {
  return absl::StrCat(static_cast<int>(counts.share_in_time() * 100 + 0.5), "%");
}

int All(const Counts& counts) {
  return counts.met() + counts.pending() + counts.due_soon() + counts.overdue() + counts.late() +
         counts.breached() + counts.excused() + counts.unknown();
}

// One line of counts for each rule of each side.
template <typename Rules>
void PrintRules(const std::string& side, const Rules& rules, TextTable& table) {
  for (const auto& rule : rules) {
    const Counts& counts = rule.counts();
    table.Add({side, rule.rule(), absl::StrCat(All(counts)), Percent(counts), absl::StrCat(counts.overdue()),
               absl::StrCat(counts.late() + counts.breached()), absl::StrCat(counts.excused()),
               absl::StrCat(counts.unknown())});
  }
}

TextTable RulesTable() {
  using enum TextTable::Align;
  return TextTable({{""},
                    {"rule"},
                    {"findings", kRight},
                    {"in time", kRight},
                    {"overdue", kRight},
                    {"late", kRight},
                    {"excused", kRight},
                    {"unknown", kRight}});
}

std::string Said(bool there, const Finding& finding) {
  if (!there) return "(none)";
  const std::string due = ToText(finding.due_date());
  return due.empty() ? StatusText(finding.status())
                     : absl::StrCat(StatusText(finding.status()), " due ", due);
}

void PrintPreview(const compliance::v1::PreviewPolicyResponse& preview, std::ostream& out) {
  out << preview.policy() << " version " << preview.policy_version() << " as of "
      << ToText(preview.as_of_date()) << "\n";
  TextTable rules = RulesTable();
  PrintRules("now", preview.before(), rules);
  PrintRules("draft", preview.after(), rules);
  rules.Print(out);
  out << preview.appearing() << " findings appear, " << preview.going() << " go, "
      << preview.changing_status() << " change their status, " << preview.changing_due_date()
      << " only their due date, " << preview.unchanged() << " stay.\n";
  if (preview.changes().empty()) return;
  out << "\nWho would change (" << preview.changes_size() << " of " << preview.total_size() << ")\n";
  TextTable table({{"subject", TextTable::Align::kLeft, 28}, {"rule"}, {"now"}, {"draft"}});
  for (const auto& change : preview.changes()) {
    table.Add({ShortName(change.subject()), change.rule(), Said(change.has_before(), change.before()),
               Said(change.has_after(), change.after())});
  }
  table.Print(out);
}

// The worst that a policy says of a subject.
std::string Worst(const google::protobuf::RepeatedPtrField<Finding>& findings) {
  const Finding* worst = nullptr;
  const auto rank = [](Finding::Status status) {
    for (const Finding::Status failing :
         {Finding::STATUS_UNKNOWN, Finding::STATUS_LATE, Finding::STATUS_BREACHED, Finding::STATUS_OVERDUE}) {
      if (status == failing) return 10 + static_cast<int>(failing == Finding::STATUS_OVERDUE);
    }
    return status == Finding::STATUS_DUE_SOON ? 1 : 0;
  };
  for (const Finding& finding : findings) {
    if (worst == nullptr || rank(finding.status()) > rank(worst->status())) worst = &finding;
  }
  return worst == nullptr ? "(none)" : Said(true, *worst);
}

void PrintComparison(const compliance::v1::ComparePoliciesResponse& both, std::ostream& out) {
  out << "Two policies on the same facts as of " << ToText(both.as_of_date()) << "\n";
  TextTable rules = RulesTable();
  PrintRules(both.left().policy(), both.left().rules(), rules);
  PrintRules(both.right().policy(), both.right().rules(), rules);
  rules.Print(out);
  out << "In time under both " << both.in_time_both() << ", under " << both.left().policy() << " alone "
      << both.in_time_left_only() << ", under " << both.right().policy() << " alone "
      << both.in_time_right_only() << ", under neither " << both.in_time_neither() << ".\n";
  if (both.subjects().empty()) return;
  out << "\nThe worst finding of each (" << both.subjects_size() << " of " << both.total_size() << ")\n";
  TextTable table(
      {{"subject", TextTable::Align::kLeft, 28}, {both.left().policy()}, {both.right().policy()}});
  for (const auto& subject : both.subjects()) {
    table.Add({ShortName(subject.subject()), Worst(subject.left()), Worst(subject.right())});
  }
  table.Print(out);
}

// Asks page by page until there are `wanted` items, and joins them into one response.
template <typename Response, typename Request, typename Items>
absl::StatusOr<Response> Ask(Context& context, const std::string& method, Request request, int wanted,
                             Items items) {
  std::optional<Response> all;
  do {
    request.set_page_size(std::max(1, std::min(kListPage, wanted - (all ? items(*all)->size() : 0))));
    auto page = Call<Response>(context, ServiceId::kCompliance, method, request);
    if (!page.ok()) return page.status();
    request.set_page_token(page->next_page_token());
    if (all.has_value()) {
      items(*all)->MergeFrom(*items(*page));
    } else {
      all = *std::move(page);
    }
  } while (!request.page_token().empty() && items(*all)->size() < wanted);
  return *std::move(all);
}

void RunPreview(Context& context, const PreviewArguments& arguments) {
  compliance::v1::PreviewPolicyRequest request;
  request.set_parent(context.Authority());
  SetDraft(arguments, request);
  if (!arguments.in_place_of.empty()) request.set_in_place_of(PolicyName(arguments.in_place_of));
  if (arguments.as_of.year() != 0) *request.mutable_as_of_date() = arguments.as_of;
  const auto preview =
      Ask<compliance::v1::PreviewPolicyResponse>(context, "PreviewPolicy", request, arguments.longest,
                                                 [](auto& response) { return response.mutable_changes(); });
  if (!preview.ok()) return context.Fail("cannot preview the policy", preview.status());
  if (context.console.json) {
    *context.console.out << ToJson(*preview);
  } else {
    PrintPreview(*preview, *context.console.out);
  }
}

void RunCompare(Context& context, const CompareArguments& arguments) {
  compliance::v1::ComparePoliciesRequest request;
  request.set_parent(context.Authority());
  request.set_left_policy(PolicyName(arguments.left));
  request.set_right_policy(PolicyName(arguments.right));
  if (arguments.as_of.year() != 0) *request.mutable_as_of_date() = arguments.as_of;
  const auto both = Ask<compliance::v1::ComparePoliciesResponse>(
      context, "ComparePolicies", request, arguments.longest,
      [](auto& response) { return response.mutable_subjects(); });
  if (!both.ok()) return context.Fail("cannot compare the policies", both.status());
  if (context.console.json) {
    *context.console.out << ToJson(*both);
  } else {
    PrintComparison(*both, *context.console.out);
  }
}

}  // namespace

std::string PolicyName(const std::string& text) {
  return absl::StartsWith(text, "policies/") ? text : absl::StrCat("policies/", text);
}

void AddPreviewCommands(CLI::App& policy, Context& context) {
  auto preview = std::make_shared<PreviewArguments>();
  CLI::App* command =
      policy.add_subcommand("preview", "What a draft would say of the real facts, before it is in force");
  command->fallthrough();
  command->add_option("DRAFT", preview->draft, "A policy file (*.txtpb), or a policy that compliance knows")
      ->required();
  command->add_option("--in-place-of", preview->in_place_of, "The assigned policy that it would replace");
  command->add_option("--set", preview->parameters,
                      "Settle a local parameter otherwise: RULE:PARAMETER=NUMBER");
  AddDay(*command, "--as-of", preview->as_of, "The day to judge; today when left out");
  command->add_option("--longest", preview->longest, "How many changes to list")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command->callback([&context, preview] { RunPreview(context, *preview); });

  auto compare = std::make_shared<CompareArguments>();
  command = policy.add_subcommand("compare", "Two policies side by side on the same facts, assigned or not");
  command->fallthrough();
  command->add_option("LEFT", compare->left, "For example knowsley")->required();
  command->add_option("RIGHT", compare->right, "For example islington")->required();
  AddDay(*command, "--as-of", compare->as_of, "The day to judge; today when left out");
  command->add_option("--longest", compare->longest, "How many workers and cases to list")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command->callback([&context, compare] { RunCompare(context, *compare); });
}

}  // namespace oversight::ctl

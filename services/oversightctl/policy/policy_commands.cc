#include <fstream>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "services/compliance/policy/load.h"
#include "services/oversightctl/cli/commands.h"
#include "services/oversightctl/cli/text_table.h"
#include "services/oversightctl/policy/preview_commands.h"
#include "services/oversightctl/policy/reading_commands.h"
#include "services/oversightctl/policy/test_command.h"

namespace oversight::ctl {
namespace {

void ListPolicies(Context& context) {
  compliance::v1::ListPoliciesRequest request;
  request.set_page_size(1000);
  const auto policies =
      Call<compliance::v1::ListPoliciesResponse>(context, ServiceId::kCompliance, "ListPolicies", request);
  if (!policies.ok()) return context.Fail("cannot list the policies", policies.status());
  if (context.console.json) {
    *context.console.out << ToJson(*policies);
    return;
  }
  TextTable table({{"policy"}, {"version"}, {"rules", TextTable::Align::kRight}, {"title"}});
  for (const auto& policy : policies->policies()) {
    table.Add({std::string(absl::StripPrefix(policy.name(), "policies/")), policy.version(),
               absl::StrCat(policy.rules_size()), policy.title()});
  }
  table.Print(*context.console.out);
}

void ShowPolicy(Context& context, const std::string& name, bool text) {
  compliance::v1::GetPolicyRequest request;
  request.set_name(PolicyName(name));
  const auto policy = Call<compliance::v1::Policy>(context, ServiceId::kCompliance, "GetPolicy", request);
  if (!policy.ok()) return context.Fail("cannot show the policy", policy.status());
  std::ostream& out = *context.console.out;
  if (context.console.json) {
    out << ToJson(*policy);
  } else if (text) {
    out << policy->text();
  } else {
    out << policy->title() << " (" << policy->name() << ", version " << policy->version() << ")\n";
    TextTable table({{"rule"}, {"title", TextTable::Align::kLeft, 40}, {"clause"}});
    for (const auto& rule : policy->rules()) {
      table.Add(
          {rule.id(), rule.title(), absl::StrCat(rule.clause().document(), " ", rule.clause().section())});
    }
    table.Print(out);
  }
}

// Every fault of every file, as compilers print them.
void LintPolicies(Context& context, const std::vector<std::string>& files) {
  size_t faults = 0;
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) {
      *context.console.err << file << ": cannot be read\n";
      context.exit_code = kUsage;
      continue;
    }
    const policy::LintResult result = policy::Lint(text.str());
    faults += result.faults.size();
    for (const policy::Fault& fault : result.faults)
      *context.console.out << policy::ToString(file, fault) << "\n";
  }
  if (faults > 0 && context.exit_code == kAllWell) context.exit_code = kRefused;
  if (context.exit_code == kAllWell) *context.console.err << files.size() << " file(s), no faults\n";
}

struct Assignment {
  std::string policy;
  google::type::Date from;
  google::type::Date until;
};

void Assign(Context& context, const Assignment& assignment) {
  compliance::v1::CreatePolicyAssignmentRequest request;
  request.set_parent(context.Authority());
  const std::string policy = PolicyName(assignment.policy);
  // As the import of policy_assignments.csv names it, so that both mean the same assignment.
  request.set_policy_assignment_id(
      absl::StrCat(absl::StripPrefix(policy, "policies/"), "-", ToText(assignment.from)));
  request.mutable_policy_assignment()->set_policy(policy);
  *request.mutable_policy_assignment()->mutable_start_date() = assignment.from;
  if (assignment.until.year() != 0)
    *request.mutable_policy_assignment()->mutable_end_date() = assignment.until;
  const auto created = Call<compliance::v1::PolicyAssignment>(context, ServiceId::kCompliance,
                                                              "CreatePolicyAssignment", request);
  if (!created.ok()) return context.Fail("cannot assign the policy", created.status());
  if (context.console.json) {
    *context.console.out << ToJson(*created);
  } else {
    *context.console.out << "assigned " << created->policy() << " from " << ToText(created->start_date())
                         << ": " << created->name() << "\n";
  }
}

}  // namespace

void AddPolicyCommands(CLI::App& app, Context& context) {
  auto name = std::make_shared<std::string>();
  auto text = std::make_shared<bool>(false);
  CLI::App* policies = app.add_subcommand("policies", "The policies that compliance knows, or one of them");
  policies->fallthrough();
  policies->add_option("POLICY", *name, "Show this one with its rules, for example knowsley");
  policies->add_flag("--text", *text, "Print its text, as a policy officer reads it");
  policies->callback([&context, name, text] {
    if (name->empty()) {
      ListPolicies(context);
    } else {
      ShowPolicy(context, *name, *text);
    }
  });

  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* policy =
      app.add_subcommand("policy", "Work on policies: check files, see what a draft would say");
  policy->fallthrough();
  policy->require_subcommand(1);
  CLI::App* lint = policy->add_subcommand("lint", "Check policy files without a service");
  lint->fallthrough();
  lint->add_option("FILE", *files, "Policy files (*.txtpb)")->required();
  lint->callback([&context, files] { LintPolicies(context, *files); });
  AddReadingCommands(*policy, context);
  AddTestCommand(*policy, context);
  AddPreviewCommands(*policy, context);

  auto assignment = std::make_shared<Assignment>();
  CLI::App* assign = app.add_subcommand("assign-policy", "Have an authority judged by a policy");
  assign->fallthrough();
  assign->add_option("POLICY", assignment->policy, "For example knowsley")->required();
  AddDay(*assign, "--from", assignment->from, "First day on which it is judged")->required();
  AddDay(*assign, "--until", assignment->until, "First day on which it no longer applies");
  assign->callback([&context, assignment] { Assign(context, *assignment); });
}

}  // namespace oversight::ctl

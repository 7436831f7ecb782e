#include "services/oversightctl/policy/test_command.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/compliance/policy_cases/pack.h"
#include "services/oversightctl/cli/text_table.h"

namespace oversight::ctl {
namespace {

using nlohmann::json;
using policy_cases::PackReport;
using policy_cases::RowCoverage;

struct TestOptions {
  std::vector<std::string> paths;
  // The coverage of this rule only.
  std::string rule;
  bool require_complete = false;
};

std::string Counted(size_t number, absl::string_view what) {
  return absl::StrCat(number, " ", what, number == 1 ? "" : "s");
}

// Nothing where there is none, so that gaps stand out.
std::string Some(int number) { return number == 0 ? "-" : absl::StrCat(number); }

void PrintCoverage(const PackReport& report, const TestOptions& options, std::ostream& out) {
  constexpr auto kRight = TextTable::Align::kRight;
  TextTable table({{"rule"},
                   {"row"},
                   {"cases", kRight},
                   {"checks", kRight},
                   {"kept", kRight},
                   {"broken", kRight},
                   {"excused", kRight},
                   {"unknown", kRight},
                   {"boundaries", kRight},
                   {"edges", kRight},
                   {"still to show"}});
  for (const RowCoverage& row : report.coverage) {
    if (!options.rule.empty() && row.rule != options.rule) continue;
    table.Add({row.rule, row.row.empty() ? "-" : row.row, Some(row.cases), Some(row.expectations),
               Some(row.kept), Some(row.broken), Some(row.excused), Some(row.unknown), Some(row.boundaries),
               Some(row.edges), absl::StrJoin(row.Lacking(), ", ")});
  }
  if (!table.empty()) table.Print(out);
}

void Print(const PackReport& report, const TestOptions& options, std::ostream& out) {
  for (const std::string& fault : report.faults) out << fault << "\n";
  for (const std::string& difference : report.differences) out << difference << "\n";
  if (report.policy_id.empty()) return;
  out << report.policy_id << ": " << report.title << "\n  " << Counted(report.cases, "case") << " in "
      << Counted(report.files, "file") << ", " << Counted(report.expectations, "check") << "; "
      << Counted(report.faults.size(), "fault") << ", " << Counted(report.differences.size(), "difference")
      << "; of " << Counted(report.coverage.size(), "row") << " "
      << report.coverage.size() - report.Incomplete() << " shown completely\n";
  PrintCoverage(report, options, out);
}

json ToJsonValue(const PackReport& report, const TestOptions& options) {
  json coverage = json::array();
  for (const RowCoverage& row : report.coverage) {
    if (!options.rule.empty() && row.rule != options.rule) continue;
    coverage.push_back({{"rule", row.rule},
                        {"row", row.row},
                        {"cases", row.cases},
                        {"checks", row.expectations},
                        {"kept", row.kept},
                        {"broken", row.broken},
                        {"excused", row.excused},
                        {"unknown", row.unknown},
                        {"boundaries", row.boundaries},
                        {"edges", row.edges},
                        {"lacking", row.Lacking()}});
  }
  return {{"policy", report.policy_id},    {"files", report.files},   {"cases", report.cases},
          {"checks", report.expectations}, {"faults", report.faults}, {"differences", report.differences},
          {"coverage", coverage}};
}

void TestPolicies(Context& context, const TestOptions& options) {
  std::vector<policy_cases::PackFiles> packs;
  for (const std::string& path : options.paths) {
    auto found = policy_cases::FindPacks(path);
    if (!found.ok()) {
      context.Fail(absl::StrCat("cannot test ", path), found.status());
      context.exit_code = kUsage;
      return;
    }
    packs.insert(packs.end(), found->begin(), found->end());
  }
  json reports = json::array();
  std::vector<std::string> wrong;
  for (const policy_cases::PackFiles& files : packs) {
    const PackReport report = policy_cases::TestPack(files);
    const std::string name = report.policy_id.empty() ? files.policy : report.policy_id;
    if (!report.Passed()) {
      wrong.push_back(absl::StrCat(name, ": ", Counted(report.faults.size(), "fault"), ", ",
                                   Counted(report.differences.size(), "difference")));
    } else if (report.cases == 0) {
      wrong.push_back(absl::StrCat(name, ": no cases beside it"));
    } else if (options.require_complete && report.Incomplete() > 0) {
      wrong.push_back(
          absl::StrCat(name, ": ", Counted(report.Incomplete(), "row"), " with something to show"));
    }
    if (context.console.json) {
      reports.push_back(ToJsonValue(report, options));
    } else {
      Print(report, options, *context.console.out);
    }
  }
  if (context.console.json) *context.console.out << json{{"policies", reports}}.dump() << "\n";
  if (wrong.empty()) return;
  context.exit_code = kRefused;
  for (const std::string& text : wrong) *context.console.err << text << "\n";
}

}  // namespace

void AddTestCommand(CLI::App& policy, Context& context) {
  auto options = std::make_shared<TestOptions>();
  CLI::App* test = policy.add_subcommand(
      "test", "Run the cases of policies without a service, and show which rules and rows they cover");
  test->fallthrough();
  test->add_option("PATH", options->paths,
                   "Policy files, files of cases, or folders with policies and their `cases`")
      ->required();
  test->add_option("--rule", options->rule, "Show the coverage of this rule only");
  test->add_flag("--require-complete", options->require_complete,
                 "Fail unless every row has a kept case, a broken one and a boundary");
  test->callback([&context, options] { TestPolicies(context, *options); });
}

}  // namespace oversight::ctl

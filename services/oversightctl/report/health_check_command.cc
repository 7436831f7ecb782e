// The figures of the yearly health check, as tables for the person who writes it.

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "services/oversightctl/cli/commands.h"
#include "services/oversightctl/cli/text_table.h"
#include "services/oversightctl/cli/tokens.h"
#include "services/oversightctl/report/report.h"

namespace oversight::ctl {
namespace {

using Figures = compliance::v1::SummarizeHealthCheckResponse;
using Counts = compliance::v1::SummarizeFindingsResponse::Counts;
using Align = TextTable::Align;

struct Question {
  google::type::Date as_of;
  std::string tokens_file;
};

class FigureTable {
 public:
  void Add(std::string what, int value) { table_.Add({std::move(what), absl::StrCat(value)}); }
  void AddDecimal(std::string what, double value) {
    table_.Add({std::move(what), absl::StrFormat("%.1f", value)});
  }
  // `3 of 12 (25.0 %)`.
  void AddShare(std::string what, int part, int all) {
    table_.Add({std::move(what),
                all == 0 ? "-" : absl::StrFormat("%d of %d (%.1f %%)", part, all, 100.0 * part / all)});
  }
  void Print(const char* title, std::ostream& out) const {
    out << "\n" << title << "\n";
    table_.Print(out);
  }

 private:
  TextTable table_{{{"figure"}, {"value", Align::kRight}}};
};

std::string Words(const std::string& id) { return absl::StrReplaceAll(id, {{"_", " "}}); }

void PrintWorkforce(const Figures::Workforce& workforce, std::ostream& out) {
  FigureTable table;
  table.Add("workers in post or on placement", workforce.workers());
  for (const auto& group : workforce.career_stages()) {
    table.Add(group.group() == "none" ? "  career stage not given" : "  " + Words(group.group()),
              group.workers());
  }
  for (const auto& group : workforce.employment_bases()) {
    table.Add(
        group.group() == "none" ? "  employment basis not given" : "  employed: " + Words(group.group()),
        group.workers());
  }
  table.AddDecimal("full-time equivalents", workforce.full_time_equivalents());
  table.Add("came in the twelve months", workforce.started());
  table.Add("left in the twelve months", workforce.left());
  table.Add("absent on the day", workforce.absent());
  table.Add("in the assessed and supported year", workforce.on_asye());
  table.Add("completed it in the twelve months", workforce.asye_completed());
  table.Add("students on placement", workforce.students());
  table.Print("Workforce (standards 2, 6 and 8)", out);
}

void PrintCaseload(const Figures::Caseload& caseload, std::ostream& out) {
  FigureTable table;
  table.Add("open cases", caseload.open_cases());
  table.AddShare("without anybody who holds them", caseload.unallocated_cases(), caseload.open_cases());
  table.Add("workers who hold cases, or may", caseload.case_holders());
  table.AddDecimal("cases of each, on average", caseload.cases_per_holder());
  table.Add("most cases of one worker", caseload.most_cases());
  table.Print("Workload and allocation (standard 3)", out);
}

void PrintSupervision(const Figures::Supervision& supervision, std::ostream& out) {
  FigureTable table;
  table.Add("formal sessions held", supervision.formal_held());
  table.Add("formal sessions cancelled", supervision.formal_cancelled());
  table.Add("formal sessions missed", supervision.formal_missed());
  table.Add("other sessions held", supervision.other_held());
  table.AddShare("lasted an hour and a half without interruption", supervision.full_length(),
                 supervision.with_length());
  table.AddShare("formal sessions whose length is on record", supervision.with_length(),
                 supervision.formal_held());
  table.Add("minutes of the session in the middle", supervision.median_minutes());
  table.Add("case discussions held", supervision.case_discussions());
  table.Add("workers whom nobody supervises", supervision.without_supervisor());
  table.Add("supervised without an agreement in force", supervision.without_agreement());
  table.Add("agreements in force", supervision.agreements_in_force());
  table.Add("supervisors", supervision.supervisors());
  table.AddDecimal("workers of each, on average", supervision.workers_per_supervisor());
  table.Add("most workers of one supervisor", supervision.most_workers());
  table.Add("sessions audited", supervision.quality_audits());
  table.Add("surveys closed", supervision.surveys());
  table.Print("Supervision (standards 1 and 5)", out);
}

bool IsEmpty(const Counts& counts) {
  return counts.met() + counts.pending() + counts.due_soon() + counts.overdue() + counts.late() +
             counts.breached() + counts.excused() + counts.unknown() ==
         0;
}

void PrintRules(const Figures& figures, std::ostream& out) {
  TextTable table({{"rule"},
                   {"what it asks", Align::kLeft, 40},
                   {"now in time", Align::kRight},
                   {"fell due", Align::kRight},
                   {"kept", Align::kRight},
                   {"late or open", Align::kRight},
                   {"unknown", Align::kRight}});
  for (const auto& rule : figures.rules()) {
    const Counts& due = rule.fell_due();
    if (IsEmpty(due) && IsEmpty(rule.standing())) continue;
    const int failed = due.overdue() + due.late() + due.breached();
    const int kept = due.met() + due.pending() + due.due_soon();
    table.Add({rule.rule(), rule.title(), Share(rule.standing()), absl::StrCat(kept + failed + due.unknown()),
               Share(due), absl::StrCat(failed), absl::StrCat(due.unknown())});
  }
  if (table.empty()) {
    out << "\nNo rule says anything of these twelve months: no policy is assigned. Assign one with "
           "`oversightctl assign-policy`.\n";
    return;
  }
  out << "\nWhat the policies promise\n";
  table.Print(out);
}

void Print(const Figures& figures, const std::string& authority, std::ostream& out) {
  out << "Health check of " << authority << ": " << ToText(figures.start_date()) << " to "
      << ToText(figures.as_of_date()) << "\n";
  out << "Last published: "
      << (figures.has_last_published_date() ? ToText(figures.last_published_date())
                                            : "never, as far as is known")
      << "\n";
  PrintWorkforce(figures.workforce(), out);
  PrintCaseload(figures.caseload(), out);
  PrintSupervision(figures.supervision(), out);
  PrintRules(figures, out);
}

void Run(Context& context, const Question& question) {
  compliance::v1::SummarizeHealthCheckRequest request;
  request.set_parent(context.Authority());
  if (question.as_of.year() != 0) *request.mutable_as_of_date() = question.as_of;
  if (!question.tokens_file.empty()) {
    const auto tokens = LoadTokens(question.tokens_file);
    if (!tokens.ok()) throw CLI::ValidationError("--after", std::string(tokens.status().message()));
    for (const std::string& token : FactTokens(*tokens)) request.add_after_tokens(token);
  }
  const auto figures = Call<Figures>(context, ServiceId::kCompliance, "SummarizeHealthCheck", request);
  if (!figures.ok()) return context.Fail("cannot count the figures", figures.status());
  if (context.console.json) {
    *context.console.out << ToJson(*figures);
  } else {
    Print(*figures, request.parent(), *context.console.out);
  }
}

}  // namespace

void AddHealthCheckCommand(CLI::App& app, Context& context) {
  auto question = std::make_shared<Question>();
  CLI::App* command = app.add_subcommand(
      "health-check", "The figures of the yearly health check: workforce, workload, supervision, rules kept");
  command->fallthrough();
  AddDay(*command, "--as-of", question->as_of, "The last day of the twelve months; today when left out");
  command->add_option("--after", question->tokens_file,
                      "File of tokens (import --tokens-out): the figures wait until they rest on them");
  command->callback([&context, question] { Run(context, *question); });
}

}  // namespace oversight::ctl

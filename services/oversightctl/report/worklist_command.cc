#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/oversightctl/cli/commands.h"
#include "services/oversightctl/cli/text_table.h"
#include "services/oversightctl/report/report.h"

// A manager's Monday list: what is overdue and what falls due in the days to come, worker by worker.
namespace oversight::ctl {
namespace {

using compliance::v1::Finding;
using Json = nlohmann::ordered_json;

// More would not fit on a line.
constexpr size_t kRulesShown = 2;

struct WorklistArguments {
  google::type::Date as_of;
  std::string team;
  std::string supervisor;
  std::string worker;
  std::string policy;
  std::string rule;
  int days = 14;
  // Of each worker; 0: all.
  int most = 0;
};

// All that is to be done about one worker, case, session or decision.
struct Task {
  std::string subject;
  // Of the finding whose date comes first.
  std::string first_rule;
  std::string due;
  int days_overdue = 0;
  // How often each rule asks for it: of a session each case discussed may.
  std::map<std::string, int> rules;

  auto order() const { return std::tie(due, subject); }
};

// By worker; those of nobody under an empty name.
using Tasks = std::map<std::string, std::map<std::string, Task>>;

// `sessions/S1` of `authorities/a/sessions/S1/caseDiscussions/D1`.
std::string TaskSubject(const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(ShortName(name), '/');
  return parts.size() < 2 ? name : absl::StrCat(parts[0], "/", parts[1]);
}

bool IsWanted(const WorklistArguments& arguments, const Finding& finding) {
  if (!arguments.rule.empty() && finding.rule() != arguments.rule) return false;
  return arguments.policy.empty() || finding.policy() == absl::StrCat("policies/", arguments.policy);
}

template <typename Request>
Request MakeRequest(Context& context, const WorklistArguments& arguments) {
  Request request;
  request.set_parent(context.Authority());
  if (arguments.as_of.year() != 0) *request.mutable_as_of_date() = arguments.as_of;
  request.set_team(context.NameIn("teams", arguments.team));
  request.set_worker(context.NameIn("workers", arguments.worker));
  request.set_supervisor(context.NameIn("workers", arguments.supervisor));
  request.set_page_size(kListPage);
  return request;
}

template <typename Response, typename Request>
absl::Status FetchAll(Context& context, const std::string& method, Request request,
                      const WorklistArguments& arguments, std::vector<Finding>& findings) {
  do {
    const auto page = Call<Response>(context, ServiceId::kCompliance, method, request);
    if (!page.ok()) return page.status();
    for (const Finding& finding : page->findings()) {
      if (IsWanted(arguments, finding)) findings.push_back(finding);
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

// What is MET comes round again for a worker or a case; of anything else it is done.
bool IsToDo(const Finding& finding) {
  switch (finding.status()) {
    case Finding::STATUS_PENDING:
    case Finding::STATUS_DUE_SOON:
      return true;
    case Finding::STATUS_MET: {
      const std::string subject = ShortName(finding.subject());
      return subject == TaskSubject(finding.subject()) &&
             (absl::StartsWith(subject, "workers/") || absl::StartsWith(subject, "cases/"));
    }
    default:
      return false;
  }
}

// Overdue ones, then those that are not done yet and fall due.
absl::StatusOr<std::vector<Finding>> Fetch(Context& context, const WorklistArguments& arguments) {
  std::vector<Finding> findings;
  auto overdue = MakeRequest<compliance::v1::ListFindingsRequest>(context, arguments);
  overdue.add_statuses(Finding::STATUS_OVERDUE);
  absl::Status status =
      FetchAll<compliance::v1::ListFindingsResponse>(context, "ListFindings", overdue, arguments, findings);
  if (!status.ok()) return status;
  auto upcoming = MakeRequest<compliance::v1::ListUpcomingRequest>(context, arguments);
  upcoming.set_days(arguments.days);
  std::vector<Finding> due;
  status = FetchAll<compliance::v1::ListUpcomingResponse>(context, "ListUpcoming", upcoming, arguments, due);
  if (!status.ok()) return status;
  std::copy_if(due.begin(), due.end(), std::back_inserter(findings), IsToDo);
  return findings;
}

Tasks Group(const std::vector<Finding>& findings) {
  Tasks tasks;
  for (const Finding& finding : findings) {
    const std::string subject = TaskSubject(finding.subject());
    Task& task = tasks[finding.worker()][subject];
    const std::string due = ToText(finding.due_date());
    if (task.subject.empty() || due < task.due) {
      task.subject = subject;
      task.first_rule = finding.rule();
      task.due = due;
      task.days_overdue = finding.status() == Finding::STATUS_OVERDUE ? finding.days_overdue() : 0;
    }
    ++task.rules[finding.rule()];
  }
  return tasks;
}

std::vector<const Task*> InOrder(const std::map<std::string, Task>& tasks) {
  std::vector<const Task*> ordered;
  for (const auto& [subject, task] : tasks) ordered.push_back(&task);
  std::sort(ordered.begin(), ordered.end(),
            [](const Task* a, const Task* b) { return a->order() < b->order(); });
  return ordered;
}

// The rule whose date comes first, and the others.
std::string RulesText(const Task& task) {
  std::vector<std::string> rules = {task.first_rule};
  for (const auto& [rule, times] : task.rules) {
    if (rule != task.first_rule) rules.push_back(rule);
  }
  const size_t all = rules.size();
  if (all > kRulesShown) rules.resize(kRulesShown);
  for (std::string& rule : rules) {
    if (const int times = task.rules.at(rule); times > 1) absl::StrAppend(&rule, " x", times);
  }
  std::string text = absl::StrJoin(rules, ", ");
  if (all > kRulesShown) absl::StrAppend(&text, ", ", all - kRulesShown, " more");
  return text;
}

void PrintTasks(const std::vector<const Task*>& tasks, int most, std::ostream& out) {
  using Align = TextTable::Align;
  TextTable table({{"due"}, {"overdue", Align::kRight}, {"about"}, {"rules"}});
  const size_t shown = most > 0 ? std::min(tasks.size(), static_cast<size_t>(most)) : tasks.size();
  for (size_t i = 0; i < shown; ++i) {
    const Task* task = tasks[i];
    table.Add({task->due, task->days_overdue > 0 ? absl::StrCat(task->days_overdue, " d") : "", task->subject,
               RulesText(*task)});
  }
  table.Print(out);
  if (shown < tasks.size()) out << "  and " << tasks.size() - shown << " more\n";
}

void PrintWorklist(const WorklistArguments& arguments, const Tasks& tasks, std::ostream& out) {
  int overdue = 0;
  int total = 0;
  // The worker with the earliest date first.
  std::vector<std::pair<std::string, std::vector<const Task*>>> workers;
  for (const auto& [worker, of_worker] : tasks) {
    workers.emplace_back(worker, InOrder(of_worker));
    for (const Task* task : workers.back().second) overdue += task->days_overdue > 0;
    total += static_cast<int>(of_worker.size());
  }
  std::stable_sort(workers.begin(), workers.end(), [](const auto& a, const auto& b) {
    return a.second.front()->order() < b.second.front()->order();
  });
  out << Thousands(overdue) << " overdue, " << Thousands(total - overdue) << " more due within "
      << arguments.days << " days\n";
  for (const auto& [worker, of_worker] : workers) {
    out << "\n" << (worker.empty() ? "nobody's" : ShortName(worker)) << "\n";
    PrintTasks(of_worker, arguments.most, out);
  }
}

void PrintWorklistJson(const Tasks& tasks, std::ostream& out) {
  Json workers = Json::array();
  for (const auto& [worker, of_worker] : tasks) {
    Json list = Json::array();
    for (const Task* task : InOrder(of_worker)) {
      list.push_back({{"subject", task->subject},
                      {"dueDate", task->due},
                      {"daysOverdue", task->days_overdue},
                      {"rules", task->rules}});
    }
    workers.push_back({{"worker", worker}, {"tasks", std::move(list)}});
  }
  out << Json{{"workers", std::move(workers)}}.dump(2) << "\n";
}

void RunWorklist(Context& context, const WorklistArguments& arguments) {
  const auto findings = Fetch(context, arguments);
  if (!findings.ok()) return context.Fail("cannot make the list", findings.status());
  const Tasks tasks = Group(*findings);
  if (context.console.json) return PrintWorklistJson(tasks, *context.console.out);
  Report names;
  names.authority = context.Authority();
  if (!arguments.team.empty()) {
    FetchNames(context, names);
    *context.console.out << TeamName(names, context.NameIn("teams", arguments.team)) << ": ";
  } else if (!arguments.supervisor.empty()) {
    *context.console.out << "Supervised by " << arguments.supervisor << ": ";
  }
  PrintWorklist(arguments, tasks, *context.console.out);
}

}  // namespace

void AddWorklistCommand(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<WorklistArguments>();
  CLI::App* command = app.add_subcommand(
      "worklist", "A manager's Monday list: what is overdue and what falls due, by worker, earliest first");
  command->fallthrough();
  CLI::Option* team = command->add_option("--team", arguments->team, "Of this team, T1");
  CLI::Option* supervisor =
      command->add_option("--supervisor", arguments->supervisor, "Of those whom this worker supervises, W1");
  CLI::Option* worker = command->add_option("--worker", arguments->worker, "Of this worker, W1");
  command->add_option("--days", arguments->days, "How far to look ahead")
      ->check(CLI::Range(1, 366))
      ->capture_default_str();
  command->add_option("--most", arguments->most, "How many lines to show of each worker; all when left out")
      ->check(CLI::Range(1, 100'000));
  AddDay(*command, "--as-of", arguments->as_of, "The day to judge; today when left out");
  command->add_option("--policy", arguments->policy, "Only this policy, knowsley");
  command->add_option("--rule", arguments->rule, "Only this rule, knowsley.case-discussion");
  command->callback([&context, arguments, team, supervisor, worker] {
    if (team->count() + supervisor->count() + worker->count() == 0) {
      throw CLI::RequiredError("--team, --supervisor or --worker");
    }
    RunWorklist(context, *arguments);
  });
}

}  // namespace oversight::ctl

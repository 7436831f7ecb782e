#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "services/oversightctl/cli/text_table.h"
#include "services/oversightctl/report/report.h"

namespace oversight::ctl {
namespace {

using Align = TextTable::Align;
using compliance::v1::Finding;
using Counts = compliance::v1::SummarizeFindingsResponse::Counts;

constexpr size_t kTeamWidth = 30;
constexpr size_t kLabelWidth = 36;
constexpr size_t kSubjectWidth = 24;

// The columns of counts that say something here: those of rare statuses only where there are any.
struct CountColumn {
  const char* title;
  int32_t (Counts::*value)() const;
  bool always;
};
constexpr CountColumn kCountColumns[] = {
    {"met", &Counts::met, true},           {"pending", &Counts::pending, false},
    {"due soon", &Counts::due_soon, true}, {"overdue", &Counts::overdue, true},
    {"late", &Counts::late, false},        {"breached", &Counts::breached, false},
    {"excused", &Counts::excused, false},  {"unknown", &Counts::unknown, false},
};

int64_t Judged(const Counts& counts) {
  return counts.met() + counts.pending() + counts.due_soon() + counts.overdue() + counts.late() +
         counts.breached() + counts.unknown();
}

// Collects lines `label, share, counts, longest`, then decides which columns are worth printing.
class CountTable {
 public:
  explicit CountTable(std::string title) : title_(std::move(title)) {}

  void Add(std::string label, const Counts& counts, int longest) {
    lines_.push_back({std::move(label), &counts, longest});
  }
  bool empty() const { return lines_.empty(); }

  void Print(std::ostream& out) const {
    std::vector<const CountColumn*> shown;
    for (const CountColumn& column : kCountColumns) {
      const bool any = std::any_of(lines_.begin(), lines_.end(),
                                   [&](const Line& line) { return (line.counts->*column.value)() > 0; });
      if (column.always || any) shown.push_back(&column);
    }
    std::vector<TextTable::Column> columns = {{title_, Align::kLeft, kLabelWidth},
                                              {"in time", Align::kRight}};
    for (const CountColumn* column : shown) columns.push_back({column->title, Align::kRight});
    columns.push_back({"longest", Align::kRight});
    TextTable table(std::move(columns));
    for (const Line& line : lines_) {
      std::vector<std::string> cells = {line.label, Share(*line.counts)};
      for (const CountColumn* column : shown) cells.push_back(Thousands((line.counts->*column->value)()));
      cells.push_back(line.longest > 0 ? absl::StrCat(line.longest, " d") : "");
      table.Add(std::move(cells));
    }
    table.Print(out);
  }

 private:
  struct Line {
    std::string label;
    const Counts* counts;
    int longest;
  };
  std::string title_;
  std::vector<Line> lines_;
};

// `policies/knowsley` of `knowsley.case-discussion`: every rule's id begins with its policy's.
std::string PolicyOf(absl::string_view rule) {
  return absl::StrCat("policies/", rule.substr(0, rule.find('.')));
}

// `knowsley, Social Worker's Supervision Policy`.
std::string PolicyTitle(const Report& report, const std::string& policy) {
  const auto found = report.policy_titles.find(policy);
  const std::string id(absl::StripPrefix(policy, "policies/"));
  return found == report.policy_titles.end() ? id : absl::StrCat(id, ", ", found->second);
}

// One line of counts: of a rule, for everybody or one team.
struct RuleLine {
  std::string rule;
  const Counts* counts;
  int longest;
};

// A table for each policy, in the order in which the rules come.
void PrintRules(const Report& report, const std::vector<RuleLine>& lines, std::ostream& out) {
  if (lines.empty()) {
    out << "\nNo findings: no policy applies on that day. Assign one with `oversightctl assign-policy`.\n";
    return;
  }
  for (size_t from = 0; from < lines.size();) {
    const std::string policy = PolicyOf(lines[from].rule);
    out << "\nBy rule: " << PolicyTitle(report, policy) << "\n";
    CountTable table("rule");
    size_t to = from;
    for (; to < lines.size() && PolicyOf(lines[to].rule) == policy; ++to) {
      table.Add(lines[to].rule, *lines[to].counts, lines[to].longest);
    }
    table.Print(out);
    from = to;
  }
}

void PrintRules(const Report& report, const ReportSettings& settings, std::ostream& out) {
  std::vector<RuleLine> lines;
  const auto wanted = [&](const std::string& rule) { return settings.rule.empty() || rule == settings.rule; };
  if (settings.team.empty()) {
    for (const auto& rule : report.summary.rules()) {
      if (wanted(rule.rule())) lines.push_back({rule.rule(), &rule.counts(), rule.longest_days_overdue()});
    }
  } else {
    for (const auto& team : report.summary.teams()) {
      if (wanted(team.rule()) && team.team() == settings.team)
        lines.push_back({team.rule(), &team.counts(), team.longest_days_overdue()});
    }
    std::stable_sort(lines.begin(), lines.end(), [](const RuleLine& a, const RuleLine& b) {
      return PolicyOf(a.rule) < PolicyOf(b.rule);
    });
  }
  PrintRules(report, lines, out);
}

// The teams of one rule, those with the smallest share in time first.
void PrintTeamsOfRule(const Report& report, const ReportSettings& settings, std::ostream& out) {
  std::vector<const compliance::v1::SummarizeFindingsResponse::TeamSummary*> teams;
  for (const auto& team : report.summary.teams()) {
    if (team.rule() != settings.rule || (!settings.team.empty() && team.team() != settings.team)) continue;
    teams.push_back(&team);
  }
  if (teams.empty()) return;
  std::stable_sort(teams.begin(), teams.end(), [](const auto* a, const auto* b) {
    return a->counts().share_in_time() < b->counts().share_in_time();
  });
  out << "\nBy team: " << settings.rule << "\n";
  CountTable table("team");
  for (const auto* team : teams)
    table.Add(TeamName(report, team->team()), team->counts(), team->longest_days_overdue());
  table.Print(out);
}

// Each team's share in time under each policy.
void PrintTeams(const Report& report, std::ostream& out) {
  std::vector<std::string> policies;
  std::map<std::string, std::map<std::string, std::string>> shares;
  for (const auto& summary : report.summary.team_policies()) {
    if (std::find(policies.begin(), policies.end(), summary.policy()) == policies.end())
      policies.push_back(summary.policy());
    shares[TeamName(report, summary.team())][summary.policy()] = Share(summary.counts());
  }
  if (shares.empty()) return;
  std::vector<TextTable::Column> columns = {{"team", Align::kLeft, kLabelWidth}};
  for (const std::string& policy : policies) {
    columns.push_back({std::string(absl::StripPrefix(policy, "policies/")), Align::kRight});
  }
  TextTable table(std::move(columns));
  for (const auto& [team, of_team] : shares) {
    std::vector<std::string> cells = {team};
    for (const std::string& policy : policies) {
      const auto found = of_team.find(policy);
      cells.push_back(found == of_team.end() ? "-" : found->second);
    }
    table.Add(std::move(cells));
  }
  out << "\nBy team: share in time under each policy\n";
  table.Print(out);
}

void PrintFindings(const Report& report, const std::vector<Finding>& findings, bool overdue,
                   std::ostream& out) {
  TextTable table({{overdue ? "days" : "status", overdue ? Align::kRight : Align::kLeft},
                   {"due"},
                   {"rule"},
                   {"subject", Align::kLeft, kSubjectWidth},
                   {"worker", Align::kLeft, kSubjectWidth},
                   {"team", Align::kLeft, kTeamWidth}});
  for (const Finding& finding : findings) {
    const bool own = finding.worker() == finding.subject();
    table.Add({overdue ? Thousands(finding.days_overdue()) : StatusText(finding.status()),
               ToText(finding.due_date()), finding.rule(), ShortName(finding.subject()),
               own ? "" : std::string(absl::StripPrefix(ShortName(finding.worker()), "workers/")),
               TeamName(report, finding.team())});
  }
  table.Print(out);
}

}  // namespace

std::string Share(const Counts& counts) {
  if (Judged(counts) == 0) return "-";
  const double percent = counts.share_in_time() * 100;
  return absl::StrFormat("%.1f%%", counts.share_in_time() < 1 ? std::min(percent, 99.9) : percent);
}

std::string TeamName(const Report& report, const std::string& team) {
  if (team.empty()) return "(no team)";
  const auto found = report.team_names.find(team);
  return found == report.team_names.end() ? ShortName(team) : found->second;
}

std::string StatusText(Finding::Status status) {
  return std::string(absl::StripPrefix(Finding::Status_Name(status), "STATUS_"));
}

std::string ShortName(const std::string& name) {
  if (!absl::StartsWith(name, "authorities/")) return name;
  const size_t slash = name.find('/', sizeof("authorities/") - 1);
  return slash == std::string::npos ? name : name.substr(slash + 1);
}

void PrintReport(const Report& report, const ReportSettings& settings, std::ostream& out) {
  const auto& summary = report.summary;
  out << "Supervision in " << (report.authority_name.empty() ? report.authority : report.authority_name)
      << " as of " << ToText(summary.as_of_date()) << "\n";
  out << Thousands(summary.workers()) << " workers, " << Thousands(summary.open_cases()) << " open cases, "
      << Thousands(summary.unallocated_cases()) << " of them without anybody who holds them\n";
  // The API's counts are those of the authority and its teams.
  if (settings.worker.empty() && settings.supervisor.empty()) {
    PrintRules(report, settings, out);
    if (!settings.rule.empty()) {
      PrintTeamsOfRule(report, settings, out);
    } else if (settings.team.empty()) {
      PrintTeams(report, out);
    }
  }
  if (report.longest.empty()) {
    out << "\nNothing is overdue.\n";
  } else if (settings.longest > 0) {
    const auto shown = std::min(report.longest.size(), static_cast<size_t>(settings.longest));
    out << "\nLongest overdue (" << shown << " of " << Thousands(report.overdue) << ")\n";
    PrintFindings(report, {report.longest.begin(), report.longest.begin() + static_cast<ptrdiff_t>(shown)},
                  true, out);
  }
  if (report.upcoming) {
    out << "\nDue within " << settings.due_within
        << " days: " << Thousands(static_cast<int64_t>(report.upcoming->size())) << "\n";
    if (!report.upcoming->empty()) PrintFindings(report, *report.upcoming, false, out);
  }
  if (report.explanation) {
    out << "\n";
    PrintExplanation(*report.explanation, out);
  }
}

}  // namespace oversight::ctl

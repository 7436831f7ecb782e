#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "services/oversightctl/cli/text_table.h"
#include "services/oversightctl/report/report.h"

namespace oversight::ctl {
namespace {

using Align = TextTable::Align;
using compliance::v1::Finding;
using Counts = compliance::v1::SummarizeFindingsResponse::Counts;

constexpr size_t kTeamWidth = 30;
constexpr size_t kSubjectWidth = 24;

// The columns of counts that say something here: those of rare statuses only where there are any.
struct CountColumn {
  const char* title;
  int32_t (Counts::*value)() const;
  bool always;
};
constexpr CountColumn kCountColumns[] = {
    {"met", &Counts::met, true},           {"pending", &Counts::pending, true},
    {"due soon", &Counts::due_soon, true}, {"overdue", &Counts::overdue, true},
    {"late", &Counts::late, false},        {"breached", &Counts::breached, false},
    {"excused", &Counts::excused, false},  {"unknown", &Counts::unknown, false},
};

int64_t Judged(const Counts& counts) {
  return counts.met() + counts.pending() + counts.due_soon() + counts.overdue() + counts.late() +
         counts.breached() + counts.unknown();
}

std::string Share(const Counts& counts) {
  if (Judged(counts) == 0) return "-";
  // Never rounded up to 100 %: that is for those who kept everything.
  const double percent = counts.share_in_time() * 100;
  return absl::StrFormat("%.1f%%", counts.share_in_time() < 1 ? std::min(percent, 99.9) : percent);
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
    std::vector<TextTable::Column> columns = {{title_, Align::kLeft, kTeamWidth}, {"in time", Align::kRight}};
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

std::string TeamName(const Report& report, const std::string& team) {
  if (team.empty()) return "(no team)";
  const auto found = report.team_names.find(team);
  return found == report.team_names.end() ? ShortName(team) : found->second;
}

void PrintRules(const Report& report, const ReportSettings& settings, std::ostream& out) {
  CountTable table("rule");
  for (const auto& rule : report.summary.rules()) {
    if (!settings.rule.empty() && rule.rule() != settings.rule) continue;
    table.Add(rule.rule(), rule.counts(), rule.longest_days_overdue());
  }
  if (table.empty()) {
    out << "\nNo findings: no policy applies on that day. Assign one with `oversightctl assign-policy`.\n";
    return;
  }
  out << "\nBy rule\n";
  table.Print(out);
}

// For each rule its teams, those with the smallest share in time first.
void PrintTeams(const Report& report, const ReportSettings& settings, std::ostream& out) {
  for (const auto& rule : report.summary.rules()) {
    if (!settings.rule.empty() && rule.rule() != settings.rule) continue;
    std::vector<const compliance::v1::SummarizeFindingsResponse::TeamSummary*> teams;
    for (const auto& team : report.summary.teams()) {
      if (team.rule() != rule.rule() || (!settings.team.empty() && team.team() != settings.team)) continue;
      teams.push_back(&team);
    }
    if (teams.empty()) continue;
    std::stable_sort(teams.begin(), teams.end(), [](const auto* a, const auto* b) {
      return a->counts().share_in_time() < b->counts().share_in_time();
    });
    out << "\nBy team: " << rule.rule();
    if (!rule.title().empty()) out << " (" << rule.title() << ")";
    out << "\n";
    CountTable table("team");
    for (const auto* team : teams)
      table.Add(TeamName(report, team->team()), team->counts(), team->longest_days_overdue());
    table.Print(out);
  }
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
  if (settings.worker.empty()) {
    if (settings.team.empty()) PrintRules(report, settings, out);
    PrintTeams(report, settings, out);
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

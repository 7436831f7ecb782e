#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "services/oversightctl/cli/context.h"

namespace oversight::ctl {

// How many a listing is asked for at once.
inline constexpr int kListPage = 1000;

struct ReportSettings {
  google::type::Date as_of;
  // Full names, or empty.
  std::string team;
  std::string worker;
  std::string supervisor;
  // Rule id, or empty.
  std::string rule;
  int longest = 20;
  // 0: not asked for.
  int due_within = 0;
  // Rule id and subject name, or empty.
  std::string explain_rule;
  std::string explain_subject;
  bool explain_worst = false;
  // The answers must rest on these.
  std::vector<std::string> after_tokens;
};

// What a report shows. Names of teams and of the authority are those that the API gives.
struct Report {
  std::string authority;
  std::string authority_name;
  std::map<std::string, std::string> team_names;
  // By policy, `policies/knowsley`.
  std::map<std::string, std::string> policy_titles;
  compliance::v1::SummarizeFindingsResponse summary;
  std::vector<compliance::v1::Finding> longest;
  int64_t overdue = 0;
  // Set when asked for.
  std::optional<std::vector<compliance::v1::Finding>> upcoming;
  int64_t upcoming_total = 0;
  std::optional<compliance::v1::Explanation> explanation;
};

// Asks the services. Errors are theirs.
absl::StatusOr<Report> FetchReport(Context& context, const ReportSettings& settings);

// The name of a team as the API gives it, else its id; `(no team)` for none.
std::string TeamName(const Report& report, const std::string& team);
// Asks for the names of the authority, its teams and the policies, where they can be had.
void FetchNames(Context& context, Report& report);

// For people, within 120 columns.
void PrintReport(const Report& report, const ReportSettings& settings, std::ostream& out);
void PrintExplanation(const compliance::v1::Explanation& explanation, std::ostream& out);
// For machines: the API's own JSON of each answer, under `summary`, `longestOverdue`, `upcoming`,
// `explanation`.
void PrintReportJson(const Report& report, std::ostream& out);

// Of those judged, how many in time: `99.9%`; `-` where none is judged. Never rounded up to 100 %: that is
// for those who kept everything.
std::string Share(const compliance::v1::SummarizeFindingsResponse::Counts& counts);
// `OVERDUE`.
std::string StatusText(compliance::v1::Finding::Status status);
// A resource name without its authority: `cases/C1`.
std::string ShortName(const std::string& name);

}  // namespace oversight::ctl

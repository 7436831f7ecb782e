#include <memory>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "services/oversightctl/cli/commands.h"
#include "services/oversightctl/cli/text_table.h"
#include "services/oversightctl/report/report.h"

namespace oversight::ctl {
namespace {

using compliance::v1::Finding;

struct Wanted {
  std::string rule;
  std::string subject;
  google::type::Date as_of;
};

// All pages of a listing, joined into the first response.
template <typename Response, typename Request, typename Items>
absl::StatusOr<Response> AllPages(Context& context, const std::string& method, Request request, Items items) {
  Response all;
  request.set_page_size(kListPage);
  do {
    auto page = Call<Response>(context, ServiceId::kCompliance, method, request);
    if (!page.ok()) return page.status();
    items(all)->MergeFrom(*items(*page));
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return all;
}

void PrintHistory(const compliance::v1::ListFindingHistoryResponse& history, std::ostream& out) {
  if (history.findings().empty()) {
    out << "The rule never applied to it.\n";
    return;
  }
  TextTable table({{"gap since"},
                   {"due"},
                   {"closed"},
                   {"status"},
                   {"days", TextTable::Align::kRight},
                   {"row"},
                   {"worker", TextTable::Align::kLeft, 24}});
  for (const Finding& finding : history.findings()) {
    std::string status = StatusText(finding.status());
    if (finding.lapsed()) status += " (lapsed)";
    table.Add({ToText(finding.base_date()), ToText(finding.due_date()), ToText(finding.closed_date()), status,
               finding.days_overdue() > 0 ? absl::StrCat(finding.days_overdue()) : "", finding.row(),
               ShortName(finding.worker())});
  }
  table.Print(out);
}

void PrintChanges(const compliance::v1::ListFindingChangesResponse& changes, std::ostream& out) {
  if (changes.changes().empty()) {
    out << "No finding about it was ever stored.\n";
    return;
  }
  TextTable table({{"stored (UTC)"}, {"judged for"}, {"rule"}, {"gap since"}, {"from"}, {"to"}, {"due"}});
  for (const auto& change : changes.changes()) {
    const auto status = [](Finding::Status status, const char* none) {
      return status == Finding::STATUS_UNSPECIFIED ? std::string(none) : StatusText(status);
    };
    table.Add({google::protobuf::util::TimeUtil::ToString(change.record_time()).substr(0, 19),
               ToText(change.judged_date()), change.rule(), change.instance(),
               status(change.from_status(), "(new)"), status(change.to_status(), "(gone)"),
               ToText(change.due_date())});
  }
  table.Print(out);
}

void RunHistory(Context& context, const Wanted& question) {
  compliance::v1::ListFindingHistoryRequest request;
  request.set_parent(context.Authority());
  request.set_rule(question.rule);
  request.set_subject(context.NameOf(question.subject));
  if (question.as_of.year() != 0) *request.mutable_as_of_date() = question.as_of;
  const auto history = AllPages<compliance::v1::ListFindingHistoryResponse>(
      context, "ListFindingHistory", request, [](auto& response) { return response.mutable_findings(); });
  if (!history.ok()) return context.Fail("cannot list the history", history.status());
  if (context.console.json) {
    *context.console.out << ToJson(*history);
  } else {
    PrintHistory(*history, *context.console.out);
  }
}

void RunChanges(Context& context, const Wanted& question) {
  compliance::v1::ListFindingChangesRequest request;
  request.set_parent(context.Authority());
  request.set_rule(question.rule);
  request.set_subject(context.NameOf(question.subject));
  const auto changes = AllPages<compliance::v1::ListFindingChangesResponse>(
      context, "ListFindingChanges", request, [](auto& response) { return response.mutable_changes(); });
  if (!changes.ok()) return context.Fail("cannot list the changes", changes.status());
  if (context.console.json) {
    *context.console.out << ToJson(*changes);
  } else {
    PrintChanges(*changes, *context.console.out);
  }
}

}  // namespace

void AddHistoryCommands(CLI::App& app, Context& context) {
  auto question = std::make_shared<Wanted>();
  CLI::App* history =
      app.add_subcommand("history", "All gaps of one rule and subject, computed from today's facts");
  history->fallthrough();
  history->add_option("RULE", question->rule, "For example knowsley.case-discussion")->required();
  history->add_option("SUBJECT", question->subject, "For example cases/C1 or workers/W1")->required();
  AddDay(*history, "--as-of", question->as_of, "Up to and including this day; today when left out");
  history->callback([&context, question] { RunHistory(context, *question); });

  CLI::App* changes = app.add_subcommand("changes", "How the stored findings of a subject changed, and when");
  changes->fallthrough();
  changes->add_option("SUBJECT", question->subject, "For example cases/C1 or workers/W1")->required();
  changes->add_option("--rule", question->rule, "Only this rule");
  changes->callback([&context, question] { RunChanges(context, *question); });
}

}  // namespace oversight::ctl

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/oversightctl/cli/text_table.h"
#include "services/oversightctl/report/report.h"

namespace oversight::ctl {
namespace {

constexpr size_t kLineWidth = 98;
constexpr size_t kMarginWidth = 14;
using compliance::v1::Explanation;

// Prints `label  text`, wrapped, further lines under the text.
void PrintWrapped(const std::string& label, size_t label_width, const std::string& text, std::ostream& out) {
  const std::string indent(2, ' ');
  std::string line =
      absl::StrCat(indent, label, std::string(label_width - std::min(label_width, Width(label)), ' '));
  const std::string further(indent.size() + label_width, ' ');
  bool empty = true;
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (!empty && Width(line) + 1 + Width(word) > kLineWidth) {
      out << line << "\n";
      line = further;
      empty = true;
    }
    absl::StrAppend(&line, empty ? "" : " ", word);
    empty = false;
  }
  out << line << "\n";
}

void PrintField(const std::string& label, const std::string& text, std::ostream& out) {
  if (!text.empty()) PrintWrapped(label, kMarginWidth, text, out);
}

void PrintEvidence(const std::string& title,
                   const google::protobuf::RepeatedPtrField<Explanation::Evidence>& evidence,
                   std::ostream& out) {
  if (evidence.empty()) return;
  out << "\n  " << title << "\n";
  for (const auto& fact : evidence) {
    std::string text = fact.text();
    if (!fact.resource().empty()) absl::StrAppend(&text, " [", ShortName(fact.resource()), "]");
    PrintWrapped(absl::StrCat("  ", ToText(fact.date())), kMarginWidth, text, out);
  }
}

std::string Standing(const compliance::v1::Finding& finding) {
  std::string text = StatusText(finding.status());
  if (finding.has_due_date()) absl::StrAppend(&text, ", due ", ToText(finding.due_date()));
  if (finding.days_overdue() > 0) absl::StrAppend(&text, ", ", finding.days_overdue(), " days overdue");
  absl::StrAppend(&text, " as of ", ToText(finding.as_of_date()));
  return text;
}

}  // namespace

void PrintExplanation(const Explanation& explanation, std::ostream& out) {
  const auto& finding = explanation.finding();
  out << "Why: " << finding.rule() << " for " << ShortName(finding.subject()) << "\n";
  PrintField("finding", Standing(finding), out);
  PrintField("gap since", ToText(finding.base_date()), out);
  PrintField("worker", ShortName(finding.worker()), out);
  PrintField("row", finding.row(), out);
  PrintField("requires", explanation.requirement(), out);
  const auto& clause = explanation.clause();
  PrintField("clause",
             absl::StrCat(clause.document(), clause.section().empty() ? "" : ", section ", clause.section()),
             out);
  PrintField("", clause.paraphrase(), out);
  PrintField(
      "policy",
      std::string(absl::StripAsciiWhitespace(absl::StrCat(finding.policy(), " ", finding.policy_version()))),
      out);
  for (const std::string& input : finding.missing_inputs()) PrintField("missing", input, out);
  if (explanation.reasoning_size() > 0) out << "\n  How the due date came about\n";
  for (int i = 0; i < explanation.reasoning_size(); ++i) {
    PrintWrapped(absl::StrCat("  ", i + 1, "."), kMarginWidth, explanation.reasoning(i), out);
  }
  PrintEvidence("Evidence", explanation.evidence(), out);
  PrintEvidence("What did not count", explanation.not_counted(), out);
}

}  // namespace oversight::ctl

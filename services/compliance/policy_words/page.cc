#include "services/compliance/policy_words/page.h"

#include "absl/strings/str_cat.h"
#include "services/compliance/policy_words/rule_words.h"

namespace oversight::policy_words {
namespace {

void AddList(absl::string_view head, const std::vector<Phrase>& phrases, std::string& page) {
  if (phrases.empty()) return;
  absl::StrAppend(&page, "- **", head, "**\n", ToMarkdown(phrases, 1));
}

void AddRow(const RowWords& row, std::string& page) {
  absl::StrAppend(&page, "  - `", row.id, "` ", row.title, "\n", ToMarkdown(row.asks, 2));
  if (!row.when.empty()) absl::StrAppend(&page, "    - when:\n", ToMarkdown(row.when, 3));
  if (!row.clause.empty()) absl::StrAppend(&page, "    - clause: ", row.clause, "\n");
}

void AddRule(const RuleWords& rule, std::string& page) {
  absl::StrAppend(&page, "\n## ", rule.title, "\n\n`", rule.id, "`\n\n> ", rule.paraphrase, "\n>\n> ",
                  rule.clause, "\n\n- **About** each ", rule.about, "\n");
  AddList("Where it applies", rule.when, page);
  AddList("What is asked", rule.asks, page);
  if (!rule.rows.empty()) {
    absl::StrAppend(&page, "- **Rows**\n");
    for (const RowWords& row : rule.rows) AddRow(row, page);
  }
  AddList("Terms", rule.terms, page);
  if (!rule.parameters.empty()) {
    absl::StrAppend(&page, "- **Settled locally**; an authority may choose otherwise\n");
    for (const ParameterWords& parameter : rule.parameters)
      absl::StrAppend(&page, "  - `", parameter.field, "`: ", parameter.values, ". ", parameter.reason, "\n");
  }
  absl::StrAppend(&page, "- **When broken** ", rule.severity, "\n");
  if (!rule.notice.empty()) absl::StrAppend(&page, "- **Notice** ", rule.notice, " before it is due\n");
}

}  // namespace

std::string Page(const policy::LoadedPolicy& policy) {
  const auto& definition = policy.definition;
  std::string page = absl::StrCat("# ", definition.title(), "\n\n", definition.authority(), "; policy `",
                                  definition.id(), "`, version ", policy.policy.VersionText(), ", from ",
                                  policy.policy.effective_from.ToString(), ".\n\n");
  for (const auto& document : definition.documents())
    absl::StrAppend(&page, "- ", document.title(), " (", document.published(), ")\n");
  absl::StrAppend(
      &page,
      "\nA finding is DUE_SOON 7 days before its date, or 2 where something is owed weekly, unless a rule "
      "says otherwise. Where\nsomething that a condition asks for is not on record the finding is "
      "UNKNOWN and names it, except where it says “not given:\nno”.\n");
  for (int i = 0; i < definition.rules_size(); ++i) AddRule(Say(policy, i), page);
  return page;
}

}  // namespace oversight::policy_words

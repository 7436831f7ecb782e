#include "services/compliance/policy_words/difference.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/compliance/policy_words/rule_words.h"

namespace oversight::policy_words {
namespace {

// What is said, by the part that says it, in order. A part may say several things; those that only one side
// says are the difference.
using Said = std::vector<std::pair<std::string, std::vector<std::string>>>;

std::vector<std::string> Lines(const std::vector<Phrase>& phrases) {
  std::vector<std::string> lines;
  for (const Phrase& phrase : phrases) lines.push_back(ToLine({phrase}));
  return lines;
}

Said Parts(const RuleWords& rule) {
  Said said = {{"title", {rule.title}},
               {"clause", {rule.clause}},
               {"paraphrase", {rule.paraphrase}},
               {"about", {rule.about}},
               {"where it applies", Lines(rule.when)},
               {"what is asked", Lines(rule.asks)}};
  for (const RowWords& row : rule.rows) {
    const std::string name = absl::StrCat("row ", row.id);
    said.push_back({absl::StrCat(name, ": title"), {row.title}});
    said.push_back({absl::StrCat(name, ": asks"), Lines(row.asks)});
    said.push_back({absl::StrCat(name, ": when"), Lines(row.when)});
    if (!row.clause.empty()) said.push_back({absl::StrCat(name, ": clause"), {row.clause}});
  }
  said.push_back({"terms", Lines(rule.terms)});
  for (const ParameterWords& parameter : rule.parameters)
    said.push_back({absl::StrCat("local parameter ", parameter.field), {parameter.values, parameter.reason}});
  said.push_back({"when broken", {rule.severity}});
  if (!rule.notice.empty()) said.push_back({"notice", {rule.notice}});
  return said;
}

Said Parts(const policy::LoadedPolicy& policy) {
  const auto& definition = policy.definition;
  Said said = {{"id", {definition.id()}},
               {"version", {absl::StrCat(definition.version())}},
               {"title", {definition.title()}},
               {"authority", {definition.authority()}},
               {"takes effect", {policy.policy.effective_from.ToString()}}};
  for (const auto& document : definition.documents())
    said.push_back({absl::StrCat("document ", document.id()),
                    {absl::StrCat(document.title(), " (", document.published(), ")")}});
  return said;
}

std::vector<std::string> Without(std::vector<std::string> lines, const std::vector<std::string>& those) {
  std::erase_if(lines, [&](const std::string& line) {
    return std::find(those.begin(), those.end(), line) != those.end();
  });
  return lines;
}

const std::vector<std::string>* Find(const Said& said, const std::string& part) {
  for (const auto& [name, lines] : said) {
    if (name == part) return &lines;
  }
  return nullptr;
}

void CompareParts(const std::string& rule, const Said& before, const Said& after,
                  std::vector<Difference>& differences) {
  static const std::vector<std::string> nothing;
  const auto compare = [&](const std::string& part, const std::vector<std::string>& was,
                           const std::vector<std::string>& is) {
    if (was == is) return;
    std::vector<std::string> only_was = Without(was, is);
    std::vector<std::string> only_is = Without(is, was);
    // The same in another order, or another number of times.
    if (only_was.empty() && only_is.empty()) {
      only_was = was;
      only_is = is;
    }
    differences.push_back({rule, part, absl::StrJoin(only_was, "; "), absl::StrJoin(only_is, "; ")});
  };
  for (const auto& [part, lines] : before) {
    if (Find(after, part) == nullptr) compare(part, lines, nothing);
  }
  for (const auto& [part, lines] : after) {
    const auto* was = Find(before, part);
    compare(part, was == nullptr ? nothing : *was, lines);
  }
}

std::vector<std::string> IdsOf(const policy::LoadedPolicy& policy) {
  std::vector<std::string> ids;
  for (const auto& rule : policy.definition.rules()) ids.push_back(rule.id());
  return ids;
}

// Rows decide between equals by their order.
std::vector<std::string> RowsOf(const RuleWords& rule) {
  std::vector<std::string> rows;
  for (const RowWords& row : rule.rows) rows.push_back(row.id);
  return rows;
}

}  // namespace

std::vector<Difference> Compare(const policy::LoadedPolicy& before, const policy::LoadedPolicy& after) {
  std::vector<Difference> differences;
  CompareParts("", Parts(before), Parts(after), differences);
  std::map<std::string, int> old_rules;
  for (int i = 0; i < before.definition.rules_size(); ++i) old_rules[before.definition.rules(i).id()] = i;
  const std::vector<std::string> new_ids = IdsOf(after);
  for (int i = 0; i < before.definition.rules_size(); ++i) {
    const auto& rule = before.definition.rules(i);
    if (std::find(new_ids.begin(), new_ids.end(), rule.id()) == new_ids.end())
      differences.push_back({rule.id(), "", rule.title(), ""});
  }
  for (int i = 0; i < after.definition.rules_size(); ++i) {
    const RuleWords is = Say(after, i);
    const auto found = old_rules.find(is.id);
    if (found == old_rules.end()) {
      differences.push_back({is.id, "", "", is.title});
      continue;
    }
    const RuleWords was = Say(before, found->second);
    CompareParts(is.id, Parts(was), Parts(is), differences);
    std::vector<std::string> rows_before = RowsOf(was);
    std::vector<std::string> rows_after = RowsOf(is);
    if (rows_before != rows_after) {
      std::sort(rows_before.begin(), rows_before.end());
      std::sort(rows_after.begin(), rows_after.end());
      if (rows_before == rows_after)
        differences.push_back(
            {is.id, "order of the rows", absl::StrJoin(RowsOf(was), ", "), absl::StrJoin(RowsOf(is), ", ")});
    }
  }
  return differences;
}

std::string ToText(const Difference& difference) {
  std::string text = difference.rule.empty() ? "the policy" : difference.rule;
  if (difference.part.empty()) {
    return difference.after.empty() ? absl::StrCat(text, ": removed (", difference.before, ")")
                                    : absl::StrCat(text, ": added (", difference.after, ")");
  }
  absl::StrAppend(&text, ", ", difference.part, ": ");
  if (difference.before.empty()) return absl::StrCat(text, "added: ", difference.after);
  if (difference.after.empty()) return absl::StrCat(text, "removed: ", difference.before);
  return absl::StrCat(text, "was: ", difference.before, "\n    is: ", difference.after);
}

}  // namespace oversight::policy_words

#include "services/compliance/policy_cases/run_case.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/compliance/engine/explain.h"
#include "services/compliance/facts/fact_reader.h"
#include "services/compliance/judgement/authority_judge.h"

namespace oversight::policy_cases {
namespace {

using compliance::AssignedRule;
using engine::Evidence;
using engine::Explanation;
using engine::Status;

std::string DayText(CivilDay day) { return day == CivilDay::Max() ? "never" : day.ToString(); }

std::string Say(std::optional<Status> status) {
  return status ? std::string(engine::StatusName(*status)) : "no finding";
}

std::string Names(const std::vector<std::string>& names) {
  return names.empty() ? "nothing" : absl::StrJoin(names, ", ");
}

// A resource may stand in the evidence more than once.
std::vector<std::string> NamesOf(const std::vector<Evidence>& evidence) {
  std::vector<std::string> names;
  for (const Evidence& fact : evidence) {
    const std::string name = CalledName(fact.name);
    if (!fact.name.empty() && std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(name);
  }
  return names;
}

// One finding, in the words of a case.
std::string Describe(const engine::Rule& rule, const Explanation& explanation) {
  const engine::Finding& finding = explanation.finding;
  std::string text = Say(finding.status);
  if (finding.row >= 0) absl::StrAppend(&text, ", row ", rule.rows[static_cast<size_t>(finding.row)].id);
  absl::StrAppend(&text, ", counted from ", DayText(finding.base), ", due ", DayText(finding.due));
  if (finding.days_overdue > 0) absl::StrAppend(&text, ", ", finding.days_overdue, " days overdue");
  if (!explanation.missing_inputs.empty())
    absl::StrAppend(&text, ", missing: ", absl::StrJoin(explanation.missing_inputs, ", "));
  return text;
}

class Comparison {
 public:
  Comparison(const Case& tested, const compliance::AuthorityJudge& judge, const Expectation& expected)
      : tested_(tested), judge_(judge), expected_(expected), written_(expected.written) {}

  Found Run(std::vector<policy::Fault>& differences) {
    Found found{&expected_, std::nullopt, ""};
    const AssignedRule* rule = judge_.FindRule(tested_.rule->id);
    const auto subject = judge_.facts().Find(tested_.rule->subject, expected_.subject);
    std::optional<engine::Finding> finding;
    if (rule != nullptr && subject) finding = judge_.Evaluate(*rule, *subject, expected_.day);
    if (finding) {
      found.status = finding->status;
      if (finding->row >= 0) found.row = tested_.rule->rows[static_cast<size_t>(finding->row)].id;
      explanation_ = engine::Explain(*rule->On(expected_.day), judge_.facts(), subject->index, expected_.day);
      if (!explanation_) {
        Differ("it is ", Say(finding->status), ", but nothing explains it");
      } else {
        if (!compliance::SameVerdict(finding, explanation_->finding))
          Differ("the explanation says otherwise than the finding: ", Describe(*tested_.rule, *explanation_));
        Compare(*finding, found);
      }
    } else if (expected_.status) {
      Differ("expected ", Say(expected_.status), ", but there is no finding");
    }
    if (!differences_.empty()) {
      std::string text = absl::StrCat("case ", tested_.id, ", on ", expected_.day.ToString(), ": ",
                                      absl::StrJoin(differences_, "; "));
      if (explanation_) {
        absl::StrAppend(&text, "\n    found: ", Describe(*tested_.rule, *explanation_),
                        "\n    because: ", absl::StrJoin(explanation_->reasoning, " "));
      }
      differences.push_back({expected_.place.line, expected_.place.column, std::move(text)});
    }
    return found;
  }

 private:
  template <typename... Pieces>
  void Differ(const Pieces&... pieces) {
    differences_.push_back(absl::StrCat(pieces...));
  }
  void CompareDay(absl::string_view what, const std::optional<CivilDay>& expected, CivilDay found) {
    if (expected && *expected != found)
      Differ("expected ", what, " ", DayText(*expected), ", but it is ", DayText(found));
  }

  void Compare(const engine::Finding& finding, const Found& found) {
    if (found.status != expected_.status)
      Differ("expected ", Say(expected_.status), ", but it is ", Say(found.status));
    if (!expected_.status) return;
    if (!written_.row().empty() && written_.row() != found.row)
      Differ("expected row ", written_.row(), ", but it is ", found.row.empty() ? "none" : found.row);
    CompareDay("due", expected_.due, finding.due);
    CompareDay("counted_from", expected_.counted_from, finding.base);
    if (written_.has_days_overdue() && written_.days_overdue() != finding.days_overdue)
      Differ("expected ", written_.days_overdue(), " days overdue, but there are ", finding.days_overdue);
    CompareReason(finding);
  }

  void CompareReason(const engine::Finding& finding) {
    const std::string missing = absl::StrJoin(explanation_->missing_inputs, ", ");
    if (!absl::StrContains(missing, written_.missing()))
      Differ("expected `", written_.missing(), "` to be missing, but what is missing is ",
             Names(explanation_->missing_inputs));
    if (!written_.clause().empty() && written_.clause() != explanation_->clause.section)
      Differ("expected clause ", written_.clause(), ", but it cites ", explanation_->clause.section);
    CompareNames("because", written_.because(), NamesOf(explanation_->evidence));
    CompareNames("not_counted", written_.not_counted(), NamesOf(explanation_->not_counted));
    for (const std::string& part : written_.says()) {
      if (!absl::StrContains(absl::StrJoin(explanation_->reasoning, " "), part))
        Differ("the reasoning does not say `", part, "`");
    }
    if (written_.lacking().empty()) return;
    CompareNames("lacking", written_.lacking(), NamesOf(explanation_->evidence));
    if (static_cast<uint32_t>(written_.lacking_size()) != finding.lacking)
      Differ("expected ", written_.lacking_size(), " cases lacking, but there are ", finding.lacking);
  }

  void CompareNames(absl::string_view what, const google::protobuf::RepeatedPtrField<std::string>& expected,
                    const std::vector<std::string>& found) {
    for (const std::string& name : expected) {
      if (std::find(found.begin(), found.end(), name) == found.end())
        Differ("expected ", what, " ", name, ", but there is ", Names(found));
    }
  }

  const Case& tested_;
  const compliance::AuthorityJudge& judge_;
  const Expectation& expected_;
  const compliance::v1::CaseExpectation& written_;
  std::optional<Explanation> explanation_;
  std::vector<std::string> differences_;
};

}  // namespace

CaseResult RunCase(const Case& tested) {
  const std::vector<engine::Policy> policies = {tested.policy->policy};
  compliance::AuthorityJudge judge("example", &policies, &WorkingDays::EnglandAndWales());
  judge.SetAssignment("assignment", tested.policy->policy.id, tested.assigned);
  // What reaches whom is known before the facts come, as in the service.
  judge.Prepare();
  compliance::PutMessage(judge.facts(), "", workforce::v1::Authority::default_instance());
  for (const auto& [name, fact] : tested.facts.all())
    compliance::PutMessage(judge.facts(), name, *fact.message);

  CaseResult result;
  for (const Expectation& expected : tested.expectations)
    result.found.push_back(Comparison(tested, judge, expected).Run(result.differences));
  return result;
}

}  // namespace oversight::policy_cases

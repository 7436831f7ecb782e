#include "services/compliance/policy_words/conditions.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace oversight::policy_words {
namespace {

namespace v1 = ::oversight::compliance::v1;
using engine::FactKind;

// `in the first 6 weeks of it`, `in weeks 7 to 12 of it`, `after the first 12 weeks of it`.
std::string During(const v1::Range& range, absl::string_view unit, absl::string_view of) {
  std::string when;
  if (!range.has_to()) {
    if (range.from() == 0) return absl::StrCat("at any time of ", of);
    when = absl::StrCat("after the first ", range.from(), " ", unit, "s");
  } else if (range.from() == 0) {
    when = absl::StrCat("in the first ", range.to(), " ", unit, "s");
  } else {
    when = absl::StrCat("in ", unit, "s ", range.from() + 1, " to ", range.to());
  }
  return absl::StrCat(when, " of ", of);
}

std::string Field(absl::string_view field, const v1::EnumValues& values, absl::string_view path,
                  const Around& around, bool all) {
  const PathEnd end = EndOf(path, around);
  const std::vector<std::string> words = ValuesWords(end.kind, end.field, values);
  return absl::StrCat(field, all ? " includes " : " is ", all ? AllOf(words) : AnyOf(words));
}

Phrase Say(const v1::FieldCondition& condition, const Around& around) {
  const std::string field = PathWords(condition.name(), around);
  const std::string plus = condition.has_plus() ? Length(condition.plus()) : "";
  const auto after = [&](const std::string& other) {
    const std::string day = PathWords(other, around);
    return plus.empty() ? absl::StrCat("the ", day) : absl::StrCat("the ", day, " and ", plus);
  };
  std::string text;
  switch (condition.test_case()) {
    case v1::FieldCondition::kSet:
      text = absl::StrCat(field, condition.set() ? " is given" : " is not given");
      break;
    case v1::FieldCondition::kIs:
      text = absl::StrCat(field, condition.is() ? ": yes" : ": no");
      break;
    case v1::FieldCondition::kOneOf:
      text = Field(field, condition.one_of(), condition.name(), around, false);
      break;
    case v1::FieldCondition::kAllOf:
      text = Field(field, condition.all_of(), condition.name(), around, true);
      break;
    case v1::FieldCondition::kAtLeast:
      text = absl::StrCat(field, " is at least ", Number(condition.at_least()));
      break;
    case v1::FieldCondition::kAtMost:
      text = absl::StrCat(field, " is at most ", Number(condition.at_most()));
      break;
    case v1::FieldCondition::kText:
      text = absl::StrCat(field, " is “", condition.text(), "”");
      break;
    case v1::FieldCondition::kReached:
      text = absl::StrCat(plus.empty() ? "" : absl::StrCat(plus, " after "), field,
                          condition.reached() ? " has come" : " has not come");
      break;
    case v1::FieldCondition::kReachesAhead:
      text = absl::StrCat(field, " lies at least ", Length(condition.reaches_ahead()), " ahead");
      break;
    case v1::FieldCondition::kNotBefore:
      text = absl::StrCat(field, " is not before ", after(condition.not_before()));
      break;
    case v1::FieldCondition::kNotAfter:
      text = absl::StrCat(field, " is not after ", after(condition.not_after()));
      break;
    case v1::FieldCondition::kSameAs: {
      const std::string other = PathWords(condition.same_as(), around);
      text = absl::StrCat(field, absl::StartsWith(other, "the ") ? " is " : " is the ", other);
      break;
    }
    case v1::FieldCondition::TEST_NOT_SET:
      break;
  }
  if (condition.unset_fails()) absl::StrAppend(&text, " (not given: no)");
  return text;
}

Phrase Say(const v1::PostCondition& post) {
  std::vector<Phrase> parts;
  if (post.career_stage_size() > 0)
    parts.push_back(
        absl::StrCat("career stage: ", AnyOf(workforce::v1::CareerStage_descriptor(), post.career_stage())));
  if (post.team_area_size() > 0)
    parts.push_back(
        absl::StrCat("team for ", AnyOf(workforce::v1::ServiceArea_descriptor(), post.team_area())));
  if (post.employment_basis_size() > 0)
    parts.push_back(absl::StrCat(
        "employed as ", AnyOf(workforce::v1::EmploymentBasis_descriptor(), post.employment_basis())));
  if (post.has_case_holding()) parts.push_back(post.case_holding() ? "holds cases" : "holds no cases");
  return {"a post in force:", std::move(parts)};
}

Phrase Say(const v1::StudentCondition& student) {
  std::string text = "a student in a placement";
  if (student.route_size() > 0)
    absl::StrAppend(&text, ", ", AnyOf(workforce::v1::StudentPlacement::Route_descriptor(), student.route()));
  if (student.has_weeks()) absl::StrAppend(&text, ", ", During(student.weeks(), "week", "it"));
  return text;
}

Phrase Say(const v1::PlacementCondition& placement) {
  std::string text = "the child is placed";
  if (placement.type_size() > 0)
    absl::StrAppend(&text, ": ", AnyOf(caseload::v1::PlacementType_descriptor(), placement.type()));
  if (placement.has_months())
    absl::StrAppend(&text, ", ", During(placement.months(), "month", "it with this carer or home"));
  if (placement.has_permanence_implemented())
    absl::StrAppend(&text, ", the permanence plan ",
                    placement.permanence_implemented() ? "fully implemented" : "not yet fully implemented");
  return text;
}

// ` of this case`, ` whose supervisee is the worker`, of the records that a rule asks for.
std::string WhoseWords(const std::string& via, const std::string& from, const Around& record,
                       absl::string_view this_or_the) {
  if (via.empty()) return "";
  const Around& outer = *record.outer;
  std::string owner = absl::StrCat(this_or_the, KindWords(outer.kind));
  if (!outer.called.empty()) owner = absl::StrCat("the ", outer.called);
  if (!from.empty()) owner = absl::StrCat("the ", PathWords(from, outer));
  if (via == "parent") return absl::StrCat(" of ", owner);
  return absl::StrCat(" whose ", PathWords(via, record),
                      NamesSeveral(record.kind, via) ? " include " : " is ", owner);
}

// With what must hold of the record beneath.
Phrase Where(std::string text, bool given, const v1::Condition& where, const Around& record) {
  if (!given) return text;
  return {absl::StrCat(text, ", where:"), Say(where, record)};
}

Phrase Say(const v1::ReferenceCondition& reference, const Around& around) {
  const PathEnd end = EndOf(reference.name(), around);
  const Around named{KindOfReference(end), &around, PathWords(reference.name(), around)};
  return {absl::StrCat("of the ", PathWords(reference.name(), around),
                       reference.unset_fails() ? " (not given: no):" : ":"),
          Say(reference.is(), named)};
}

}  // namespace

std::vector<Phrase> Say(const v1::Condition& condition, const Around& around) {
  std::vector<Phrase> said;
  if (condition.has_post()) said.push_back(Say(condition.post()));
  if (condition.has_on_asye())
    said.push_back(condition.on_asye() ? "on an ASYE programme that is not completed"
                                       : "not on an ASYE programme");
  if (condition.has_weeks_of_employment())
    said.push_back(During(condition.weeks_of_employment(), "week", "employment"));
  if (condition.has_student_placement()) said.push_back(Say(condition.student_placement()));
  if (condition.case_status_size() > 0)
    said.push_back(absl::StrCat("status of the case: ",
                                AnyOf(caseload::v1::CaseStatus_descriptor(), condition.case_status())));
  if (condition.has_placement()) said.push_back(Say(condition.placement()));
  if (condition.keyworker_team_area_size() > 0)
    said.push_back(
        absl::StrCat("held by a keyworker of a team for ",
                     AnyOf(workforce::v1::ServiceArea_descriptor(), condition.keyworker_team_area())));
  if (condition.has_reduced_frequency_agreement())
    said.push_back(condition.reduced_frequency_agreement()
                       ? "a reduced frequency has been agreed by the team manager, at low risk"
                       : "no reduced frequency has been agreed");
  for (const v1::FieldCondition& field : condition.field()) said.push_back(Say(field, around));
  for (const v1::ReferenceCondition& reference : condition.reference())
    said.push_back(Say(reference, around));
  for (const v1::RecordCondition& records : condition.record()) said.push_back(Say(records, around));
  for (const v1::Measure& measure : condition.measure()) said.push_back(Say(measure, around));
  if (condition.any_of_size() > 0) {
    Phrase any("at least one of:");
    for (const v1::Condition& one : condition.any_of()) {
      std::vector<Phrase> parts = Say(one, around);
      if (parts.size() == 1) {
        any.parts.push_back(std::move(parts.front()));
      } else {
        any.parts.push_back({"all of:", std::move(parts)});
      }
    }
    said.push_back(std::move(any));
  }
  if (condition.has_not_()) said.push_back({"not:", Say(condition.not_(), around)});
  return said;
}

Phrase Say(const v1::RecordCondition& records, const Around& around) {
  const Around record{KindNamed(records.of()), &around};
  std::string text = records.at_least() > 1 ? absl::StrCat("at least ", records.at_least(), " of: ")
                                            : std::string("there is ");
  absl::StrAppend(&text, WithArticle(KindWords(record.kind)),
                  WhoseWords(records.via(), records.from(), record, "this "));
  if (records.in_force()) absl::StrAppend(&text, ", in force");
  if (!records.since().empty()) absl::StrAppend(&text, ", from: ", PathWords(records.since(), record));
  if (!records.until().empty()) absl::StrAppend(&text, ", until: ", PathWords(records.until(), record));
  if (!records.on().empty()) {
    absl::StrAppend(&text, ", from ", PathWords(records.on(), record), " on",
                    records.has_recent() ? absl::StrCat(" for ", Length(records.recent())) : "");
  }
  return Where(std::move(text), records.has_where(), records.where(), record);
}

Phrase Say(const v1::RecordEvent& event, const Around& around) {
  const Around record{KindNamed(event.of()), &around};
  std::string text =
      absl::StrCat(WithArticle(KindWords(record.kind)), WhoseWords(event.via(), event.from(), record, "the "),
                   ", on its day (", PathWords(event.on(), record), ")");
  if (!event.each_value_of().empty())
    absl::StrAppend(&text, ", for each of its ", PathWords(event.each_value_of(), record));
  return Where(std::move(text), event.has_where(), event.where(), record);
}

Phrase Say(const v1::Measure& measure, const Around& around) {
  std::string what;
  const Around record{KindNamed(measure.records().of()), &around};
  if (measure.has_share()) {
    what = "the share of the records below";
  } else if (!measure.field().empty()) {
    what = absl::StrCat("the sum of ", PathWords(measure.field(), record));
  } else {
    what = "the number of the records below";
  }
  if (!measure.own().empty())
    what = absl::StrCat(PathWords(measure.own(), around),
                        measure.has_records() ? absl::StrCat(" and ", what) : "");
  std::string bound;
  const std::string percent =
      measure.has_percent() ? absl::StrCat(Number(measure.percent()), " percent of ") : std::string();
  switch (measure.bound_case()) {
    case v1::Measure::kAtLeast:
      bound = absl::StrCat("at least ", Number(measure.at_least()));
      break;
    case v1::Measure::kAtMost:
      bound = absl::StrCat("at most ", Number(measure.at_most()));
      break;
    case v1::Measure::kAtMostField:
      bound = absl::StrCat("at most ", percent, "the ", PathWords(measure.at_most_field(), around));
      break;
    case v1::Measure::kAtLeastField:
      bound = absl::StrCat("at least ", percent, "the ", PathWords(measure.at_least_field(), around));
      break;
    case v1::Measure::BOUND_NOT_SET:
      break;
  }
  Phrase said(absl::StrCat(what, " is ", bound, measure.has_share() ? " percent" : "", ":"));
  if (measure.has_records()) said.parts.push_back({"of the records:", {Say(measure.records(), around)}});
  if (measure.has_share()) said.parts.push_back({"the share for which:", Say(measure.share(), record)});
  for (const v1::PercentWhere& where : measure.percent_where())
    said.parts.push_back(
        {absl::StrCat(Number(where.percent()), " percent where:"), Say(where.when(), around)});
  if (said.parts.empty()) said.text.pop_back();
  return said;
}

Phrase Say(const v1::SupervisionSession& session) {
  std::string text =
      absl::StrCat("a session held (", AnyOf(supervision::v1::Session::Kind_descriptor(), session.kind()),
                   ") with a supervisor in force that day or the recorded cover");
  if (session.led_by_size() > 0)
    absl::StrAppend(&text, ", in the function ",
                    AnyOf(workforce::v1::SupervisorLink::Function_descriptor(), session.led_by()));
  return text;
}

Phrase Say(const v1::DiscussionOfCase& discussion) {
  return absl::StrCat("a discussion of the case in a session held (",
                      AnyOf(supervision::v1::Session::Kind_descriptor(), discussion.session_kind()),
                      ") with whoever holds the case that day, or the recorded cover");
}

}  // namespace oversight::policy_words

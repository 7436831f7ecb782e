#include "services/compliance/policy_words/rule_words.h"

#include <set>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/compliance/policy_words/conditions.h"

namespace oversight::policy_words {
namespace {

namespace v1 = ::oversight::compliance::v1;
using engine::FactKind;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The numbers that stand at a field path, wherever a step or row has it.
void CollectNumbers(const Message& message, std::span<const std::string> path, std::set<double>& numbers) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(path.front());
  if (field == nullptr) return;
  const auto& r = *message.GetReflection();
  if (path.size() == 1) {
    if (field->is_repeated() || !r.HasField(message, field)) return;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT32) numbers.insert(r.GetInt32(message, field));
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) numbers.insert(r.GetDouble(message, field));
    return;
  }
  if (field->message_type() == nullptr) return;
  if (!field->is_repeated()) {
    if (r.HasField(message, field)) CollectNumbers(r.GetMessage(message, field), path.subspan(1), numbers);
    return;
  }
  for (int i = 0; i < r.FieldSize(message, field); ++i)
    CollectNumbers(r.GetRepeatedMessage(message, field, i), path.subspan(1), numbers);
}

std::string ValuesOf(const v1::RuleDefinition& rule, const std::string& field) {
  std::set<double> numbers;
  const std::vector<std::string> path = absl::StrSplit(field, '.');
  CollectNumbers(rule, path, numbers);
  if (numbers.empty()) return "the usual number";
  return absl::StrJoin(numbers, ", ",
                       [](std::string* out, double number) { absl::StrAppend(out, Number(number)); });
}

std::string SeverityWords(v1::Severity severity) {
  switch (severity) {
    case v1::SEVERITY_ADVISORY:
      return "advisory: good practice, shown and not counted against anybody";
    case v1::SEVERITY_BLOCK:
      return "blocks: what would break it is refused";
    default:
      return "required";
  }
}

class Sayer {
 public:
  Sayer(const policy::LoadedPolicy& policy, int rule)
      : policy_(policy),
        rule_(policy.definition.rules(rule)),
        subject_{policy.policy.rules[static_cast<size_t>(rule)].subject, nullptr} {}

  RuleWords Run() {
    words_.id = rule_.id();
    words_.title = rule_.title();
    words_.clause = ClauseWords(rule_.clause());
    words_.paraphrase = rule_.clause().paraphrase();
    words_.about = KindWords(subject_.kind);
    if (rule_.has_when()) words_.when = Say(rule_.when(), subject_);
    SayKind();
    for (const v1::LocalParameter& parameter : rule_.local_parameters())
      words_.parameters.push_back(
          {parameter.field(), ValuesOf(rule_, parameter.field()), parameter.reason()});
    words_.severity = SeverityWords(rule_.severity());
    if (rule_.has_notice_days()) words_.notice = Days(rule_.notice_days());
    return std::move(words_);
  }

 private:
  static std::string Days(int days) { return absl::StrCat(days, days == 1 ? " day" : " days"); }
  static std::string WorkingDays(int days) {
    return absl::StrCat(days, days == 1 ? " working day" : " working days");
  }

  std::string ClauseWords(const v1::PolicyClause& clause) const {
    for (const v1::PolicyDocument& document : policy_.definition.documents()) {
      if (document.id() == clause.document()) return absl::StrCat(document.title(), ", ", clause.section());
    }
    return clause.section();
  }
  // A clause of a row, with what it says.
  std::string RowClause(bool given, const v1::PolicyClause& clause) const {
    return given ? absl::StrCat(ClauseWords(clause), ": ", clause.paraphrase()) : "";
  }
  template <typename Row>
  RowWords& AddRow(const Row& row) {
    RowWords& said = words_.rows.emplace_back();
    said.id = row.id();
    said.title = row.title();
    said.clause = RowClause(row.has_clause(), row.clause());
    return said;
  }
  void Term(std::string text) { words_.terms.push_back(std::move(text)); }

  // What may happen to keep it: of a recurring obligation or a calendar month.
  template <typename Obligation>
  Phrase Event(const Obligation& obligation) const {
    if (obligation.has_supervision_session()) return Say(obligation.supervision_session());
    if (obligation.has_case_discussion()) return Say(obligation.case_discussion());
    return Say(obligation.record(), subject_);
  }

  void SayKind() {
    switch (rule_.kind_case()) {
      case v1::RuleDefinition::kRecurring:
        return SayRecurring(rule_.recurring());
      case v1::RuleDefinition::kCalendarMonth:
        return SayMonth(rule_.calendar_month());
      case v1::RuleDefinition::kDeadline:
        return SayDeadline(rule_.deadline());
      case v1::RuleDefinition::kFollowUp:
        return SayFollowUp(rule_.follow_up());
      case v1::RuleDefinition::kCoverage:
        return SayCoverage(rule_.coverage());
      case v1::RuleDefinition::kStanding:
        return SayStanding(rule_.standing());
      case v1::RuleDefinition::kSequence:
        return SaySequence(rule_.sequence());
      case v1::RuleDefinition::kMinimum:
        return SayMinimum(rule_.minimum());
      case v1::RuleDefinition::KIND_NOT_SET:
        return;
    }
  }

  void SayRecurring(const v1::RecurringObligation& recurring) {
    words_.asks = {{"again and again, at least as often as the shortest of the rows below that hold:",
                    {Event(recurring)}}};
    for (const v1::RowDefinition& row : recurring.rows()) {
      RowWords& said = AddRow(row);
      if (row.has_every_of()) {
        said.asks.push_back({"as often as was agreed, where:", {Say(row.every_of().record(), subject_)}});
        const std::string or_months =
            row.every_of().months().empty() ? "" : absl::StrCat("`", row.every_of().months(), "` (months)");
        const std::string days =
            row.every_of().days().empty() ? "" : absl::StrCat("`", row.every_of().days(), "` (days)");
        said.asks.push_back(
            absl::StrCat("its ", days, days.empty() || or_months.empty() ? "" : " or ", or_months,
                         " say how often, the shortest counts; where none says so the row does not hold"));
      } else if (row.unknown_input().empty()) {
        said.asks.push_back(Every(row.every()));
      } else {
        said.asks.push_back(absl::StrCat("cannot be judged where no other row holds: ", row.unknown_input()));
      }
      if (!row.in_place_of().empty())
        said.asks.push_back(absl::StrCat("in place of `", row.in_place_of(), "`"));
      if (row.restarts_with_next_placement())
        said.asks.push_back("a student's next placement starts it anew");
      if (row.has_when()) said.when = Say(row.when(), subject_);
    }
    if (recurring.has_bridge_working_days())
      Term(absl::StrCat("interruptions of up to ", WorkingDays(recurring.bridge_working_days()),
                        " do not start it anew"));
    if (recurring.has_long_absence_working_days())
      Term(absl::StrCat("an absence of ", WorkingDays(recurring.long_absence_working_days()),
                        " or more is a long one"));
    if (recurring.has_return_working_days())
      Term(absl::StrCat("a date in a long absence moves to day ", recurring.return_working_days(),
                        " of the working days after it"));
    if (recurring.has_clock_pause_days())
      Term(absl::StrCat("stages pause during absences of more than ", Days(recurring.clock_pause_days())));
  }

  void SayMonth(const v1::CalendarMonthObligation& month) {
    words_.asks = {{"in every calendar month:", {Event(month)}}};
    const FactKind kind = month.has_supervision_session() ? FactKind::kSession
                          : month.has_case_discussion()   ? FactKind::kDiscussion
                                                          : KindNamed(month.record().of());
    const Around event{kind, &subject_};
    for (const v1::MonthLine& line : month.rows()) {
      RowWords& said = AddRow(line);
      if (line.has_event()) said.asks.push_back({"it must also be one of which:", Say(line.event(), event)});
      if (line.has_when()) said.when = Say(line.when(), subject_);
    }
    if (month.has_available_working_days())
      Term(absl::StrCat("a month counts in which it applies on at least ",
                        WorkingDays(month.available_working_days())));
  }

  void SayDeadline(const v1::DeadlineObligation& deadline) {
    words_.asks = {"in time after each day that starts it; what is owed then stays owed"};
    if (deadline.final()) Term("what was not done in time cannot be put right");
    for (const v1::DeadlineStep& step : deadline.steps()) SayStep(step);
  }

  void SayStep(const v1::DeadlineStep& step) {
    RowWords& said = AddRow(step);
    Around at = subject_;
    const Around record{KindNamed(step.each().of()), &subject_};
    switch (step.trigger_case()) {
      case v1::DeadlineStep::kOn:
        said.asks.push_back(absl::StrCat("starts on: ", PathWords(step.on(), subject_)));
        break;
      case v1::DeadlineStep::kStartOf:
        said.asks.push_back({"starts on the first day on which:", Say(step.start_of(), subject_)});
        break;
      case v1::DeadlineStep::kEach:
        said.asks.push_back({"starts with each:", {Say(step.each(), subject_)}});
        at = record;
        break;
      case v1::DeadlineStep::TRIGGER_NOT_SET:
        break;
    }
    const auto time = [&](absl::string_view what, const std::string& path) {
      if (!path.empty()) said.asks.push_back(absl::StrCat(what, PathWords(path, at)));
    };
    time("by the time of day of: ", step.trigger_time());
    const std::string plus = step.has_plus() ? absl::StrCat(", and ", Length(step.plus())) : "";
    switch (step.limit_case()) {
      case v1::DeadlineStep::kWithin:
        said.asks.push_back(absl::StrCat("within ", Length(step.within()), plus));
        break;
      case v1::DeadlineStep::kBefore:
        said.asks.push_back(absl::StrCat("before: ", PathWords(step.before(), at), plus));
        break;
      case v1::DeadlineStep::kBy:
        said.asks.push_back(absl::StrCat("by: ", PathWords(step.by(), at), plus));
        break;
      case v1::DeadlineStep::kHalfwayTo:
        said.asks.push_back(absl::StrCat("by halfway to: ", PathWords(step.halfway_to(), at), plus));
        break;
      case v1::DeadlineStep::LIMIT_NOT_SET:
        break;
    }
    time("with the time of day of: ", step.before_time());
    for (const v1::StricterLimit& stricter : step.stricter())
      said.asks.push_back(
          {absl::StrCat("within ", Length(stricter.within()), " where:"), Say(stricter.when(), at)});
    time("done on: ", step.done_on());
    time("done at the time of day of: ", step.done_time());
    if (step.has_done()) said.asks.push_back({"done when:", Say(step.done(), at)});
    if (step.has_when()) said.when = Say(step.when(), at);
  }

  void SayFollowUp(const v1::FollowUpObligation& follow_up) {
    std::vector<Phrase> parts;
    parts.push_back(absl::StrCat("after: ", PathWords(follow_up.after(), subject_)));
    parts.push_back(
        follow_up.worker().empty()
            ? absl::StrCat("sessions of whoever holds: ", PathWords(follow_up.holder_of_case(), subject_))
            : absl::StrCat("sessions of: ", PathWords(follow_up.worker(), subject_)));
    parts.push_back(Say(follow_up.sessions()));
    const Around session{FactKind::kSession, &subject_};
    if (follow_up.has_followed_up())
      parts.push_back({"the session takes it up when:", Say(follow_up.followed_up(), session)});
    if (!follow_up.until().empty())
      parts.push_back(
          absl::StrCat("until: ", PathWords(follow_up.until(), subject_), "; the first session always"));
    words_.asks = {
        {follow_up.until().empty() ? "at the next session:" : "at the next session and each after it:",
         std::move(parts)}};
  }

  void SayCoverage(const v1::CoverageObligation& coverage) {
    std::vector<Phrase> parts = {Say(coverage.sessions())};
    if (coverage.has_cases_of()) {
      Phrase cases("of the open cases that these name:");
      // Each chain begins where the last one ended.
      std::vector<Around> chain = {subject_};
      chain.reserve(static_cast<size_t>(coverage.cases_of().record_size()) + 1);
      for (const v1::RecordCondition& records : coverage.cases_of().record()) {
        cases.parts.push_back(Say(records, chain.back()));
        chain.push_back({KindNamed(records.of()), &chain.back()});
      }
      cases.parts.push_back(absl::StrCat("the case: ", PathWords(coverage.cases_of().case_(), chain.back())));
      parts.push_back(std::move(cases));
    } else {
      parts.push_back("of the open cases that the worker holds that day");
    }
    if (coverage.same_month()) parts.push_back("another such session of the same month may make up for it");
    words_.asks = {{"all cases are discussed in each session:", std::move(parts)}};
  }

  void SayStanding(const v1::StandingObligation& standing) {
    const std::string when = standing.on().empty()
                                 ? "on every day:"
                                 : absl::StrCat("on one day, ", PathWords(standing.on(), subject_), ":");
    words_.asks = {{when, Say(standing.must(), subject_)}};
    if (standing.can_be_mended()) Term("what is missing may still be supplied");
    if (standing.has_grace()) Term(absl::StrCat("it may fail to hold for ", Length(standing.grace())));
  }

  void SaySequence(const v1::SequenceObligation& sequence) {
    words_.asks = {{"of each in turn:", {Say(sequence.each(), subject_)}}};
    const Around record{KindNamed(sequence.each().of()), &subject_};
    for (const v1::SequenceStep& step : sequence.steps()) {
      RowWords& said = AddRow(step);
      said.asks.push_back({step.every() == 0 ? absl::StrCat("number ", step.first(), " must be one of which:")
                                             : absl::StrCat("number ", step.first(), " and each ",
                                                            step.every(), " after it must be one of which:"),
                           Say(step.must(), record)});
    }
  }

  void SayMinimum(const v1::MinimumObligation& minimum) {
    std::string when;
    switch (minimum.judged_case()) {
      case v1::MinimumObligation::kOn:
        when = absl::StrCat("on one day, ", PathWords(minimum.on(), subject_), ":");
        break;
      case v1::MinimumObligation::kEveryDay:
        when = "on every day:";
        break;
      case v1::MinimumObligation::kBy:
        when = absl::StrCat("by: ", PathWords(minimum.by(), subject_), ":");
        break;
      case v1::MinimumObligation::kEachMonth:
        when = "in every calendar month:";
        break;
      case v1::MinimumObligation::JUDGED_NOT_SET:
        break;
    }
    words_.asks = {{when, {Say(minimum.measure(), subject_)}}};
  }

  const policy::LoadedPolicy& policy_;
  const v1::RuleDefinition& rule_;
  const Around subject_;
  RuleWords words_;
};

}  // namespace

RuleWords Say(const policy::LoadedPolicy& policy, int rule) { return Sayer(policy, rule).Run(); }

}  // namespace oversight::policy_words

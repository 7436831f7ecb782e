#include "services/compliance/policy/check.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/time/civil_day.h"
#include "services/compliance/policy/bind.h"
#include "services/compliance/policy/check_condition.h"
#include "services/compliance/policy/place.h"

namespace oversight::policy {
namespace {

using compliance::v1::FieldCondition;
using compliance::v1::Interval;
using compliance::v1::IntervalOfRecords;
using compliance::v1::LocalParameter;
using compliance::v1::PolicyClause;
using compliance::v1::PolicyDefinition;
using compliance::v1::RecurringObligation;
using compliance::v1::RowDefinition;
using compliance::v1::RuleDefinition;
using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;

constexpr int kMaxRows = 64;
constexpr int kMaxDays = 3660;
constexpr int kMaxMonths = 120;
constexpr int kMaxParameter = 3660;

bool IsId(absl::string_view text) {
  if (text.empty() || text.size() > 63 || !absl::ascii_islower(text.front()) || text.back() == '-')
    return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-'; });
}

constexpr absl::string_view kIdForm =
    "lower-case letters, digits and hyphens, beginning with a letter, at most 63";

class Checker {
 public:
  Checker(const PolicyDefinition& definition, const Placed<PolicyDefinition>::Tree& places)
      : policy_(definition, &places, 1, 1) {}

  std::vector<Fault> Check() {
    CheckHead();
    if (policy_->rules().empty()) Add(policy_.Here("no `rules`: expected at least one"));
    std::map<std::string, int> seen;
    for (int i = 0; i < policy_->rules_size(); ++i) {
      const auto rule = policy_.Into("rules", policy_->rules(i), i);
      const auto [first, is_new] = seen.emplace(rule->id(), i);
      if (!is_new && !rule->id().empty()) {
        Add(rule.At("id",
                    absl::StrCat("rule id `", rule->id(), "` is taken by the rule on line ",
                                 LineOf(policy_.Into("rules", policy_->rules(first->second), first->second)),
                                 ": expected an id of its own")));
      }
      CheckRule(rule);
    }
    std::stable_sort(faults_.begin(), faults_.end(), [](const Fault& a, const Fault& b) {
      return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    });
    return std::move(faults_);
  }

 private:
  void Add(Fault fault) { faults_.push_back(std::move(fault)); }

  template <typename Message>
  static int LineOf(const Placed<Message>& message) {
    return message.Here("").line;
  }

  template <typename Message>
  void NotEmpty(const Placed<Message>& message, absl::string_view field, const std::string& value,
                absl::string_view what) {
    if (!value.empty()) return;
    Add(message.At(field, absl::StrCat("no `", field, "`: expected ", what)));
  }

  void CheckHead() {
    if (!IsId(policy_->id())) {
      Add(policy_.At("id", absl::StrCat("policy id `", policy_->id(), "`: expected ", kIdForm)));
    }
    if (policy_->version() < 1) {
      Add(policy_.At("version", absl::StrCat("version ", policy_->version(), ": expected 1 or more")));
    }
    NotEmpty(policy_, "title", policy_->title(), "the policy's title");
    NotEmpty(policy_, "authority", policy_->authority(), "the authority whose policy it is");
    if (policy_->documents().empty()) Add(policy_.Here("no `documents`: expected those that the rules cite"));
    for (int i = 0; i < policy_->documents_size(); ++i) {
      const auto document = policy_.Into("documents", policy_->documents(i), i);
      NotEmpty(document, "id", document->id(), "a short id by which clauses cite it");
      NotEmpty(document, "title", document->title(), "the document's title");
      if (std::find(documents_.begin(), documents_.end(), document->id()) != documents_.end()) {
        Add(document.At(
            "id", absl::StrCat("document id `", document->id(), "` is taken: expected one of its own")));
      }
      documents_.push_back(document->id());
    }
    CheckEffectiveFrom();
  }

  void CheckEffectiveFrom() {
    if (!policy_->has_effective_from()) {
      Add(policy_.Here("no `effective_from`: expected the policy's first day, as { year: month: day: }"));
      return;
    }
    const auto& date = policy_->effective_from();
    if (!CivilDay::FromParts(date.year(), date.month(), date.day()).ok()) {
      Add(policy_.At("effective_from",
                     absl::StrCat("there is no day ", date.year(), "-", date.month(), "-", date.day(),
                                  ": expected a day of the calendar, from 1900 on")));
    }
  }

  void CheckClause(const Placed<PolicyClause>& clause) {
    if (std::find(documents_.begin(), documents_.end(), clause->document()) == documents_.end()) {
      Add(clause.At("document",
                    absl::StrCat("document `", clause->document(), "` is not among `documents`: expected ",
                                 absl::StrJoin(documents_, ", "))));
    }
    NotEmpty(clause, "section", clause->section(), "where in the document it stands");
    NotEmpty(clause, "paraphrase", clause->paraphrase(), "what it asks, in a sentence");
  }

  void CheckRule(const Placed<RuleDefinition>& rule) {
    const std::string prefix = absl::StrCat(policy_->id(), ".");
    if (!absl::StartsWith(rule->id(), prefix) || !IsId(rule->id().substr(prefix.size()))) {
      Add(rule.At("id",
                  absl::StrCat("rule id `", rule->id(), "`: expected `", prefix, "` followed by ", kIdForm)));
    }
    NotEmpty(rule, "title", rule->title(), "a title for those who read its findings");
    if (rule->has_clause()) {
      CheckClause(rule.Into("clause", rule->clause()));
    } else {
      Add(rule.Here("no `clause`: expected the clause from which the rule comes"));
    }
    if (rule->severity() == compliance::v1::SEVERITY_UNSPECIFIED) {
      Add(rule.At("severity",
                  "no `severity`: expected SEVERITY_ADVISORY, SEVERITY_REQUIRED or SEVERITY_BLOCK"));
    }
    if (rule->notice_days() < 0 || rule->notice_days() > kMaxParameter) {
      Add(rule.At("notice_days", absl::StrCat("notice_days ", rule->notice_days(), ": expected 0 or more")));
    }
    for (int i = 0; i < rule->local_parameters_size(); ++i) {
      CheckLocalParameter(rule.Into("local_parameters", rule->local_parameters(i), i));
    }
    engine::Rule bound;
    BindRule(rule, bound, faults_);
    switch (rule->kind_case()) {
      case RuleDefinition::kRecurring:
        return CheckRecurring(rule.Into("recurring", rule->recurring()));
      case RuleDefinition::kCalendarMonth: {
        const auto month = rule.Into("calendar_month", rule->calendar_month());
        return CheckLines(month, "rows", month->rows());
      }
      case RuleDefinition::kDeadline: {
        const auto deadline = rule.Into("deadline", rule->deadline());
        return CheckLines(deadline, "steps", deadline->steps());
      }
      case RuleDefinition::kSequence: {
        const auto sequence = rule.Into("sequence", rule->sequence());
        return CheckLines(sequence, "steps", sequence->steps());
      }
      case RuleDefinition::KIND_NOT_SET:
        return Add(
            rule.Here("the rule has no kind: expected one of recurring, calendar_month, deadline, follow_up, "
                      "coverage, standing, sequence, minimum"));
      default:
        return;
    }
  }

  // The lines or steps of a rule by which readers see what was asked.
  template <typename Obligation, typename Lines>
  void CheckLines(const Placed<Obligation>& obligation, absl::string_view field, const Lines& lines) {
    std::map<std::string, int> by_id;
    for (int i = 0; i < lines.size(); ++i) {
      const auto line = obligation.Into(field, lines[i], i);
      if (!IsId(line->id())) Add(line.At("id", absl::StrCat("id `", line->id(), "`: expected ", kIdForm)));
      NotEmpty(line, "title", line->title(), "a title for those who read its findings");
      if (!by_id.emplace(line->id(), i).second) {
        Add(line.At("id",
                    absl::StrCat("id `", line->id(), "` is taken in this rule: expected one of its own")));
      }
      if (line->has_clause()) CheckClause(line.Into("clause", line->clause()));
    }
  }

  void CheckLocalParameter(const Placed<LocalParameter>& parameter) {
    const Descriptor* message = RuleDefinition::descriptor();
    const FieldDescriptor* field = nullptr;
    for (const absl::string_view name : absl::StrSplit(parameter->field(), '.')) {
      field = message == nullptr ? nullptr : message->FindFieldByName(std::string(name));
      message = field == nullptr ? nullptr : field->message_type();
    }
    if (field == nullptr || message != nullptr) {
      Add(parameter.At("field", absl::StrCat("a rule has no number `", parameter->field(),
                                             "`: expected a path such as `recurring.bridge_working_days`")));
    }
    NotEmpty(parameter, "reason", parameter->reason(), "why this number was chosen");
  }

  void CheckParameter(const Placed<RecurringObligation>& recurring, absl::string_view field, int value,
                      int least) {
    if (value >= least && value <= kMaxParameter) return;
    Add(recurring.At(field, absl::StrCat(field, " ", value, ": expected ", least, " to ", kMaxParameter)));
  }

  void CheckRecurring(const Placed<RecurringObligation>& recurring) {
    CheckEvent(recurring);
    const RecurringObligation& r = *recurring;
    if (r.has_bridge_working_days())
      CheckParameter(recurring, "bridge_working_days", r.bridge_working_days(), 0);
    if (r.has_long_absence_working_days()) {
      CheckParameter(recurring, "long_absence_working_days", r.long_absence_working_days(), 1);
    }
    if (r.has_return_working_days())
      CheckParameter(recurring, "return_working_days", r.return_working_days(), 1);
    if (r.has_clock_pause_days()) CheckParameter(recurring, "clock_pause_days", r.clock_pause_days(), 0);
    if (r.rows().empty()) Add(recurring.Here("no `rows`: expected at least one"));
    if (r.rows_size() > kMaxRows) {
      Add(recurring.At("rows", absl::StrCat(r.rows_size(), " rows: expected at most ", kMaxRows), kMaxRows));
    }
    std::map<std::string, int> by_id;
    std::optional<int> agreed;
    for (int i = 0; i < r.rows_size(); ++i) {
      const auto row = recurring.Into("rows", r.rows(i), i);
      const auto [first, is_new] = by_id.emplace(row->id(), i);
      if (!is_new && !row->id().empty()) {
        Add(row.At("id", absl::StrCat("row id `", row->id(), "` is taken by the row on line ",
                                      LineOf(recurring.Into("rows", r.rows(first->second), first->second)),
                                      ": expected an id of its own")));
      }
      CheckRow(row);
      if (row->has_every_of() && agreed.has_value()) {
        Add(row.At("every_of", absl::StrCat("row `", r.rows(*agreed).id(),
                                            "` has `every_of` too: expected it in one "
                                            "row of a rule only")));
      }
      if (row->has_every_of()) agreed = i;
    }
    CheckReplacements(recurring, by_id);
  }

  template <typename Message>
  void CheckKinds(const Placed<Message>& event, absl::string_view field, const auto& kinds) {
    if (kinds.empty())
      Add(event.Here(absl::StrCat("no `", field, "`: expected the kinds of session that count")));
    for (int i = 0; i < kinds.size(); ++i) {
      if (kinds[i] == 0) Add(event.At(field, absl::StrCat("`", field, "` cannot be unspecified"), i));
    }
  }

  void CheckEvent(const Placed<RecurringObligation>& recurring) {
    if (recurring->has_supervision_session()) {
      const auto session = recurring.Into("supervision_session", recurring->supervision_session());
      CheckKinds(session, "kind", session->kind());
      for (int i = 0; i < session->led_by_size(); ++i) {
        if (session->led_by(i) == 0) Add(session.At("led_by", "`led_by` cannot be unspecified", i));
      }
    } else if (recurring->has_case_discussion()) {
      const auto discussion = recurring.Into("case_discussion", recurring->case_discussion());
      CheckKinds(discussion, "session_kind", discussion->session_kind());
    } else if (!recurring->has_record()) {
      Add(recurring.Here(
          "it is not said what must happen: expected `supervision_session`, `case_discussion` or `record`"));
    }
  }

  void CheckRow(const Placed<RowDefinition>& row) {
    if (!IsId(row->id())) Add(row.At("id", absl::StrCat("row id `", row->id(), "`: expected ", kIdForm)));
    NotEmpty(row, "title", row->title(), "a title for those who read its findings");
    if (row->has_clause()) CheckClause(row.Into("clause", row->clause()));
    if (!row->unknown_input().empty()) {
      if (row->has_every()) {
        Add(row.At("every", "a row with `unknown_input` has no interval: expected one of the two"));
      }
      if (!row->in_place_of().empty()) {
        Add(row.At("in_place_of",
                   "a row with `unknown_input` holds only where no other does: remove `in_place_of`"));
      }
      if (row->has_every_of()) {
        Add(row.At("every_of", "a row with `unknown_input` has no interval: expected one of the two"));
      }
    } else if (row->has_every_of()) {
      if (row->has_every()) Add(row.At("every_of", "both `every` and `every_of`: expected one of the two"));
      CheckIntervalOfRecords(row.Into("every_of", row->every_of()));
    } else if (row->has_every()) {
      CheckInterval(row.Into("every", row->every()));
    } else {
      Add(row.Here("no `every`: expected an interval such as every { months: 1 }"));
    }
    if (row->restarts_with_next_placement() && !SpeaksOfStudentPlacement(row->when())) {
      Add(row.At("restarts_with_next_placement",
                 "the row is not about student placements: expected `student_placement` in its `when`"));
    }
  }

  void CheckIntervalOfRecords(const Placed<IntervalOfRecords>& every) {
    if (!every->has_record())
      Add(every.Here("no `record`: expected the records in which the interval stands"));
    if (every->record().at_least() != 0) {
      Add(every.At("record", "each record counts by itself: remove `at_least`"));
    }
    // A record of which it is open whether it counts would hide how often something is owed.
    const auto record = every.Into("record", every->record());
    const auto where = record.Into("where", record->where());
    compliance::v1::Condition other = record->where();
    other.clear_field();
    if (other.ByteSizeLong() != 0) Add(where.Here("it may hold tests of fields only: expected `field`"));
    for (int i = 0; i < where->field_size(); ++i) {
      const FieldCondition& field = where->field(i);
      if (!field.unset_fails() && !field.has_set() && !field.has_text() && !field.has_reached())
        Add(where.At("field", "it must not be open whether a record counts: expected `unset_fails: true`",
                     i));
    }
    if (every->days().empty() && every->months().empty()) {
      Add(every.Here("neither `days` nor `months`: expected the field of the record with the interval"));
    }
  }

  void CheckInterval(const Placed<Interval>& every) {
    if (every->days() != 0 && every->months() != 0) {
      Add(every.Here("both days and months: expected one of the two"));
    } else if (every->days() == 0 && every->months() == 0) {
      Add(every.Here("an interval of nothing: expected { days: n } or { months: n }, n being 1 or more"));
    } else if (every->days() < 0 || every->days() > kMaxDays) {
      Add(every.At("days", absl::StrCat("every ", every->days(), " days: expected 1 to ", kMaxDays)));
    } else if (every->months() < 0 || every->months() > kMaxMonths) {
      Add(every.At("months", absl::StrCat("every ", every->months(), " months: expected 1 to ", kMaxMonths)));
    }
  }

  // `in_place_of` names another row that has an interval, and following it never comes round again.
  void CheckReplacements(const Placed<RecurringObligation>& recurring,
                         const std::map<std::string, int>& by_id) {
    const auto target = [&](int row) -> std::optional<int> {
      const auto found = by_id.find(recurring->rows(row).in_place_of());
      if (recurring->rows(row).in_place_of().empty() || found == by_id.end()) return std::nullopt;
      return found->second;
    };
    for (int i = 0; i < recurring->rows_size(); ++i) {
      const auto row = recurring.Into("rows", recurring->rows(i), i);
      if (row->in_place_of().empty()) continue;
      const std::optional<int> replaced = target(i);
      if (!replaced) {
        std::vector<std::string> ids;
        for (const auto& [id, index] : by_id) ids.push_back(id);
        const absl::string_view closest = Closest(row->in_place_of(), ids);
        Add(row.At("in_place_of",
                   absl::StrCat("there is no row `", row->in_place_of(), "` in this rule: ",
                                closest.empty() ? "" : absl::StrCat("did you mean `", closest, "`? "),
                                "expected one of: ", absl::StrJoin(ids, ", "))));
        continue;
      }
      if (!recurring->rows(*replaced).unknown_input().empty()) {
        Add(row.At("in_place_of", "it names a row of last resort, which gives way anyway: remove it"));
      }
      std::optional<int> next = replaced;
      for (int steps = 0; next && *next != i && steps < recurring->rows_size(); ++steps) next = target(*next);
      if (next && *next == i) {
        Add(row.At("in_place_of", absl::StrCat("row `", row->id(), "` stands in its own place by way of `",
                                               row->in_place_of(), "`: expected no circle")));
      }
    }
  }

  const Placed<PolicyDefinition> policy_;
  std::vector<std::string> documents_;
  std::vector<Fault> faults_;
};

}  // namespace

std::vector<Fault> Check(const PolicyDefinition& definition,
                         const google::protobuf::TextFormat::ParseInfoTree& places) {
  return Checker(definition, places).Check();
}

}  // namespace oversight::policy

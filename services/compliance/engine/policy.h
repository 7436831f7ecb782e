#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/time/civil_day.h"
#include "services/compliance/engine/schema.h"
#include "services/compliance/engine/vocabulary.h"

// A policy as the engine evaluates it. Made from policy text by services/compliance/policy, which has checked
// what the engine takes for granted: ids are unique, intervals positive, in_place_of free of cycles, at most
// 64 rows a rule.
namespace oversight::engine {

// The longest time allowed from one event to the next: days, or calendar months.
struct Interval {
  enum class Unit : uint8_t { kDays, kMonths };
  int16_t count = 0;
  Unit unit = Unit::kDays;

  static constexpr Interval Days(int32_t n) { return {static_cast<int16_t>(n), Unit::kDays}; }
  static constexpr Interval Months(int32_t n) { return {static_cast<int16_t>(n), Unit::kMonths}; }
  friend constexpr bool operator==(const Interval&, const Interval&) = default;
};

// The last day in time of a gap that runs from `day`. Months are cut to the month's last day.
CivilDay AddInterval(CivilDay day, Interval interval);

// Half-open: from `from` up to, but not including, `to`.
struct Range {
  static constexpr int32_t kNoEnd = std::numeric_limits<int32_t>::max();
  int32_t from = 0;
  int32_t to = kNoEnd;
};

// In all masks below, 0 means any value. All fields of one of these must hold of the same post or placement.
struct PostCondition {
  Mask career_stages = 0;
  Mask team_areas = 0;
  Mask employment_bases = 0;
  std::optional<bool> case_holding;
};

struct StudentCondition {
  Mask routes = 0;
  Range weeks;  // long absences left out
};

struct PlacementCondition {
  Mask types = 0;
  Range months;  // since the child came to this carer or home
  std::optional<bool> permanence_implemented;
};

struct Condition;

// From a record over references to another one, and to a field of it.
struct Path {
  enum class Start : uint8_t {
    kHere,
    // The rule's subject.
    kSubject,
    // The record whose records are asked for, or that names this one.
    kOuter,
  };
  struct Hop {
    FactKind kind;    // of the record that has the reference
    uint16_t column;  // the reference
  };
  Start start = Start::kHere;
  std::vector<Hop> hops;
  // Where the path ends: a record of this kind, and its field unless the path names the record itself.
  FactKind kind = FactKind::kNone;
  uint16_t column = kNoColumn;
  ColumnType type = ColumnType::kReference;
  // The kind that the field names, where it is a reference, or that the path names itself.
  FactKind target = FactKind::kNone;

  bool Given() const { return kind != FactKind::kNone; }
};

struct FieldCondition {
  enum class Test : uint8_t {
    kSet,           // `flag`: something is given, or is not
    kIs,            // `flag`
    kOneOf,         // `mask`
    kAllOf,         // `mask`
    kAtLeast,       // `number`
    kAtMost,        // `number`
    kText,          // `mask`: the text's hash
    kReached,       // `interval` after the date has come; `flag`: or has not
    kReachesAhead,  // the date lies `interval` ahead
    kNotBefore,     // `other` and `interval` after it
    kNotAfter,
    kSameAs,  // `other`
  };
  Path field;
  Test test = Test::kSet;
  bool flag = true;
  uint64_t mask = 0;
  double number = 0;
  Interval interval;
  Path other;
  bool unset_fails = false;
  // Which of Rule::inputs is missing where it is not set.
  uint16_t input = 0;

  // Whether it may hold on one day and not on another.
  bool IsDated() const { return test == Test::kReached || test == Test::kReachesAhead; }
};

// At least `at_least` records hold on the day.
struct RecordCondition {
  FactKind of = FactKind::kNone;
  uint16_t via = kNoColumn;  // kNoColumn: all records of the kind
  Path from;                 // not given: the record at hand
  std::vector<Condition> where;
  // The days between which a record counts; kNoColumn: always.
  uint16_t since = kNoColumn;
  uint16_t until = kNoColumn;
  bool until_included = false;
  // Counts from the day of `on`, where given, and with `recent` (a count above 0) for so long.
  Path on;
  Interval recent;
  int at_least = 1;
  // What is missing where `from` leads nowhere.
  uint16_t input = 0;
};

struct ReferenceCondition {
  Path path;
  std::vector<Condition> is;
  bool unset_fails = false;
  uint16_t input = 0;
};

// A number made of records, compared with a bound.
struct Measure {
  Path own;
  std::optional<RecordCondition> records;
  Path field;  // of the record; not given: 1 each
  std::vector<Condition> share;
  enum class Bound : uint8_t { kAtLeast, kAtMost };
  Bound bound = Bound::kAtLeast;
  double number = 0;
  Path bound_field;  // given: the bound is `percent` of it
  double percent = 100;
  struct Where {
    std::vector<Condition> when;
    double percent;
  };
  std::vector<Where> percent_where;
  uint16_t input = 0;
};

// Holds on a day when all that is set holds on that day.
struct Condition {
  // About a worker.
  std::optional<PostCondition> post;
  std::optional<bool> on_asye;
  std::optional<Range> weeks_of_employment;  // long absences left out; with `on_asye`, its pauses too
  std::optional<StudentCondition> student_placement;
  // About a case.
  Mask case_statuses = 0;
  std::optional<PlacementCondition> placement;
  Mask keyworker_team_areas = 0;
  std::optional<bool> reduced_frequency_agreement;

  // About any record.
  std::vector<FieldCondition> fields;
  std::vector<RecordCondition> records;
  std::vector<ReferenceCondition> references;
  std::vector<Measure> measures;

  std::vector<Condition> any_of;   // at least one holds, unless empty
  std::vector<Condition> none_of;  // none holds
};

// Stand in place of a number of Rule::inputs: the day on which the worker's employment began, and nothing.
constexpr uint16_t kEmploymentStartInput = UINT16_MAX - 1;
constexpr uint16_t kNoInput = UINT16_MAX;

struct Clause {
  std::string document;  // its title
  std::string section;
  std::string paraphrase;
};

// An interval that stands in records: each that holds on a day asks for what its fields say, for nothing
// where neither is above 0. Of several the shortest counts.
struct IntervalOfRecords {
  RecordCondition records;
  Path days;  // a number of the record
  Path months;
};

struct Row {
  static constexpr int kNone = -1;
  std::string id;
  std::string title;
  Interval every;
  // In place of `every`, in at most one row of a rule: it holds only where some record asks for an interval.
  std::optional<IntervalOfRecords> every_of = std::nullopt;
  Condition when;
  // Index of the row that does not hold while this one does.
  int in_place_of = kNone;
  // Not empty on a row of last resort: it holds where no other row does, constrains nothing, and names what
  // is missing.
  std::string unknown_input;
  bool restarts_with_next_placement = false;
  std::optional<Clause> clause;  // where it differs from the rule's
  // Of a calendar month: what an event must satisfy beyond the rule's own words.
  std::vector<Condition> event;

  bool IsUnknown() const { return !unknown_input.empty(); }
};

enum class Severity : uint8_t { kAdvisory = 1, kRequired = 2, kBlock = 3 };

// What findings are about: a kind of record.
using SubjectKind = FactKind;

// Records each of which is an event on its day.
struct RecordEvent {
  FactKind of = FactKind::kNone;
  uint16_t via = kNoColumn;
  Path from;  // not given: the subject
  std::vector<Condition> where;
  Path on;
  // One clock for each value of this set; kNoColumn: one clock.
  uint16_t each_value_of = kNoColumn;
  std::vector<int> values;
};

// A length of time from a trigger.
struct TimeAllowed {
  enum class Unit : uint8_t { kHours, kDays, kWorkingDays, kMonths };
  int32_t count = 0;
  Unit unit = Unit::kDays;
};

// "At least every ...": everything it needs stands in the rule itself.
struct Recurring {};

struct CalendarMonth {
  // The field of a post with the days of its week; kNoColumn or not set: Monday to Friday.
  uint16_t working_pattern = kNoColumn;
  int available_working_days = 5;
};

struct DeadlineStep {
  // The trigger is one of three: a date of the subject, the beginning of days on which a condition holds, a
  // record.
  Path on;
  std::vector<Condition> start_of;
  std::optional<RecordEvent> each;
  Path trigger_time;

  enum class Limit : uint8_t { kWithin, kBefore, kBy, kHalfwayTo };
  Limit limit = Limit::kWithin;
  TimeAllowed time;  // within, or added to the date of `until`
  Path until;
  Path until_time;
  struct Stricter {
    std::vector<Condition> when;
    TimeAllowed time;
  };
  std::vector<Stricter> stricter;

  Path done_on;
  Path done_time;
  std::vector<Condition> done;
  std::vector<Condition> when;
  // What is missing where a time of day is: of that from which the limit is counted, and of the deed.
  uint16_t limit_input = kNoInput;
  uint16_t done_input = kNoInput;
};

// Rule::rows name the steps.
struct Deadline {
  std::vector<DeadlineStep> steps;
  bool final = false;
};

struct FollowUp {
  Path after;
  // Whose sessions: a worker, or with `holder_of_case` whoever holds the case.
  Path whose;
  bool holder_of_case = false;
  // The fields of a session and of an allocation that name their worker.
  uint16_t supervisee = kNoColumn;
  uint16_t allocated_worker = kNoColumn;
  std::vector<Condition> followed_up;
  Path until;
};

struct Coverage {
  // The field by which a part of a session names the one that it goes on with; kNoColumn: none.
  uint16_t continues = kNoColumn;
  // Records of the worker, records of these and so on; the last name the cases. None: the open cases that the
  // worker holds.
  std::vector<RecordCondition> records;
  Path case_of_record;
  bool same_month = false;
};

struct Standing {
  std::vector<Condition> must;
  Path on;  // not given: every day
  bool can_be_mended = false;
  TimeAllowed grace;
};

// Rule::rows name the steps.
struct Sequence {
  RecordEvent each;
  struct Step {
    int first = 1;
    int every = 0;
    std::vector<Condition> must;
  };
  std::vector<Step> steps;
};

struct Minimum {
  std::vector<Condition> measure;  // holds the one measure
  enum class Judged : uint8_t { kOn, kEveryDay, kBy, kEachMonth };
  Judged judged = Judged::kEveryDay;
  Path day;
  // What is missing where `day` is not set; kNoInput: it is the end of what still runs.
  uint16_t day_input = kNoInput;
};

// One promise that can be kept or broken.
struct Rule {
  std::string id;
  std::string title;
  Clause clause;
  Severity severity = Severity::kRequired;
  std::optional<int> notice_days;

  SubjectKind subject = SubjectKind::kWorker;
  // From the subject to the worker, case or team that answers for it, where it is none of these itself.
  Path answerable;
  // Where it applies; none: everywhere.
  std::vector<Condition> when;
  std::variant<Recurring, CalendarMonth, Deadline, FollowUp, Coverage, Standing, Sequence, Minimum>
      obligation;
  // A recurring obligation's table; elsewhere the lines or steps that findings name.
  std::vector<Row> rows;
  // The names of inputs that may be missing.
  std::vector<std::string> inputs;

  // What counts: sessions of these kinds, led in these functions (0: any), or discussions in them; or any
  // records.
  Mask session_kinds = 0;
  Mask led_by = 0;
  std::optional<RecordEvent> event;
  // The field of a session or discussion that names the worker or case whose event it is.
  uint16_t event_owner = kNoColumn;

  // Local parameters.
  int bridge_working_days = 5;
  int long_absence_working_days = 5;
  int return_working_days = 5;
  int clock_pause_days = 28;

  template <typename Kind>
  const Kind* As() const {
    return std::get_if<Kind>(&obligation);
  }
};

// A number that an authority settles otherwise than the policy's text: one of a rule's local parameters.
struct Override {
  std::string rule;   // `knowsley.record-signed`
  std::string field;  // as in LocalParameter, `deadline.steps.within.working_days`
  double value = 0;

  friend bool operator==(const Override&, const Override&) = default;
  friend auto operator<=>(const Override&, const Override&) = default;
};

struct Policy {
  std::string id;
  int version = 0;
  // SHA-256 of the content, in hexadecimal.
  std::string content_hash;
  std::string title;
  std::string authority;
  CivilDay effective_from;
  std::vector<Rule> rules;

  // Whose numbers already stand in the rules, in place of the text's.
  std::vector<Override> overrides = {};
  // The same policy with these numbers; those that do not fit are left out, and so are not among the
  // `overrides` of what is returned. Given by whoever read the text.
  std::function<Policy(const std::vector<Override>&)> settle = nullptr;

  // `3-0123456789ab`: the number and the beginning of the hash.
  std::string VersionText() const;
};

}  // namespace oversight::engine

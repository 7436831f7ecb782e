#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "common/time/civil_day.h"
#include "services/compliance/engine/vocabulary.h"

// A policy as the engine evaluates it. Made from policy text by services/compliance/policy, which has checked
// what the engine takes for granted: ids are unique, intervals positive, in_place_of free of cycles, at most
// 64 rows a rule.
namespace oversight::engine {

// The longest time allowed from one event to the next: days, or calendar months.
struct Interval {
  enum class Unit : uint8_t { kDays, kMonths };
  int32_t count = 0;
  Unit unit = Unit::kDays;

  static constexpr Interval Days(int32_t n) { return {n, Unit::kDays}; }
  static constexpr Interval Months(int32_t n) { return {n, Unit::kMonths}; }
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

// Holds on a day when all that is set holds on that day.
struct Condition {
  // About a worker.
  std::optional<PostCondition> post;
  std::optional<bool> on_asye;
  std::optional<Range> weeks_of_employment;  // long absences left out
  std::optional<StudentCondition> student_placement;
  // About a case.
  Mask case_statuses = 0;
  std::optional<PlacementCondition> placement;
  Mask keyworker_team_areas = 0;
  std::optional<bool> reduced_frequency_agreement;

  std::vector<Condition> any_of;   // at least one holds, unless empty
  std::vector<Condition> none_of;  // none holds
};

struct Clause {
  std::string document;  // its title
  std::string section;
  std::string paraphrase;
};

struct Row {
  static constexpr int kNone = -1;
  std::string id;
  std::string title;
  Interval every;
  Condition when;
  // Index of the row that does not hold while this one does.
  int in_place_of = kNone;
  // Not empty on a row of last resort: it holds where no other row does, constrains nothing, and names what
  // is missing.
  std::string unknown_input;
  bool restarts_with_next_placement = false;
  std::optional<Clause> clause;  // where it differs from the rule's

  bool IsUnknown() const { return !unknown_input.empty(); }
};

enum class Severity : uint8_t { kAdvisory = 1, kRequired = 2, kBlock = 3 };

enum class SubjectKind : uint8_t { kWorker, kCase };

// A recurring obligation.
struct Rule {
  std::string id;
  std::string title;
  Clause clause;
  Severity severity = Severity::kRequired;
  std::optional<int> notice_days;

  SubjectKind subject = SubjectKind::kWorker;
  // Which sessions count: kinds, and functions of the supervisor (0: any).
  Mask session_kinds = 0;
  Mask led_by = 0;
  std::vector<Row> rows;

  // Local parameters.
  int bridge_working_days = 5;
  int long_absence_working_days = 5;
  int return_working_days = 5;
  int clock_pause_days = 28;
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

  // `3-0123456789ab`: the number and the beginning of the hash.
  std::string VersionText() const;
};

}  // namespace oversight::engine

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/time/civil_day.h"
#include "common/time/period.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/engine/facts.h"
#include "services/compliance/engine/policy.h"

// How often one worker must have a session, ahead of time: so that sessions can be planned by which no gap is
// ever overdue (design section 5).
namespace oversight::engine {

struct FrequencyQuestion {
  uint32_t worker = 0;
  // Only rules for which sessions with this supervisor count.
  std::optional<uint32_t> supervisor;
  // Only rules for which sessions of this kind count; kUnspecified: of any.
  SessionKind kind = SessionKind::kUnspecified;
  // The days asked about.
  Period days;
  // Sessions up to this day have been held.
  CivilDay as_of;
};

// What a rule asks of the worker while it applies without a break.
struct RequiredFrequency {
  // Days on which one row governs.
  struct Interval {
    Period days;
    // The longest time between two sessions; of calendar months nothing.
    engine::Interval every;
    int16_t row = -1;
    // What is missing to know whether the row governs; it is kept to all the same, being the stricter one.
    Missing missing = Missing::kNothing;
    uint16_t input = 0;  // as of a Finding
  };
  // Due dates on these days are moved by an absence. Max(): until it is over, nothing is due.
  struct MovedDue {
    Period days;
    CivilDay to;
  };
  // The intervals are calendar months in each of which a session must still be held.
  bool calendar_months = false;
  Period days;
  // Of no calendar months.
  std::optional<CivilDay> last_session;
  std::vector<Interval> intervals;  // ascending
  // The days asked about on which a session counts.
  std::vector<Period> counted;  // ascending
  std::vector<MovedDue> moved;  // ascending; of no calendar months
};

// In order of their days. Empty for a rule that does not count sessions of a worker, or none such.
std::vector<RequiredFrequency> RequiredFrequencies(const Evaluator& evaluator, const AuthorityFacts& facts,
                                                   const FrequencyQuestion& question);

}  // namespace oversight::engine

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "services/compliance/engine/conditions.h"

namespace oversight::engine {

// The clock of a rule that has only one.
inline constexpr int8_t kOneClock = -1;

// What happened to one subject that its rule may count: sessions of a worker, discussions of a case, or
// records.
class Events {
 public:
  // `clock`: only records with this one of RecordEvent::values.
  Events(const Asking& asking, Subject subject, int8_t clock = kOneClock);

  // The kind of record that EventRef::id numbers.
  static FactKind KindOf(const Rule& rule);
  int8_t clock() const { return clock_; }
  // All of them, counting or not, ascending by day, then by name.
  const std::vector<EventRef>& all() const { return *events_; }
  bool Counts(EventRef event) const;
  // The last that counts, on a day from `from` to `to`, both included; of one day the first by name.
  std::optional<EventRef> Last(CivilDay from, CivilDay to) const;
  // The first, likewise.
  std::optional<EventRef> Next(CivilDay from, CivilDay to) const;
  // The day of the first event, counting or not, after a day. Max(): none.
  CivilDay DayAfter(CivilDay day) const;

 private:
  const Asking& asking_;
  const Subject subject_;
  const int8_t clock_;
  std::vector<EventRef> records_;
  const std::vector<EventRef>* events_;
};

// Whether a session is one of those the rule counts: held, of its kinds, with a supervisor in force in one of
// its functions, or the recorded cover.
bool SessionCounts(const Rule& rule, const AuthorityFacts& facts, const Session& session);

}  // namespace oversight::engine

#pragma once

#include <random>
#include <string>
#include <vector>

#include "common/time/civil_day.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/engine/policy.h"
#include "services/compliance/engine/world.h"

// Random histories for tests: plausible ones, with plenty of month ends, leap days, adjoining periods, short
// interruptions, corrections of all kinds and facts that do not count.
namespace oversight::engine::testing {

// The names that findings in generated worlds are about.
inline constexpr absl::string_view kWorkers[] = {"w0", "w1"};
inline constexpr absl::string_view kCases[] = {"c0", "c1"};

class Generator {
 public:
  explicit Generator(uint32_t seed);

  // Facts about kWorkers and kCases over some 18 months.
  World MakeWorld();
  // Frequencies agreed for one worker or case: several at once, one after the other, such as ask for nothing.
  // `rivals`: also such that it depends on the month whether they are shorter than a row.
  void AddAgreedIntervals(World& world, SubjectKind kind, absl::string_view subject, bool rivals);
  // One more fact of any kind, under a name that may be taken already.
  std::pair<std::string, AnyFact> AnyFactAtAll();
  Assignment MakeAssignment();
  // The same rows with other intervals, lengths in days and in months mixed; what stands in agreements stays.
  Rule VaryIntervals(Rule rule);

  CivilDay first_day() const { return first_; }
  // All facts begin and end before this day, unless they are open; whatever the rules make of them is settled
  // some 400 days later.
  CivilDay last_day() const { return first_ + kLength; }

  int Number(int least, int most);
  bool Chance(int percent) { return Number(1, 100) <= percent; }
  // A day between first_day() and last_day(), often the first or last of a month.
  CivilDay Day();

 private:
  static constexpr int kLength = 540;

  template <typename Enum>
  Enum Pick(std::initializer_list<Enum> values) {
    return values.begin()[Number(0, static_cast<int>(values.size()) - 1)];
  }
  absl::string_view Worker();
  absl::string_view Supervisor();
  absl::string_view Team();
  Period RandomPeriod();
  // Periods after each other: adjoining, or with a short or long gap.
  std::vector<Period> Sequence(int count);
  void Add(World& world, absl::string_view prefix, AnyFact fact);
  void AddWorker(World& world, absl::string_view worker);
  void AddCase(World& world, absl::string_view case_name);
  void AddSessions(World& world, absl::string_view worker);
  PostFact RandomPost(absl::string_view worker, Period period);
  PlacementFact RandomPlacement(absl::string_view case_name, Period period);
  AgreementFact RandomAgreement(absl::string_view case_name);
  AllocationFact RandomAllocation(absl::string_view case_name, Period period);
  SupervisorLinkFact RandomLink(absl::string_view worker, Period period);
  AbsenceFact RandomAbsence(absl::string_view worker);
  SessionFact RandomSession(absl::string_view worker, CivilDay day);

  std::mt19937 random_;
  CivilDay first_;
};

// The days on which something changes in the facts, those before and after, and `more` random ones;
// ascending.
std::vector<CivilDay> InterestingDays(const World& world, Generator& generator, int more);

}  // namespace oversight::engine::testing

#pragma once

#include <map>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>

#include "absl/strings/string_view.h"
#include "common/time/civil_day.h"
#include "services/compliance/engine/facts.h"

// Facts for tests: plain, by name, in no special order.
namespace oversight::engine::testing {

// A frequency agreed for one worker or case. Of days and months at most one is above 0; with neither it asks
// for nothing.
struct AgreedIntervalFact {
  SubjectKind kind = SubjectKind::kWorker;
  absl::string_view subject;
  int days = 0;
  int months = 0;
  Period period;
};

using AnyFact = std::variant<WorkerFact, PostFact, AsyeFact, StudentPlacementFact, SupervisorLinkFact,
                             AbsenceFact, TeamFact, CaseFact, StatusPeriodFact, PlacementFact, AgreementFact,
                             AllocationFact, SessionFact, DiscussionFact, AgreedIntervalFact>;

struct World {
  std::map<std::string, AnyFact> facts;
  CivilDay records_complete_from = CivilDay::Min();
};

// The same facts sorted by what they are.
class WorldByType {
 public:
  explicit WorldByType(const World& world) {
    for (const auto& [name, any] : world.facts) {
      std::visit(
          [&, &name = name](const auto& fact) { Of<std::decay_t<decltype(fact)>>().emplace(name, fact); },
          any);
    }
  }

  // Calls `visit(name, fact)` for each fact of one type, by name.
  template <typename Fact, typename Visit>
  void ForEach(Visit&& visit) const {
    for (const auto& [name, fact] : std::get<std::map<std::string, Fact>>(facts_)) visit(name, fact);
  }
  template <typename Fact>
  const Fact* Find(absl::string_view name) const {
    const auto& facts = std::get<std::map<std::string, Fact>>(facts_);
    const auto found = facts.find(std::string(name));
    return found == facts.end() ? nullptr : &found->second;
  }

 private:
  template <typename Fact>
  std::map<std::string, Fact>& Of() {
    return std::get<std::map<std::string, Fact>>(facts_);
  }
  template <typename>
  struct Maps;
  template <typename... Fact>
  struct Maps<std::variant<Fact...>> {
    using Type = std::tuple<std::map<std::string, Fact>...>;
  };
  Maps<AnyFact>::Type facts_;
};

// A copy of the text that lives as long as the process, for the names in facts.
absl::string_view Keep(absl::string_view text);

DirtySet Upsert(AuthorityFacts& into, const std::string& name, const AnyFact& fact);
DirtySet Remove(AuthorityFacts& from, const std::string& name, const AnyFact& fact);
// Adds all facts, by name.
void Fill(AuthorityFacts& into, const World& world);

// Reads facts written for people, one a line; `#` begins a comment. Periods are `2025-01-06..2025-03-01`, the
// end being the first day on which they no longer hold, or open as in `2025-01-06..`; an absence names its
// first and last day.
//
//   records complete from 2025-01-01
//   worker anna employed 2025-01-06            (or: worker anna)
//   post anna newly-qualified 2025-01-06..     (a career stage; then, if wanted, `team red`)
//   asye anna 2025-01-06..2026-01-06
//   placement-of-student sam university 2025-01-06..2025-04-01
//   supervisor anna mona 2025-01-06..          (line manager; or `professional`, `practice-educator`, `cover`
//   before
//                                               the period)
//   away anna 2025-02-03..2025-02-07
//   team red children-with-disabilities
//   case c1 2025-01-06..                       (open)
//   status c1 looked-after 2025-01-06..
//   placement c1 foster carer-a 2025-01-06.. [permanent 2025-05-01] [respite]
//   agreement c1 direct-payments-only by mona on 2025-01-01 2025-01-06..     (low risk; or `support-only`)
//   allocation c1 anna keyworker 2025-01-06.. [team red] [cover]
//   session anna mona 2025-01-13 [group | informal | professional | practice-education] [cancelled |
//   scheduled] discussed c1 anna mona 2025-01-13 ...      (a session with one discussion, the same words)
//
// Aborts with the line when it cannot be read.
World WorldFromText(absl::string_view text);

}  // namespace oversight::engine::testing

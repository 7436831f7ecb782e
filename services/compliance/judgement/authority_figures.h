#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/time/civil_day.h"
#include "common/time/working_days.h"
#include "services/compliance/engine/facts.h"

// What is counted of an authority besides findings: each figure is counted here, for whoever shows it.
namespace oversight::compliance {

bool IsOpen(const engine::CaseRecord& record, CivilDay day);
// Known, and in a post or on a student's placement.
bool IsWorking(const engine::WorkerRecord& record, CivilDay day);
// The worker's latest post that holds on a day; null when there is none.
const engine::Post* PostOn(const engine::WorkerRecord& record, CivilDay day);
// `newly_qualified`; `none` for a stage that is not given.
const char* NameOf(engine::CareerStage stage);

struct CaseCounts {
  int open = 0;
  // Of these, those that nobody holds.
  int unallocated = 0;
};
CaseCounts CountCases(const engine::AuthorityFacts& facts, CivilDay day);
int CountWorkers(const engine::AuthorityFacts& facts, CivilDay day);
// The open cases that each worker holds, by the worker's number.
std::vector<int> CasesHeld(const engine::AuthorityFacts& facts, CivilDay day);
// How many known workers each supervises in whatever function, cover included, by the supervisor's number.
std::map<uint32_t, int> CountSupervised(const engine::AuthorityFacts& facts, CivilDay day);

struct AgreementCounts {
  // Agreements in force on the day.
  int in_force = 0;
  // Workers in post whom somebody supervises without one, and those whom nobody supervises.
  int workers_without = 0;
  int without_supervisor = 0;
};
AgreementCounts CountAgreements(const engine::AuthorityFacts& facts, CivilDay day);

// From its first up to, but not on, its last day, as every period.
using Window = Period;
// The twelve months that end with a day.
Window TwelveMonthsTo(CivilDay day);

// How soon the record of a case discussion was filed on the child's record.
enum class Filed : uint8_t { kWithin24Hours, kWithin5WorkingDays, kLater, kNotFiled };
inline constexpr size_t kFiledValues = 4;

struct DiscussionCounts {
  int all = 0;
  // By the status that the case had on the day; a case with several counts with each, one without with
  // kUnspecified.
  std::map<engine::CaseStatus, int> by_status;
  std::array<int, kFiledValues> by_filed{};
};
// Discussions in sessions that were held.
DiscussionCounts CountDiscussions(const engine::AuthorityFacts& facts, const WorkingDays& working_days,
                                  Window window);

struct SessionCounts {
  int formal_held = 0;
  int formal_cancelled = 0;
  int formal_missed = 0;
  int other_held = 0;
  // The uninterrupted minutes of each formal session held whose length is on record, ascending; a session in
  // two parts is one.
  std::vector<int> minutes;
};
SessionCounts CountSessions(const engine::AuthorityFacts& facts, Window window);

}  // namespace oversight::compliance

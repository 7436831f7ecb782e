#pragma once

#include <string>
#include <vector>

#include "common/time/civil_day.h"
#include "services/compliance/judgement/authority_judge.h"

namespace oversight::compliance {

// The worker or case in whose list a finding stands: of whom the team, the worker and the supervisor are
// asked.
engine::Subject AnswerableFor(const AuthorityJudge& judge, const AssignedRule& rule, engine::Subject subject);
// The number of the worker, or of who holds the case, on a day; nothing when nobody does.
std::optional<uint32_t> WorkerFor(const AuthorityJudge& judge, engine::Subject answerable, CivilDay day);
// The numbers of those who supervise a worker on a day, in whatever function, cover included; ascending, each
// once.
std::vector<uint32_t> SupervisorsOf(const AuthorityJudge& judge, uint32_t worker, CivilDay day);

// The full name of what a full name means: another one where it is that of a duplicate which was merged.
std::string Meant(const AuthorityJudge& judge, const std::string& name);

// Whose findings are asked for: full names, empty ones do not count.
struct People {
  std::string team;
  std::string worker;
  std::string supervisor;
};
// The same with what their names mean.
People Meant(const AuthorityJudge& judge, const People& people);
// Whether a finding of the rule about the subject belongs to them on a day.
bool Matches(const AuthorityJudge& judge, const AssignedRule& rule, engine::Subject subject, CivilDay day,
             const People& people);

}  // namespace oversight::compliance

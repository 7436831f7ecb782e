#include "services/compliance/questions/people.h"

#include <algorithm>

#include "common/resource/name.h"
#include "services/compliance/facts/fact_reader.h"
#include "services/compliance/policy/record_schema.h"
#include "services/compliance/questions/finding_view.h"

namespace oversight::compliance {

engine::Subject AnswerableFor(const AuthorityJudge& judge, const AssignedRule& rule,
                              engine::Subject subject) {
  return engine::AnswerableFor(rule.rule(), judge.facts(), subject);
}

std::optional<uint32_t> WorkerFor(const AuthorityJudge& judge, engine::Subject answerable, CivilDay day) {
  if (answerable.kind == engine::SubjectKind::kWorker) return answerable.index;
  if (answerable.kind != engine::SubjectKind::kCase) return std::nullopt;
  const engine::Allocation* holder = judge.facts().HolderOf(answerable.index, day);
  if (holder == nullptr) return std::nullopt;
  return holder->worker;
}

std::vector<uint32_t> SupervisorsOf(const AuthorityJudge& judge, uint32_t worker, CivilDay day) {
  std::vector<uint32_t> supervisors;
  for (const engine::SupervisorLink& link : judge.facts().worker(worker).links) {
    if (link.period.Contains(day)) supervisors.push_back(link.supervisor);
  }
  std::sort(supervisors.begin(), supervisors.end());
  supervisors.erase(std::unique(supervisors.begin(), supervisors.end()), supervisors.end());
  return supervisors;
}

std::string Meant(const AuthorityJudge& judge, const std::string& name) {
  if (resource::AuthorityOf(name) != judge.authority()) return name;
  const std::string relative = RelativeName(name);
  const std::optional<engine::FactKind> kind = policy::KindOfName(relative);
  if (!kind.has_value()) return name;
  const std::optional<engine::Subject> subject = judge.FindSubject(*kind, relative);
  return subject.has_value() ? FullName(judge.authority(), judge.facts().Name(*subject)) : name;
}

People Meant(const AuthorityJudge& judge, const People& people) {
  return {Meant(judge, people.team), Meant(judge, people.worker), Meant(judge, people.supervisor)};
}

bool Matches(const AuthorityJudge& judge, const AssignedRule& rule, engine::Subject subject, CivilDay day,
             const People& people) {
  if (people.team.empty() && people.worker.empty() && people.supervisor.empty()) return true;
  const engine::Subject answerable = AnswerableFor(judge, rule, subject);
  if (!people.team.empty() && TeamNameOf(judge, answerable, day) != people.team) return false;
  if (!people.worker.empty() && WorkerNameOf(judge, answerable, day) != people.worker) return false;
  if (people.supervisor.empty()) return true;
  const std::optional<uint32_t> worker = WorkerFor(judge, answerable, day);
  if (!worker.has_value()) return false;
  const std::vector<uint32_t> supervisors = SupervisorsOf(judge, *worker, day);
  return std::any_of(supervisors.begin(), supervisors.end(), [&](uint32_t supervisor) {
    return FullName(judge.authority(), judge.facts().Name(engine::Subject::Worker(supervisor))) ==
           people.supervisor;
  });
}

}  // namespace oversight::compliance

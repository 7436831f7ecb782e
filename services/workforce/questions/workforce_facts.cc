#include "services/workforce/questions/workforce_facts.h"

#include "common/resource/dated.h"

namespace oversight::workforce {
namespace {

SupervisionFunction FunctionOf(const v1::SupervisorLink& link) {
  switch (link.function()) {
    case v1::SupervisorLink::FUNCTION_PROFESSIONAL:
      return SupervisionFunction::kProfessional;
    case v1::SupervisorLink::FUNCTION_PRACTICE_EDUCATION:
      return SupervisionFunction::kPracticeEducation;
    default:
      return SupervisionFunction::kLineManagement;
  }
}

bool Employed(const v1::Worker& worker, CivilDay day) {
  return resource::PeriodOf(worker, "employment_start_date", "employment_end_date").Contains(day);
}

}  // namespace

std::string WorkerOf(const std::string& name) {
  const size_t id = name.rfind('/');
  return name.substr(0, name.rfind('/', id - 1));
}

absl::StatusOr<std::vector<Line>> WorkforceFacts::Lines() const {
  OVERSIGHT_ASSIGN_OR_RETURN(const auto links, All<v1::SupervisorLink>(*kinds_.supervisor_link));
  std::vector<Line> lines;
  for (const v1::SupervisorLink& link : links) {
    if (!resource::PeriodOf(link).Contains(day_)) continue;
    lines.push_back(
        {link.name(), WorkerOf(link.name()), link.supervisor(), FunctionOf(link), link.cover_for()});
  }
  return lines;
}

absl::StatusOr<std::map<std::string, std::vector<v1::Post>>> WorkforceFacts::PostsByWorker() const {
  OVERSIGHT_ASSIGN_OR_RETURN(const auto workers, All<v1::Worker>(*kinds_.worker));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto posts, All<v1::Post>(*kinds_.post));
  std::map<std::string, bool> employed;
  for (const v1::Worker& worker : workers) employed[worker.name()] = Employed(worker, day_);
  std::map<std::string, std::vector<v1::Post>> by_worker;
  for (const v1::Post& post : posts) {
    const std::string worker = WorkerOf(post.name());
    if (employed[worker] && resource::PeriodOf(post).Contains(day_)) by_worker[worker].push_back(post);
  }
  return by_worker;
}

absl::StatusOr<std::map<std::string, std::string>> WorkforceFacts::Absences() const {
  OVERSIGHT_ASSIGN_OR_RETURN(const auto absences, All<v1::Absence>(*kinds_.absence));
  std::map<std::string, std::string> away;
  for (const v1::Absence& absence : absences) {
    // Alone among dated facts it names its last day.
    const auto first = resource::DayOf(absence, "first_date");
    const auto last = resource::DayOf(absence, "last_date");
    if (first && *first <= day_ && (!last || day_ <= *last))
      away.emplace(WorkerOf(absence.name()), absence.name());
  }
  return away;
}

}  // namespace oversight::workforce

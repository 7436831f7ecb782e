#include "deploy/sample/posts.h"

#include "deploy/sample/careers.h"

namespace oversight::sample {
namespace {

struct RoleText {
  const char* title;
  absl::string_view career_stage;
};

RoleText TextOf(Role role) {
  switch (role) {
    case Role::kChiefExecutive:
      return {"Chief executive", ""};
    case Role::kDirector:
      return {"Director of children's services", "strategic"};
    case Role::kServiceManager:
      return {"Service manager", "strategic"};
    case Role::kTeamManager:
      return {"Team manager", "advanced"};
    case Role::kPracticeSupervisor:
      return {"Practice supervisor", "advanced"};
    case Role::kSocialWorker:
      return {"Social worker", "social_worker"};
    case Role::kFamilyPractitioner:
      return {"Family support practitioner", "unregistered_practitioner"};
    case Role::kPersonalAdviser:
      return {"Personal adviser", "unregistered_practitioner"};
    case Role::kReviewingOfficer:
      return {"Independent reviewing officer", "experienced_social_worker"};
    case Role::kDutySocialWorker:
      return {"Duty social worker", "social_worker"};
    case Role::kSupervisingSocialWorker:
      return {"Supervising social worker", "social_worker"};
    case Role::kResidentialWorker:
      return {"Residential worker", "unregistered_practitioner"};
    case Role::kVolunteer:
      return {"Volunteer", "volunteer"};
    case Role::kStudent:
      return {"Student social worker", "readiness_for_practice"};
  }
  return {"", ""};
}

absl::string_view PositionOf(Role role) {
  switch (role) {
    case Role::kDirector:
      return "director";
    case Role::kServiceManager:
      return "service_manager";
    case Role::kTeamManager:
      return "team_manager";
    case Role::kPracticeSupervisor:
      return "practice_supervisor";
    case Role::kReviewingOfficer:
      return "independent_reviewing_officer";
    case Role::kStudent:
      return "student";
    default:
      return "practitioner";
  }
}

void AddNewlyQualifiedPosts(const Authority& authority, const Seat& seat, const Period& period,
                            Worker& worker, Random& random) {
  Asye asye{period.start, AddMonths(period.start, 12), {}};
  const CivilDay completed = asye.planned_end + random.Between(-5, 40);
  if (completed <= authority.today()) asye.completed = completed;
  Period first = period;
  if (asye.completed && *asye.completed < period.end) first.end = *asye.completed;
  const absl::string_view position = PositionOf(seat.role);
  worker.posts.push_back(
      {"Newly qualified social worker", "newly_qualified", position, seat.team, true, first});
  if (first.end < period.end) {
    worker.posts.push_back(
        {"Social worker", "social_worker", position, seat.team, true, {first.end, period.end}});
  }
  if (asye.completed && *asye.completed > period.end) asye.completed.reset();
  worker.asye = asye;
}

void AddStudentPosts(const Seat& seat, const Period& period, Worker& worker) {
  const bool last = worker.placements.size() == 1 && worker.placements[0].sequence == "last";
  Post post{"Student social worker",
            last ? "end_of_first_placement" : "readiness_for_practice",
            PositionOf(seat.role),
            seat.team,
            false,
            period};
  if (worker.placements.size() < 2) {
    worker.posts.push_back(std::move(post));
    return;
  }
  const CivilDay advanced = worker.placements[0].period.end;
  worker.posts.push_back(
      {post.title, post.career_stage, post.position, seat.team, false, {period.start, advanced}});
  worker.posts.push_back(
      {post.title, "end_of_first_placement", post.position, seat.team, false, {advanced, period.end}});
}

void AddPosts(const Seat& seat, const Period& period, Worker& worker, Random& random) {
  const RoleText text = TextOf(seat.role);
  Post post{text.title, text.career_stage, PositionOf(seat.role), seat.team, HoldsCases(seat.role), period};
  if (!worker.posts.empty()) {
    post.career_stage = worker.posts.back().career_stage;
    post.position = worker.posts.back().position;
    post.title = worker.posts.back().title;
  } else if (seat.role == Role::kSocialWorker && random.Percent(35)) {
    const bool advanced = random.Percent(15);
    post.career_stage = advanced ? "advanced" : "experienced_social_worker";
    post.title = advanced ? "Advanced practitioner" : "Senior social worker";
    if (advanced) post.position = "advanced_practitioner";
  }
  worker.posts.push_back(std::move(post));
}

}  // namespace

void BuildPosts(Authority& authority, Random& random) {
  for (const Seat& seat : authority.seats) {
    // The chief executive holds no social work post.
    if (seat.role == Role::kChiefExecutive) continue;
    for (const Occupancy& occupancy : seat.occupants) {
      Worker& worker = authority.workers[occupancy.worker];
      if (worker.newly_qualified) {
        AddNewlyQualifiedPosts(authority, seat, occupancy.period, worker, random);
      } else if (seat.role == Role::kStudent) {
        AddStudentPosts(seat, occupancy.period, worker);
      } else {
        AddPosts(seat, occupancy.period, worker, random);
      }
    }
  }
}

}  // namespace oversight::sample

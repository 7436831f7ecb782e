#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "deploy/sample/files.h"

namespace oversight::sample {
namespace {

const char* Flag(bool value) { return value ? "Y" : "N"; }

std::string OptionalDate(const std::optional<CivilDay>& day) { return day ? DateText(*day) : ""; }

const char* ServiceArea(Area area) {
  switch (area) {
    case Area::kFrontDoor:
      return "front_door";
    case Area::kChildInNeed:
      return "child_in_need";
    case Area::kChildProtection:
      return "child_protection";
    case Area::kLookedAfter:
      return "looked_after";
    case Area::kLeavingCare:
      return "leaving_care";
    case Area::kDisabilities:
      return "children_with_disabilities";
    case Area::kFamilyPlacement:
      return "family_placement";
    case Area::kOther:
      return "";
  }
  return "";
}

const char* BasisText(Basis basis) {
  switch (basis) {
    case Basis::kPermanent:
      return "permanent";
    case Basis::kAgency:
      return "agency";
    case Basis::kStudent:
      return "student";
  }
  return "";
}

const char* StateText(SessionState state) {
  switch (state) {
    case SessionState::kScheduled:
      return "scheduled";
    case SessionState::kHeld:
      return "held";
    case SessionState::kCancelled:
      return "cancelled";
  }
  return "";
}

// An instant in UTC.
std::string StartText(const Session& session) {
  if (session.start_minute < 0) return "";
  const absl::CivilDay day = session.date.civil();
  const absl::CivilSecond local(day.year(), day.month(), day.day(), session.start_minute / 60,
                                session.start_minute % 60, 0);
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromCivil(local, AuthorityZone()), absl::UTCTimeZone());
}

void AddAuthority(const Authority& authority, std::vector<CsvFile>& files) {
  CsvFile file("authority.csv", "", {"display_name", "records_complete_from_date"});
  file.AddRow({authority.options.authority_name, DateText(authority.history.start)});
  files.push_back(std::move(file));

  CsvFile policies("policy_assignments.csv", "", {"policy", "start_date", "end_date"});
  policies.AddRow({"knowsley", DateText(authority.history.start), ""});
  files.push_back(std::move(policies));

  CsvFile teams("teams.csv", "", {"team_id", "service_area"});
  for (const Team& team : authority.teams) {
    if (team.area != Area::kOther) teams.AddRow({team.id, ServiceArea(team.area)});
  }
  files.push_back(std::move(teams));
}

void AddWorkers(const Authority& authority, std::vector<CsvFile>& files) {
  CsvFile workers("workers.csv", "", {"worker_id", "employment_start_date", "employment_end_date"});
  CsvFile posts("posts.csv", "",
                {"post_id", "worker_id", "role_title", "career_stage", "employment_basis",
                 "full_time_equivalent", "team_id", "case_holding", "start_date", "end_date"});
  CsvFile asye("asye_programmes.csv", "",
               {"asye_programme_id", "worker_id", "start_date", "planned_end_date", "completed_date"});
  CsvFile placements(
      "student_placements.csv", "",
      {"student_placement_id", "worker_id", "route", "sequence", "university", "start_date", "end_date"});
  CsvFile absences("absences.csv", "", {"absence_id", "worker_id", "kind", "first_date", "last_date"});
  for (const Worker& worker : authority.workers) {
    workers.AddRow({worker.id, DateText(worker.employment.start), DateText(worker.employment.end)});
    int number = 0;
    for (const Post& post : worker.posts) {
      posts.AddRow({absl::StrCat("POST-", worker.id.substr(3), "-", ++number), worker.id, post.title,
                    std::string(post.career_stage), BasisText(worker.basis),
                    absl::StrFormat("%.1f", worker.tenths_of_full_time / 10.0), authority.teams[post.team].id,
                    Flag(post.case_holding), DateText(post.period.start), DateText(post.period.end)});
    }
    if (worker.asye) {
      asye.AddRow({absl::StrCat("ASYE-", worker.id.substr(3)), worker.id, DateText(worker.asye->start),
                   DateText(worker.asye->planned_end), OptionalDate(worker.asye->completed)});
    }
    number = 0;
    for (const StudentPlacement& placement : worker.placements) {
      placements.AddRow({absl::StrCat("SP-", worker.id.substr(3), "-", ++number), worker.id,
                         std::string(placement.route), std::string(placement.sequence), placement.university,
                         DateText(placement.period.start), DateText(placement.period.end)});
    }
    number = 0;
    for (const Absence& absence : worker.absences) {
      absences.AddRow({absl::StrCat("ABS-", worker.id.substr(3), "-", ++number), worker.id,
                       std::string(absence.kind), DateText(absence.first), DateText(absence.last)});
    }
  }
  for (CsvFile* file : {&workers, &posts, &asye, &placements, &absences}) files.push_back(std::move(*file));
}

const char* Elements(absl::string_view function) {
  if (function == "line_management") {
    return "decisions_and_interventions;line_management;caseload_and_workload;learning_and_career";
  }
  return function == "professional" ? "decisions_and_interventions;learning_and_career"
                                    : "learning_and_career";
}

void AddLinks(const Authority& authority, std::vector<CsvFile>& files) {
  CsvFile file("supervisor_links.csv", "",
               {"supervisor_link_id", "worker_id", "supervisor_id", "function", "elements", "cover_for_id",
                "start_date", "end_date"});
  int number = 0;
  for (const SupervisorLink& link : authority.links) {
    file.AddRow({absl::StrFormat("LINK-%05d", ++number), authority.workers[link.worker].id,
                 authority.workers[link.supervisor].id, std::string(link.function), Elements(link.function),
                 link.cover_for < 0 ? "" : authority.workers[link.cover_for].id, DateText(link.period.start),
                 DateText(link.period.end)});
  }
  files.push_back(std::move(file));
}

void AddCases(const Authority& authority, std::vector<CsvFile>& files) {
  CsvFile details("placement_details.csv", "",
                  {"cla_placement_id", "carer_or_home", "respite", "permanence_implemented_date"});
  CsvFile agreements("reduced_frequency_agreements.csv", "",
                     {"agreement_id", "person_id", "ground", "low_risk", "no_carer_deficits", "agreed_by_id",
                      "agreed_date", "start_date", "end_date"});
  for (const Case& subject : authority.cases) {
    const std::string number = subject.id.substr(2);
    for (size_t i = 0; i < subject.placements.size(); ++i) {
      const Placement& placement = subject.placements[i];
      details.AddRow({absl::StrCat("PL-", number, "-", i + 1), placement.carer_or_home,
                      Flag(placement.respite), OptionalDate(placement.permanence_implemented)});
    }
    for (size_t i = 0; i < subject.agreements.size(); ++i) {
      const ReducedFrequency& agreement = subject.agreements[i];
      agreements.AddRow({absl::StrCat("RF-", number, "-", i + 1), subject.id, std::string(agreement.ground),
                         Flag(agreement.low_risk), Flag(agreement.no_carer_deficits),
                         authority.workers[agreement.agreed_by].id, DateText(agreement.agreed),
                         DateText(agreement.period.start), DateText(agreement.period.end)});
    }
  }
  files.push_back(std::move(details));
  files.push_back(std::move(agreements));
}

void AddSessions(const Authority& authority, std::vector<CsvFile>& files) {
  CsvFile sessions("sessions.csv", "",
                   {"session_id", "supervisee_id", "supervisor_id", "kind", "state", "date", "start_time",
                    "uninterrupted_minutes", "cancellation_reason", "replacement_id"});
  CsvFile discussions("case_discussions.csv", "",
                      {"case_discussion_id", "session_id", "person_id", "depth", "significant_decision"});
  for (const Session& session : authority.sessions) {
    sessions.AddRow({session.id, authority.workers[session.supervisee].id,
                     authority.workers[session.supervisor].id, std::string(session.kind),
                     StateText(session.state), DateText(session.date), StartText(session),
                     session.minutes == 0 ? "" : absl::StrCat(session.minutes),
                     std::string(session.cancellation_reason), session.replacement_id});
    for (const CaseDiscussion& discussion : session.discussions) {
      discussions.AddRow({discussion.id, session.id, authority.cases[discussion.case_index].id,
                          discussion.in_depth ? "in_depth" : "check_in", Flag(discussion.significant)});
    }
  }
  files.push_back(std::move(sessions));
  files.push_back(std::move(discussions));
}

}  // namespace

std::string DateText(CivilDay day) {
  return day == CivilDay::Max() || day == CivilDay::Min() ? "" : day.ToString();
}

std::vector<CsvFile> SuiteFiles(const Authority& authority) {
  std::vector<CsvFile> files;
  AddAuthority(authority, files);
  AddWorkers(authority, files);
  AddLinks(authority, files);
  AddCases(authority, files);
  AddSessions(authority, files);
  return files;
}

}  // namespace oversight::sample

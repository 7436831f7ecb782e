#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "deploy/sample/fact_files.h"
#include "deploy/sample/files.h"
#include "deploy/sample/slips.h"
#include "deploy/sample/supervisors.h"
#include "deploy/sample/texts.h"

namespace oversight::sample {
namespace {

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
    case Area::kResidential:
      return "residential";
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
    case Basis::kVolunteer:
      return "volunteer";
    case Basis::kStudent:
      return "student";
  }
  return "";
}

void AddAuthority(const Authority& authority, std::vector<CsvFile>& files) {
  CsvFile file("authority.csv", "", {"display_name", "records_complete_from_date"});
  file.AddRow({authority.options.authority_name, DateText(authority.history.start)});
  files.push_back(std::move(file));

  CsvFile policies("policy_assignments.csv", "", {"policy", "start_date", "end_date"});
  for (const char* policy : {"national", "knowsley", "islington", "walsall", "lincolnshire"}) {
    policies.AddRow({policy, DateText(authority.history.start), ""});
  }
  files.push_back(std::move(policies));

  CsvFile teams("teams.csv", "", {"team_id", "service_area"});
  for (const Team& team : authority.teams) {
    if (team.area != Area::kOther) teams.AddRow({team.id, ServiceArea(team.area)});
  }
  files.push_back(std::move(teams));
}

// When a social worker qualified: the newly qualified just before they started, the others long ago. Of a few
// nobody has written it down.
std::string QualifiedOn(const Worker& worker, Slips& unknown) {
  if (!worker.registered || worker.posts.empty() || unknown.Next()) return "";
  const int days = worker.newly_qualified ? 60 : 700 + worker.employment.start.number() % 3000;
  return DateText(worker.employment.start - days);
}

const SupervisorLink* EducatorOf(const Authority& authority, int worker, const Period& placement) {
  for (const SupervisorLink& link : authority.links) {
    if (link.worker == worker && link.function == "practice_education" && link.period.Overlaps(placement))
      return &link;
  }
  return nullptr;
}

void AddWorkers(const Authority& authority, std::vector<CsvFile>& files) {
  CsvFile workers("workers.csv", "",
                  {"worker_id", "employment_start_date", "employment_end_date", "qualification_date"});
  CsvFile posts("posts.csv", "",
                {"post_id", "worker_id", "role_title", "career_stage", "position", "employment_basis",
                 "full_time_equivalent", "team_id", "case_holding", "designated_social_work",
                 "safeguarding_core_work", "start_date", "end_date"});
  Slips unknown(30);
  for (const Worker& worker : authority.workers) {
    workers.AddRow({worker.id, DateText(worker.employment.start), DateText(worker.employment.end),
                    QualifiedOn(worker, unknown)});
    int number = 0;
    for (const Post& post : worker.posts) {
      const bool protects = authority.teams[post.team].area == Area::kChildProtection;
      posts.AddRow({WorkerRecordId("POST", worker, ++number), worker.id, post.title,
                    std::string(post.career_stage), std::string(post.position), BasisText(worker.basis),
                    absl::StrFormat("%.1f", worker.tenths_of_full_time / 10.0), authority.teams[post.team].id,
                    Flag(post.case_holding), Flag(worker.registered && IsSocialWorkPost(post)),
                    Flag(protects), DateText(post.period.start), DateText(post.period.end)});
    }
  }
  files.push_back(std::move(workers));
  files.push_back(std::move(posts));
}

// First years and placements, each with who helps to learn.
void AddLearners(const Authority& authority, std::vector<CsvFile>& files) {
  CsvFile asye("asye_programmes.csv", "",
               {"asye_programme_id", "worker_id", "start_date", "planned_end_date", "completed_date",
                "mentor_id", "additional_supervision", "protected_development_time"});
  CsvFile placements("student_placements.csv", "",
                     {"student_placement_id", "worker_id", "route", "sequence", "university",
                      "practice_educator_id", "start_date", "end_date"});
  Slips unmentored(7), unprotected(6), unnamed(6);
  const SupervisorIndex supervisors(authority);
  for (size_t i = 0; i < authority.workers.size(); ++i) {
    const Worker& worker = authority.workers[i];
    if (worker.asye) {
      const CivilDay known = std::max(worker.asye->start, authority.history.start);
      const int manager = supervisors.LineManager(static_cast<int>(i), known);
      const bool mentored = manager >= 0 && !unmentored.Next();
      asye.AddRow({absl::StrCat("ASYE-", worker.id.substr(3)), worker.id, DateText(worker.asye->start),
                   DateText(worker.asye->planned_end), OptionalDate(worker.asye->completed),
                   mentored ? authority.workers[manager].id : "", Flag(mentored), Flag(!unprotected.Next())});
    }
    int number = 0;
    for (const StudentPlacement& placement : worker.placements) {
      const SupervisorLink* educator = EducatorOf(authority, static_cast<int>(i), placement.period);
      placements.AddRow(
          {WorkerRecordId("SP", worker, ++number), worker.id, std::string(placement.route),
           std::string(placement.sequence), placement.university,
           educator != nullptr && !unnamed.Next() ? authority.workers[educator->supervisor].id : "",
           DateText(placement.period.start), DateText(placement.period.end)});
    }
  }
  files.push_back(std::move(asye));
  files.push_back(std::move(placements));
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
  Slips incomplete(30);
  for (const SupervisorLink& link : authority.links) {
    const bool slips = link.function == "line_management" && incomplete.Next();
    file.AddRow({absl::StrFormat("LINK-%05d", ++number), authority.workers[link.worker].id,
                 authority.workers[link.supervisor].id, std::string(link.function),
                 slips ? "line_management;learning_and_career" : Elements(link.function),
                 link.cover_for < 0 ? "" : authority.workers[link.cover_for].id, DateText(link.period.start),
                 DateText(link.period.end)});
  }
  files.push_back(std::move(file));
}

}  // namespace

std::vector<CsvFile> SuiteFiles(const Authority& authority) {
  std::vector<CsvFile> files;
  AddAuthority(authority, files);
  AddWorkers(authority, files);
  AddLearners(authority, files);
  AddLinks(authority, files);
  for (const auto& more : {RegistrationFiles, LearningFiles, CapacityFiles, GovernanceFiles, AgreementFiles,
                           StudentFiles, AbsenceFiles, CaseFiles, SessionFiles, OutsideFiles}) {
    for (CsvFile& file : more(authority)) files.push_back(std::move(file));
  }
  return files;
}

}  // namespace oversight::sample

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "deploy/sample/careers.h"
#include "deploy/sample/fact_files.h"
#include "deploy/sample/random.h"
#include "deploy/sample/slips.h"
#include "deploy/sample/texts.h"

namespace oversight::sample {
namespace {

const Seat* FirstSeat(const Authority& authority, Role role) {
  for (const Seat& seat : authority.seats) {
    if (seat.role == role) return &seat;
  }
  return nullptr;
}

// Both leads are named; between two strategic leads there were some weeks without one.
CsvFile Leads(const Authority& authority) {
  CsvFile file("leads.csv", "", {"lead_id", "kind", "worker_id", "start_date", "end_date"});
  const Seat* director = FirstSeat(authority, Role::kDirector);
  const Seat* manager = FirstSeat(authority, Role::kServiceManager);
  const std::string strategic = authority.workers[director->occupants.front().worker].id;
  const std::string oversight = authority.workers[manager->occupants.front().worker].id;
  const CivilDay start = authority.history.start;
  const int days = authority.today() - start;
  const CivilDay gap = start + days / 3;
  file.AddRow({"LEAD-1", "strategic_lead_social_worker", strategic, DateText(start - 300), DateText(gap)});
  file.AddRow({"LEAD-2", "strategic_lead_social_worker", strategic, DateText(gap + 40), ""});
  file.AddRow({"LEAD-3", "supervision_oversight", oversight, DateText(start - 300), ""});
  return file;
}

// What is due once a year, the first time some days late: when it was done.
std::vector<CivilDay> YearlyDays(const Authority& authority, int days_late) {
  std::vector<CivilDay> days;
  for (CivilDay day = AddMonths(authority.history.start, 12) + days_late; day <= authority.today();
       day = AddMonths(day, 12) - 20) {
    days.push_back(day);
  }
  return days;
}

CsvFile HealthChecks(const Authority& authority) {
  CsvFile file("health_checks.csv", "",
               {"health_check_id", "started_date", "completed_date", "reviewed_date", "published_date"});
  int number = 0;
  for (const CivilDay published : YearlyDays(authority, 45)) {
    file.AddRow({absl::StrCat("HC-", ++number), DateText(published - 80), DateText(published - 30),
                 DateText(published - 12), DateText(published)});
  }
  return file;
}

CsvFile Surveys(const Authority& authority) {
  CsvFile file(
      "supervision_surveys.csv", "",
      {"supervision_survey_id", "opened_date", "closed_date", "reported_date", "recommendations_sent_date"});
  int number = 0;
  for (const CivilDay sent : YearlyDays(authority, 35)) {
    file.AddRow({absl::StrCat("SURVEY-", ++number), DateText(sent - 60), DateText(sent - 40),
                 DateText(sent - 15), DateText(sent)});
  }
  return file;
}

void AddTeams(const Authority& authority, std::vector<CsvFile>& files) {
  CsvFile managers("team_managers.csv", "",
                   {"team_manager_id", "team_id", "worker_id", "start_date", "end_date"});
  CsvFile reviews("team_reviews.csv", "", {"team_review_id", "team_id", "reviewed_date", "reviewed_by_id"});
  Random random(authority.options.seed, "team reviews");
  Slips careless(7);
  const CivilDay today = authority.today();
  for (const Seat& seat : authority.seats) {
    if (seat.rank != Rank::kTeamManager) continue;
    const Team& team = authority.teams[seat.team];
    int number = 0;
    for (const Occupancy& occupancy : seat.occupants) {
      if (occupancy.period.start > today) continue;
      managers.AddRow({absl::StrCat("TM-", team.id, "-", ++number), team.id,
                       authority.workers[occupancy.worker].id, DateText(occupancy.period.start),
                       DateText(occupancy.period.end)});
    }
    // Each month, or now and then.
    const int every = careless.Next() ? 75 : 26;
    number = 0;
    for (CivilDay day = authority.history.start + random.Between(2, 20); day <= today;
         day = WorkingDaysAfter(day + every, 1)) {
      const int manager = OccupantOn(seat, day);
      if (manager < 0) continue;
      reviews.AddRow({absl::StrCat("TV-", team.id, "-", ++number), team.id, DateText(day),
                      authority.workers[manager].id});
    }
  }
  files.push_back(std::move(managers));
  files.push_back(std::move(reviews));
}

}  // namespace

std::vector<CsvFile> GovernanceFiles(const Authority& authority) {
  std::vector<CsvFile> files = {Leads(authority), HealthChecks(authority), Surveys(authority)};
  AddTeams(authority, files);
  return files;
}

}  // namespace oversight::sample

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "deploy/sample/careers.h"
#include "deploy/sample/files.h"
#include "deploy/sample/texts.h"

namespace oversight::sample {
namespace {

// Some systems write a time of day with every date.
std::string DateTimeText(CivilDay day) {
  const std::string date = DateText(day);
  return date.empty() ? date : absl::StrCat(date, "T00:00:00");
}

std::string NumberOf(const Case& subject) { return subject.id.substr(2); }

CsvFile Departments(const Authority& authority) {
  CsvFile file("ssd_department.csv", "dept_", {"team_id", "team_name", "team_parent_id", "team_parent_name"});
  for (const Team& team : authority.teams) {
    const Team* parent = team.parent < 0 ? nullptr : &authority.teams[team.parent];
    file.AddRow({team.id, team.name, parent ? parent->id : "", parent ? parent->name : ""});
  }
  return file;
}

CsvFile Professionals(const Authority& authority) {
  CsvFile file("ssd_professionals.csv", "prof_",
               {"professional_id", "staff_id", "professional_name", "social_worker_registration_no",
                "agency_worker_flag", "professional_job_title", "professional_caseload",
                "professional_department", "full_time_equivalency"});
  std::map<int, int> caseloads;
  for (const Case& subject : authority.cases) {
    for (const Allocation& allocation : subject.allocations) {
      const bool holds = allocation.role == AllocationRole::kKeyworker ||
                         allocation.role == AllocationRole::kPersonalAdviser;
      if (holds && allocation.period.Contains(authority.today())) ++caseloads[allocation.worker];
    }
  }
  for (size_t i = 0; i < authority.workers.size(); ++i) {
    const Worker& worker = authority.workers[i];
    const std::string number = worker.id.substr(3);
    const bool agency = worker.basis == Basis::kAgency;
    const Post* post = worker.posts.empty() ? nullptr : &worker.posts.back();
    // The flag is often left empty.
    const bool flagged = agency || i % 3 == 0;
    file.AddRow({worker.id, absl::StrCat("STAFF-", number), absl::StrCat("Synthetic Worker ", number),
                 worker.registered ? absl::StrCat("SYNTHETIC-REG-", number) : "",
                 flagged ? (agency ? "Y" : "N") : "", post ? post->title : "",
                 absl::StrCat(caseloads[static_cast<int>(i)]), post ? authority.teams[post->team].name : "",
                 absl::StrFormat("%.1f", worker.tenths_of_full_time / 10.0)});
  }
  return file;
}

// What identifies the children. Oversight reads none of it.
CsvFile Persons(const Authority& authority) {
  CsvFile file("ssd_person.csv", "pers_",
               {"legacy_id", "person_id", "upn", "forename", "surname", "sex", "gender", "ethnicity", "dob",
                "single_unique_id", "upn_unknown", "send_flag", "expected_dob", "death_date", "is_mother",
                "nationality"});
  for (size_t i = 0; i < authority.cases.size(); ++i) {
    const Case& subject = authority.cases[i];
    if (subject.carer) continue;
    const std::string number = NumberOf(subject);
    const int years = subject.care_leaver ? 18 : 1 + static_cast<int>(i % 12);
    const CivilDay born = subject.open.start - years * 365 - static_cast<int>(i % 300);
    file.AddRow({absl::StrCat("OLD-", number), subject.id, absl::StrCat("SYNTHETIC-UPN-", number),
                 "Synthetic", absl::StrCat("Child ", number), i % 2 == 0 ? "F" : "M", "", "NOBT",
                 DateText(born), absl::StrCat("SYNTHETIC-NHS-", number), "", "N", "", "", "N", ""});
  }
  return file;
}

CsvFile Episodes(const Authority& authority) {
  CsvFile file("ssd_cin_episodes.csv", "cine_",
               {"referral_id", "person_id", "referral_date", "cin_primary_need_code", "referral_source_code",
                "referral_source_desc", "referral_outcome_json", "referral_nfa", "close_reason", "close_date",
                "referral_team", "referral_worker_id"});
  for (size_t i = 0; i < authority.cases.size(); ++i) {
    const Case& subject = authority.cases[i];
    if (subject.carer) continue;
    const bool closed = !subject.open.Open();
    const Allocation* first = subject.allocations.empty() ? nullptr : &subject.allocations.front();
    file.AddRow({absl::StrCat("REF-", NumberOf(subject)), subject.id, DateText(subject.open.start),
                 absl::StrCat("N", 1 + i % 8), "1A", "Individual, family member",
                 "{\"outcome\": \"assessment\"}", "N", closed ? absl::StrCat("RC", 1 + i % 7) : "",
                 DateText(subject.open.end), first ? authority.teams[first->team].id : "",
                 first ? authority.workers[first->worker].id : ""});
  }
  return file;
}

void AddPlans(const Authority& authority, std::vector<CsvFile>& files) {
  CsvFile in_need("ssd_cin_plans.csv", "cinp_",
                  {"cin_plan_id", "referral_id", "person_id", "cin_plan_start_date", "cin_plan_end_date",
                   "cin_plan_team", "cin_plan_worker_id"});
  CsvFile protection(
      "ssd_cp_plans.csv", "cppl_",
      {"cp_plan_id", "referral_id", "icpc_id", "person_id", "cp_plan_start_date", "cp_plan_end_date",
       "cp_plan_ola", "cp_plan_initial_category", "cp_plan_latest_category"});
  constexpr const char* kCategories[] = {"NEG", "EMO", "NEG", "PHY", "EMO", "SAB", "MUL"};
  for (size_t i = 0; i < authority.cases.size(); ++i) {
    const Case& subject = authority.cases[i];
    const std::string number = NumberOf(subject), referral = absl::StrCat("REF-", number);
    int plan = 0;
    for (const Period& period : subject.cin_plans) {
      in_need.AddRow({absl::StrCat("CIN-", number, "-", ++plan), referral, subject.id, DateText(period.start),
                      DateText(period.end), "", ""});
    }
    plan = 0;
    for (const Period& period : subject.cp_plans) {
      protection.AddRow({absl::StrCat("CP-", number, "-", ++plan), referral,
                         absl::StrCat("ICPC-", number, "-", plan), subject.id, DateText(period.start),
                         DateText(period.end), "N", kCategories[i % 7], kCategories[(i + i % 3) % 7]});
    }
  }
  files.push_back(std::move(in_need));
  files.push_back(std::move(protection));
}

CsvFile LegalStatuses(const Authority& authority) {
  CsvFile file(
      "ssd_legal_status.csv", "lega_",
      {"legal_status_id", "person_id", "legal_status", "legal_status_start_date", "legal_status_end_date"});
  for (const Case& subject : authority.cases) {
    int number = 0;
    for (const LegalStatus& status : subject.legal_statuses) {
      file.AddRow({absl::StrCat("LEG-", NumberOf(subject), "-", ++number), subject.id,
                   std::string(status.code), DateTimeText(status.period.start),
                   DateTimeText(status.period.end)});
    }
  }
  return file;
}

CsvFile Placements(const Authority& authority) {
  CsvFile file("ssd_cla_placement.csv", "clap_",
               {"cla_placement_id", "cla_id", "person_id", "cla_placement_start_date", "cla_placement_type",
                "cla_placement_urn", "cla_placement_distance", "cla_placement_provider",
                "cla_placement_postcode", "cla_placement_end_date", "cla_placement_change_reason"});
  for (const Case& subject : authority.cases) {
    const std::string id = NumberOf(subject);
    int number = 0;
    for (const Placement& placement : subject.placements) {
      const bool home = placement.type[0] == 'K';
      file.AddRow({absl::StrCat("PL-", id, "-", ++number), absl::StrCat("CLA-", id), subject.id,
                   DateText(placement.period.start), std::string(placement.type), home ? "SC999999" : "",
                   absl::StrCat(1 + (subject.id.back() - '0') * 4, ".5"), "PR1", "ZZ99 9ZZ",
                   DateText(placement.period.end), std::string(placement.change_reason)});
    }
  }
  return file;
}

CsvFile PreProceedingsFile(const Authority& authority) {
  CsvFile file("ssd_pre_proceedings.csv", "prep_",
               {"table_id", "person_id", "plo_family_id", "pre_pro_decision_date",
                "initial_pre_pro_meeting_date", "pre_pro_outcome", "agree_stepdown_issue_date",
                "pre_pro_letter_date", "care_pro_letter_date", "court_reference"});
  for (const Case& subject : authority.cases) {
    int number = 0;
    for (const PreProceedings& meeting : subject.pre_proceedings) {
      const std::string id = absl::StrCat(NumberOf(subject), "-", ++number);
      const bool court = meeting.care_proceedings_letter.has_value();
      file.AddRow(
          {absl::StrCat("PP-", id), subject.id, absl::StrCat("FAM-", NumberOf(subject)),
           DateText(meeting.letter - 4), DateText(meeting.letter + 10),
           court ? "Decision to issue care proceedings" : (meeting.stepped_down ? "Stepped down" : ""),
           OptionalDate(meeting.stepped_down), DateText(meeting.letter),
           OptionalDate(meeting.care_proceedings_letter), court ? absl::StrCat("SYNTHETIC-COURT-", id) : ""});
    }
  }
  return file;
}

CsvFile CareLeavers(const Authority& authority) {
  CsvFile file("ssd_care_leavers.csv", "clea_",
               {"table_id", "person_id", "care_leaver_eligibility", "care_leaver_in_touch",
                "care_leaver_latest_contact", "care_leaver_accommodation", "care_leaver_accom_suitable",
                "care_leaver_activity", "pathway_plan_review_date", "care_leaver_personal_advisor",
                "care_leaver_allocated_team", "care_leaver_worker_id"});
  for (const Case& subject : authority.cases) {
    if (!subject.care_leaver || !subject.open.Open() || subject.allocations.empty()) continue;
    const Allocation& allocation = subject.allocations.back();
    const std::string adviser = authority.workers[allocation.worker].id;
    const int days = subject.id.back() - '0';
    file.AddRow({absl::StrCat("CL-", NumberOf(subject)), subject.id, "Former relevant", "Yes",
                 DateText(authority.today() - 5 - days), "U", "1", "F2",
                 DateText(authority.today() - 20 - 9 * days), adviser, authority.teams[allocation.team].id,
                 adviser});
  }
  return file;
}

const char* ExtractRoleText(AllocationRole role) {
  switch (role) {
    case AllocationRole::kKeyworker:
      return "CW";
    case AllocationRole::kPersonalAdviser:
      return "PERSONAL ADVISER";
    case AllocationRole::kSupervisingSocialWorker:
      return "SUPERVISING SOCIAL WORKER";
    case AllocationRole::kCoworker:
      return "CO-WORKER";
    case AllocationRole::kSupervisedStudent:
      return "INVOLVED WORKER (CHILDREN'S SOCIAL CARE SUPERVISED STUDENT)";
  }
  return "";
}

CsvFile Involvements(const Authority& authority) {
  CsvFile file(
      "ssd_involvements.csv", "invo_",
      {"involvements_id", "professional_id", "professional_role_id", "professional_team", "person_id",
       "involvement_start_date", "involvement_end_date", "worker_change_reason", "referral_id"});
  for (const Case& subject : authority.cases) {
    if (subject.carer) continue;
    int number = 0;
    for (const Allocation& allocation : subject.allocations) {
      file.AddRow({absl::StrCat("INV-", NumberOf(subject), "-", ++number),
                   authority.workers[allocation.worker].id, ExtractRoleText(allocation.role),
                   authority.teams[allocation.team].id, subject.id, DateTimeText(allocation.period.start),
                   DateTimeText(allocation.period.end), std::string(allocation.end_reason),
                   absl::StrCat("REF-", NumberOf(subject))});
    }
  }
  return file;
}

}  // namespace

std::vector<CsvFile> ExtractFiles(const Authority& authority) {
  std::vector<CsvFile> files;
  files.push_back(Departments(authority));
  files.push_back(Professionals(authority));
  files.push_back(Persons(authority));
  files.push_back(Episodes(authority));
  AddPlans(authority, files);
  files.push_back(LegalStatuses(authority));
  files.push_back(Placements(authority));
  files.push_back(PreProceedingsFile(authority));
  files.push_back(CareLeavers(authority));
  files.push_back(Involvements(authority));
  return files;
}

}  // namespace oversight::sample

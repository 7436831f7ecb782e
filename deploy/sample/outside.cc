#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "deploy/sample/careers.h"
#include "deploy/sample/fact_files.h"
#include "deploy/sample/random.h"
#include "deploy/sample/slips.h"
#include "deploy/sample/supervisors.h"
#include "deploy/sample/texts.h"

namespace oversight::sample {
namespace {

// For every hundred cases of a year.
constexpr int kDecisionsOfYear = 25;
constexpr int kDisclosuresOfHundredWorkers = 14;

class OutsideBuilder {
 public:
  explicit OutsideBuilder(const Authority& authority)
      : authority_(authority),
        today_(authority.today()),
        random_(authority.options.seed, "outside sessions"),
        supervisors_(authority) {}

  // Whoever holds the case asks the line manager. One authority cannot keep both headings that policies ask
  // for: what the files call it differs from manager to manager.
  CsvFile Decisions() {
    CsvFile file(
        "management_decisions.csv", "",
        {"management_decision_id", "person_id", "setting", "made_by_id", "made_date", "made_time",
         "significant", "urgent", "filed_date", "filed_time", "filed_by_id", "filed_place", "filed_heading"});
    const int wanted =
        std::max(12, authority_.options.cases * kDecisionsOfYear * authority_.options.months / 1200);
    Slips late(9), misplaced(20), significant(6);
    constexpr absl::string_view kSettings[] = {"informal",         "informal",
                                               "resource_panel",   "child_protection_review",
                                               "planning_meeting", "looked_after_review"};
    int number = 0;
    for (int attempt = 0; number < wanted && attempt < wanted * 20; ++attempt) {
      const CivilDay made = WorkingDaysAfter(random_.DayOf(authority_.history) - 1, 1);
      const Case& subject = random_.Pick(authority_.cases);
      const int manager = ManagerOf(subject, made);
      if (manager < 0 || made > today_) continue;
      const bool grave = significant.Next();
      const int minute = random_.Between(18, 32) * 30;
      const bool slips = late.Next();
      // Within a day where it matters, else within the week.
      const CivilDay filed = slips   ? WorkingDaysAfter(made, random_.Between(6, 15))
                             : grave ? made
                                     : WorkingDaysAfter(made, random_.Between(0, 4));
      const bool known = filed <= today_;
      const bool timed = grave && !slips;
      file.AddRow(
          {absl::StrFormat("MD-%05d", ++number), subject.id, std::string(kSettings[random_.Between(0, 5)]),
           authority_.workers[manager].id, DateText(made), grave ? InstantText(made, minute) : "",
           Flag(grave), Flag(grave && number % 2 == 0), known ? DateText(filed) : "",
           known && timed ? InstantText(made, minute + 90) : "", known ? authority_.workers[manager].id : "",
           known ? (misplaced.Next() ? "supervision_site" : "case_record") : "",
           known ? (manager % 5 < 3 ? "management_oversight" : "management_decision") : ""});
    }
    return file;
  }

  // Reviews of children on plans or looked after, every half year, and the check midway between two.
  void Reviews(std::vector<CsvFile>& files) {
    CsvFile reviews("reviews.csv", "",
                    {"review_id", "person_id", "kind", "due_date", "held_date", "reviewing_officer_id"});
    CsvFile checks(
        "midway_checks.csv", "",
        {"midway_check_id", "person_id", "role", "checked_by_id", "previous_review_date", "next_review_date",
         "checked_date", "filed_date", "filed_by_id", "filed_place", "filed_heading"});
    std::vector<const Seat*> officers;
    for (const Seat& seat : authority_.seats) {
      if (seat.role == Role::kReviewingOfficer) officers.push_back(&seat);
    }
    Slips late(9), missing(14), elsewhere(30);
    for (size_t i = 0; i < authority_.cases.size() && !officers.empty(); ++i) {
      const Case& subject = authority_.cases[i];
      const bool protection = !subject.cp_plans.empty();
      const Period period = protection                        ? subject.cp_plans.back()
                            : !subject.legal_statuses.empty() ? subject.legal_statuses.back().period
                                                              : Period{today_, today_};
      const std::string number = subject.id.substr(2);
      CivilDay previous = std::max(period.start + 85, authority_.history.start + static_cast<int>(i % 120));
      for (int review = 1; previous <= today_ && previous < period.end; ++review) {
        const int officer = OccupantOn(*officers[i % officers.size()], previous);
        const std::string by = officer < 0 ? "" : authority_.workers[officer].id;
        const CivilDay next = previous + random_.Between(150, 182);
        reviews.AddRow({absl::StrCat("RV-", number, "-", review), subject.id,
                        protection ? "child_protection" : "looked_after", DateText(previous),
                        DateText(previous), by});
        const CivilDay midpoint = previous + (next - previous) / 2;
        const bool slips = late.Next();
        const CivilDay checked =
            slips ? midpoint + random_.Between(12, 40) : midpoint - random_.Between(1, 20);
        const bool done = checked <= today_ && !missing.Next();
        checks.AddRow({absl::StrCat("MC-", number, "-", review), subject.id,
                       protection ? "child_protection_coordinator" : "independent_reviewing_officer", by,
                       DateText(previous), DateText(next), done ? DateText(checked) : "",
                       done ? DateText(checked) : "", done ? by : "", done ? "case_record" : "",
                       done ? (elsewhere.Next() ? "case_note" : "supervision") : ""});
        previous = next;
      }
    }
    files.push_back(std::move(reviews));
    files.push_back(std::move(checks));
  }

  CsvFile Disclosures() {
    CsvFile file("disclosures.csv", "",
                 {"disclosure_id", "supervisee_id", "reason", "recipient", "requested_by_id",
                  "disclosed_date", "agreed_by_both", "supervisee_informed_date", "start_date", "end_date"});
    constexpr absl::string_view kReasons[][2] = {{"human_resources", "human_resources"},
                                                 {"occupational_health", "occupational_health"},
                                                 {"advice", "adviser"},
                                                 {"regulator_or_audit", "auditor"},
                                                 {"safeguarding", "safeguarding_lead"},
                                                 {"grievance", "investigating_manager"}};
    const int wanted = std::max(6, authority_.options.workers * kDisclosuresOfHundredWorkers / 100);
    Slips untold(8), unlisted(20);
    int number = 0;
    for (int attempt = 0; number < wanted && attempt < wanted * 20; ++attempt) {
      const int worker = random_.Between(0, static_cast<int>(authority_.workers.size()) - 1);
      const CivilDay day = random_.DayOf(authority_.history);
      const int manager = supervisors_.LineManager(worker, day);
      if (manager < 0 || !IsEmployed(authority_.workers[worker], day)) continue;
      const auto& reason = kReasons[number % 6];
      const bool other = unlisted.Next();
      file.AddRow({absl::StrFormat("DI-%04d", ++number), authority_.workers[worker].id,
                   other ? "other" : std::string(reason[0]), other ? "other" : std::string(reason[1]),
                   authority_.workers[manager].id, DateText(day), Flag(reason[0] == "advice"),
                   untold.Next() ? "" : DateText(day), DateText(day), DateText(day + 30)});
    }
    return file;
  }

 private:
  int ManagerOf(const Case& subject, CivilDay day) const {
    for (const Allocation& allocation : subject.allocations) {
      if (allocation.role <= AllocationRole::kSupervisingSocialWorker && allocation.period.Contains(day)) {
        return supervisors_.LineManager(allocation.worker, day);
      }
    }
    return -1;
  }

  const Authority& authority_;
  const CivilDay today_;
  Random random_;
  const SupervisorIndex supervisors_;
};

}  // namespace

std::vector<CsvFile> OutsideFiles(const Authority& authority) {
  OutsideBuilder builder(authority);
  std::vector<CsvFile> files = {builder.Decisions(), builder.Disclosures()};
  builder.Reviews(files);
  return files;
}

}  // namespace oversight::sample

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "deploy/sample/fact_files.h"
#include "deploy/sample/random.h"
#include "deploy/sample/slips.h"
#include "deploy/sample/supervisors.h"
#include "deploy/sample/texts.h"

namespace oversight::sample {
namespace {

// Longer cover needs an agreement too.
constexpr int kShortCoverDays = 28;

// Links that hold together, by worker: who has several supervisors at once.
bool IsShared(const Authority& authority, const SupervisorLink& link) {
  return std::any_of(authority.links.begin(), authority.links.end(), [&](const SupervisorLink& other) {
    return other.worker == link.worker && &other != &link && other.supervisor != link.supervisor &&
           !other.period.Intersection(link.period).Empty();
  });
}

CsvFile Agreements(const Authority& authority) {
  CsvFile file("agreements.csv", "",
               {"agreement_id", "supervisee_id", "supervisor_id", "function", "supervisee_signed_date",
                "supervisor_signed_date", "accountability_stated", "split_stated", "responsibilities_stated",
                "agreed_days", "start_date", "end_date"});
  Random random(authority.options.seed, "agreements");
  Slips missing(40), half_signed(25), vague(14), stricter(30), unshared(4);
  int number = 0;
  for (const SupervisorLink& link : authority.links) {
    const bool short_cover = link.cover_for >= 0 && link.period.end - link.period.start <= kShortCoverDays;
    if (short_cover || link.period.start > authority.today() || missing.Next()) continue;
    const CivilDay start = link.period.start;
    const CivilDay signed_on = start - random.Between(0, 3);
    // The last link of a worker may have a stricter frequency; it is for the present.
    const bool agreed =
        link.cover_for < 0 && link.function == "line_management" && link.period.Open() && stricter.Next();
    const bool shared = IsShared(authority, link);
    file.AddRow({absl::StrFormat("AG-%05d", ++number), authority.workers[link.worker].id,
                 authority.workers[link.supervisor].id, std::string(link.function), DateText(signed_on),
                 half_signed.Next() ? "" : DateText(signed_on), Flag(!vague.Next()),
                 Flag(shared && !unshared.Next()), "N", agreed ? "21" : "", DateText(start),
                 DateText(link.period.end)});
  }
  return file;
}

// One for each worker with several supervisors, from when that began.
CsvFile Statements(const Authority& authority) {
  CsvFile file(
      "supervision_statements.csv", "",
      {"supervision_statement_id", "worker_id", "decisions_and_interventions_by_id", "line_management_by_id",
       "caseload_and_workload_by_id", "learning_and_career_by_id", "start_date", "end_date"});
  Slips missing(6);
  const SupervisorIndex supervisors(authority);
  int last = -1;
  for (const SupervisorLink& link : authority.links) {
    if (link.function != "professional" && link.function != "practice_education") continue;
    const int line = supervisors.LineManager(link.worker, link.period.start);
    if (line < 0 || link.worker == last || missing.Next()) continue;
    last = link.worker;
    const Worker& worker = authority.workers[link.worker];
    const std::string by_line = authority.workers[line].id, by_other = authority.workers[link.supervisor].id;
    file.AddRow({WorkerRecordId("ST", worker, 1), worker.id, by_other, by_line, by_line, by_other,
                 DateText(link.period.start), DateText(link.period.end)});
  }
  return file;
}

// The year ahead, planned with the present line manager; some plan only some months.
CsvFile Series(const Authority& authority) {
  CsvFile file("planned_series.csv", "",
               {"planned_series_id", "supervisee_id", "supervisor_id", "kind", "frequencies.start_date",
                "frequencies.every_months", "start_date", "end_date", "planned_date"});
  Random random(authority.options.seed, "planned series");
  Slips short_sighted(9), unplanned(25);
  const SupervisorIndex supervisors(authority);
  const CivilDay today = authority.today();
  for (size_t i = 0; i < authority.workers.size(); ++i) {
    const Worker& worker = authority.workers[i];
    const Post* post = PostOn(worker, today);
    const int supervisor = supervisors.LineManager(static_cast<int>(i), today);
    if (post == nullptr || supervisor < 0 || worker.basis == Basis::kStudent || unplanned.Next()) continue;
    const CivilDay start = std::max(worker.employment.start, today - random.Between(10, 60));
    const CivilDay end = short_sighted.Next() ? AddMonths(today, random.Between(2, 8))
                                              : AddMonths(today, 12) + random.Between(0, 40);
    file.AddRow({WorkerRecordId("PS", worker, 1), worker.id, authority.workers[supervisor].id,
                 "formal_one_to_one", DateText(start), "1", DateText(start), DateText(end), DateText(start)});
  }
  return file;
}

}  // namespace

std::vector<CsvFile> AgreementFiles(const Authority& authority) {
  return {Agreements(authority), Statements(authority), Series(authority)};
}

}  // namespace oversight::sample

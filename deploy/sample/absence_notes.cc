#include <string>

#include "absl/strings/str_cat.h"
#include "deploy/sample/fact_files.h"
#include "deploy/sample/random.h"
#include "deploy/sample/slips.h"
#include "deploy/sample/supervisors.h"
#include "deploy/sample/texts.h"

namespace oversight::sample {
namespace {

// From there on an absence leaves a gap in monthly supervision.
constexpr int kDaysOfGap = 24;
constexpr int kDaysToConsider = 14;

}  // namespace

std::vector<CsvFile> AbsenceFiles(const Authority& authority) {
  CsvFile absences(
      "absences.csv", "",
      {"absence_id", "worker_id", "kind", "first_date", "last_date", "expected_last_date", "gap_noted_date",
       "gap_noted_by_id", "reallocation_considered_date", "reallocation_considered_by_id"});
  CsvFile notes("absence_gap_notes.csv", "",
                {"absence_gap_note_id", "person_id", "absence_id", "noted_date", "noted_by_id"});
  Random random(authority.options.seed, "absence notes");
  Slips unconsidered(4), unnoted(6), expected(2);
  const SupervisorIndex supervisors(authority);
  const CivilDay today = authority.today();
  for (size_t i = 0; i < authority.workers.size(); ++i) {
    const Worker& worker = authority.workers[i];
    int number = 0;
    for (const Absence& absence : worker.absences) {
      const std::string id = WorkerRecordId("ABS", worker, ++number);
      const bool open = absence.last == CivilDay::Max();
      const int days = (open ? today : absence.last) - absence.first + 1;
      const int manager = supervisors.LineManager(static_cast<int>(i), absence.first);
      const std::string by = manager < 0 ? "" : authority.workers[manager].id;
      const CivilDay considered = absence.first + random.Between(5, 12);
      const bool considers =
          days > kDaysToConsider && !by.empty() && considered <= today && !unconsidered.Next();
      const CivilDay noted = absence.first + random.Between(kDaysOfGap, kDaysOfGap + 4);
      const bool gap = days > kDaysOfGap && !by.empty() && noted <= today;
      const bool notes_gap = gap && !unnoted.Next();
      absences.AddRow({id, worker.id, std::string(absence.kind), DateText(absence.first),
                       DateText(absence.last), open && expected.Next() ? DateText(today + 20) : "",
                       notes_gap ? DateText(noted) : "", notes_gap ? by : "",
                       considers ? DateText(considered) : "", considers ? by : ""});
      if (!notes_gap) continue;
      int note = 0;
      for (const Case& subject : authority.cases) {
        for (const Allocation& allocation : subject.allocations) {
          const bool held = allocation.worker == static_cast<int>(i) && allocation.period.Contains(noted) &&
                            allocation.role <= AllocationRole::kSupervisingSocialWorker;
          if (!held) continue;
          notes.AddRow({absl::StrCat(id, "-N", ++note), subject.id, absl::StrCat(worker.id, "/", id),
                        DateText(noted), by});
        }
      }
    }
  }
  std::vector<CsvFile> files;
  files.push_back(std::move(absences));
  files.push_back(std::move(notes));
  return files;
}

}  // namespace oversight::sample

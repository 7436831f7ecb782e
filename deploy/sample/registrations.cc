#include "absl/strings/str_cat.h"
#include "deploy/sample/fact_files.h"
#include "deploy/sample/random.h"
#include "deploy/sample/slips.h"
#include "deploy/sample/texts.h"

namespace oversight::sample {
namespace {

constexpr char kRegulator[] = "social_work_england";

CsvFile Registrations(const Authority& authority) {
  CsvFile file("professional_registrations.csv", "",
               {"professional_registration_id", "worker_id", "regulator", "number", "status", "start_date",
                "end_date"});
  Random random(authority.options.seed, "registrations");
  const CivilDay today = authority.today();
  Slips lapses(45), renewals(20), pending(3), unnoticed(6);
  for (const Worker& worker : authority.workers) {
    const Post* post = worker.posts.empty() ? nullptr : &worker.posts.back();
    if (post == nullptr || !worker.registered) continue;
    const auto add = [&](int number, absl::string_view status, CivilDay start, CivilDay end) {
      file.AddRow({WorkerRecordId("REG", worker, number), worker.id, kRegulator,
                   absl::StrCat("SYNTHETIC-REG-", worker.id.substr(3)), std::string(status), DateText(start),
                   DateText(end)});
    };
    if (worker.newly_qualified) {
      // Some start before the register has them; of one or the other nobody knows anything.
      const CivilDay start = worker.employment.start;
      if (unnoticed.Next()) continue;
      if (pending.Next()) {
        const CivilDay registered = start + random.Between(20, 60);
        add(1, "pending", start - 10, registered <= today ? registered : CivilDay::Max());
        if (registered <= today) add(2, "registered", registered, CivilDay::Max());
      } else {
        add(1, "registered", start - random.Between(3, 40), CivilDay::Max());
      }
      continue;
    }
    const CivilDay start = worker.employment.start - random.Between(100, 4000);
    // Managers keep theirs: whoever lets it lapse breaks what depends on it for all supervisees.
    const bool practitioner = post->position == "practitioner";
    if (practitioner && lapses.Next()) {
      add(1, "registered", start, today - random.Between(5, 90));
    } else if (renewals.Next()) {
      add(1, "registered", start, today + random.Between(10, 55));
    } else {
      add(1, "registered", start, CivilDay::Max());
    }
  }
  return file;
}

// A few in a year.
CsvFile Concerns(const Authority& authority) {
  CsvFile file("fitness_concerns.csv", "",
               {"fitness_concern_id", "worker_id", "raised_date", "regulator_informed_date",
                "not_informed_noted_date", "not_informed_reason"});
  Random random(authority.options.seed, "concerns");
  Slips late(4), not_informed(3);
  const CivilDay today = authority.today();
  int number = 0;
  for (const Worker& worker : authority.workers) {
    const Period known = worker.employment.Intersection({authority.history.start, today - 30});
    if (!worker.registered || worker.posts.empty() || known.Empty() || ++number % 24 != 5) continue;
    const CivilDay raised = random.DayOf(known);
    const CivilDay told =
        WorkingDaysAfter(raised, late.Next() ? random.Between(14, 30) : random.Between(1, 8));
    const bool noted = not_informed.Next();
    file.AddRow({WorkerRecordId("FC", worker, 1), worker.id, DateText(raised),
                 noted ? "" : PastDate(told, today), noted ? PastDate(told, today) : "",
                 noted && told <= today ? "settled by additional training" : ""});
  }
  return file;
}

}  // namespace

std::vector<CsvFile> RegistrationFiles(const Authority& authority) {
  return {Registrations(authority), Concerns(authority)};
}

}  // namespace oversight::sample

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "deploy/sample/fact_files.h"
#include "deploy/sample/random.h"
#include "deploy/sample/slips.h"
#include "deploy/sample/texts.h"

namespace oversight::sample {
namespace {

// Courses of one kind, about every 22 months from some day on; whoever slips stops going.
class Courses {
 public:
  Courses(const Authority& authority, CsvFile& file)
      : authority_(authority), file_(file), random_(authority.options.seed, "courses") {}

  void Attend(const Worker& worker, absl::string_view kind, bool slips) {
    const CivilDay today = authority_.today();
    CivilDay day = std::max(worker.employment.start + 20, authority_.history.start - random_.Between(0, 400));
    for (; day <= today && day < worker.employment.end; day = day + random_.Between(590, 700)) {
      file_.AddRow({WorkerRecordId("TR", worker, ++numbers_[worker.id]), worker.id, std::string(kind),
                    "Synthetic course", DateText(day)});
      if (slips) return;
    }
  }

 private:
  const Authority& authority_;
  CsvFile& file_;
  Random random_;
  std::map<std::string, int> numbers_;
};

CsvFile Training(const Authority& authority) {
  CsvFile file("training_records.csv", "",
               {"training_record_id", "worker_id", "kind", "title", "completed_date"});
  Courses courses(authority, file);
  std::set<int> supervisors;
  for (const SupervisorLink& link : authority.links) supervisors.insert(link.supervisor);
  Slips supervisee(12), supervisor(9);
  for (size_t i = 0; i < authority.workers.size(); ++i) {
    const Worker& worker = authority.workers[i];
    if (!worker.posts.empty() && IsSocialWorkPost(worker.posts.back())) {
      courses.Attend(worker, "supervisee", supervisee.Next());
    }
    if (supervisors.contains(static_cast<int>(i))) courses.Attend(worker, "supervisor", supervisor.Next());
  }
  return file;
}

// Every eleven or twelve months; some are forgotten after the first, or held late.
CsvFile Reviews(const Authority& authority) {
  CsvFile file("yearly_reviews.csv", "", {"yearly_review_id", "worker_id", "held_date"});
  Random random(authority.options.seed, "yearly reviews");
  Slips forgotten(11);
  for (const Worker& worker : authority.workers) {
    if (worker.posts.empty() || !IsSocialWorkPost(worker.posts.back())) continue;
    const bool slips = forgotten.Next();
    int number = 0;
    CivilDay day = std::max(worker.employment.start + 200, authority.history.start + random.Between(0, 300));
    if (slips && worker.employment.start < authority.history.start) continue;
    for (; day <= authority.today() && day < worker.employment.end; day = day + random.Between(330, 362)) {
      file.AddRow({WorkerRecordId("YR", worker, ++number), worker.id, DateText(day)});
    }
  }
  return file;
}

CsvFile Plans(const Authority& authority) {
  CsvFile file("development_plans.csv", "",
               {"development_plan_id", "worker_id", "start_date", "review_date"});
  Random random(authority.options.seed, "development plans");
  Slips none(10);
  for (const Worker& worker : authority.workers) {
    if (worker.posts.empty() || none.Next()) continue;
    const CivilDay start = std::max(worker.employment.start, authority.history.start) + random.Between(0, 25);
    if (start > authority.today()) continue;
    file.AddRow(
        {WorkerRecordId("DP", worker, 1), worker.id, DateText(start), DateText(AddMonths(start, 12))});
  }
  return file;
}

}  // namespace

std::vector<CsvFile> LearningFiles(const Authority& authority) {
  return {Training(authority), Reviews(authority), Plans(authority)};
}

}  // namespace oversight::sample

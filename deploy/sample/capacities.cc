#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "deploy/sample/fact_files.h"
#include "deploy/sample/random.h"
#include "deploy/sample/slips.h"
#include "deploy/sample/texts.h"

namespace oversight::sample {
namespace {

// How the number of cases that a worker holds changed: by day.
std::map<CivilDay, int> ChangesOfLoad(const Authority& authority, int worker) {
  std::map<CivilDay, int> changes;
  for (const Case& subject : authority.cases) {
    for (const Allocation& allocation : subject.allocations) {
      if (allocation.worker != worker || allocation.role > AllocationRole::kSupervisingSocialWorker) continue;
      ++changes[allocation.period.start];
      --changes[allocation.period.end];
    }
  }
  return changes;
}

int LoadOn(const std::map<CivilDay, int>& changes, CivilDay day) {
  int load = 0;
  for (const auto& [changed, by] : changes) {
    if (changed <= day) load += by;
  }
  return load;
}

}  // namespace

std::vector<CsvFile> CapacityFiles(const Authority& authority) {
  CsvFile capacities("capacities.csv", "", {"capacity_id", "worker_id", "points", "start_date", "end_date"});
  CsvFile plans("over_capacity_plans.csv", "",
                {"over_capacity_plan_id", "worker_id", "exceeded_date", "contingency", "recorded_date"});
  Random random(authority.options.seed, "capacities");
  Slips too_much(9), unplanned(5);
  const CivilDay today = authority.today();
  for (size_t i = 0; i < authority.workers.size(); ++i) {
    const Worker& worker = authority.workers[i];
    const Post* post = PostOn(worker, today);
    if (post == nullptr || !post->case_holding) continue;
    const std::map<CivilDay, int> changes = ChangesOfLoad(authority, static_cast<int>(i));
    const int load = LoadOn(changes, today);
    if (load == 0) continue;
    // In the first year a tenth less counts as full.
    const int of_load = post->career_stage == "newly_qualified" ? load * 10 / 9 + 1 : load;
    const int points =
        std::max(1, too_much.Next() ? load - random.Between(1, 4) : of_load + random.Between(0, 6));
    const CivilDay from = std::max(worker.employment.start, authority.history.start);
    capacities.AddRow(
        {WorkerRecordId("CAP", worker, 1), worker.id, absl::StrCat(points), DateText(from), ""});
    int held = 0, number = 0;
    bool exceeded = false;
    for (const auto& [day, by] : changes) {
      held += by;
      const bool now = held > points;
      if (now && !exceeded && day <= today && !unplanned.Next()) {
        const CivilDay exceeded_on = std::max(day, from);
        const CivilDay recorded = WorkingDaysAfter(exceeded_on, random.Between(1, 8));
        if (recorded <= today) {
          plans.AddRow({WorkerRecordId("OCP", worker, ++number), worker.id, DateText(exceeded_on),
                        random.Percent(50) ? "no_new_cases" : "reallocate_cases", DateText(recorded)});
        }
      }
      exceeded = now;
    }
  }
  std::vector<CsvFile> files;
  files.push_back(std::move(capacities));
  files.push_back(std::move(plans));
  return files;
}

}  // namespace oversight::sample

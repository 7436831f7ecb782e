#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/client.h"
#include "common/time/civil_day.h"
#include "tests/load/suite.h"

namespace oversight::load {

// How long after the reply to a write compliance's metrics page shows what the write has changed: the session
// of a worker who is overdue is held, and voided again, and each time the rule's number of overdue findings
// must move by one. Whatever else is written meanwhile must leave that number alone.
class ChangedMetric {
 public:
  struct Overdue {
    std::string worker;
    std::string supervisor;
  };
  // Workers whom the rule finds overdue; at least one. `suite` must outlive it.
  ChangedMetric(Suite& suite, std::unique_ptr<rpc::Client> supervision, std::string authority,
                std::string rule, std::vector<Overdue> overdue);

  // Measures again and again for as long as `go_on` holds. An error when the page does not show a change
  // within 30 seconds.
  absl::Status Run(const std::function<bool()>& go_on);

  // In nanoseconds, from the reply to a write to the end of the reading that showed it.
  std::vector<int64_t> TakeLatencies() { return std::exchange(latencies_, {}); }

 private:
  // Schedules a session today; its name.
  absl::StatusOr<std::string> Schedule(const Overdue& overdue);
  absl::Status Hold(const std::string& session);
  absl::Status Void(const std::string& session);
  absl::Status Await(double overdue);
  // The number of overdue findings of the rule, as the page has it; negative where it is not there.
  double OverdueNow() const;

  Suite& suite_;
  const std::unique_ptr<rpc::Client> supervision_;
  const std::string authority_;
  const std::string rule_;
  const std::vector<Overdue> overdue_;
  int next_id_ = 0;
  std::vector<int64_t> latencies_;
};

}  // namespace oversight::load

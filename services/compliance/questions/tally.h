#pragma once

#include <algorithm>
#include <array>

#include "absl/functional/function_ref.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/judgement/authority_judge.h"

namespace oversight::compliance {

// Counts of findings by status: the one place that says what is in time, and what share.
class Tally {
 public:
  void Add(v1::Finding::Status status, int days_overdue) {
    ++by_status_[static_cast<size_t>(status)];
    longest_ = std::max(longest_, days_overdue);
  }
  void Add(const engine::Finding& finding) {
    Add(static_cast<v1::Finding::Status>(finding.status), finding.days_overdue);
  }
  int longest_days_overdue() const { return longest_; }
  // With the share in time, as the design defines it: an excused finding counts neither way, an unknown one
  // never as kept.
  v1::SummarizeFindingsResponse::Counts ToProto() const;

 private:
  int Of(v1::Finding::Status status) const { return by_status_[static_cast<size_t>(status)]; }

  std::array<int, 9> by_status_{};
  int longest_ = 0;
};

// Whether a finding speaks against whoever is answerable: the ones by which the share in time falls.
bool IsFailing(engine::Status status);

// Visits every gap, deadline or event of a rule that fell due on a day of the time, as it is judged on its
// last day.
void ForEachFellDue(const AuthorityJudge& judge, const AssignedRule& rule, Period time,
                    absl::FunctionRef<void(engine::Subject, const engine::Gap&)> visit);

}  // namespace oversight::compliance

#include "services/compliance/questions/tally.h"

namespace oversight::compliance {

v1::SummarizeFindingsResponse::Counts Tally::ToProto() const {
  v1::SummarizeFindingsResponse::Counts out;
  out.set_met(Of(v1::Finding::STATUS_MET));
  out.set_pending(Of(v1::Finding::STATUS_PENDING));
  out.set_due_soon(Of(v1::Finding::STATUS_DUE_SOON));
  out.set_overdue(Of(v1::Finding::STATUS_OVERDUE));
  out.set_late(Of(v1::Finding::STATUS_LATE));
  out.set_breached(Of(v1::Finding::STATUS_BREACHED));
  out.set_excused(Of(v1::Finding::STATUS_EXCUSED));
  out.set_unknown(Of(v1::Finding::STATUS_UNKNOWN));
  const int in_time = out.met() + out.pending() + out.due_soon();
  const int all = in_time + out.overdue() + out.late() + out.breached() + out.unknown();
  out.set_share_in_time(all == 0 ? 0.0 : static_cast<double>(in_time) / all);
  return out;
}

bool IsFailing(engine::Status status) {
  switch (status) {
    case engine::Status::kOverdue:
    case engine::Status::kLate:
    case engine::Status::kBreached:
    case engine::Status::kUnknown:
      return true;
    default:
      return false;
  }
}

void ForEachFellDue(const AuthorityJudge& judge, const AssignedRule& rule, Period time,
                    absl::FunctionRef<void(engine::Subject, const engine::Gap&)> visit) {
  for (uint32_t i = 0; i < judge.SubjectCount(rule.subject_kind()); ++i) {
    for (const engine::Gap& gap : rule.History(judge.facts(), i, time.end - 1)) {
      if (time.Contains(gap.due)) visit({rule.subject_kind(), i}, gap);
    }
  }
}

}  // namespace oversight::compliance

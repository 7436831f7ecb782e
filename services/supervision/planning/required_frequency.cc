#include "services/supervision/planning/required_frequency.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/resource/dated.h"
#include "common/resource/name.h"
#include "common/rpc/peer.h"
#include "common/status/error.h"
#include "common/time/working_days.h"

namespace oversight::supervision {
namespace {

using compliance::v1::RequiredFrequency;

constexpr rpc::PeerQuestion kProjectFrequency{
    .service = "compliance",
    .reason = "COMPLIANCE_UNREACHABLE",
    .advice = "nothing was planned: try again, or give `frequencies`",
    .method = "/oversight.compliance.v1.ComplianceService/ProjectFrequency"};

template <typename Range>
std::vector<Period> PeriodsOf(const Range& spans) {
  std::vector<Period> periods;
  for (const auto& span : spans) periods.push_back(resource::PeriodOf(span));
  return periods;
}

bool AnyContains(const std::vector<Period>& periods, CivilDay day) {
  return std::any_of(periods.begin(), periods.end(),
                     [day](const Period& period) { return period.Contains(day); });
}

std::function<CivilDay(CivilDay)> MovedBy(const RequiredFrequency& required) {
  std::vector<std::pair<Period, CivilDay>> moved;
  for (const auto& move : required.moved()) {
    const Period days{resource::DayOf(move, "first_date").value_or(CivilDay::Max()),
                      resource::DayOf(move, "last_date").value_or(CivilDay::Min()) + 1};
    moved.emplace_back(days, resource::DayOf(move, "due_date").value_or(CivilDay::Max()));
  }
  return [moved = std::move(moved)](CivilDay due) {
    for (const auto& [days, to] : moved) {
      if (days.Contains(due)) return to;
    }
    return WorkingDays::EnglandAndWales().NextWorkingDayOnOrAfter(due);
  };
}

// Each calendar month is a requirement of its own.
void AddMonths(const RequiredFrequency& required, const std::function<bool(CivilDay)>& counts,
               std::vector<Requirement>& requirements) {
  for (const Period& months : PeriodsOf(required.intervals())) {
    for (CivilDay first = months.start; first < months.end; first = oversight::AddMonths(first, 1)) {
      requirements.push_back({.days = {first, oversight::AddMonths(first, 1)},
                              .frequencies = {},
                              .last_session = std::nullopt,
                              .counts = counts,
                              .moved = {}});
    }
  }
}

}  // namespace

absl::StatusOr<compliance::v1::ProjectFrequencyResponse> AskFrequency(
    rpc::Client* compliance, const rpc::Call& call, const v1::PlannedSeries& series,
    const std::vector<std::string>& tokens) {
  compliance::v1::ProjectFrequencyRequest question;
  question.set_parent(absl::StrCat("authorities/", std::string(resource::AuthorityOf(series.name()))));
  question.set_worker(series.supervisee());
  question.set_supervisor(series.supervisor());
  question.set_kind(series.kind());
  *question.mutable_start_date() = series.start_date();
  *question.mutable_end_date() = series.end_date();
  question.mutable_after_tokens()->Assign(tokens.begin(), tokens.end());
  compliance::v1::ProjectFrequencyResponse said;
  OVERSIGHT_RETURN_IF_ERROR(rpc::AskPeer(compliance, call, kProjectFrequency, question, &said));
  return said;
}

std::vector<Requirement> RequirementsOf(const compliance::v1::ProjectFrequencyResponse& said) {
  std::vector<Requirement> requirements;
  for (const RequiredFrequency& required : said.requirements()) {
    const auto counts = [counted = PeriodsOf(required.counted())](CivilDay day) {
      return AnyContains(counted, day);
    };
    Requirement requirement{.days = resource::PeriodOf(required),
                            .frequencies = {},
                            .last_session = resource::DayOf(required, "last_session_date"),
                            .counts = counts,
                            .moved = {}};
    for (const auto& interval : required.intervals()) {
      if (interval.every_calendar_month()) continue;
      requirement.frequencies.push_back(
          {.start = resource::DayOf(interval, "start_date").value_or(CivilDay::Max()),
           .days = interval.every_days(),
           .months = interval.every_months()});
    }
    if (requirement.frequencies.empty()) {
      AddMonths(required, counts, requirements);
      continue;
    }
    requirement.moved = MovedBy(required);
    requirements.push_back(std::move(requirement));
  }
  return requirements;
}

void AddLastSession(CivilDay held, Requirement& requirement) {
  if (requirement.days.Contains(held)) {
    requirement.last_session = std::max(requirement.last_session.value_or(held), held);
  }
}

absl::Status NothingRequired() {
  return Error(absl::StatusCode::kFailedPrecondition, "NO_FREQUENCY_REQUIRED",
               "no assigned policy asks for sessions of this kind with this supervisor on these days; give "
               "`frequencies`, or see that the supervisor link and the policy assignment are on record");
}

void NoteRequirements(const compliance::v1::ProjectFrequencyResponse& said, v1::PlannedSeries& series) {
  for (const RequiredFrequency& required : said.requirements()) {
    for (const auto& interval : required.intervals()) {
      auto& out = *series.add_requirements();
      out.set_rule(required.rule());
      out.set_row(interval.row());
      *out.mutable_start_date() = interval.start_date();
      *out.mutable_end_date() = interval.end_date();
      out.set_every_days(interval.every_days());
      out.set_every_months(interval.every_months());
      out.set_every_calendar_month(interval.every_calendar_month());
    }
  }
  series.mutable_requirement_tokens()->Assign(said.tokens().begin(), said.tokens().end());
}

}  // namespace oversight::supervision

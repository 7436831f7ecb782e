#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/resource/dated.h"
#include "common/resource/dates.h"
#include "common/resource/mutations.h"
#include "common/resource/question.h"
#include "common/resource/read_all.h"
#include "oversight/caseload/v1/risk.pb.h"
#include "services/caseload/verbs/verbs.h"

namespace oversight::caseload {
namespace {

using resource::Key;
using resource::Message;
using resource::Mutation;

absl::Status IllegalCaseAction(CaseState state, CaseAction action) {
  constexpr const char* kStates[] = {"NEVER_OPENED", "OPEN", "CLOSED"};
  constexpr const char* kAdvice[] = {
      "only a case that was never open is opened; reopen one that was closed",
      "only an open case is closed, not before the day on which it was last opened",
      "only a closed case is reopened, not before the day on which it was closed",
  };
  return Error(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION", kAdvice[static_cast<int>(action)])
      .With("state", kStates[static_cast<int>(state)]);
}

// Changes the periods in which a case was open.
absl::Status Act(CaseAction action, CivilDay day, const std::string& reason, v1::Case& state) {
  std::vector<Period> periods;
  for (const auto& period : state.open_periods()) periods.push_back(resource::PeriodOf(period));
  const CaseState before = StateOf(periods);
  const auto after = After(periods, action, day);
  if (!after) return IllegalCaseAction(before, action);
  if (action == CaseAction::kClose) {
    auto& last = *state.mutable_open_periods(state.open_periods_size() - 1);
    *last.mutable_end_date() = resource::ToDate(day);
    last.set_closing_reason(reason);
  } else {
    *state.add_open_periods()->mutable_start_date() = resource::ToDate(day);
  }
  return absl::OkStatus();
}

}  // namespace

Mutation Verbs::CaseMutation(const Key& key, const std::string& etag, CaseAction action, CivilDay day,
                             const std::string& reason) const {
  return resource::VerbMutation(*kinds_->case_record, key, etag, [action, day, reason](Message& state) {
    return Act(action, day, reason, static_cast<v1::Case&>(state));
  });
}

template <typename Request>
absl::Status Verbs::ChangeCase(rpc::Call& call, const Request& request, CaseAction action,
                               v1::Case& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay day, resource::DayAsked(request, "date", *environment().clock));
  OVERSIGHT_ASSIGN_OR_RETURN(const Key key,
                             resource::ParseName(*kinds_->case_record, request.name(), "name"));
  OVERSIGHT_ASSIGN_OR_RETURN(resource::Verb verb, VerbOf(call, key.authority, request));
  verb.plan = [&](mysql::Connection&) -> absl::StatusOr<Mutations> {
    Mutations mutations;
    mutations.push_back(CaseMutation(key, request.etag(), action, day, ""));
    return mutations;
  };
  OVERSIGHT_ASSIGN_OR_RETURN(auto changed, resource::CarryOut(call, standard_->writer(), verb));
  if (!changed.empty()) response = static_cast<const v1::Case&>(*changed.back());
  return absl::OkStatus();
}

absl::Status Verbs::OpenCase(rpc::Call& call, const v1::OpenCaseRequest& request, v1::Case& response) {
  return ChangeCase(call, request, CaseAction::kOpen, response);
}

absl::Status Verbs::ReopenCase(rpc::Call& call, const v1::ReopenCaseRequest& request, v1::Case& response) {
  return ChangeCase(call, request, CaseAction::kReopen, response);
}

template <typename Resource>
absl::Status Verbs::EndAll(mysql::Connection& connection, const resource::Kind& kind, const Key& case_key,
                           CivilDay day, Mutations& mutations) const {
  const std::string parent = absl::StrCat("cases/", case_key.id);
  OVERSIGHT_ASSIGN_OR_RETURN(
      const auto found,
      resource::ReadAll<Resource>(connection, *environment().tables, kind, case_key.authority, &parent));
  for (const Resource& resource : found) {
    if (resource::PeriodOf(resource).end <= day) continue;
    mutations.push_back(
        resource::VerbMutation(kind, *kind.pattern->Match(resource.name()), "", [&kind, day](Message& state) {
          auto& stored = static_cast<Resource&>(state);
          const Period period = resource::PeriodOf(stored);
          if (period.end <= day) return resource::ChangedMeanwhile(kind);
          // What was to begin later never does.
          *stored.mutable_end_date() = resource::ToDate(std::max(day, period.start));
          return absl::OkStatus();
        }));
  }
  return absl::OkStatus();
}

absl::StatusOr<Verbs::Mutations> Verbs::PlanClosing(mysql::Connection& connection, const Key& key,
                                                    CivilDay day, const v1::CloseCaseRequest& request) const {
  Mutations mutations;
  mutations.push_back(CaseMutation(key, request.etag(), CaseAction::kClose, day, request.reason()));
  const Kinds& kinds = *kinds_;
  OVERSIGHT_RETURN_IF_ERROR(EndAll<v1::StatusPeriod>(connection, *kinds.status_period, key, day, mutations));
  OVERSIGHT_RETURN_IF_ERROR(EndAll<v1::Placement>(connection, *kinds.placement, key, day, mutations));
  OVERSIGHT_RETURN_IF_ERROR(EndAll<v1::ReducedFrequencyAgreement>(
      connection, *kinds.reduced_frequency_agreement, key, day, mutations));
  OVERSIGHT_RETURN_IF_ERROR(
      EndAll<v1::RiskAssessment>(connection, *kinds.risk_assessment, key, day, mutations));
  OVERSIGHT_RETURN_IF_ERROR(EndAll<v1::StricterFrequencyAgreement>(
      connection, *kinds.stricter_frequency_agreement, key, day, mutations));
  OVERSIGHT_RETURN_IF_ERROR(EndAll<v1::Allocation>(connection, *kinds.allocation, key, day, mutations));
  return mutations;
}

absl::Status Verbs::CloseCase(rpc::Call& call, const v1::CloseCaseRequest& request, v1::Case& response) {
  OVERSIGHT_RETURN_IF_ERROR(resource::ReasonIn(request).status());
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay day, resource::DayAsked(request, "date", *environment().clock));
  OVERSIGHT_ASSIGN_OR_RETURN(const Key key,
                             resource::ParseName(*kinds_->case_record, request.name(), "name"));
  OVERSIGHT_ASSIGN_OR_RETURN(resource::Verb verb, VerbOf(call, key.authority, request));
  verb.plan = [&](mysql::Connection& connection) { return PlanClosing(connection, key, day, request); };
  OVERSIGHT_ASSIGN_OR_RETURN(auto changed, resource::CarryOut(call, standard_->writer(), verb));
  for (const auto& resource : changed) {
    if (resource->GetDescriptor() == v1::Case::descriptor())
      response = static_cast<const v1::Case&>(*resource);
  }
  return absl::OkStatus();
}

}  // namespace oversight::caseload

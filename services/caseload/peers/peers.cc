#include "services/caseload/peers/peers.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/resource/dates.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "oversight/workforce/v1/workforce_questions.pb.h"

namespace oversight::caseload {
namespace {

constexpr char kCheckAllocation[] = "/oversight.compliance.v1.ComplianceService/CheckAllocation";
constexpr char kListWorkerCapacities[] = "/oversight.workforce.v1.WorkforceService/ListWorkerCapacities";
// A caller with a long deadline should hear soon that the other service is away.
constexpr absl::Duration kLongestWait = absl::Seconds(5);

rpc::CallOptions OptionsOf(rpc::Call& call) {
  return {.deadline = std::min(call.deadline(), absl::Now() + kLongestWait), .request_id = call.request_id()};
}

// Whether an error says nothing of the question but that it was not answered. A service without the method is
// one that was not upgraded yet.
bool IsUnreachable(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kCancelled:
      return true;
    default:
      return false;
  }
}

absl::Status Unreachable(absl::string_view service, absl::string_view reason, absl::string_view advice,
                         const absl::Status& why) {
  return Error(absl::StatusCode::kUnavailable, reason,
               absl::StrCat("the ", service, " service could not be asked (",
                            absl::StatusCodeToString(why.code()), "); ", advice))
      .With("service", service)
      .RetryAfter(absl::Seconds(1));
}

}  // namespace

void Peers::Set(std::shared_ptr<rpc::Client> workforce, std::shared_ptr<rpc::Client> compliance) {
  workforce_ = std::move(workforce);
  compliance_ = std::move(compliance);
}

absl::StatusOr<type::v1::AllocationCheck> Peers::CheckAllocation(
    rpc::Call& call, const compliance::v1::CheckAllocationRequest& request) const {
  type::v1::AllocationCheck response;
  const absl::Status status =
      compliance_ == nullptr
          ? absl::UnavailableError("")
          : compliance_->Unary(kCheckAllocation, request, &response, OptionsOf(call), nullptr);
  if (status.ok()) return response;
  if (!IsUnreachable(status)) return status;
  return Unreachable("compliance", "COMPLIANCE_UNREACHABLE",
                     "nothing was written: try again, or say in `unchecked_reason` why it must go ahead",
                     status);
}

absl::StatusOr<std::map<std::string, WorkerPost>> Peers::WorkersInPost(
    rpc::Call& call, const std::string& authority, CivilDay day, const std::vector<std::string>& only) const {
  workforce::v1::ListWorkerCapacitiesRequest request;
  request.set_parent(absl::StrCat("authorities/", authority));
  *request.mutable_as_of_date() = resource::ToDate(day);
  for (const std::string& worker : only) request.add_workers(worker);
  request.set_page_size(1000);
  std::map<std::string, WorkerPost> workers;
  do {
    workforce::v1::ListWorkerCapacitiesResponse page;
    const absl::Status status = workforce_ == nullptr ? absl::UnavailableError("")
                                                      : workforce_->Unary(kListWorkerCapacities, request,
                                                                          &page, OptionsOf(call), nullptr);
    if (!status.ok()) {
      if (!IsUnreachable(status)) return status;
      return Unreachable("workforce", "WORKFORCE_UNREACHABLE", "it knows what workers can carry; try again",
                         status);
    }
    for (const auto& capacity : page.capacities()) {
      WorkerPost& worker = workers[capacity.worker()];
      worker.teams.assign(capacity.teams().begin(), capacity.teams().end());
      worker.capacity = {.full_time_equivalent = capacity.full_time_equivalent(),
                         .own_points = std::nullopt,
                         .reduction_percent = capacity.reduction_percent()};
      if (capacity.has_points()) worker.capacity.own_points = capacity.points();
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return workers;
}

}  // namespace oversight::caseload

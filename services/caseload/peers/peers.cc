#include "services/caseload/peers/peers.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/resource/dates.h"
#include "common/rpc/peer.h"
#include "common/status/macros.h"
#include "oversight/workforce/v1/workforce_questions.pb.h"

namespace oversight::caseload {
namespace {

constexpr rpc::PeerQuestion kCheckAllocation{
    .service = "compliance",
    .reason = "COMPLIANCE_UNREACHABLE",
    .advice = "nothing was written: try again, or say in `unchecked_reason` why it must go ahead",
    .method = "/oversight.compliance.v1.ComplianceService/CheckAllocation"};
constexpr rpc::PeerQuestion kListWorkerCapacities{
    .service = "workforce",
    .reason = "WORKFORCE_UNREACHABLE",
    .advice = "it knows what workers can carry; try again",
    .method = "/oversight.workforce.v1.WorkforceService/ListWorkerCapacities"};

}  // namespace

void Peers::Set(std::shared_ptr<rpc::Client> workforce, std::shared_ptr<rpc::Client> compliance) {
  workforce_ = std::move(workforce);
  compliance_ = std::move(compliance);
}

absl::StatusOr<type::v1::AllocationCheck> Peers::CheckAllocation(
    rpc::Call& call, const compliance::v1::CheckAllocationRequest& request) const {
  type::v1::AllocationCheck response;
  OVERSIGHT_RETURN_IF_ERROR(rpc::AskPeer(compliance_.get(), call, kCheckAllocation, request, &response));
  return response;
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
    OVERSIGHT_RETURN_IF_ERROR(rpc::AskPeer(workforce_.get(), call, kListWorkerCapacities, request, &page));
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

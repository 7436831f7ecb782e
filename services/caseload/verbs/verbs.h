#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/resource/request_fields.h"
#include "common/resource/standard_methods.h"
#include "common/resource/verb.h"
#include "common/rpc/methods.h"
#include "oversight/caseload/v1/caseload_questions.pb.h"
#include "services/caseload/domain/allocation.h"
#include "services/caseload/domain/case_life.h"
#include "services/caseload/resources/kinds.h"

namespace oversight::caseload {

// Carries out the verbs of caseload_questions.proto, each in one transaction.
class Verbs {
 public:
  // `standard` outlives it.
  Verbs(resource::StandardMethods* standard, KindsPtr kinds)
      : standard_(standard), kinds_(std::move(kinds)) {}

  absl::Status OpenCase(rpc::Call& call, const v1::OpenCaseRequest& request, v1::Case& response);
  absl::Status CloseCase(rpc::Call& call, const v1::CloseCaseRequest& request, v1::Case& response);
  absl::Status ReopenCase(rpc::Call& call, const v1::ReopenCaseRequest& request, v1::Case& response);
  absl::Status AllocateCase(rpc::Call& call, const v1::AllocateCaseRequest& request,
                            v1::AllocateCaseResponse& response);
  absl::Status EndAllocation(rpc::Call& call, const v1::EndAllocationRequest& request,
                             v1::Allocation& response);
  absl::Status TransferCaseload(rpc::Call& call, const v1::TransferCaseloadRequest& request,
                                v1::TransferCaseloadResponse& response);

 private:
  using Mutations = std::vector<resource::Mutation>;

  const resource::Environment& environment() const { return standard_->writer().environment(); }
  // A verb about `authority` whose request has a request_id and validate_only.
  template <typename Request>
  absl::StatusOr<resource::Verb> VerbOf(rpc::Call& call, const std::string& authority,
                                        const Request& request) const {
    OVERSIGHT_RETURN_IF_ERROR(resource::CheckRequestId(request.request_id()));
    resource::Verb verb;
    verb.authority = authority;
    verb.request = resource::Identify(authority, call.actor(), call.method(), request.request_id(), request);
    verb.validate_only = request.validate_only();
    return verb;
  }
  // The change of a case by an action.
  resource::Mutation CaseMutation(const resource::Key& key, const std::string& etag, CaseAction action,
                                  CivilDay day, const std::string& reason) const;
  template <typename Request>
  absl::Status ChangeCase(rpc::Call& call, const Request& request, CaseAction action, v1::Case& response);
  // The end of an allocation on `day`. Where it is in a state that does not allow the action: ABORTED
  // (CHANGED_MEANWHILE) for one `found` in such a state by looking, ILLEGAL_TRANSITION for one that the
  // caller named.
  resource::Mutation EndOf(const resource::Key& key, const std::string& etag, AllocationAction action,
                           bool found, CivilDay day, const std::string& reason) const;
  // Ends whatever of one kind still holds in a case on `day`.
  template <typename Resource>
  absl::Status EndAll(mysql::Connection& connection, const resource::Kind& kind,
                      const resource::Key& case_key, CivilDay day, Mutations& mutations) const;
  absl::StatusOr<Mutations> PlanClosing(mysql::Connection& connection, const resource::Key& key, CivilDay day,
                                        const v1::CloseCaseRequest& request) const;
  absl::StatusOr<Mutations> PlanTransfer(mysql::Connection& connection, const std::string& authority,
                                         CivilDay day, const v1::TransferCaseloadRequest& request) const;

  resource::StandardMethods* const standard_;
  const KindsPtr kinds_;
};

// Registers the methods of a Verbs, which they share. `standard` must outlive them.
void RegisterVerbs(resource::StandardMethods& standard, rpc::Methods& methods, KindsPtr kinds);

}  // namespace oversight::caseload

#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/resource/dated.h"
#include "common/resource/dates.h"
#include "common/resource/mutations.h"
#include "common/resource/question.h"
#include "common/resource/read_all.h"
#include "services/caseload/resources/vocabulary.h"
#include "services/caseload/verbs/verbs.h"

namespace oversight::caseload {
namespace {

using resource::Key;
using resource::Message;
using resource::Mutation;

absl::Status IllegalAction(AllocationState state) {
  return Error(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION",
               "only an allocation that holds on the day can be ended or moved then; delete one that has not "
               "begun, "
               "correct another with UpdateAllocation")
      .With("state", NameOf(state));
}

AllocationState StateOf(const v1::Allocation& allocation, CivilDay day) {
  return StateOn(resource::PeriodOf(allocation), day);
}

// What the caller must say of an allocation that a verb makes.
absl::Status CheckAllocationRecord(const std::string& reason, const std::string& allocated_by,
                                   const std::string& prefix) {
  std::vector<FieldViolation> violations;
  if (reason.empty()) violations.push_back({prefix + "reason", "is required: why this worker"});
  if (allocated_by.empty()) {
    violations.push_back(
        {prefix + "allocated_by", "is required: the practice supervisor who allocates the case"});
  }
  return InvalidFields(violations);
}

}  // namespace

Mutation Verbs::EndOf(const Key& key, const std::string& etag, AllocationAction action, bool found,
                      CivilDay day, const std::string& reason) const {
  const resource::Kind& kind = *kinds_->allocation;
  return resource::VerbMutation(kind, key, etag, [&kind, action, found, day, reason](Message& state) {
    auto& allocation = static_cast<v1::Allocation&>(state);
    const AllocationState before = StateOf(allocation, day);
    if (!Next(before, action)) return found ? resource::ChangedMeanwhile(kind) : IllegalAction(before);
    *allocation.mutable_end_date() = resource::ToDate(day);
    allocation.set_end_reason(reason);
    return absl::OkStatus();
  });
}

absl::Status Verbs::EndAllocation(rpc::Call& call, const v1::EndAllocationRequest& request,
                                  v1::Allocation& response) {
  OVERSIGHT_RETURN_IF_ERROR(resource::ReasonIn(request).status());
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay day, resource::DayAsked(request, "date", *environment().clock));
  OVERSIGHT_ASSIGN_OR_RETURN(const Key key, resource::ParseName(*kinds_->allocation, request.name(), "name"));
  OVERSIGHT_ASSIGN_OR_RETURN(resource::Verb verb, VerbOf(call, key.authority, request));
  verb.plan = [&](mysql::Connection&) -> absl::StatusOr<Mutations> {
    Mutations mutations;
    mutations.push_back(
        EndOf(key, request.etag(), AllocationAction::kEnd, /*found=*/false, day, request.reason()));
    return mutations;
  };
  OVERSIGHT_ASSIGN_OR_RETURN(auto changed, resource::CarryOut(call, standard_->writer(), verb));
  if (!changed.empty()) response = static_cast<const v1::Allocation&>(*changed.back());
  return absl::OkStatus();
}

absl::Status Verbs::AllocateCase(rpc::Call& call, const v1::AllocateCaseRequest& request,
                                 v1::AllocateCaseResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(
      const Key case_key,
      resource::LiveResource(call, environment(), *kinds_->case_record, request.name(), "name"));
  v1::Allocation allocation = request.allocation();
  resource::ClearOutputFields(allocation);
  OVERSIGHT_RETURN_IF_ERROR(
      CheckAllocationRecord(allocation.reason(), allocation.allocated_by(), "allocation."));
  if (!allocation.has_start_date()) {
    *allocation.mutable_start_date() = resource::ToDate(CivilDay::Of(environment().clock->Now()));
  }
  const std::optional<CivilDay> day = resource::DayOf(allocation, "start_date");
  if (!day) return InvalidFields({{"allocation.start_date", "is no date between 1900-01-01 and 9999-12-31"}});
  const std::string id = request.allocation_id().empty() ? resource::NewId() : request.allocation_id();
  if (!resource::IsValidId(id)) {
    return InvalidFields({{"allocation_id", "must be 1 to 63 letters, digits and -_.~"}});
  }
  const Key key = {case_key.authority, absl::StrCat("cases/", case_key.id), id};
  OVERSIGHT_ASSIGN_OR_RETURN(resource::Verb verb, VerbOf(call, key.authority, request));
  verb.plan = [&](mysql::Connection& connection) -> absl::StatusOr<Mutations> {
    Mutations mutations;
    if (request.replace_keyworker()) {
      OVERSIGHT_ASSIGN_OR_RETURN(const auto present, resource::ReadAll<v1::Allocation>(
                                                         connection, *environment().tables,
                                                         *kinds_->allocation, key.authority, &key.parent));
      for (const v1::Allocation& part : present) {
        if (part.role() != v1::ALLOCATION_ROLE_KEYWORKER ||
            !Next(StateOf(part, *day), AllocationAction::kEnd))
          continue;
        mutations.push_back(EndOf(*kinds_->allocation->pattern->Match(part.name()), "",
                                  AllocationAction::kEnd, /*found=*/true, *day, allocation.reason()));
      }
    }
    mutations.push_back(resource::NewResource(*kinds_->allocation, key, allocation, "allocation"));
    return mutations;
  };
  OVERSIGHT_ASSIGN_OR_RETURN(auto changed, resource::CarryOut(call, standard_->writer(), verb));
  if (changed.empty()) return absl::OkStatus();
  *response.mutable_allocation() = static_cast<const v1::Allocation&>(*changed.back());
  if (request.replace_keyworker() && changed.size() > 1) {
    *response.mutable_replaced() = static_cast<const v1::Allocation&>(*changed[changed.size() - 2]);
  }
  return absl::OkStatus();
}

absl::StatusOr<Verbs::Mutations> Verbs::PlanTransfer(mysql::Connection& connection,
                                                     const std::string& authority, CivilDay day,
                                                     const v1::TransferCaseloadRequest& request) const {
  const resource::Kind& kind = *kinds_->allocation;
  OVERSIGHT_ASSIGN_OR_RETURN(const auto allocations, resource::ReadWhere<v1::Allocation>(
                                                         connection, *environment().tables, kind, authority,
                                                         {{"worker", "=", request.from()}}));
  std::set<std::string> asked(request.cases().begin(), request.cases().end());
  const bool all = asked.empty();
  Mutations mutations;
  for (const v1::Allocation& allocation : allocations) {
    const Key key = *kind.pattern->Match(allocation.name());
    const std::string case_name = kind.pattern->FormatParent(key);
    const bool wanted =
        all || std::find(request.cases().begin(), request.cases().end(), case_name) != request.cases().end();
    if (!wanted || !Next(StateOf(allocation, day), AllocationAction::kMove)) continue;
    asked.erase(case_name);
    mutations.push_back(EndOf(key, "", AllocationAction::kMove, /*found=*/true, day, request.reason()));
    v1::Allocation successor = allocation;
    successor.set_worker(request.to());
    *successor.mutable_start_date() = resource::ToDate(day);
    successor.set_allocated_by(request.allocated_by());
    successor.set_reason(request.reason());
    successor.set_unchecked_reason(request.unchecked_reason());
    if (!request.team().empty()) successor.set_team(request.team());
    successor.clear_end_reason();
    successor.clear_recorded_date();
    successor.clear_instruction();
    successor.clear_external_ids();
    mutations.push_back(resource::NewResource(kind, {authority, key.parent, resource::NewId()}, successor));
  }
  if (all || asked.empty()) return mutations;
  return Error(absl::StatusCode::kFailedPrecondition, "NOT_ALLOCATED",
               "the worker has no part in one of these cases on that day; leave it out")
      .With("case", *asked.begin());
}

absl::Status Verbs::TransferCaseload(rpc::Call& call, const v1::TransferCaseloadRequest& request,
                                     v1::TransferCaseloadResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, resource::AuthorityIn(request.parent(), "parent"));
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay day, resource::DayAsked(request, "date", *environment().clock));
  OVERSIGHT_RETURN_IF_ERROR(CheckAllocationRecord(request.reason(), request.allocated_by(), ""));
  if (request.from().empty() || request.from() == request.to()) {
    return InvalidFields({{"to", "must be another worker than `from`"}});
  }
  OVERSIGHT_ASSIGN_OR_RETURN(resource::Verb verb, VerbOf(call, authority, request));
  verb.plan = [&](mysql::Connection& connection) {
    return PlanTransfer(connection, authority, day, request);
  };
  OVERSIGHT_ASSIGN_OR_RETURN(auto changed, resource::CarryOut(call, standard_->writer(), verb));
  for (const auto& allocation : changed) {
    *response.add_allocations() = static_cast<const v1::Allocation&>(*allocation);
  }
  return absl::OkStatus();
}

void RegisterVerbs(resource::StandardMethods& standard, rpc::Methods& methods, KindsPtr kinds) {
  const auto verbs = std::make_shared<Verbs>(&standard, std::move(kinds));
  const auto add = [&](const char* name, auto method) {
    resource::AddMethod(methods, "oversight.caseload.v1.CaseloadService", name, verbs, method);
  };
  add("OpenCase", &Verbs::OpenCase);
  add("CloseCase", &Verbs::CloseCase);
  add("ReopenCase", &Verbs::ReopenCase);
  add("AllocateCase", &Verbs::AllocateCase);
  add("EndAllocation", &Verbs::EndAllocation);
  add("TransferCaseload", &Verbs::TransferCaseload);
}

}  // namespace oversight::caseload

#include "common/resource/references.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/error.h"
#include "oversight/ledger/v1/ledger.pb.h"

namespace oversight::resource {
namespace {

constexpr char kLookUp[] = "/oversight.ledger.v1.LedgerService/LookUp";
// An answer takes a millisecond; a caller with a long deadline should hear soon that the other service is
// away.
constexpr absl::Duration kLongestWait = absl::Seconds(5);

}  // namespace

LedgerReferences::LedgerReferences(std::map<std::string, std::shared_ptr<rpc::Client>> services)
    : services_(std::move(services)) {}

absl::StatusOr<RemoteReferences::Answer> LedgerReferences::LookUp(rpc::Call& call, const std::string& service,
                                                                  const std::string& authority,
                                                                  const std::set<std::string>& names) {
  const auto client = services_.find(service);
  if (client == services_.end()) {
    return Error(absl::StatusCode::kInternal, "SERVICE_UNKNOWN",
                 absl::StrCat("no address is set for ", service));
  }
  ledger::v1::LookUpRequest request;
  request.set_parent(absl::StrCat("authorities/", authority));
  for (const std::string& name : names) request.add_names(name);
  ledger::v1::LookUpResponse response;
  const rpc::CallOptions options{.deadline = std::min(call.deadline(), absl::Now() + kLongestWait),
                                 .request_id = call.request_id()};
  if (absl::Status status = client->second->Unary(kLookUp, request, &response, options); !status.ok()) {
    return Error(
               absl::StatusCode::kUnavailable, "REFERENCE_UNCHECKED",
               absl::StrCat("the ", service, " service, which owns what this refers to, could not be asked (",
                            absl::StatusCodeToString(status.code()), "); nothing was written, try again"))
        .With("service", service)
        .RetryAfter(absl::Seconds(1));
  }
  Answer answer{.missing = {response.missing().begin(), response.missing().end()},
                .merged_into = {},
                .token = response.token()};
  for (const auto& merged : response.merged()) answer.merged_into[merged.name()] = merged.into();
  return answer;
}

std::string ServiceOf(absl::string_view type_name) {
  const size_t dot = type_name.find('.');
  if (dot == absl::string_view::npos) return "";
  type_name.remove_prefix(dot + 1);
  return std::string(type_name.substr(0, type_name.find('.')));
}

absl::Status ReferenceNotFound(const Reference& reference, const std::string& prefix,
                               const std::string& merged_into) {
  const std::string field = absl::StrCat(prefix, reference.field);
  Error error(
      absl::StatusCode::kFailedPrecondition, "REFERENCE_NOT_FOUND",
      merged_into.empty()
          ? absl::StrCat("`", field, "` names something that does not exist or was deleted; create it first")
          : absl::StrCat("`", field, "` names a duplicate; name the resource into which it was merged"));
  error.With("field", field).With("resource_type", reference.type);
  if (!merged_into.empty()) error.With("merged_into", merged_into);
  return error.Field(field, merged_into.empty() ? "does not exist" : "was merged into another resource");
}

}  // namespace oversight::resource

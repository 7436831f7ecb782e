#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/resource/kind.h"
#include "common/resource/writer.h"
#include "common/rpc/methods.h"

namespace oversight::resource {

// Create, Get, List, Update and Delete (AIP-131 to 135) of every kind of a service, found by name in the
// service's descriptor: CreatePost, GetPost, ListPosts, ... Which fields their requests have is theirs to
// say; names and meaning are the AIPs'.
class StandardMethods {
 public:
  // `rpc_service` is the full name, for example `oversight.workforce.v1.WorkforceService`. `writer` must
  // outlive it.
  StandardMethods(std::string rpc_service, Writer* writer);

  // Registers the methods of all kinds.
  void Register(rpc::Methods& methods);

  // For custom verbs (AIP-136): changes one live resource. `change` alters the state it is given, or refuses;
  // it may run several times. Everything else is as for an update.
  absl::Status Mutate(rpc::Call& call, const Kind& kind, absl::string_view name, absl::string_view etag,
                      absl::string_view request_id, const Message& request,
                      absl::FunctionRef<absl::Status(Message& state)> change, Message& response);

 private:
  absl::Status Create(const Kind& kind, rpc::Call& call, const Message& request, Message& response);
  absl::Status Get(const Kind& kind, rpc::Call& call, const Message& request, Message& response);
  absl::Status List(const Kind& kind, rpc::Call& call, const Message& request, Message& response);
  absl::Status Update(const Kind& kind, rpc::Call& call, const Message& request, Message& response);
  absl::Status Delete(const Kind& kind, rpc::Call& call, const Message& request, Message& response);
  absl::Status CheckListParent(const Kind& kind, mysql::Connection& connection, const Key& parent);

  const std::string rpc_service_;
  Writer* const writer_;
};

// INVALID_ARGUMENT (INVALID_NAME) unless the name has the kind's pattern.
absl::StatusOr<Key> ParseName(const Kind& kind, absl::string_view name, absl::string_view field);
// Sets the message's `name` to what its key says.
void SetName(const Kind& kind, const Key& key, Message& state);

}  // namespace oversight::resource

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/resource/batch_methods.h"
#include "common/resource/kind.h"
#include "common/resource/list_method.h"
#include "common/resource/writer.h"
#include "common/rpc/methods.h"

namespace oversight::resource {

// Create, Get, List, Update and Delete (AIP-131 to 135), Undelete (164), Void and Merge (136), and the
// batches (231 to 235) of every kind of a service, found by name in the service's descriptor: CreatePost,
// GetPost, ListPosts, ... Which fields their requests have is theirs to say; names and meaning are the AIPs'.
class StandardMethods {
 public:
  // `rpc_service` is the full name, for example `oversight.workforce.v1.WorkforceService`. `writer` must
  // outlive it.
  StandardMethods(std::string rpc_service, Writer* writer);

  // Registers the methods of all kinds.
  void Register(rpc::Methods& methods);

  // For custom verbs (AIP-136): changes one live resource. `change` alters the state it is given, or refuses;
  // it may run several times. Everything else is as for an update. Verbs that change several resources at
  // once give a ChangeSet of VerbMutations (mutations.h) to `writer()`.
  absl::Status Mutate(rpc::Call& call, const Kind& kind, absl::string_view name, absl::string_view etag,
                      absl::string_view request_id, const Message& request,
                      absl::FunctionRef<absl::Status(Message& state)> change, Message& response);

  // The resource of this name, as Get replies it, a deleted one too (AIP-164). `name` must not lie in
  // `response`.
  absl::Status Read(const Kind& kind, rpc::Call& call, absl::string_view name, Message& response) const;

  Writer& writer() { return *writer_; }

 private:
  absl::Status Write(const Kind& kind, rpc::Call& call, const Message& request,
                     absl::FunctionRef<absl::StatusOr<Mutation>(const Kind&, const Message&)> mutation_of,
                     Message& response);

  const std::string rpc_service_;
  Writer* const writer_;
  const ListMethod lists_;
  const BatchMethods batches_;
};

}  // namespace oversight::resource

#include "common/resource/standard_methods.h"

#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/merge.h"
#include "common/resource/mutations.h"
#include "common/resource/request_fields.h"
#include "common/resource/writer_state.h"
#include "common/status/error.h"
#include "google/protobuf/descriptor.h"

namespace oversight::resource {

StandardMethods::StandardMethods(std::string rpc_service, Writer* writer)
    : rpc_service_(std::move(rpc_service)), writer_(writer), lists_(writer), batches_(writer) {}

void StandardMethods::Register(rpc::Methods& methods) {
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(rpc_service_);
  if (service == nullptr) return;
  for (const auto& kind : writer_->environment().kinds->kinds()) {
    const auto add = [&](const std::string& method, auto&& handler) {
      if (service->FindMethodByName(method) == nullptr) return;
      methods.Unary(rpc_service_, method,
                    [kind = kind.get(), handler](rpc::Call& call, const Message& request, Message& response)
                        -> absl::Status { return handler(*kind, call, request, response); });
    };
    const auto write = [this](
                           std::function<absl::StatusOr<Mutation>(const Kind&, const Message&)> mutation_of) {
      return
          [this, mutation_of](const Kind& kind, rpc::Call& call, const Message& request, Message& response) {
            return Write(kind, call, request, mutation_of, response);
          };
    };
    const Registry& kinds = *writer_->environment().kinds;
    add(absl::StrCat("Create", kind->short_name), write([](const Kind& of, const Message& request) {
          return CreateMutation(of, request, TextOf(request, "parent"), NewId());
        }));
    add(absl::StrCat("Update", kind->short_name), write(UpdateMutation));
    add(absl::StrCat("Delete", kind->short_name), write(DeleteMutation));
    add(absl::StrCat("Undelete", kind->short_name), write(UndeleteMutation));
    add(absl::StrCat("Void", kind->short_name),
        write([&kinds](const Kind& of, const Message& request) { return VoidMutation(of, request, kinds); }));
    add(absl::StrCat("Merge", kind->short_name), write([&kinds](const Kind& of, const Message& request) {
          return MergeMutation(of, request, kinds);
        }));
    const auto read = [this](const Kind& of, rpc::Call& call, const Message& request, Message& response) {
      return Read(of, call, TextOf(request, "name"), response);
    };
    add(absl::StrCat("Get", kind->short_name), read);
    const auto list = [this](const Kind& of, rpc::Call& call, const Message& request, Message& response) {
      return lists_.List(of, call, request, response);
    };
    add(absl::StrCat("List", kind->plural_name), list);
    for (const BatchMethods::Verb verb : BatchMethods::kVerbs) {
      add(absl::StrCat("Batch", BatchMethods::NameOf(verb), kind->plural_name),
          [this, verb](const Kind& of, rpc::Call& call, const Message& request, Message& response) {
            return batches_.Run(verb, of, call, request, response);
          });
    }
  }
}

absl::Status StandardMethods::Write(
    const Kind& kind, rpc::Call& call, const Message& request,
    absl::FunctionRef<absl::StatusOr<Mutation>(const Kind&, const Message&)> mutation_of, Message& response) {
  OVERSIGHT_RETURN_IF_ERROR(CheckRequestId(TextOf(request, "request_id")));
  OVERSIGHT_ASSIGN_OR_RETURN(Mutation mutation, mutation_of(kind, request));
  Message* const reply = &response;
  return writer_->Apply(call, OneChange(std::move(mutation), call.actor(), call.method(), request),
                        std::span(&reply, 1));
}

absl::Status StandardMethods::Read(const Kind& kind, rpc::Call& call, absl::string_view name,
                                   Message& response) const {
  OVERSIGHT_ASSIGN_OR_RETURN(const Key key, ParseName(kind, name, "name"));
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection,
                             writer_->environment().pool->Acquire(call.deadline()));
  bool found = false;
  OVERSIGHT_RETURN_IF_ERROR(writer_->environment().tables->Of(kind).ReadByKeys(
      *connection, std::span(&key, 1), Lock::kNone, [&](const StoredResource& stored) -> absl::Status {
        found = true;
        if (!response.ParseFromString(stored.bytes)) {
          return Error(absl::StatusCode::kDataLoss, "RESOURCE_UNREADABLE",
                       "what is stored cannot be read; verify the ledger");
        }
        Render(stored, response);
        return absl::OkStatus();
      }));
  if (found) return absl::OkStatus();
  return NotFound(kind);
}

absl::Status StandardMethods::Mutate(rpc::Call& call, const Kind& kind, absl::string_view name,
                                     absl::string_view etag, absl::string_view request_id,
                                     const Message& request,
                                     absl::FunctionRef<absl::Status(Message& state)> change,
                                     Message& response) {
  OVERSIGHT_RETURN_IF_ERROR(CheckRequestId(std::string(request_id)));
  OVERSIGHT_ASSIGN_OR_RETURN(const Key key, ParseName(kind, name, "name"));
  ChangeSet changes;
  changes.authority = key.authority;
  changes.request = Identify(key.authority, call.actor(), call.method(), std::string(request_id), request);
  changes.validate_only = FlagOf(request, "validate_only");
  changes.mutations.push_back(VerbMutation(kind, key, std::string(etag), change));
  Message* const reply = &response;
  return writer_->Apply(call, changes, std::span(&reply, 1));
}

}  // namespace oversight::resource

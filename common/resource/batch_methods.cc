#include "common/resource/batch_methods.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/ledger/hash_chain.h"
#include "common/resource/mutations.h"
#include "common/resource/request_fields.h"
#include "common/resource/writer_state.h"
#include "common/status/error.h"
#include "google/protobuf/descriptor.h"

namespace oversight::resource {
namespace {

constexpr int kMost = 1000;
constexpr size_t kDerivedIdBytes = 10;

std::string PartOf(const char* field, int index) { return absl::StrCat(field, "[", index, "]"); }

// INVALID_FIELDS unless the key lies below the batch's parent.
absl::Status CheckBeneath(const Key& key, const Key& parent, const char* field) {
  const bool any_parent = absl::EndsWith(parent.parent, "/-");
  if (key.authority == parent.authority && (any_parent || key.parent == parent.parent))
    return absl::OkStatus();
  return InvalidFields({{field, "must lie beneath the `parent` of the batch"}});
}

// INVALID_FIELDS when there are too many in one field of the request.
absl::StatusOr<int> CountOf(const Message& request, const google::protobuf::FieldDescriptor* field) {
  const int count = request.GetReflection()->FieldSize(request, field);
  if (count <= kMost) return count;
  return InvalidFields(
      {{field->name(), absl::StrCat(count, " are too many for one batch; send at most ", kMost)}});
}

// The id of a new resource that the request leaves to the service: a batch that is sent again chooses the
// same ones.
std::string IdFor(const IdentifiedRequest& request, int index) {
  if (request.request_id.empty()) return NewId();
  const std::string digest = ledger::Sha256(
      absl::StrCat("oversight.batch.id.1\n", request.actor, "\n", request.request_id, "\n", index));
  return absl::BytesToHexString(digest.substr(0, kDerivedIdBytes));
}

// INVALID_FIELDS when one of the requests has what only the batch may have.
absl::Status CheckMember(const Message& member) {
  std::vector<FieldViolation> violations;
  if (!TextOf(member, "request_id").empty()) {
    violations.push_back({"request_id", "belongs to the batch, not to a request in it"});
  }
  if (FlagOf(member, "validate_only")) {
    violations.push_back({"validate_only", "belongs to the batch, not to a request in it"});
  }
  return InvalidFields(violations);
}

absl::StatusOr<Mutation> MutationOf(BatchMethods::Verb verb, const Kind& kind, const Message& member,
                                    const std::string& batch_parent, const std::string& id) {
  OVERSIGHT_RETURN_IF_ERROR(CheckMember(member));
  switch (verb) {
    case BatchMethods::Verb::kCreate: {
      const std::string own = TextOf(member, "parent");
      return CreateMutation(kind, member, own.empty() ? batch_parent : own, id);
    }
    case BatchMethods::Verb::kUpdate:
      return UpdateMutation(kind, member);
    default:
      return DeleteMutation(kind, member);
  }
}

}  // namespace

const char* BatchMethods::NameOf(Verb verb) {
  switch (verb) {
    case Verb::kGet:
      return "Get";
    case Verb::kCreate:
      return "Create";
    case Verb::kUpdate:
      return "Update";
    case Verb::kDelete:
      return "Delete";
  }
  return "";
}

absl::Status BatchMethods::Run(Verb verb, const Kind& kind, rpc::Call& call, const Message& request,
                               Message& response) const {
  const std::optional<Key> parent = kind.pattern->MatchParent(TextOf(request, "parent"), /*wildcards=*/true);
  if (!parent.has_value()) {
    return InvalidFields({{"parent", absl::StrCat("must be a name like ", kind.pattern->ParentText())}});
  }
  return verb == Verb::kGet ? Get(kind, call, request, *parent, response)
                            : Write(verb, kind, call, request, *parent, response);
}

absl::Status BatchMethods::Get(const Kind& kind, rpc::Call& call, const Message& request, const Key& parent,
                               Message& response) const {
  const auto* names = request.GetDescriptor()->FindFieldByName("names");
  OVERSIGHT_ASSIGN_OR_RETURN(const int count, CountOf(request, names));
  std::vector<Key> keys;
  for (int i = 0; i < count; ++i) {
    const std::string field = PartOf("names", i);
    OVERSIGHT_ASSIGN_OR_RETURN(
        const Key key, ParseName(kind, request.GetReflection()->GetRepeatedString(request, names, i), field));
    OVERSIGHT_RETURN_IF_ERROR(CheckBeneath(key, parent, field.c_str()));
    keys.push_back(key);
  }
  std::vector<Key> sorted = keys;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
    return InvalidFields({{"names", "must name each resource once"}});
  }
  std::map<Key, std::unique_ptr<Message>> found;
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection,
                             writer_->environment().pool->Acquire(call.deadline()));
  OVERSIGHT_RETURN_IF_ERROR(writer_->environment().tables->Of(kind).ReadByKeys(
      *connection, sorted, Lock::kNone, [&](const StoredResource& stored) -> absl::Status {
        std::unique_ptr<Message>& state = found[stored.key];
        state.reset(kind.prototype->New());
        if (!state->ParseFromString(stored.bytes)) {
          return Error(absl::StatusCode::kDataLoss, "RESOURCE_UNREADABLE",
                       "what is stored cannot be read; verify the ledger");
        }
        Render(stored, *state);
        return absl::OkStatus();
      }));
  const auto* items = response.GetDescriptor()->field(0);
  for (int i = 0; i < count; ++i) {
    const auto state = found.find(keys[static_cast<size_t>(i)]);
    if (state == found.end()) return InPart(NotFound(kind), PartOf("names", i));
    Message* item = response.GetReflection()->AddMessage(&response, items);
    item->GetReflection()->Swap(item, state->second.get());
  }
  return absl::OkStatus();
}

absl::Status BatchMethods::Write(Verb verb, const Kind& kind, rpc::Call& call, const Message& request,
                                 const Key& parent, Message& response) const {
  const std::string request_id = TextOf(request, "request_id");
  OVERSIGHT_RETURN_IF_ERROR(CheckRequestId(request_id));
  const auto* members = request.GetDescriptor()->FindFieldByName("requests");
  OVERSIGHT_ASSIGN_OR_RETURN(const int count, CountOf(request, members));
  ChangeSet changes;
  changes.authority = parent.authority;
  changes.request = Identify(parent.authority, call.actor(), call.method(), request_id, request);
  changes.validate_only = FlagOf(request, "validate_only");
  absl::flat_hash_set<Key> keys;
  for (int i = 0; i < count; ++i) {
    const Message& member = request.GetReflection()->GetRepeatedMessage(request, members, i);
    absl::StatusOr<Mutation> mutation =
        MutationOf(verb, kind, member, TextOf(request, "parent"), IdFor(changes.request, i));
    absl::Status status = mutation.status();
    if (status.ok()) status = CheckBeneath(mutation->key, parent, verb == Verb::kCreate ? "parent" : "name");
    if (status.ok() && !keys.insert(mutation->key).second) {
      status = InvalidFields({{"name", "the same resource stands earlier in this batch"}});
    }
    if (!status.ok()) return InPart(status, PartOf("requests", i));
    mutation->part = PartOf("requests", i);
    changes.mutations.push_back(*std::move(mutation));
  }
  const auto* items = response.GetDescriptor()->field(0);
  std::vector<Message*> replies;
  for (int i = 0; i < count; ++i) {
    replies.push_back(response.GetReflection()->AddMessage(&response, items));
  }
  return writer_->Apply(call, changes, replies);
}

}  // namespace oversight::resource

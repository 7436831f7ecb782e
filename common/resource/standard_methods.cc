#include "common/resource/standard_methods.h"

#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/ledger/hash_chain.h"
#include "common/resource/field_rules.h"
#include "common/resource/page_token.h"
#include "common/status/error.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/util/field_mask_util.h"

namespace oversight::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::util::FieldMaskUtil;

constexpr size_t kGeneratedIdBytes = 10;
constexpr size_t kLongestRequestId = 255;

// Access to request fields by the names that the AIPs give them. A field that a request does not have is
// empty.
std::string Text(const Message& message, const std::string& field_name) {
  const auto* field = message.GetDescriptor()->FindFieldByName(field_name);
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

bool Flag(const Message& message, const std::string& field_name) {
  const auto* field = message.GetDescriptor()->FindFieldByName(field_name);
  return field != nullptr && message.GetReflection()->GetBool(message, field);
}

const Message& Child(const Message& message, const std::string& field_name) {
  return message.GetReflection()->GetMessage(message, message.GetDescriptor()->FindFieldByName(field_name));
}

absl::Status CheckRequestId(const std::string& request_id) {
  if (request_id.size() <= kLongestRequestId) return absl::OkStatus();
  return InvalidFields({{"request_id", "at most 255 bytes; a UUID is best"}});
}

std::string GeneratedId() { return absl::BytesToHexString(ledger::RandomBytes(kGeneratedIdBytes)); }

absl::Status InvalidName(const Kind& kind, absl::string_view field) {
  const std::string expected =
      absl::StrCat("must be a name like ", kind.pattern->text(), ", ids of 1 to 63 letters, digits and -_.~");
  return Error(absl::StatusCode::kInvalidArgument, "INVALID_NAME", absl::StrCat("`", field, "` ", expected))
      .Field(field, expected);
}

// The key of a new resource from `parent` and `{kind}_id`.
absl::StatusOr<Key> NewKey(const Kind& kind, const Message& request) {
  const std::string id_field = absl::StrCat(kind.field_name, "_id");
  std::string id = Text(request, id_field);
  if (id.empty() && !kind.pattern->is_authority()) id = GeneratedId();
  if (!IsValidId(id)) {
    return InvalidFields({{id_field, "must be 1 to 63 letters, digits and -_.~"}});
  }
  if (kind.pattern->is_authority()) return Key{.authority = id, .id = id};
  std::optional<Key> key = kind.pattern->MatchParent(Text(request, "parent"));
  if (!key.has_value()) {
    return InvalidFields({{"parent", absl::StrCat("must be a name like ", kind.pattern->ParentText())}});
  }
  key->id = id;
  return *key;
}

// The mask of an update: given, `*`, or every field that is set (AIP-134).
absl::StatusOr<FieldMask> UpdateMask(const Kind& kind, const Message& request, const Message& resource) {
  const auto* descriptor = kind.prototype->GetDescriptor();
  const auto& given = static_cast<const FieldMask&>(Child(request, "update_mask"));
  FieldMask mask;
  const bool all = given.paths_size() == 1 && given.paths(0) == "*";
  if (given.paths().empty() || all) {
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const FieldDescriptor* field = descriptor->field(i);
      const bool set = field->is_repeated() ? resource.GetReflection()->FieldSize(resource, field) > 0
                                            : resource.GetReflection()->HasField(resource, field);
      if ((all || set) && field->name() != "name" && field->name() != "etag") mask.add_paths(field->name());
    }
    return mask;
  }
  std::vector<FieldViolation> violations;
  for (const std::string& path : given.paths()) {
    const std::string top = path.substr(0, path.find('.'));
    if (!FieldMaskUtil::GetFieldDescriptors(descriptor, path, nullptr)) {
      violations.push_back(
          {"update_mask",
           absl::StrCat("a ", kind.short_name, " has no such field; paths are like `",
                        descriptor->field(descriptor->field_count() > 1 ? 1 : 0)->name(), "`")});
    } else if (top != "name" && top != "etag") {
      mask.add_paths(path);
    }
  }
  OVERSIGHT_RETURN_IF_ERROR(InvalidFields(violations));
  return mask;
}

}  // namespace

absl::StatusOr<Key> ParseName(const Kind& kind, absl::string_view name, absl::string_view field) {
  std::optional<Key> key = kind.pattern->Match(name);
  if (!key.has_value()) return InvalidName(kind, field);
  return *key;
}

void SetName(const Kind& kind, const Key& key, Message& state) {
  state.GetReflection()->SetString(&state, state.GetDescriptor()->FindFieldByName("name"),
                                   kind.pattern->Format(key));
}

StandardMethods::StandardMethods(std::string rpc_service, Writer* writer)
    : rpc_service_(std::move(rpc_service)), writer_(writer) {}

void StandardMethods::Register(rpc::Methods& methods) {
  using Handler = absl::Status (StandardMethods::*)(const Kind&, rpc::Call&, const Message&, Message&);
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(rpc_service_);
  for (const auto& kind : writer_->environment().kinds->kinds()) {
    const auto add = [&](const std::string& method, Handler handler) {
      if (service->FindMethodByName(method) == nullptr) return;
      methods.Unary(
          rpc_service_, method,
          [this, kind = kind.get(), handler](rpc::Call& call, const Message& request, Message& response) {
            return (this->*handler)(*kind, call, request, response);
          });
    };
    add(absl::StrCat("Create", kind->short_name), &StandardMethods::Create);
    add(absl::StrCat("Get", kind->short_name), &StandardMethods::Get);
    add(absl::StrCat("Update", kind->short_name), &StandardMethods::Update);
    add(absl::StrCat("Delete", kind->short_name), &StandardMethods::Delete);
    // The plural is the collection's, as the pattern has it: `asyeProgrammes` gives ListAsyeProgrammes.
    std::string plural = kind->pattern->collection();
    plural[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(plural[0])));
    add(absl::StrCat("List", plural), &StandardMethods::List);
  }
}

absl::Status StandardMethods::Create(const Kind& kind, rpc::Call& call, const Message& request,
                                     Message& response) {
  OVERSIGHT_RETURN_IF_ERROR(CheckRequestId(Text(request, "request_id")));
  OVERSIGHT_ASSIGN_OR_RETURN(const Key key, NewKey(kind, request));
  const Message& given = Child(request, kind.field_name);
  return writer_->Apply(
      call,
      {.kind = &kind,
       .key = key,
       .field = kind.field_name,
       .request = Identify(key.authority, call.actor(), call.method(), Text(request, "request_id"), request),
       .validate_only = Flag(request, "validate_only"),
       .expect = Mutation::Expect::kNew,
       .build = [&](const Message*) -> absl::StatusOr<std::unique_ptr<Message>> {
         std::unique_ptr<Message> state(kind.prototype->New());
         state->CopyFrom(given);
         ClearOutputFields(*state);
         SetName(kind, key, *state);
         if (kind.normalise) kind.normalise(*state);
         return state;
       }},
      response);
}

absl::Status StandardMethods::Get(const Kind& kind, rpc::Call& call, const Message& request,
                                  Message& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const Key key, ParseName(kind, Text(request, "name"), "name"));
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
  return Error(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND",
               absl::StrCat("there is no such ", kind.short_name, "; check the name, or create it"))
      .With("resource_type", kind.type_name);
}

absl::Status StandardMethods::CheckListParent(const Kind& kind, mysql::Connection& connection,
                                              const Key& parent) {
  const std::string name = kind.pattern->FormatParent(parent);
  const Kind* parent_kind = writer_->environment().kinds->FindByName(name);
  if (parent_kind == nullptr) return absl::OkStatus();  // the authority, which another service owns
  const std::optional<Key> key = parent_kind->pattern->Match(name);
  bool live = false;
  OVERSIGHT_RETURN_IF_ERROR(
      writer_->environment()
          .tables->Of(*parent_kind)
          .ReadByKeys(connection, std::span(&*key, 1), Lock::kNone, [&](const StoredResource& stored) {
            live = !stored.deleted;
            return absl::OkStatus();
          }));
  if (live) return absl::OkStatus();
  return Error(absl::StatusCode::kNotFound, "PARENT_NOT_FOUND",
               absl::StrCat("there is no such ", parent_kind->short_name, "; check the parent"))
      .With("resource_type", parent_kind->type_name);
}

absl::Status StandardMethods::List(const Kind& kind, rpc::Call& call, const Message& request,
                                   Message& response) {
  const auto* page_size_field = request.GetDescriptor()->FindFieldByName("page_size");
  OVERSIGHT_ASSIGN_OR_RETURN(const int page_size,
                             PageSize(request.GetReflection()->GetInt32(request, page_size_field)));
  const bool show_deleted = Flag(request, "show_deleted");
  const std::string parent_name = Text(request, "parent");
  const std::string query = absl::StrCat(call.method(), "\n", parent_name, "\n", show_deleted);
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string last, DecodePageToken(query, Text(request, "page_token")));
  const std::pair<std::string, std::string> after = absl::StrSplit(last, absl::MaxSplits('\n', 1));

  std::optional<Key> parent = Key{};
  if (!kind.pattern->is_authority()) {
    parent = kind.pattern->MatchParent(parent_name, /*wildcards=*/true);
    if (!parent.has_value()) {
      return InvalidFields({{"parent", absl::StrCat("must be a name like ", kind.pattern->ParentText())}});
    }
  }
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection,
                             writer_->environment().pool->Acquire(call.deadline()));
  const bool of_all_parents = absl::EndsWith(parent->parent, "/-");
  if (!of_all_parents && !kind.pattern->is_authority()) {
    OVERSIGHT_RETURN_IF_ERROR(CheckListParent(kind, *connection, *parent));
  }

  const auto* items = response.GetDescriptor()->field(0);
  Key end;
  int read = 0;
  const auto reader = [&](const StoredResource& stored) -> absl::Status {
    if (++read > page_size) return absl::OkStatus();  // one more was read only to know whether there is more
    Message* item = response.GetReflection()->AddMessage(&response, items);
    item->ParseFromString(stored.bytes);
    Render(stored, *item);
    end = stored.key;
    return absl::OkStatus();
  };
  const Table& table = writer_->environment().tables->Of(kind);
  if (kind.pattern->is_authority()) {
    OVERSIGHT_RETURN_IF_ERROR(
        table.ReadAll(*connection, Key{.authority = after.second}, show_deleted, page_size + 1, reader));
  } else {
    OVERSIGHT_RETURN_IF_ERROR(
        table.ReadPage(*connection, parent->authority, of_all_parents ? nullptr : &parent->parent,
                       Key{.parent = after.first, .id = after.second}, show_deleted, page_size + 1, reader));
  }
  if (read > page_size) {
    response.GetReflection()->SetString(&response,
                                        response.GetDescriptor()->FindFieldByName("next_page_token"),
                                        EncodePageToken(query, absl::StrCat(end.parent, "\n", end.id)));
  }
  return absl::OkStatus();
}

absl::Status StandardMethods::Update(const Kind& kind, rpc::Call& call, const Message& request,
                                     Message& response) {
  OVERSIGHT_RETURN_IF_ERROR(CheckRequestId(Text(request, "request_id")));
  const Message& given = Child(request, kind.field_name);
  OVERSIGHT_ASSIGN_OR_RETURN(const Key key,
                             ParseName(kind, Text(given, "name"), absl::StrCat(kind.field_name, ".name")));
  OVERSIGHT_ASSIGN_OR_RETURN(const FieldMask mask, UpdateMask(kind, request, given));
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  return writer_->Apply(
      call,
      {.kind = &kind,
       .key = key,
       .field = kind.field_name,
       .etag = Text(given, "etag"),
       .request = Identify(key.authority, call.actor(), call.method(), Text(request, "request_id"), request),
       .validate_only = Flag(request, "validate_only"),
       .expect = Flag(request, "allow_missing") ? Mutation::Expect::kAny : Mutation::Expect::kLive,
       .build = [&](const Message* stored) -> absl::StatusOr<std::unique_ptr<Message>> {
         std::unique_ptr<Message> state(kind.prototype->New());
         if (stored == nullptr) {
           state->CopyFrom(given);
         } else {
           state->CopyFrom(*stored);
           FieldMaskUtil::MergeMessageTo(given, mask, options, state.get());
         }
         ClearOutputFields(*state);
         SetName(kind, key, *state);
         if (kind.normalise) kind.normalise(*state);
         return state;
       }},
      response);
}

absl::Status StandardMethods::Delete(const Kind& kind, rpc::Call& call, const Message& request,
                                     Message& response) {
  OVERSIGHT_RETURN_IF_ERROR(CheckRequestId(Text(request, "request_id")));
  OVERSIGHT_ASSIGN_OR_RETURN(const Key key, ParseName(kind, Text(request, "name"), "name"));
  return writer_->Apply(
      call,
      {.kind = &kind,
       .key = key,
       .etag = Text(request, "etag"),
       .request = Identify(key.authority, call.actor(), call.method(), Text(request, "request_id"), request),
       .validate_only = Flag(request, "validate_only"),
       .build = [&](const Message* stored) -> absl::StatusOr<std::unique_ptr<Message>> {
         std::unique_ptr<Message> state(kind.prototype->New());
         state->CopyFrom(*stored);
         return state;
       },
       .remove = true},
      response);
}

absl::Status StandardMethods::Mutate(rpc::Call& call, const Kind& kind, absl::string_view name,
                                     absl::string_view etag, absl::string_view request_id,
                                     const Message& request,
                                     absl::FunctionRef<absl::Status(Message& state)> change,
                                     Message& response) {
  OVERSIGHT_RETURN_IF_ERROR(CheckRequestId(std::string(request_id)));
  OVERSIGHT_ASSIGN_OR_RETURN(const Key key, ParseName(kind, name, "name"));
  return writer_->Apply(
      call,
      {.kind = &kind,
       .key = key,
       .etag = std::string(etag),
       .request = Identify(key.authority, call.actor(), call.method(), std::string(request_id), request),
       .build = [&](const Message* stored) -> absl::StatusOr<std::unique_ptr<Message>> {
         std::unique_ptr<Message> state(kind.prototype->New());
         state->CopyFrom(*stored);
         OVERSIGHT_RETURN_IF_ERROR(change(*state));
         if (kind.normalise) kind.normalise(*state);
         return state;
       },
       .by_verb = true},
      response);
}

}  // namespace oversight::resource

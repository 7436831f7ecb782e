#include "common/resource/mutations.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/ledger/hash_chain.h"
#include "common/resource/field_rules.h"
#include "common/resource/request_fields.h"
#include "common/resource/void.h"
#include "common/resource/withdrawal.h"
#include "common/status/error.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/util/field_mask_util.h"

namespace oversight::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::util::FieldMaskUtil;

// What an update takes over: whole fields, and paths into messages within.
struct Taken {
  std::vector<const FieldDescriptor*> fields;
  FieldMask paths;
};

constexpr size_t kGeneratedIdBytes = 10;
constexpr size_t kLongestReason = 1000;

absl::Status InvalidName(const Kind& kind, absl::string_view field) {
  const std::string expected =
      absl::StrCat("must be a name like ", kind.pattern->text(), ", ids of 1 to 63 letters, digits and -_.~");
  return Error(absl::StatusCode::kInvalidArgument, "INVALID_NAME", absl::StrCat("`", field, "` ", expected))
      .Field(field, expected);
}

// The key of a new resource from its parent and `{kind}_id`.
absl::StatusOr<Key> NewKey(const Kind& kind, const Message& request, const std::string& parent,
                           const std::string& chosen_id) {
  const std::string id_field = absl::StrCat(kind.field_name, "_id");
  std::string id = TextOf(request, id_field);
  if (id.empty() && !kind.pattern->is_authority()) id = chosen_id;
  if (!IsValidId(id)) {
    return InvalidFields({{id_field, "must be 1 to 63 letters, digits and -_.~"}});
  }
  if (kind.pattern->is_authority()) return Key{.authority = id, .id = id};
  std::optional<Key> key = kind.pattern->MatchParent(parent);
  if (!key.has_value()) {
    return InvalidFields({{"parent", absl::StrCat("must be a name like ", kind.pattern->ParentText())}});
  }
  key->id = id;
  return *key;
}

// By the mask of an update: given, `*`, or every field that is set (AIP-134).
absl::StatusOr<Taken> TakenByUpdate(const Kind& kind, const Message& request, const Message& resource) {
  const auto* descriptor = kind.prototype->GetDescriptor();
  const auto& given = static_cast<const FieldMask&>(ChildOf(request, "update_mask"));
  Taken taken;
  const bool all = given.paths_size() == 1 && given.paths(0) == "*";
  if (given.paths().empty() || all) {
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const FieldDescriptor* field = descriptor->field(i);
      const bool set = field->is_repeated() ? resource.GetReflection()->FieldSize(resource, field) > 0
                                            : resource.GetReflection()->HasField(resource, field);
      if ((all || set) && field->name() != "name" && field->name() != "etag") taken.fields.push_back(field);
    }
    return taken;
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
      taken.paths.add_paths(path);
    }
  }
  OVERSIGHT_RETURN_IF_ERROR(InvalidFields(violations));
  return taken;
}

// A state that the service is to store, made from what a caller may have sent.
void Complete(const Kind& kind, const Key& key, Message& state) {
  ClearOutputFields(state);
  SetName(kind, key, state);
  if (kind.normalise) kind.normalise(state);
}

// A mutation of the resource that `name` and `etag` of the request mean.
absl::StatusOr<Mutation> OfNamed(const Kind& kind, const Message& request) {
  Mutation mutation;
  mutation.kind = &kind;
  OVERSIGHT_ASSIGN_OR_RETURN(mutation.key, ParseName(kind, TextOf(request, "name"), "name"));
  mutation.etag = TextOf(request, "etag");
  return mutation;
}

void TakeOver(const Message& given, const Taken& taken, Message& state) {
  if (!taken.fields.empty()) {
    const std::unique_ptr<Message> copy = CopyOf(given);
    state.GetReflection()->SwapFields(&state, copy.get(), taken.fields);
  }
  if (taken.paths.paths().empty()) return;
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(given, taken.paths, options, &state);
}

}  // namespace

std::string NewId() { return absl::BytesToHexString(ledger::RandomBytes(kGeneratedIdBytes)); }

absl::StatusOr<Key> ParseName(const Kind& kind, absl::string_view name, absl::string_view field) {
  std::optional<Key> key = kind.pattern->Match(name);
  if (!key.has_value()) return InvalidName(kind, field);
  return *key;
}

void SetName(const Kind& kind, const Key& key, Message& state) {
  state.GetReflection()->SetString(&state, state.GetDescriptor()->FindFieldByName("name"),
                                   kind.pattern->Format(key));
}

absl::StatusOr<std::string> ReasonIn(const Message& request) {
  std::string reason = TextOf(request, "reason");
  if (reason.empty()) return InvalidFields({{"reason", "is required: say why"}});
  if (reason.size() > kLongestReason) return InvalidFields({{"reason", "at most 1,000 bytes are accepted"}});
  if (reason.find('\0') != std::string::npos) {
    return InvalidFields({{"reason", "must not contain the character NUL"}});
  }
  return reason;
}

ChangeSet OneChange(Mutation mutation, const std::string& actor, absl::string_view method,
                    const Message& request) {
  ChangeSet changes;
  changes.authority = mutation.key.authority;
  changes.request = Identify(changes.authority, actor, method, TextOf(request, "request_id"), request);
  changes.validate_only = FlagOf(request, "validate_only");
  changes.mutations.push_back(std::move(mutation));
  return changes;
}

absl::StatusOr<Mutation> CreateMutation(const Kind& kind, const Message& request, const std::string& parent,
                                        const std::string& chosen_id) {
  Mutation mutation;
  mutation.kind = &kind;
  OVERSIGHT_ASSIGN_OR_RETURN(mutation.key, NewKey(kind, request, parent, chosen_id));
  mutation.field = kind.field_name;
  mutation.expect = Mutation::Expect::kNew;
  mutation.build = [&kind, key = mutation.key, given = &ChildOf(request, kind.field_name)](const Message*) {
    std::unique_ptr<Message> state = CopyOf(*given);
    Complete(kind, key, *state);
    return state;
  };
  return mutation;
}

absl::StatusOr<Mutation> UpdateMutation(const Kind& kind, const Message& request) {
  const Message& given = ChildOf(request, kind.field_name);
  Mutation mutation;
  mutation.kind = &kind;
  OVERSIGHT_ASSIGN_OR_RETURN(mutation.key,
                             ParseName(kind, TextOf(given, "name"), absl::StrCat(kind.field_name, ".name")));
  OVERSIGHT_ASSIGN_OR_RETURN(const Taken taken, TakenByUpdate(kind, request, given));
  mutation.field = kind.field_name;
  mutation.etag = TextOf(given, "etag");
  mutation.expect = FlagOf(request, "allow_missing") ? Mutation::Expect::kAny : Mutation::Expect::kLive;
  mutation.build = [&kind, key = mutation.key, &given, taken](const Message* stored) {
    std::unique_ptr<Message> state = CopyOf(stored == nullptr ? given : *stored);
    if (stored != nullptr) TakeOver(given, taken, *state);
    Complete(kind, key, *state);
    return state;
  };
  return mutation;
}

absl::StatusOr<Mutation> DeleteMutation(const Kind& kind, const Message& request) {
  OVERSIGHT_ASSIGN_OR_RETURN(Mutation mutation, OfNamed(kind, request));
  mutation.remove = true;
  mutation.build = [](const Message* stored) { return CopyOf(*stored); };
  return mutation;
}

absl::StatusOr<Mutation> UndeleteMutation(const Kind& kind, const Message& request) {
  OVERSIGHT_ASSIGN_OR_RETURN(Mutation mutation, OfNamed(kind, request));
  mutation.expect = Mutation::Expect::kDeleted;
  mutation.build = [](const Message* stored) {
    std::unique_ptr<Message> state = CopyOf(*stored);
    ClearOutputFields(*state);
    return state;
  };
  return mutation;
}

absl::StatusOr<Mutation> VoidMutation(const Kind& kind, const Message& request, const Registry& kinds) {
  OVERSIGHT_ASSIGN_OR_RETURN(Mutation mutation, OfNamed(kind, request));
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string reason, ReasonIn(request));
  mutation.remove = true;
  mutation.build = [reason](const Message* stored) {
    std::unique_ptr<Message> state = CopyOf(*stored);
    SetWithdrawal(*state, reason, "");
    return state;
  };
  mutation.consequences = VoidWhatLiesBeneath(kinds, kind, mutation.key, reason);
  return mutation;
}

Mutation VerbMutation(const Kind& kind, const Key& key, const std::string& etag,
                      std::function<absl::Status(Message& state)> change) {
  Mutation mutation;
  mutation.kind = &kind;
  mutation.key = key;
  mutation.etag = etag;
  mutation.by_verb = true;
  mutation.build =
      [&kind, change = std::move(change)](const Message* stored) -> absl::StatusOr<std::unique_ptr<Message>> {
    std::unique_ptr<Message> state = CopyOf(*stored);
    OVERSIGHT_RETURN_IF_ERROR(change(*state));
    if (kind.normalise) kind.normalise(*state);
    return state;
  };
  return mutation;
}

}  // namespace oversight::resource

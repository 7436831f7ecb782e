#include "common/resource/writer.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ledger/token.h"
#include "common/mysql/transaction.h"
#include "common/resource/field_rules.h"
#include "common/status/error.h"
#include "common/time/timestamp.h"
#include "oversight/type/v1/annotations.pb.h"

namespace oversight::resource {
namespace {

constexpr char kTokenTrailer[] = "oversight-token";
constexpr char kAuthorityType[] = "oversight.workforce.v1.Authority";
// In the log of requests, the revision of one that found everything as it wanted it.
constexpr uint64_t kChangedNothing = 0;

absl::Status RolledBackOnPurpose() { return absl::CancelledError("validate_only"); }

absl::Status NotFound(const Kind& kind) {
  return Error(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND",
               absl::StrCat("there is no such ", kind.short_name, "; check the name, or create it"))
      .With("resource_type", kind.type_name);
}

void SetTime(Message& message, const char* field_name, absl::Time time) {
  const auto* field = message.GetDescriptor()->FindFieldByName(field_name);
  if (field == nullptr) return;
  static_cast<google::protobuf::Timestamp&>(*message.GetReflection()->MutableMessage(&message, field)) =
      ToTimestamp(time);
}

// Whether the authority of a resource of this kind, or anything it may refer to, belongs to another service.
bool MayReferElsewhere(const Kind& kind, const std::string& service) {
  if (ServiceOf(kAuthorityType) != service) return true;
  const auto* descriptor = kind.prototype->GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const std::string& type = descriptor->field(i)->options().GetExtension(type::v1::rules).reference();
    if (!type.empty() && ServiceOf(type) != service) return true;
  }
  return false;
}

std::string PathPrefix(const Mutation& mutation) {
  return mutation.field.empty() ? "" : absl::StrCat(mutation.field, ".");
}

}  // namespace

std::string EtagOf(uint64_t version) { return absl::StrCat("v", version); }

void Render(const StoredResource& stored, Message& state) {
  if (stored.version == 0) return;  // not stored yet: validate_only
  SetTime(state, "create_time", stored.create_time);
  SetTime(state, "update_time", stored.update_time);
  if (stored.deleted) SetTime(state, "delete_time", stored.update_time);
  if (const auto* etag = state.GetDescriptor()->FindFieldByName("etag"); etag != nullptr) {
    state.GetReflection()->SetString(&state, etag, EtagOf(stored.version));
  }
}

// The references that other services have vouched for, and when.
struct Writer::Checked {
  std::map<std::string, std::set<std::string>> names;
  std::vector<std::string> tokens;
};

struct Writer::Outcome {
  StoredResource stored;
  std::unique_ptr<Message> state;
  // Revision 0 when nothing was written.
  ledger::HeadRow head;
};

Writer::Writer(Environment environment) : environment_(std::move(environment)) {}

std::vector<FieldViolation> Writer::Validate(const Kind& kind, const Key& key, const Message& state,
                                             const std::string& prefix) {
  std::vector<FieldViolation> violations;
  CheckFieldRules(state, key.authority, prefix, violations);
  // The kind's own checks may rely on the annotations being kept.
  if (violations.empty() && kind.validate) {
    kind.validate(state, violations);
    for (FieldViolation& violation : violations) violation.field = absl::StrCat(prefix, violation.field);
  }
  return violations;
}

std::map<std::string, std::set<std::string>> Writer::RemoteNames(
    const std::string& authority, const std::vector<Reference>& references) const {
  std::map<std::string, std::set<std::string>> names;
  if (ServiceOf(kAuthorityType) != environment_.service) {
    names[ServiceOf(kAuthorityType)].insert(absl::StrCat("authorities/", authority));
  }
  for (const Reference& reference : references) {
    if (std::string service = ServiceOf(reference.type); service != environment_.service) {
      names[service].insert(reference.name);
    }
  }
  return names;
}

absl::Status Writer::CheckLocalReferences(UnitOfWork& work, const Message& state,
                                          const std::string& prefix) const {
  for (const Reference& reference : ReferencesOf(state)) {
    const Kind* kind = environment_.kinds->FindByType(reference.type);
    if (kind == nullptr) continue;  // another service's, checked already
    const std::optional<Key> key = kind->pattern->Match(reference.name);
    if (!key.has_value()) return ReferenceNotFound(reference, prefix);
    OVERSIGHT_ASSIGN_OR_RETURN(const Message* found, work.Find(*kind, *key));
    if (found == nullptr) return ReferenceNotFound(reference, prefix);
  }
  return absl::OkStatus();
}

absl::Status Writer::LockAuthority(UnitOfWork& work, mysql::Connection& connection,
                                   const std::string& authority) {
  OVERSIGHT_RETURN_IF_ERROR(ledger::LockHead(connection, authority).status());
  work.AuthorityIsLocked();
  return absl::OkStatus();
}

absl::Status Writer::CheckParent(UnitOfWork& work, mysql::Connection& connection, const Kind& kind,
                                 const Key& key) const {
  if (kind.pattern->is_authority()) return absl::OkStatus();
  const Kind* parent_kind = environment_.kinds->FindByName(kind.pattern->FormatParent(key));
  if (parent_kind == nullptr)
    return absl::OkStatus();  // the authority, which another service owns: checked already
  const std::optional<Key> parent = parent_kind->pattern->Match(kind.pattern->FormatParent(key));
  bool live = false;
  if (const std::optional<bool> known = work.KnownLive(*parent_kind, *parent); known.has_value()) {
    live = *known;
  } else if (parent_kind->pattern->is_authority()) {
    // Not locked: all writes of an authority would queue behind each other.
    OVERSIGHT_RETURN_IF_ERROR(
        environment_.tables->Of(*parent_kind)
            .ReadByKeys(connection, std::span(&*parent, 1), Lock::kNone, [&](const StoredResource& stored) {
              live = !stored.deleted;
              return absl::OkStatus();
            }));
  } else {
    OVERSIGHT_ASSIGN_OR_RETURN(const Message* found, work.Find(*parent_kind, *parent));
    live = found != nullptr;
  }
  if (live) return absl::OkStatus();
  return Error(absl::StatusCode::kNotFound, "PARENT_NOT_FOUND",
               absl::StrCat("the ", parent_kind->short_name, " to which this ", kind.short_name,
                            " belongs does not exist; create it first"))
      .With("resource_type", parent_kind->type_name);
}

absl::StatusOr<Writer::Checked> Writer::CheckRemoteReferences(rpc::Call& call,
                                                              const Mutation& mutation) const {
  Checked checked;
  if (mutation.remove) return checked;
  // Where nobody else need be asked, the transaction finds out all there is to know.
  if (mutation.expect != Mutation::Expect::kNew && !MayReferElsewhere(*mutation.kind, environment_.service)) {
    return checked;
  }
  // What is stored now is only a first look: the transaction builds the state anew from the locked row.
  std::unique_ptr<Message> stored;
  if (mutation.expect != Mutation::Expect::kNew) {
    OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment_.pool->Acquire(call.deadline()));
    OVERSIGHT_RETURN_IF_ERROR(environment_.tables->Of(*mutation.kind)
                                  .ReadByKeys(*connection, std::span(&mutation.key, 1), Lock::kNone,
                                              [&](const StoredResource& row) {
                                                if (row.deleted && mutation.expect == Mutation::Expect::kLive)
                                                  return absl::OkStatus();
                                                stored.reset(mutation.kind->prototype->New());
                                                stored->ParseFromString(row.bytes);
                                                return absl::OkStatus();
                                              }));
    if (stored == nullptr && mutation.expect == Mutation::Expect::kLive) return NotFound(*mutation.kind);
  }
  OVERSIGHT_ASSIGN_OR_RETURN(std::unique_ptr<Message> state, mutation.build(stored.get()));
  const std::string prefix = PathPrefix(mutation);
  OVERSIGHT_RETURN_IF_ERROR(InvalidFields(Validate(*mutation.kind, mutation.key, *state, prefix)));
  const std::vector<Reference> references = ReferencesOf(*state);
  checked.names = RemoteNames(mutation.key.authority, references);
  for (const auto& [service, names] : checked.names) {
    OVERSIGHT_ASSIGN_OR_RETURN(const RemoteReferences::Answer answer,
                               environment_.references->LookUp(call, service, mutation.key.authority, names));
    if (!answer.token.empty()) checked.tokens.push_back(answer.token);
    if (answer.missing.empty()) continue;
    for (const Reference& reference : references) {
      if (answer.missing.contains(reference.name)) return ReferenceNotFound(reference, prefix);
    }
    return Error(absl::StatusCode::kNotFound, "PARENT_NOT_FOUND",
                 "there is no such authority; create it in workforce first")
        .With("resource_type", kAuthorityType);
  }
  return checked;
}

absl::Status Writer::CheckExpectation(const Mutation& mutation, const UnitOfWork::Row& row) const {
  if (mutation.expect == Mutation::Expect::kLive && !row.live()) return NotFound(*mutation.kind);
  if (mutation.expect == Mutation::Expect::kNew && row.state != nullptr) {
    return Error(absl::StatusCode::kAlreadyExists, "RESOURCE_EXISTS",
                 row.stored.deleted
                     ? absl::StrCat("this ", mutation.kind->short_name,
                                    " was deleted; update it with allow_missing to bring it back")
                     : absl::StrCat("there is already a ", mutation.kind->short_name,
                                    " of this name; choose another id"))
        .With("resource_type", mutation.kind->type_name);
  }
  if (!mutation.etag.empty() && mutation.etag != EtagOf(row.stored.version)) {
    return Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                 absl::StrCat("the ", mutation.kind->short_name,
                              " has changed since you read it; read it again and repeat the change"))
        .With("etag", EtagOf(row.stored.version));
  }
  return absl::OkStatus();
}

absl::Status Writer::Decide(UnitOfWork& work, const Mutation& mutation, const UnitOfWork::Row& row,
                            const Message& state) const {
  const std::string prefix = PathPrefix(mutation);
  if (mutation.remove) {
    OVERSIGHT_ASSIGN_OR_RETURN(
        const bool has_children,
        work.HasLiveChildren(environment_.kinds->ChildrenOf(*mutation.kind),
                             absl::StrCat(mutation.kind->pattern->collection(), "/", mutation.key.id),
                             mutation.key.authority));
    if (!has_children) return absl::OkStatus();
    return Error(absl::StatusCode::kFailedPrecondition, "HAS_CHILDREN",
                 absl::StrCat("delete what belongs to this ", mutation.kind->short_name, " first"));
  }
  std::vector<FieldViolation> violations = Validate(*mutation.kind, mutation.key, state, prefix);
  if (row.live()) CheckImmutable(*row.state, state, prefix, violations);
  OVERSIGHT_RETURN_IF_ERROR(InvalidFields(violations));
  OVERSIGHT_RETURN_IF_ERROR(CheckLocalReferences(work, state, prefix));
  if (!mutation.kind->decide) return absl::OkStatus();
  return mutation.kind->decide(work, mutation.key, row.live() ? row.state.get() : nullptr, state);
}

absl::Status Writer::ReplyAgain(mysql::Connection& connection, const Mutation& mutation, uint64_t revision,
                                Outcome& outcome) const {
  if (revision == kChangedNothing) return ReplyAsItIs(connection, mutation, outcome);
  OVERSIGHT_ASSIGN_OR_RETURN(std::optional<ledger::StoredEntry> entry,
                             ledger::ReadEntry(connection, mutation.key.authority, revision));
  if (!entry.has_value() || !entry->payload.has_value()) return NotFound(*mutation.kind);  // erased since
  const std::optional<Key> key = mutation.kind->pattern->Match(entry->payload->resource_name);
  if (!key.has_value()) return NotFound(*mutation.kind);
  outcome.state.reset(mutation.kind->prototype->New());
  outcome.state->ParseFromString(entry->payload->bytes);
  outcome.stored = {.key = *key,
                    .version = entry->resource_version,
                    .deleted = entry->change == ledger::pb::CHANGE_DELETED,
                    .create_time = entry->time,
                    .update_time = entry->time};
  OVERSIGHT_RETURN_IF_ERROR(
      environment_.tables->Of(*mutation.kind)
          .ReadByKeys(connection, std::span(&*key, 1), Lock::kNone, [&](const StoredResource& row) {
            outcome.stored.create_time = row.create_time;
            return absl::OkStatus();
          }));
  // Of the present incarnation, so that the token can be used.
  OVERSIGHT_ASSIGN_OR_RETURN(outcome.head, ledger::ReadHead(connection, mutation.key.authority));
  outcome.head.revision = entry->revision;
  outcome.head.hash = entry->hash;
  outcome.head.time = entry->time;
  return absl::OkStatus();
}

absl::Status Writer::ReplyAsItIs(mysql::Connection& connection, const Mutation& mutation,
                                 Outcome& outcome) const {
  OVERSIGHT_RETURN_IF_ERROR(
      environment_.tables->Of(*mutation.kind)
          .ReadByKeys(connection, std::span(&mutation.key, 1), Lock::kNone, [&](StoredResource row) {
            outcome.state.reset(mutation.kind->prototype->New());
            outcome.state->ParseFromString(row.bytes);
            outcome.stored = std::move(row);
            return absl::OkStatus();
          }));
  if (outcome.state == nullptr) return NotFound(*mutation.kind);  // erased since
  OVERSIGHT_ASSIGN_OR_RETURN(outcome.head, ledger::ReadHead(connection, mutation.key.authority));
  return absl::OkStatus();
}

absl::Status Writer::ApplyInTransaction(mysql::Connection& connection, rpc::Call& call,
                                        const Mutation& mutation, const Checked& checked,
                                        Outcome& outcome) const {
  const Kind& kind = *mutation.kind;
  outcome = Outcome{};
  OVERSIGHT_ASSIGN_OR_RETURN(const std::optional<uint64_t> done, FindRequest(connection, mutation.request));
  if (done.has_value()) return ReplyAgain(connection, mutation, *done, outcome);
  const absl::Time now = environment_.clock->Now();
  UnitOfWork work(*environment_.tables, connection, now, /*importing=*/false);
  work.set_by_verb(mutation.by_verb);
  if (kind.lock_authority) OVERSIGHT_RETURN_IF_ERROR(LockAuthority(work, connection, mutation.key.authority));
  if (absl::Status status = CheckParent(work, connection, kind, mutation.key); !status.ok()) {
    const bool expected_live = mutation.expect == Mutation::Expect::kLive;
    return expected_live && absl::IsNotFound(status) ? NotFound(kind) : status;
  }
  OVERSIGHT_ASSIGN_OR_RETURN(UnitOfWork::Row * row, work.Load(kind, mutation.key));
  OVERSIGHT_RETURN_IF_ERROR(CheckExpectation(mutation, *row));
  OVERSIGHT_ASSIGN_OR_RETURN(std::unique_ptr<Message> state, mutation.build(row->state.get()));
  for (const auto& [service, names] : RemoteNames(mutation.key.authority, ReferencesOf(*state))) {
    const auto known = checked.names.find(service);
    for (const std::string& name : names) {
      if (mutation.remove || (known != checked.names.end() && known->second.contains(name))) continue;
      return Error(
          absl::StatusCode::kAborted, "CHANGED_MEANWHILE",
          absl::StrCat("the ", kind.short_name, " was changed by another call meanwhile; try again"));
    }
  }
  // A child of a kind that locks the authority may just be coming to be.
  if (mutation.remove && !kind.lock_authority && !environment_.kinds->ChildrenOf(kind).empty()) {
    OVERSIGHT_RETURN_IF_ERROR(LockAuthority(work, connection, mutation.key.authority));
  }
  OVERSIGHT_RETURN_IF_ERROR(Decide(work, mutation, *row, *state));
  if (mutation.validate_only) {
    outcome.stored = row->stored;
    outcome.state = std::move(state);
    return RolledBackOnPurpose();
  }
  const bool unchanged = !mutation.remove && row->live() && SerialiseState(*state) == row->stored.bytes;
  if (unchanged) {
    OVERSIGHT_ASSIGN_OR_RETURN(outcome.head, ledger::ReadHead(connection, mutation.key.authority));
    OVERSIGHT_RETURN_IF_ERROR(RecordRequest(connection, mutation.request, kChangedNothing, now));
  } else {
    const auto change = mutation.remove         ? ledger::pb::CHANGE_DELETED
                        : row->state == nullptr ? ledger::pb::CHANGE_CREATED
                        : row->stored.deleted   ? ledger::pb::CHANGE_RESTORED
                                                : ledger::pb::CHANGE_UPDATED;
    work.Write(*row, std::move(state), change);
    OVERSIGHT_ASSIGN_OR_RETURN(
        outcome.head, work.Flush(mutation.key.authority, call.actor(), call.method(), checked.tokens));
    OVERSIGHT_RETURN_IF_ERROR(RecordRequest(connection, mutation.request, outcome.head.revision, now));
  }
  outcome.stored = row->stored;
  outcome.state.reset(row->state->New());
  outcome.state->CopyFrom(*row->state);
  return absl::OkStatus();
}

absl::Status Writer::ResolveCommit(absl::Status status, const ledger::HeadRow& head,
                                   absl::Time deadline) const {
  if (ReasonOf(status) != "COMMIT_OUTCOME_UNKNOWN" || head.revision == 0) return status;
  // The entry's hash is unlike any other: when it is there, so is everything else of the transaction.
  while (absl::Now() < deadline) {
    auto connection = environment_.pool->Acquire(deadline);
    if (connection.ok()) {
      // The lost transaction holds the head's lock as long as the database may still commit it: wait for
      // that.
      auto locked = ledger::LockHead(**connection, head.authority);
      auto entry = ledger::ReadEntry(**connection, head.authority, head.revision);
      if (locked.ok() && entry.ok()) {
        if (entry->has_value() && (*entry)->hash == head.hash) return absl::OkStatus();
        return Error(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE",
                     "the database went away before the change was stored; nothing was written, try again")
            .RetryAfter(absl::Seconds(1));
      }
    }
    absl::SleepFor(absl::Milliseconds(50));
  }
  return status;
}

void Writer::SendToken(rpc::Call& call, const ledger::HeadRow& head) const {
  if (head.revision > 0) {
    call.AddTrailer(kTokenTrailer, ledger::EncodeToken(ledger::TokenOf(environment_.service, head)));
  }
}

absl::StatusOr<bool> Writer::ReplyIfDone(rpc::Call& call, const Mutation& mutation, Outcome& outcome) const {
  if (mutation.request.request_id.empty()) return false;
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment_.pool->Acquire(call.deadline()));
  OVERSIGHT_ASSIGN_OR_RETURN(const std::optional<uint64_t> done, FindRequest(*connection, mutation.request));
  if (!done.has_value()) return false;
  OVERSIGHT_RETURN_IF_ERROR(ReplyAgain(*connection, mutation, *done, outcome));
  return true;
}

absl::Status Writer::Apply(rpc::Call& call, const Mutation& mutation, Message& response) {
  Outcome outcome;
  absl::Status status;
  const absl::StatusOr<Checked> checked = CheckRemoteReferences(call, mutation);
  if (checked.ok()) {
    status = mysql::RunTransaction(*environment_.pool, {.deadline = call.deadline()},
                                   [&](mysql::Connection& connection) {
                                     return ApplyInTransaction(connection, call, mutation, *checked, outcome);
                                   });
  } else {
    // Sent again, a request may fail only because it was carried out the first time: a held session cannot be
    // held.
    OVERSIGHT_ASSIGN_OR_RETURN(const bool done, ReplyIfDone(call, mutation, outcome));
    if (!done) return checked.status();
  }
  if (mutation.validate_only && status == RolledBackOnPurpose()) {
    Render(outcome.stored, *outcome.state);
    response.CopyFrom(*outcome.state);
    return absl::OkStatus();
  }
  OVERSIGHT_RETURN_IF_ERROR(ResolveCommit(std::move(status), outcome.head, call.deadline()));
  environment_.committed();
  SendToken(call, outcome.head);
  Render(outcome.stored, *outcome.state);
  response.CopyFrom(*outcome.state);
  return absl::OkStatus();
}

}  // namespace oversight::resource

#include "common/resource/import.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/ledger/token.h"
#include "common/mysql/transaction.h"
#include "common/resource/field_rules.h"
#include "common/resource/mutations.h"
#include "common/resource/withdrawal.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "google/protobuf/descriptor.h"

namespace oversight::resource {
namespace {

using google::protobuf::FieldDescriptor;

constexpr int kMostRecords = 2000;

// Mirrors ImportResponse.Outcome, which every service declares alike.
enum Outcome { kCreated = 1, kUpdated = 2, kUnchanged = 3, kRestored = 4, kRetired = 5, kRefused = 6 };

absl::Status RolledBackOnPurpose() { return absl::CancelledError("validate_only"); }

// A record is refused for what it says; anything else is the database's or the caller's, and ends the call.
bool IsRefusal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return true;
    default:
      return false;
  }
}

}  // namespace

struct Importer::Record {
  const Kind* kind = nullptr;
  Key key;
  std::unique_ptr<Message> state;
  std::vector<Reference> references;
  bool retire = false;
  absl::Status refused;
  // Refused whatever happens to the other records.
  bool settled = false;
  Outcome outcome = kUnchanged;
};

struct Importer::Batch {
  std::string authority;
  bool validate_only = false;
  std::vector<Record> records;
  std::vector<std::string> tokens;
  // Duplicates that records refer to, and what stands for them.
  std::map<std::string, std::string> merged;
  ledger::HeadRow head;
};

Importer::Importer(std::string rpc_service, Writer* writer)
    : rpc_service_(std::move(rpc_service)), writer_(writer) {}

void Importer::Register(rpc::Methods& methods) {
  methods.Bulk(rpc_service_, "Import", [this](rpc::Call& call, const Message& request, Message& response) {
    return Import(call, request, response);
  });
}

absl::Status Importer::ReadRecords(const Message& request, Batch& batch) const {
  const auto* descriptor = request.GetDescriptor();
  const auto* reflection = request.GetReflection();
  const std::string parent = reflection->GetString(request, descriptor->FindFieldByName("parent"));
  batch.authority = std::string(absl::StripPrefix(parent, "authorities/"));
  if (batch.authority.size() == parent.size() || !IsValidId(batch.authority)) {
    return InvalidFields({{"parent", "must be a name like authorities/example"}});
  }
  batch.validate_only = reflection->GetBool(request, descriptor->FindFieldByName("validate_only"));
  const FieldDescriptor* records = descriptor->FindFieldByName("records");
  const int count = reflection->FieldSize(request, records);
  if (count > kMostRecords) {
    return InvalidFields(
        {{"records", absl::StrCat(count, " are too many for one call; send at most ", kMostRecords)}});
  }
  const auto* oneof = records->message_type()->FindOneofByName("resource");
  const auto* retire = records->message_type()->FindFieldByName("retire");
  batch.records.resize(static_cast<size_t>(count));
  absl::flat_hash_set<std::string> names;
  for (int i = 0; i < count; ++i) {
    const Message& given = reflection->GetRepeatedMessage(request, records, i);
    Record& record = batch.records[static_cast<size_t>(i)];
    const FieldDescriptor* field = given.GetReflection()->GetOneofFieldDescriptor(given, oneof);
    if (field == nullptr) {
      record.refused = InvalidFields({{"resource", "one of the resources must be set"}});
      continue;
    }
    const Message& resource = given.GetReflection()->GetMessage(given, field);
    record.kind = writer_->environment().kinds->FindByType(field->message_type()->full_name());
    record.retire = given.GetReflection()->GetBool(given, retire);
    const std::string name =
        resource.GetReflection()->GetString(resource, resource.GetDescriptor()->FindFieldByName("name"));
    absl::StatusOr<Key> key = ParseName(*record.kind, name, "name");
    if (key.ok() && key->authority != batch.authority) {
      key = InvalidFields({{"name", "must lie in the authority that `parent` names"}});
    }
    if (key.ok() && !names.insert(name).second) {
      key = InvalidFields({{"name", "the same resource stands earlier in this call"}});
    }
    if (!key.ok()) {
      record.refused = key.status();
      continue;
    }
    record.key = *key;
    record.state.reset(resource.New());
    record.state->CopyFrom(resource);
    if (record.retire) continue;
    ClearOutputFields(*record.state);
    if (record.kind->normalise) record.kind->normalise(*record.state);
    record.refused = InvalidFields(Writer::Validate(*record.kind, record.key, *record.state, ""));
    record.references = ReferencesOf(*record.state);
  }
  return absl::OkStatus();
}

absl::Status Importer::CheckRemoteReferences(rpc::Call& call, Batch& batch) const {
  std::map<std::string, std::set<std::string>> names = writer_->RemoteNames(batch.authority, {});
  for (const Record& record : batch.records) {
    if (!record.refused.ok() || record.retire) continue;
    for (auto& [service, more] : writer_->RemoteNames(batch.authority, record.references)) {
      names[service].insert(more.begin(), more.end());
    }
  }
  std::set<std::string> missing;
  for (const auto& [service, service_names] : names) {
    OVERSIGHT_ASSIGN_OR_RETURN(
        RemoteReferences::Answer answer,
        writer_->environment().references->LookUp(call, service, batch.authority, service_names));
    if (!answer.token.empty()) batch.tokens.push_back(std::move(answer.token));
    // An extract may go on using the name of a duplicate: it means the survivor.
    for (auto& [name, into] : answer.merged_into) {
      answer.missing.erase(name);
      batch.merged[name] = into;
    }
    missing.merge(answer.missing);
  }
  if (missing.contains(absl::StrCat("authorities/", batch.authority))) {
    return Error(absl::StatusCode::kNotFound, "PARENT_NOT_FOUND",
                 "there is no such authority; create it in workforce first");
  }
  for (Record& record : batch.records) {
    if (!record.refused.ok()) continue;
    for (const Reference& reference : record.references) {
      if (missing.contains(reference.name)) {
        record.refused = ReferenceNotFound(reference, "");
        break;
      }
    }
  }
  return absl::OkStatus();
}

absl::Status Importer::PrefetchKind(UnitOfWork& work, const Batch& batch, const Kind& kind) const {
  std::vector<Key> keys;
  for (const Record& record : batch.records) {
    if (record.kind == &kind && record.refused.ok()) keys.push_back(record.key);
  }
  return writer_->PrefetchRows(work, kind, std::move(keys));
}

absl::Status Importer::Prefetch(UnitOfWork& work, mysql::Connection& connection, const Batch& batch) const {
  const auto& kinds = *writer_->environment().kinds;
  bool lock_authority = false;
  for (const Record& record : batch.records) {
    if (!record.refused.ok()) continue;
    lock_authority = lock_authority || record.kind->lock_authority ||
                     (record.retire && !kinds.ChildrenOf(*record.kind).empty());
  }
  for (const auto& kind : kinds.kinds()) {
    if (!kind->lock_authority) OVERSIGHT_RETURN_IF_ERROR(PrefetchKind(work, batch, *kind));
  }
  if (lock_authority) OVERSIGHT_RETURN_IF_ERROR(Writer::LockAuthority(work, connection, batch.authority));
  for (const auto& kind : kinds.kinds()) {
    if (kind->lock_authority) OVERSIGHT_RETURN_IF_ERROR(PrefetchKind(work, batch, *kind));
  }
  // What accepted records refer to here.
  std::map<const Kind*, std::vector<Key>> referred;
  for (const Record& record : batch.records) {
    for (const Reference& reference : record.references) {
      const Kind* kind = kinds.FindByType(reference.type);
      if (kind == nullptr) continue;
      if (const auto key = kind->pattern->Match(reference.name); key.has_value())
        referred[kind].push_back(*key);
    }
  }
  for (auto& [kind, keys] : referred) OVERSIGHT_RETURN_IF_ERROR(work.Prefetch(*kind, std::move(keys)));
  return absl::OkStatus();
}

absl::Status Importer::FollowMerges(UnitOfWork& work, Batch& batch) const {
  for (Record& record : batch.records) {
    if (!record.refused.ok() || record.retire) continue;
    for (const Reference& reference : record.references) {
      const Kind* kind = writer_->environment().kinds->FindByType(reference.type);
      std::string name = reference.name;
      while (kind != nullptr && !name.empty()) {
        const std::optional<Key> key = kind->pattern->Match(name);
        if (!key.has_value()) break;
        OVERSIGHT_ASSIGN_OR_RETURN(const UnitOfWork::Row* row, work.Load(*kind, *key));
        if (row->live() && name != reference.name) batch.merged[reference.name] = name;
        if (row->live() || row->state == nullptr) break;
        name = MergedInto(*row->state);
      }
    }
    if (!batch.merged.empty() && RenameReferences(*record.state, batch.merged) > 0)
      record.references = ReferencesOf(*record.state);
  }
  return absl::OkStatus();
}

absl::Status Importer::WriteOne(UnitOfWork& work, mysql::Connection& connection, const Batch& batch,
                                Record& record) const {
  const Kind& kind = *record.kind;
  OVERSIGHT_ASSIGN_OR_RETURN(UnitOfWork::Row * row, work.Load(kind, record.key));
  if (record.retire) {
    if (!row->live()) {
      record.outcome = kUnchanged;
      return absl::OkStatus();
    }
    OVERSIGHT_ASSIGN_OR_RETURN(const bool has_children,
                               work.HasLiveChildren(writer_->environment().kinds->ChildrenOf(kind),
                                                    PathOf(*kind.pattern, record.key), batch.authority));
    if (has_children) {
      return Error(absl::StatusCode::kFailedPrecondition, "HAS_CHILDREN",
                   absl::StrCat("retire what belongs to this ", kind.short_name, " first"));
    }
    std::unique_ptr<Message> state(row->state->New());
    state->CopyFrom(*row->state);
    work.Write(*row, std::move(state), ledger::pb::CHANGE_DELETED);
    record.outcome = kRetired;
    return absl::OkStatus();
  }
  if (row->live() && SerialiseState(*record.state) == row->stored.bytes) {
    record.outcome = kUnchanged;
    return absl::OkStatus();
  }
  OVERSIGHT_RETURN_IF_ERROR(Writer::CheckNotWithdrawn(kind, *row));
  OVERSIGHT_RETURN_IF_ERROR(writer_->CheckParent(work, connection, kind, record.key));
  if (row->live()) {
    std::unique_ptr<Message> before(row->state->New());
    before->CopyFrom(*row->state);
    RenameReferences(*before, batch.merged);
    std::vector<FieldViolation> violations;
    CheckImmutable(*before, *record.state, "", violations);
    OVERSIGHT_RETURN_IF_ERROR(InvalidFields(violations));
  }
  if (kind.decide) {
    OVERSIGHT_RETURN_IF_ERROR(
        kind.decide(work, record.key, row->live() ? row->state.get() : nullptr, *record.state));
  }
  record.outcome = row->state == nullptr ? kCreated : row->stored.deleted ? kRestored : kUpdated;
  std::unique_ptr<Message> state(record.state->New());
  state->CopyFrom(*record.state);
  work.Write(*row, std::move(state),
             record.outcome == kCreated    ? ledger::pb::CHANGE_CREATED
             : record.outcome == kRestored ? ledger::pb::CHANGE_RESTORED
                                           : ledger::pb::CHANGE_UPDATED);
  return absl::OkStatus();
}

absl::Status Importer::WriteKind(UnitOfWork& work, mysql::Connection& connection, rpc::Call& call,
                                 Batch& batch, const Kind& kind, bool retire) const {
  std::vector<Record*> waiting;
  for (Record& record : batch.records) {
    if (record.kind == &kind && record.retire == retire && record.refused.ok()) waiting.push_back(&record);
  }
  // A period may only fit once a later record has shortened its neighbour, so what was refused is tried again
  // as long as others get through.
  while (!waiting.empty()) {
    std::vector<Record*> refused;
    for (Record* record : waiting) {
      if (call.cancelled()) {
        return Error(
            absl::StatusCode::kDeadlineExceeded, "TRANSACTION_TIMEOUT",
            "the deadline passed before the import was stored; nothing was written, send fewer records");
      }
      record->refused = WriteOne(work, connection, batch, *record);
      if (record->refused.ok()) continue;
      if (!IsRefusal(record->refused)) return record->refused;
      refused.push_back(record);
    }
    if (refused.size() == waiting.size()) break;
    waiting = std::move(refused);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Importer::RefuseDangling(UnitOfWork& work, Batch& batch) const {
  bool any = false;
  for (Record& record : batch.records) {
    if (!record.refused.ok() || record.retire) continue;
    const absl::Status status = writer_->CheckLocalReferences(work, *record.state, "");
    if (status.ok()) continue;
    if (!IsRefusal(status)) return status;
    record.refused = status;
    record.settled = true;
    any = true;
  }
  return any;
}

absl::Status Importer::WriteAll(mysql::Connection& connection, rpc::Call& call, Batch& batch) const {
  const absl::Time now = writer_->environment().clock->Now();
  // Records may refer to each other, so references are checked when all are in; refusing one may leave
  // another dangling, hence the loop. It ends because each round refuses at least one.
  while (true) {
    // A record may have been refused because of one that has since been refused itself.
    for (Record& record : batch.records) {
      if (!record.settled) record.refused = absl::OkStatus();
    }
    UnitOfWork work(*writer_->environment().tables, connection, now, /*importing=*/true);
    OVERSIGHT_RETURN_IF_ERROR(Prefetch(work, connection, batch));
    OVERSIGHT_RETURN_IF_ERROR(FollowMerges(work, batch));
    // In the order of the kinds: what is referred to comes first. What retires goes the other way: children
    // first.
    const auto& kinds = writer_->environment().kinds->kinds();
    for (auto kind = kinds.rbegin(); kind != kinds.rend(); ++kind) {
      OVERSIGHT_RETURN_IF_ERROR(WriteKind(work, connection, call, batch, **kind, /*retire=*/true));
    }
    for (const auto& kind : kinds) {
      OVERSIGHT_RETURN_IF_ERROR(WriteKind(work, connection, call, batch, *kind, /*retire=*/false));
    }
    OVERSIGHT_ASSIGN_OR_RETURN(const bool dangling, RefuseDangling(work, batch));
    if (dangling) continue;
    if (batch.validate_only) return RolledBackOnPurpose();
    if (work.writes() == 0) {
      OVERSIGHT_ASSIGN_OR_RETURN(batch.head, ledger::ReadHead(connection, batch.authority));
      return absl::OkStatus();
    }
    OVERSIGHT_ASSIGN_OR_RETURN(batch.head,
                               work.Flush(batch.authority, call.actor(), call.method(), batch.tokens));
    return absl::OkStatus();
  }
}

absl::Status Importer::Reply(const Batch& batch, Message& response) const {
  const auto* descriptor = response.GetDescriptor();
  const auto* reflection = response.GetReflection();
  const FieldDescriptor* results = descriptor->FindFieldByName("results");
  const auto* outcome = results->message_type()->FindFieldByName("outcome");
  const auto* error = results->message_type()->FindFieldByName("error");
  for (const Record& record : batch.records) {
    Message* result = reflection->AddMessage(&response, results);
    result->GetReflection()->SetEnumValue(result, outcome, record.refused.ok() ? record.outcome : kRefused);
    if (!record.refused.ok()) {
      result->GetReflection()
          ->MutableMessage(result, error)
          ->ParseFromString(ToGrpcStatus(record.refused).error_details());
    }
  }
  if (batch.head.revision > 0) {
    reflection->SetString(&response, descriptor->FindFieldByName("token"),
                          ledger::EncodeToken(ledger::TokenOf(writer_->environment().service, batch.head)));
  }
  return absl::OkStatus();
}

absl::Status Importer::Import(rpc::Call& call, const Message& request, Message& response) {
  Batch batch;
  OVERSIGHT_RETURN_IF_ERROR(ReadRecords(request, batch));
  OVERSIGHT_RETURN_IF_ERROR(CheckRemoteReferences(call, batch));
  for (Record& record : batch.records) record.settled = !record.refused.ok();
  std::vector<Record*> open;
  for (Record& record : batch.records) {
    if (!record.settled) open.push_back(&record);
  }
  absl::Status status = mysql::RunTransaction(*writer_->environment().pool, {.deadline = call.deadline()},
                                              [&](mysql::Connection& connection) {
                                                for (Record* record : open) record->settled = false;
                                                batch.head = {};
                                                return WriteAll(connection, call, batch);
                                              });
  if (!(batch.validate_only && status == RolledBackOnPurpose())) {
    OVERSIGHT_RETURN_IF_ERROR(writer_->ResolveCommit(std::move(status), batch.head, call.deadline()));
    writer_->environment().committed();
    writer_->SendToken(call, batch.head);
  }
  return Reply(batch, response);
}

}  // namespace oversight::resource

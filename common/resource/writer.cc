#include "common/resource/writer.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ledger/token.h"
#include "common/mysql/transaction.h"
#include "common/resource/field_rules.h"
#include "common/resource/writer_state.h"
#include "common/status/error.h"
#include "common/time/timestamp.h"

namespace oversight::resource {
namespace {

constexpr char kTokenTrailer[] = "oversight-token";
// In the log of requests, the revision of one that found everything as it wanted it.
constexpr uint64_t kChangedNothing = 0;

absl::Status RolledBackOnPurpose() { return absl::CancelledError("validate_only"); }

void SetTime(Message& message, const char* field_name, absl::Time time) {
  const auto* field = message.GetDescriptor()->FindFieldByName(field_name);
  if (field == nullptr) return;
  static_cast<google::protobuf::Timestamp&>(*message.GetReflection()->MutableMessage(&message, field)) =
      ToTimestamp(time);
}

std::unique_ptr<Message> StateOf(const Kind& kind, const std::string& bytes) {
  std::unique_ptr<Message> state(kind.prototype->New());
  state->ParseFromString(bytes);
  return state;
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

Writer::Writer(Environment environment) : environment_(std::move(environment)) {}

absl::Status Writer::LockAuthority(UnitOfWork& work, mysql::Connection& connection,
                                   const std::string& authority) {
  OVERSIGHT_RETURN_IF_ERROR(ledger::LockHead(connection, authority).status());
  work.AuthorityIsLocked();
  return absl::OkStatus();
}

absl::Status Writer::PrefetchRows(UnitOfWork& work, const Kind& kind, std::vector<Key> keys) const {
  if (kind.pattern->has_parent_resource() && !keys.empty()) {
    const Kind* parent_kind = environment_.kinds->FindByName(kind.pattern->FormatParent(keys.front()));
    std::vector<Key> parents;
    std::vector<std::string> paths;
    for (const Key& key : keys) {
      parents.push_back(*parent_kind->pattern->Match(kind.pattern->FormatParent(key)));
      paths.push_back(key.parent);
    }
    OVERSIGHT_RETURN_IF_ERROR(work.Prefetch(*parent_kind, std::move(parents)));
    if (kind.decide) {
      OVERSIGHT_RETURN_IF_ERROR(work.PrefetchSiblings(kind, keys.front().authority, std::move(paths)));
    }
  }
  return work.Prefetch(kind, std::move(keys));
}

absl::StatusOr<UnitOfWork::Row*> Writer::LockRow(UnitOfWork& work, mysql::Connection& connection,
                                                 const Mutation& mutation) const {
  if (absl::Status status = CheckParent(work, connection, *mutation.kind, mutation.key); !status.ok()) {
    const bool must_be_live = mutation.expect == Mutation::Expect::kLive;
    return must_be_live && absl::IsNotFound(status) ? NotFound(*mutation.kind) : status;
  }
  return work.Load(*mutation.kind, mutation.key);
}

absl::StatusOr<Writer::Rows> Writer::LockRows(UnitOfWork& work, mysql::Connection& connection,
                                              const ChangeSet& changes) const {
  bool lock_authority = false;
  std::map<const Kind*, std::vector<Key>> keys;
  for (const Mutation& mutation : changes.mutations) {
    // A child of a kind that locks the authority may just be coming to be.
    lock_authority = lock_authority || mutation.kind->lock_authority || mutation.consequences != nullptr ||
                     (mutation.remove && !environment_.kinds->ChildrenOf(*mutation.kind).empty());
    if (changes.mutations.size() > 1) keys[mutation.kind].push_back(mutation.key);
  }
  // Those of kinds that lock the authority come after its lock: see UnitOfWork::AuthorityIsLocked.
  Rows rows(changes.mutations.size());
  for (const bool locked : {false, true}) {
    if (locked && !lock_authority) break;
    if (locked) OVERSIGHT_RETURN_IF_ERROR(LockAuthority(work, connection, changes.authority));
    for (auto& [kind, kind_keys] : keys) {
      if (kind->lock_authority != locked) continue;
      OVERSIGHT_RETURN_IF_ERROR(PrefetchRows(work, *kind, std::move(kind_keys)));
    }
    for (size_t i = 0; i < rows.size(); ++i) {
      const Mutation& mutation = changes.mutations[i];
      if (!locked && mutation.consequences != nullptr) {
        OVERSIGHT_RETURN_IF_ERROR(mutation.consequences->Lock(work));
      }
      if (mutation.kind->lock_authority != locked) continue;
      absl::StatusOr<UnitOfWork::Row*> row = LockRow(work, connection, mutation);
      if (!row.ok()) return InPartOf(mutation, row.status());
      rows[i] = *row;
    }
  }
  return rows;
}

absl::Status Writer::WriteOne(UnitOfWork& work, const Mutation& mutation, const Checked& checked,
                              UnitOfWork::Row& row) const {
  const Kind& kind = *mutation.kind;
  work.set_by_verb(mutation.by_verb);
  OVERSIGHT_RETURN_IF_ERROR(CheckExpectation(mutation, row));
  OVERSIGHT_ASSIGN_OR_RETURN(std::unique_ptr<Message> state, mutation.build(row.state.get()));
  if (const auto stamp = checked.stamps.find(&mutation); stamp != checked.stamps.end()) stamp->second(*state);
  if (!mutation.remove) {
    for (const auto& [service, names] : RemoteNames(mutation.key.authority, ReferencesOf(*state))) {
      const auto known = checked.names.find(service);
      for (const std::string& name : names) {
        if (known != checked.names.end() && known->second.contains(name)) continue;
        return Error(
            absl::StatusCode::kAborted, "CHANGED_MEANWHILE",
            absl::StrCat("the ", kind.short_name, " was changed by another call meanwhile; try again"));
      }
    }
  }
  if (mutation.consequences != nullptr) OVERSIGHT_RETURN_IF_ERROR(mutation.consequences->Write(work));
  OVERSIGHT_RETURN_IF_ERROR(Decide(work, mutation, row, *state));
  if (!mutation.remove && row.live() && SerialiseState(*state) == row.stored.bytes) return absl::OkStatus();
  work.Write(row, std::move(state),
             mutation.remove        ? ledger::pb::CHANGE_DELETED
             : row.state == nullptr ? ledger::pb::CHANGE_CREATED
             : row.stored.deleted   ? ledger::pb::CHANGE_RESTORED
                                    : ledger::pb::CHANGE_UPDATED);
  return absl::OkStatus();
}

absl::Status Writer::ApplyInTransaction(mysql::Connection& connection, rpc::Call& call,
                                        const ChangeSet& changes, const Checked& checked,
                                        Outcome& outcome) const {
  outcome = Outcome{};
  OVERSIGHT_ASSIGN_OR_RETURN(const std::optional<uint64_t> done, FindRequest(connection, changes.request));
  if (done.has_value()) return ReplyAgain(connection, changes, *done, outcome);
  const absl::Time now = environment_.clock->Now();
  UnitOfWork work(*environment_.tables, connection, now, /*importing=*/false);
  OVERSIGHT_ASSIGN_OR_RETURN(const Rows rows, LockRows(work, connection, changes));
  for (size_t i = 0; i < rows.size(); ++i) {
    const Mutation& mutation = changes.mutations[i];
    StoredResource before;
    if (changes.validate_only) before = rows[i]->stored;
    OVERSIGHT_RETURN_IF_ERROR(InPartOf(mutation, WriteOne(work, mutation, checked, *rows[i])));
    if (changes.validate_only) outcome.replies.push_back({std::move(before), CopyOf(*rows[i]->state)});
  }
  if (changes.validate_only) return RolledBackOnPurpose();
  if (work.writes() == 0) {
    OVERSIGHT_ASSIGN_OR_RETURN(outcome.head, ledger::ReadHead(connection, changes.authority));
    OVERSIGHT_RETURN_IF_ERROR(RecordRequest(connection, changes.request, kChangedNothing, now));
  } else {
    OVERSIGHT_ASSIGN_OR_RETURN(outcome.head,
                               work.Flush(changes.authority, call.actor(), call.method(), checked.tokens));
    OVERSIGHT_RETURN_IF_ERROR(RecordRequest(connection, changes.request, outcome.head.revision, now));
  }
  // Of several changes two may be of one resource, so that only a single one gives its state away.
  if (rows.size() == 1) {
    outcome.replies.push_back({rows.front()->stored, std::move(rows.front()->state)});
    return absl::OkStatus();
  }
  for (const UnitOfWork::Row* row : rows) outcome.replies.push_back({row->stored, CopyOf(*row->state)});
  return absl::OkStatus();
}

// The reply that the entries up to `revision` tell of: those of one transaction follow each other. What it
// left as it was is replied as it is now.
absl::Status Writer::ReplyAgain(mysql::Connection& connection, const ChangeSet& changes, uint64_t revision,
                                Outcome& outcome) const {
  OVERSIGHT_ASSIGN_OR_RETURN(outcome.head, ledger::ReadHead(connection, changes.authority));
  const uint64_t count = changes.mutations.size();
  std::map<std::string, ledger::StoredEntry> entries;
  if (revision != kChangedNothing) {
    const uint64_t first = revision > count ? revision - count + 1 : 1;
    OVERSIGHT_RETURN_IF_ERROR(ledger::ReadEntries(
        connection, changes.authority, first, static_cast<int>(revision - first + 1),
        [&](ledger::StoredEntry entry) {
          if (entry.revision == revision) {
            // Of the present incarnation, so that the token can be used.
            outcome.head.revision = entry.revision;
            outcome.head.hash = entry.hash;
            outcome.head.time = entry.time;
          }
          // Where there is one change only, its id may have been chosen by the service.
          std::string name = count == 1                  ? ""
                             : entry.payload.has_value() ? entry.payload->resource_name
                                                         : absl::StrCat("erased ", entry.revision);
          entries.insert_or_assign(std::move(name), std::move(entry));
          return absl::OkStatus();
        }));
  }
  for (const Mutation& mutation : changes.mutations) {
    const auto entry = entries.find(count == 1 ? "" : mutation.kind->pattern->Format(mutation.key));
    absl::StatusOr<Reply> reply =
        ReplyFrom(connection, mutation, entry == entries.end() ? nullptr : &entry->second);
    if (!reply.ok()) return InPartOf(mutation, reply.status());
    outcome.replies.push_back(*std::move(reply));
  }
  return absl::OkStatus();
}

absl::StatusOr<Writer::Reply> Writer::ReplyFrom(mysql::Connection& connection, const Mutation& mutation,
                                                const ledger::StoredEntry* entry) const {
  const Kind& kind = *mutation.kind;
  Reply reply;
  Key key = mutation.key;
  if (entry != nullptr) {
    if (!entry->payload.has_value()) return NotFound(kind);  // erased since
    const std::optional<Key> written = kind.pattern->Match(entry->payload->resource_name);
    if (!written.has_value()) return NotFound(kind);
    key = *written;
    reply.state = StateOf(kind, entry->payload->bytes);
    reply.stored = {.key = key,
                    .version = entry->resource_version,
                    .deleted = entry->change == ledger::pb::CHANGE_DELETED,
                    .create_time = entry->time,
                    .update_time = entry->time};
  }
  OVERSIGHT_RETURN_IF_ERROR(environment_.tables->Of(kind).ReadByKeys(
      connection, std::span(&key, 1), Lock::kNone, [&](StoredResource row) {
        if (entry != nullptr) {
          reply.stored.create_time = row.create_time;
        } else {
          reply.state = StateOf(kind, row.bytes);
          reply.stored = std::move(row);
        }
        return absl::OkStatus();
      }));
  if (reply.state == nullptr) return NotFound(kind);  // erased since
  return reply;
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

absl::StatusOr<bool> Writer::ReplyIfDone(rpc::Call& call, const ChangeSet& changes, Outcome& outcome) const {
  if (changes.request.request_id.empty()) return false;
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment_.pool->Acquire(call.deadline()));
  OVERSIGHT_ASSIGN_OR_RETURN(const std::optional<uint64_t> done, FindRequest(*connection, changes.request));
  if (!done.has_value()) return false;
  OVERSIGHT_RETURN_IF_ERROR(ReplyAgain(*connection, changes, *done, outcome));
  return true;
}

absl::Status Writer::Apply(rpc::Call& call, const ChangeSet& changes, std::span<Message* const> replies) {
  Outcome outcome;
  absl::Status status;
  const absl::StatusOr<Checked> checked = CheckRemoteReferences(call, changes);
  if (checked.ok()) {
    status = mysql::RunTransaction(*environment_.pool, {.deadline = call.deadline()},
                                   [&](mysql::Connection& connection) {
                                     return ApplyInTransaction(connection, call, changes, *checked, outcome);
                                   });
  } else {
    // Sent again, a request may fail only because it was carried out the first time: a held session cannot be
    // held.
    OVERSIGHT_ASSIGN_OR_RETURN(const bool done, ReplyIfDone(call, changes, outcome));
    if (!done) return checked.status();
  }
  if (!(changes.validate_only && status == RolledBackOnPurpose())) {
    OVERSIGHT_RETURN_IF_ERROR(ResolveCommit(std::move(status), outcome.head, call.deadline()));
    environment_.committed();
    SendToken(call, outcome.head);
  }
  for (size_t i = 0; i < replies.size(); ++i) {
    Render(outcome.replies[i].stored, *outcome.replies[i].state);
    replies[i]->GetReflection()->Swap(replies[i], outcome.replies[i].state.get());
  }
  return absl::OkStatus();
}

}  // namespace oversight::resource

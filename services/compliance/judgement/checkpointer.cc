#include "services/compliance/judgement/checkpointer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ledger/token.h"
#include "common/log/log.h"
#include "common/status/error.h"

namespace oversight::compliance {
namespace {

constexpr char kSnapshot[] = "/oversight.ledger.v1.LedgerService/Snapshot";

// The records of a chunk as if the ledger had told them; all bear the checkpoint's point.
ledger::LedgerMessage ToMessage(const Checkpoint& checkpoint, ledger::v1::SnapshotResponse chunk) {
  ledger::LedgerMessage message{.ledger = checkpoint.ledger};
  for (ledger::v1::SnapshotResponse::Record& record : *chunk.mutable_records()) {
    ledger::v1::Entry& entry = *message.content.add_entries();
    entry.set_authority(absl::StrCat("authorities/", checkpoint.authority));
    entry.set_revision(static_cast<int64_t>(checkpoint.revision));
    // What was merged is still another name of its survivor.
    entry.set_change(record.deleted() ? ledger::v1::CHANGE_DELETED : ledger::v1::CHANGE_UPDATED);
    entry.set_resource_name(std::move(*record.mutable_resource_name()));
    entry.mutable_resource()->Swap(record.mutable_resource());
    entry.set_token(checkpoint.token);
  }
  return message;
}

}  // namespace

SnapshotReader ServiceSnapshots(std::map<std::string, std::shared_ptr<rpc::Client>> clients) {
  return [clients = std::move(clients)](
             const std::string& ledger, const std::string& authority,
             absl::FunctionRef<bool(const ledger::v1::SnapshotResponse&)> take) -> absl::Status {
    ledger::v1::SnapshotRequest request;
    request.set_name(absl::StrCat("authorities/", authority));
    const std::unique_ptr<rpc::StreamReader> reader = clients.at(ledger)->Stream(kSnapshot, request, {});
    ledger::v1::SnapshotResponse message;
    while (reader->Read(&message)) {
      if (take(message)) continue;
      reader->Cancel();
      break;
    }
    return reader->Finish();
  };
}

Checkpointer::Positions Checkpointer::Restore(const ledger::LedgerSink& sink) {
  Positions positions;
  const auto connection = mysql::Connection::Open(options_.database);
  if (!connection.ok()) return positions;
  const auto checkpoints = ReadCheckpoints(**connection);
  if (!checkpoints.ok()) return positions;
  for (const Checkpoint& checkpoint : *checkpoints) {
    const absl::Status read = ReadChunks(**connection, checkpoint, [&](ledger::v1::SnapshotResponse chunk) {
      ledger::LedgerMessage message = ToMessage(checkpoint, std::move(chunk));
      // An empty message would mean that all has been sent.
      return message.content.entries().empty() || sink(std::move(message));
    });
    if (!read.ok()) {
      // Whatever was handed on is handed on again, by the ledger.
      log::Warning("a checkpoint could not be read; the ledger is read from its first entry",
                   {{"ledger", checkpoint.ledger}, {"reason", ReasonOf(read)}});
      continue;
    }
    positions[checkpoint.ledger][absl::StrCat("authorities/", checkpoint.authority)] = checkpoint.token;
    written_[{checkpoint.ledger, checkpoint.authority}] = static_cast<int64_t>(checkpoint.revision);
  }
  return positions;
}

void Checkpointer::Start() {
  if (options_.entries <= 0) return;
  thread_ = std::thread([this] { Run(); });
}

void Checkpointer::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Checkpointer::Erased(const std::string& authority) {
  absl::MutexLock lock(&mutex_);
  erased_.insert(authority);
}

void Checkpointer::Run() {
  const auto wake = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_ || !erased_.empty(); };
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&wake), options_.pause);
      if (stopping_) return;
    }
    if (const absl::Status status = RunOnce(); !status.ok()) {
      log::Warning("a checkpoint could not be written; trying again later", {{"reason", ReasonOf(status)}});
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), options_.pause)) return;
    }
  }
}

absl::Status Checkpointer::RunOnce() {
  OVERSIGHT_ASSIGN_OR_RETURN(const auto connection, mysql::Connection::Open(options_.database));
  OVERSIGHT_RETURN_IF_ERROR(DeleteErased(*connection));
  const Keeper::Standing standing = options_.keeper->standing();
  if (!standing.writer) return absl::OkStatus();
  for (const auto& [authority, ledgers] : standing.positions.all()) {
    for (const std::string& ledger : options_.ledgers) {
      const auto position = ledgers.find(ledger);
      if (position == ledgers.end()) continue;
      if (position->second.revision - written_[{ledger, authority}] < options_.entries) continue;
      OVERSIGHT_RETURN_IF_ERROR(Write(*connection, ledger, authority));
    }
  }
  return absl::OkStatus();
}

absl::Status Checkpointer::DeleteErased(mysql::Connection& connection) {
  std::set<std::string> erased;
  {
    absl::MutexLock lock(&mutex_);
    erased = erased_;
  }
  for (const std::string& authority : erased) {
    OVERSIGHT_RETURN_IF_ERROR(connection.ExecuteText("START TRANSACTION"));
    OVERSIGHT_RETURN_IF_ERROR(DeleteCheckpoints(connection, authority));
    OVERSIGHT_RETURN_IF_ERROR(connection.ExecuteText("COMMIT"));
    for (const std::string& ledger : options_.ledgers) written_.erase({ledger, authority});
  }
  absl::MutexLock lock(&mutex_);
  for (const std::string& authority : erased) erased_.erase(authority);
  return absl::OkStatus();
}

absl::Status Checkpointer::Write(mysql::Connection& connection, const std::string& ledger,
                                 const std::string& authority) {
  Checkpoint checkpoint{.authority = authority, .ledger = ledger};
  OVERSIGHT_RETURN_IF_ERROR(connection.ExecuteText("START TRANSACTION"));
  absl::Status status = WriteChunks(connection, ledger, authority, checkpoint);
  if (status.ok()) status = FinishCheckpoint(connection, checkpoint, options_.clock->Now());
  if (status.ok()) status = connection.ExecuteText("COMMIT");
  if (!status.ok()) {
    if (!connection.broken()) static_cast<void>(connection.ExecuteText("ROLLBACK"));
    return status;
  }
  written_[{ledger, authority}] = static_cast<int64_t>(checkpoint.revision);
  return absl::OkStatus();
}

absl::Status Checkpointer::WriteChunks(mysql::Connection& connection, const std::string& ledger,
                                       const std::string& authority, Checkpoint& checkpoint) {
  OVERSIGHT_RETURN_IF_ERROR(BeginCheckpoint(connection, authority, ledger));
  absl::Status written;
  const absl::Status read =
      options_.snapshots(ledger, authority, [&](const ledger::v1::SnapshotResponse& message) {
        if (!message.records().empty()) {
          written = AddChunk(connection, authority, ledger, checkpoint.chunks++, message);
        }
        if (message.complete()) checkpoint.token = message.token();
        absl::MutexLock lock(&mutex_);
        return written.ok() && !stopping_;
      });
  OVERSIGHT_RETURN_IF_ERROR(written);
  OVERSIGHT_RETURN_IF_ERROR(read);
  OVERSIGHT_ASSIGN_OR_RETURN(const ledger::v1::Token token, ledger::DecodeToken(checkpoint.token));
  checkpoint.revision = static_cast<uint64_t>(token.revision());
  return absl::OkStatus();
}

}  // namespace oversight::compliance

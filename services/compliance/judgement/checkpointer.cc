#include "services/compliance/judgement/checkpointer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ledger/token.h"
#include "common/log/log.h"
#include "common/status/error.h"
#include "services/compliance/judgement/apply_entry.h"
#include "services/compliance/judgement/in_parallel.h"

namespace oversight::compliance {
namespace {

constexpr char kSnapshot[] = "/oversight.ledger.v1.LedgerService/Snapshot";

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

Checkpointer::Positions Checkpointer::Restore() {
  const auto authorities = [&]() -> absl::StatusOr<std::vector<std::string>> {
    OVERSIGHT_ASSIGN_OR_RETURN(const auto connection, mysql::Connection::Open(options_.database));
    return CheckpointedAuthorities(*connection);
  }();
  if (!authorities.ok()) {
    log::Warning("no checkpoint could be read; all ledgers are read from the first entry",
                 {{"reason", ReasonOf(authorities.status())}});
    return {};
  }
  Positions positions;
  InParallel(authorities->size(), [&](size_t i) {
    const absl::Status status = RestoreAuthority((*authorities)[i], positions);
    if (!status.ok())
      log::Warning(
          "the checkpoints of an authority could not be read; its ledgers are read from the first entry",
          {{"reason", ReasonOf(status)}});
  });
  return positions;
}

absl::Status Checkpointer::RestoreAuthority(const std::string& authority, Positions& positions) {
  OVERSIGHT_ASSIGN_OR_RETURN(const auto connection, mysql::Connection::Open(options_.database));
  OVERSIGHT_RETURN_IF_ERROR(BeginReading(*connection));
  OVERSIGHT_ASSIGN_OR_RETURN(std::vector<Checkpoint> checkpoints, ReadCheckpoints(*connection, authority));
  // Who is supervised by whom before sessions: a link that comes later goes through all of them.
  const auto place = [&](const Checkpoint& checkpoint) {
    return std::find(options_.ledgers.begin(), options_.ledgers.end(), checkpoint.ledger);
  };
  std::sort(checkpoints.begin(), checkpoints.end(),
            [&](const Checkpoint& a, const Checkpoint& b) { return place(a) < place(b); });
  std::unique_ptr<AuthorityJudge> judge = options_.keeper->NewJudge(authority);
  std::map<std::string, LedgerPositions::Position> reached;
  FactReader reader;
  for (const Checkpoint& checkpoint : checkpoints) {
    const absl::Status status = RestoreLedger(*connection, checkpoint, reader, *judge);
    if (status.ok()) {
      const auto token = ledger::DecodeToken(checkpoint.token);
      reached[checkpoint.ledger] = {static_cast<int64_t>(checkpoint.revision),
                                    token.ok() ? token->incarnation() : "", checkpoint.token};
      continue;
    }
    log::Warning("a checkpoint could not be read; the ledger is read from its first entry",
                 {{"ledger", checkpoint.ledger}, {"reason", ReasonOf(status)}});
    ForgetLedger(*judge, checkpoint.ledger);
  }
  if (reached.empty()) return absl::OkStatus();
  absl::MutexLock lock(&mutex_);
  for (const auto& [ledger, position] : reached) {
    positions[ledger][absl::StrCat("authorities/", authority)] = position.token;
    written_[{ledger, authority}] = position.revision;
  }
  options_.keeper->Begin(std::move(judge), reached);
  return absl::OkStatus();
}

absl::Status Checkpointer::RestoreLedger(mysql::Connection& connection, const Checkpoint& checkpoint,
                                         FactReader& reader, AuthorityJudge& judge) {
  return ReadChunks(connection, checkpoint, [&](const ledger::v1::SnapshotResponse& chunk) {
    for (const ledger::v1::SnapshotResponse::Record& record : chunk.records()) {
      if (const absl::Status status = ApplyRecord(judge, reader, record); !status.ok())
        options_.keeper->ReportUnreadable(checkpoint.ledger, static_cast<int64_t>(checkpoint.revision),
                                          status.message());
    }
    return absl::OkStatus();
  });
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

#include "services/compliance/judgement/checkpoint_store.h"

#include <array>

#include "common/ledger/hash_chain.h"
#include "common/status/error.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/io/gzip_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace oversight::compliance {
namespace {

using mysql::Row;
using mysql::Value;

// Another one makes the checkpoints of before count for nothing.
constexpr int kFormat = 1;

constexpr char kSelectAuthorities[] = "SELECT DISTINCT authority FROM checkpoint WHERE format = ?";
constexpr char kSelectCheckpoints[] =
    "SELECT authority, ledger, token, revision, chunks FROM checkpoint WHERE format = ? AND authority = ? "
    "ORDER BY ledger";
constexpr char kSelectChunk[] =
    "SELECT content, sha256 FROM checkpoint_chunk WHERE authority = ? AND ledger = ? AND number = ?";
constexpr char kDeleteHead[] = "DELETE FROM checkpoint WHERE authority = ? AND ledger = ?";
constexpr char kDeleteChunks[] = "DELETE FROM checkpoint_chunk WHERE authority = ? AND ledger = ?";
constexpr char kInsertChunk[] =
    "INSERT INTO checkpoint_chunk (authority, ledger, number, sha256, content) VALUES (?, ?, ?, ?, ?)";
constexpr char kInsertHead[] =
    "INSERT INTO checkpoint (authority, ledger, token, revision, chunks, format, record_time) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)";
constexpr char kDeleteHeads[] = "DELETE FROM checkpoint WHERE authority = ?";
constexpr char kDeleteAllChunks[] = "DELETE FROM checkpoint_chunk WHERE authority = ?";

std::string Compressed(const ledger::v1::SnapshotResponse& chunk) {
  std::string bytes;
  google::protobuf::io::StringOutputStream out(&bytes);
  google::protobuf::io::GzipOutputStream::Options options;
  // Nearly as small as the best, in a fraction of the time.
  options.compression_level = 3;
  google::protobuf::io::GzipOutputStream zipped(&out, options);
  chunk.SerializeToZeroCopyStream(&zipped);
  zipped.Close();
  return bytes;
}

bool Uncompress(const std::string& bytes, ledger::v1::SnapshotResponse& chunk) {
  google::protobuf::io::ArrayInputStream in(bytes.data(), static_cast<int>(bytes.size()));
  google::protobuf::io::GzipInputStream unzipped(&in);
  return chunk.ParseFromZeroCopyStream(&unzipped);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> CheckpointedAuthorities(mysql::Connection& connection) {
  std::vector<std::string> authorities;
  const std::array<Value, 1> format = {kFormat};
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(kSelectAuthorities, format, [&](const Row& row) {
    authorities.push_back(row.Bytes(0));
    return absl::OkStatus();
  }));
  return authorities;
}

absl::Status BeginReading(mysql::Connection& connection) {
  OVERSIGHT_RETURN_IF_ERROR(connection.ExecuteText("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"));
  return connection.ExecuteText("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
}

absl::StatusOr<std::vector<Checkpoint>> ReadCheckpoints(mysql::Connection& connection,
                                                        const std::string& authority) {
  std::vector<Checkpoint> checkpoints;
  const std::array<Value, 2> wanted = {kFormat, authority};
  OVERSIGHT_RETURN_IF_ERROR(connection.Query(kSelectCheckpoints, wanted, [&](const Row& row) {
    checkpoints.push_back({.authority = row.Bytes(0),
                           .ledger = row.Bytes(1),
                           .token = row.Bytes(2),
                           .revision = row.Uint64(3),
                           .chunks = static_cast<int>(row.Int64(4))});
    return absl::OkStatus();
  }));
  return checkpoints;
}

absl::Status ReadChunks(mysql::Connection& connection, const Checkpoint& checkpoint,
                        absl::FunctionRef<absl::Status(const ledger::v1::SnapshotResponse&)> take) {
  // The records of a chunk are many small messages: they lie together, and go together.
  google::protobuf::Arena arena;
  for (int number = 0; number < checkpoint.chunks; ++number) {
    arena.Reset();
    auto& chunk = *google::protobuf::Arena::CreateMessage<ledger::v1::SnapshotResponse>(&arena);
    const std::array<Value, 3> key = {checkpoint.authority, checkpoint.ledger, number};
    bool read = false;
    OVERSIGHT_RETURN_IF_ERROR(connection.Query(kSelectChunk, key, [&](const Row& row) {
      const std::string content = row.Bytes(0);
      read = ledger::Sha256(content) == row.Bytes(1) && Uncompress(content, chunk);
      return absl::OkStatus();
    }));
    if (!read) {
      return Error(absl::StatusCode::kDataLoss, "CHECKPOINT_UNREADABLE",
                   "a checkpoint is incomplete or was altered");
    }
    OVERSIGHT_RETURN_IF_ERROR(take(chunk));
  }
  return absl::OkStatus();
}

absl::Status BeginCheckpoint(mysql::Connection& connection, const std::string& authority,
                             const std::string& ledger) {
  const std::array<Value, 2> key = {authority, ledger};
  OVERSIGHT_RETURN_IF_ERROR(connection.Execute(kDeleteHead, key).status());
  return connection.Execute(kDeleteChunks, key).status();
}

absl::Status AddChunk(mysql::Connection& connection, const std::string& authority, const std::string& ledger,
                      int number, const ledger::v1::SnapshotResponse& chunk) {
  const std::string content = Compressed(chunk);
  const std::array<Value, 5> row = {authority, ledger, number, ledger::Sha256(content), content};
  return connection.Execute(kInsertChunk, row).status();
}

absl::Status FinishCheckpoint(mysql::Connection& connection, const Checkpoint& checkpoint, absl::Time now) {
  const std::array<Value, 7> row = {checkpoint.authority,
                                    checkpoint.ledger,
                                    checkpoint.token,
                                    checkpoint.revision,
                                    checkpoint.chunks,
                                    kFormat,
                                    now};
  return connection.Execute(kInsertHead, row).status();
}

absl::Status DeleteCheckpoints(mysql::Connection& connection, const std::string& authority) {
  const std::array<Value, 1> key = {authority};
  OVERSIGHT_RETURN_IF_ERROR(connection.Execute(kDeleteHeads, key).status());
  return connection.Execute(kDeleteAllChunks, key).status();
}

}  // namespace oversight::compliance

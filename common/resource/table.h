#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mysql/connection.h"
#include "common/resource/kind.h"

namespace oversight::resource {

// A resource as it is stored.
struct StoredResource {
  Key key;
  // 1 for the first state.
  uint64_t version = 0;
  bool deleted = false;
  absl::Time create_time;
  absl::Time update_time;
  // Deterministic bytes of the message, without output-only fields.
  std::string bytes;
};

// `column operator value` of an index column.
struct Condition {
  std::string column;
  // `=`, `<`, `<=`, `>` or `>=`.
  std::string comparison;
  mysql::Value value;
};

enum class Lock { kNone, kForUpdate };

using StoredReader = absl::FunctionRef<absl::Status(StoredResource)>;

// The statements on one kind's table. Each reads or writes rows as they are, deleted ones included.
class Table {
 public:
  explicit Table(const Kind& kind);

  absl::Status ReadByKeys(mysql::Connection& connection, std::span<const Key> keys, Lock lock,
                          StoredReader reader) const;
  // All directly below one of these parents.
  absl::Status ReadByParents(mysql::Connection& connection, const std::string& authority,
                             std::span<const std::string> parents, Lock lock, StoredReader reader) const;
  // At most `limit` of the authority, in key order, after a key (empty parent and id: from the beginning).
  // With `parent`, only those directly below it. Only those that satisfy all conditions.
  absl::Status ReadPage(mysql::Connection& connection, const std::string& authority,
                        const std::string* parent, const Key& after, bool with_deleted, int limit,
                        StoredReader reader, std::span<const Condition> conditions = {}) const;
  // The live ones of the authority whose stored message contains this text somewhere, byte for byte. Reads
  // all rows of the authority in the database.
  absl::Status ReadMentioning(mysql::Connection& connection, const std::string& authority,
                              const std::string& text, Lock lock, StoredReader reader) const;
  // As ReadPage over the whole authority, also telling whether the index columns agree with the message.
  absl::Status ReadAndCheckPage(
      mysql::Connection& connection, const std::string& authority, const Key& after, int limit,
      absl::FunctionRef<absl::Status(StoredResource, bool columns_agree)> reader) const;
  // Every authority's id in the table; only for Authority itself.
  absl::Status ReadAll(mysql::Connection& connection, const Key& after, bool with_deleted, int limit,
                       StoredReader reader) const;

  struct Write {
    const StoredResource* stored;
    const Message* state;
  };
  // ALREADY_EXISTS (DUPLICATE_KEY) when somebody else was first.
  absl::Status Insert(mysql::Connection& connection, std::span<const Write> rows) const;
  // The rows must be locked.
  absl::Status Replace(mysql::Connection& connection, std::span<const Write> rows) const;
  absl::StatusOr<int64_t> Remove(mysql::Connection& connection, const Key& key) const;
  // Removes all whose parent is `parent` or lies beneath it.
  absl::StatusOr<int64_t> RemoveBeneath(mysql::Connection& connection, const std::string& authority,
                                        const std::string& parent) const;

 private:
  std::vector<mysql::Value> Values(std::span<const Write> rows) const;

  const Kind& kind_;
  std::string select_;
  std::string insert_;
  std::string replace_suffix_;
  int columns_;
};

// The message's deterministic bytes: what the ledger's hash covers.
std::string SerialiseState(const Message& state);

}  // namespace oversight::resource

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/ledger/store.h"
#include "common/mysql/connection.h"
#include "common/resource/kind.h"
#include "common/resource/table.h"

namespace oversight::resource {

// The tables of a service, made once.
class Tables {
 public:
  explicit Tables(const Registry& registry);
  const Table& Of(const Kind& kind) const { return *tables_.at(&kind); }

 private:
  std::map<const Kind*, std::unique_ptr<Table>> tables_;
};

// What one transaction has read and is about to write. Reads lock rows and are remembered; writes are kept
// until Flush, and seen by later reads.
class UnitOfWork final : public WriteContext {
 public:
  struct Row {
    const Kind* kind = nullptr;
    StoredResource stored;
    // Null until the resource was ever written.
    std::unique_ptr<Message> state;
    bool in_database = false;
    bool live() const { return state != nullptr && !stored.deleted; }
  };

  UnitOfWork(const Tables& tables, mysql::Connection& connection, absl::Time now, bool importing);

  absl::StatusOr<const Message*> Find(const Kind& kind, const Key& key) override;
  absl::StatusOr<std::vector<Item>> Siblings(const Kind& kind, const Key& any_of_them) override;
  absl::StatusOr<std::vector<Item>> InAuthority(const Kind& kind, absl::string_view authority) override;
  CivilDay today() const override { return today_; }
  bool importing() const override { return importing_; }
  bool by_verb() const override { return by_verb_; }
  void set_by_verb(bool by_verb) { by_verb_ = by_verb; }
  // For what is stored beside resources, in the same transaction.
  mysql::Connection& connection() const { return connection_; }
  void set_importing(bool importing) { importing_ = importing; }

  // From now on the transaction holds the authority's head: nobody else can commit there, so rows are read as
  // they are, without locks. Only rows that others lock and then wait for the head are to be read before: a
  // parent, a resource itself, its siblings. Whoever holds the head and then waits for such a row would be
  // waited for in turn.
  void AuthorityIsLocked() { lock_ = Lock::kNone; }

  // Reads and locks the rows of these keys in one go.
  absl::Status Prefetch(const Kind& kind, std::vector<Key> keys);
  // Reads and locks all of the kind below these parents in one go.
  absl::Status PrefetchSiblings(const Kind& kind, const std::string& authority,
                                std::vector<std::string> parents);
  // Reads and locks the live ones of the kind whose stored message contains this text. ABORTED
  // (TRANSACTION_CONFLICT) when the authority is locked and one turns up that should have been locked before.
  absl::StatusOr<std::vector<Row*>> PrefetchMentioning(const Kind& kind, const std::string& authority,
                                                       const std::string& text);
  // The row of a key, read and locked; with a null state when there is none yet.
  absl::StatusOr<Row*> Load(const Kind& kind, const Key& key);
  // Whether the resource is live, where this transaction has loaded it; nothing where it has not.
  std::optional<bool> KnownLive(const Kind& kind, const Key& key) const;
  // True when a live resource of one of these kinds lies directly below `key`.
  absl::StatusOr<bool> HasLiveChildren(const std::vector<const Kind*>& children, const std::string& path,
                                       const std::string& authority);

  // Sets the new state of a row; `change` says how it came about. A row is written once in a transaction at
  // the most.
  void Write(Row& row, std::unique_ptr<Message> state, ledger::pb::Change change);

  size_t writes() const { return changes_.size(); }
  // Writes all rows and appends their ledger entries. Returns the new head.
  absl::StatusOr<ledger::HeadRow> Flush(const std::string& authority, const std::string& actor,
                                        absl::string_view method, const std::vector<std::string>& depends_on);

 private:
  struct Change {
    Row* row;
    ledger::pb::Change change;
  };
  Row& Remember(const Kind& kind, const Key& key);
  absl::Status Take(const Kind& kind, StoredResource stored);

  const Tables& tables_;
  mysql::Connection& connection_;
  const absl::Time now_;
  const CivilDay today_;
  bool importing_;
  bool by_verb_ = false;
  Lock lock_ = Lock::kForUpdate;
  absl::flat_hash_map<std::pair<const Kind*, Key>, std::unique_ptr<Row>> rows_;
  // Which sets of siblings are complete here, and their rows.
  absl::flat_hash_map<std::pair<const Kind*, std::string>, std::vector<Row*>> by_parent_;
  absl::flat_hash_set<std::pair<const Kind*, std::string>> complete_parents_;
  absl::flat_hash_set<const Kind*> complete_kinds_;
  std::vector<Change> changes_;
};

}  // namespace oversight::resource

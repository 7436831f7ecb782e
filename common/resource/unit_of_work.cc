#include "common/resource/unit_of_work.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace oversight::resource {
namespace {

constexpr int kResourcesPerRead = 1000;

// Somebody else created the same resource meanwhile: the transaction must look again.
absl::Status AsConflict(absl::Status status) {
  if (status.code() != absl::StatusCode::kAlreadyExists) return status;
  return Error(absl::StatusCode::kAborted, "TRANSACTION_CONFLICT",
               "the same resource was created by another call meanwhile; try again");
}

}  // namespace

Tables::Tables(const Registry& registry) {
  for (const auto& kind : registry.kinds()) tables_.emplace(kind.get(), std::make_unique<Table>(*kind));
}

UnitOfWork::UnitOfWork(const Tables& tables, mysql::Connection& connection, absl::Time now, bool importing)
    : tables_(tables), connection_(connection), now_(now), today_(CivilDay::Of(now)), importing_(importing) {}

UnitOfWork::Row& UnitOfWork::Remember(const Kind& kind, const Key& key) {
  std::unique_ptr<Row>& row = rows_[{&kind, key}];
  if (row == nullptr) {
    row = std::make_unique<Row>();
    row->kind = &kind;
    row->stored.key = key;
    by_parent_[{&kind, key.parent}].push_back(row.get());
  }
  return *row;
}

absl::Status UnitOfWork::Take(const Kind& kind, StoredResource stored) {
  Row& row = Remember(kind, stored.key);
  if (row.in_database) return absl::OkStatus();  // read before, perhaps changed since
  if (row.state != nullptr) {
    return Error(absl::StatusCode::kAborted, "TRANSACTION_CONFLICT",
                 "the same resource was created by another call meanwhile; try again");
  }
  row.state.reset(kind.prototype->New());
  if (!row.state->ParseFromString(stored.bytes)) {
    return Error(absl::StatusCode::kDataLoss, "RESOURCE_UNREADABLE",
                 absl::StrCat("a stored ", kind.short_name, " cannot be read; verify the ledger"));
  }
  row.stored = std::move(stored);
  row.in_database = true;
  return absl::OkStatus();
}

absl::Status UnitOfWork::Prefetch(const Kind& kind, std::vector<Key> keys) {
  std::erase_if(keys, [&](const Key& key) { return rows_.contains({&kind, key}); });
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  OVERSIGHT_RETURN_IF_ERROR(tables_.Of(kind).ReadByKeys(
      connection_, keys, lock_, [&](StoredResource stored) { return Take(kind, std::move(stored)); }));
  for (const Key& key : keys) Remember(kind, key);
  return absl::OkStatus();
}

absl::Status UnitOfWork::PrefetchSiblings(const Kind& kind, const std::string& authority,
                                          std::vector<std::string> parents) {
  std::erase_if(parents, [&](const std::string& parent) {
    return complete_parents_.contains({&kind, parent});
  });
  std::sort(parents.begin(), parents.end());
  parents.erase(std::unique(parents.begin(), parents.end()), parents.end());
  OVERSIGHT_RETURN_IF_ERROR(
      tables_.Of(kind).ReadByParents(connection_, authority, parents, lock_,
                                     [&](StoredResource stored) { return Take(kind, std::move(stored)); }));
  for (std::string& parent : parents) complete_parents_.insert({&kind, std::move(parent)});
  return absl::OkStatus();
}

absl::StatusOr<std::vector<UnitOfWork::Row*>> UnitOfWork::PrefetchMentioning(const Kind& kind,
                                                                             const std::string& authority,
                                                                             const std::string& text) {
  std::vector<Key> keys;
  OVERSIGHT_RETURN_IF_ERROR(tables_.Of(kind).ReadMentioning(
      connection_, authority, text, lock_, [&](StoredResource stored) -> absl::Status {
        keys.push_back(stored.key);
        if (lock_ == Lock::kNone && !kind.lock_authority && !rows_.contains({&kind, stored.key})) {
          return Error(absl::StatusCode::kAborted, "TRANSACTION_CONFLICT",
                       "another call wrote about the same resource meanwhile; try again");
        }
        return Take(kind, std::move(stored));
      }));
  std::vector<Row*> rows;
  for (const Key& key : keys) rows.push_back(&Remember(kind, key));
  return rows;
}

absl::StatusOr<UnitOfWork::Row*> UnitOfWork::Load(const Kind& kind, const Key& key) {
  const auto found = rows_.find({&kind, key});
  if (found != rows_.end()) return found->second.get();
  if (!complete_parents_.contains({&kind, key.parent}) && !complete_kinds_.contains(&kind)) {
    OVERSIGHT_RETURN_IF_ERROR(Prefetch(kind, {key}));
  }
  return &Remember(kind, key);
}

absl::StatusOr<const Message*> UnitOfWork::Find(const Kind& kind, const Key& key) {
  OVERSIGHT_ASSIGN_OR_RETURN(Row * row, Load(kind, key));
  return row->live() ? row->state.get() : nullptr;
}

absl::StatusOr<std::vector<WriteContext::Item>> UnitOfWork::Siblings(const Kind& kind,
                                                                     const Key& any_of_them) {
  if (!complete_kinds_.contains(&kind)) {
    OVERSIGHT_RETURN_IF_ERROR(PrefetchSiblings(kind, any_of_them.authority, {any_of_them.parent}));
  }
  std::vector<Item> items;
  for (const Row* row : by_parent_[{&kind, any_of_them.parent}]) {
    if (row->live()) items.push_back({row->stored.key, row->state.get()});
  }
  return items;
}

absl::StatusOr<std::vector<WriteContext::Item>> UnitOfWork::InAuthority(const Kind& kind,
                                                                        absl::string_view authority) {
  if (!complete_kinds_.contains(&kind)) {
    Key after;
    for (bool more = true; more;) {
      int read = 0;
      OVERSIGHT_RETURN_IF_ERROR(tables_.Of(kind).ReadPage(connection_, std::string(authority), nullptr, after,
                                                          /*with_deleted=*/true, kResourcesPerRead,
                                                          [&](StoredResource stored) {
                                                            ++read;
                                                            after = stored.key;
                                                            return Take(kind, std::move(stored));
                                                          }));
      more = read == kResourcesPerRead;
    }
    complete_kinds_.insert(&kind);
  }
  std::vector<Item> items;
  for (const auto& [key, row] : rows_) {
    if (key.first == &kind && row->live()) items.push_back({row->stored.key, row->state.get()});
  }
  return items;
}

std::optional<bool> UnitOfWork::KnownLive(const Kind& kind, const Key& key) const {
  const auto found = rows_.find({&kind, key});
  if (found == rows_.end()) return std::nullopt;
  return found->second->live();
}

absl::StatusOr<bool> UnitOfWork::HasLiveChildren(const std::vector<const Kind*>& children,
                                                 const std::string& path, const std::string& authority) {
  for (const Kind* child : children) {
    if (child->pattern->has_parent_resource()) {
      OVERSIGHT_ASSIGN_OR_RETURN(const std::vector<Item> items,
                                 Siblings(*child, Key{.authority = authority, .parent = path}));
      if (!items.empty()) return true;
    } else {
      // Below the authority itself: one row is enough to know.
      bool found = false;
      const std::string none;
      OVERSIGHT_RETURN_IF_ERROR(
          tables_.Of(*child).ReadPage(connection_, authority, &none, Key{}, false, 1, [&](StoredResource) {
            found = true;
            return absl::OkStatus();
          }));
      if (found) return true;
    }
  }
  return false;
}

void UnitOfWork::Write(Row& row, std::unique_ptr<Message> state, ledger::pb::Change change) {
  row.state = std::move(state);
  row.stored.bytes = SerialiseState(*row.state);
  row.stored.version += 1;
  row.stored.deleted = change == ledger::pb::CHANGE_DELETED;
  if (!row.in_database) row.stored.create_time = now_;
  row.stored.update_time = now_;
  changes_.push_back({&row, change});
}

absl::StatusOr<ledger::HeadRow> UnitOfWork::Flush(const std::string& authority, const std::string& actor,
                                                  absl::string_view method,
                                                  const std::vector<std::string>& depends_on) {
  // By kind, and by key within it, so that concurrent transactions meet their rows in the same order.
  std::map<const Kind*, std::pair<std::vector<Table::Write>, std::vector<Table::Write>>> writes;
  std::vector<ledger::NewEntry> entries;
  entries.reserve(changes_.size());
  for (const Change& change : changes_) {
    const Row& row = *change.row;
    auto& [inserts, replacements] = writes[row.kind];
    (row.in_database ? replacements : inserts).push_back({&row.stored, row.state.get()});
    entries.push_back({.change = change.change,
                       .resource_name = row.kind->pattern->Format(row.stored.key),
                       .resource_type = row.kind->type_name,
                       .resource_version = row.stored.version,
                       .payload = row.stored.bytes,
                       .depends_on = depends_on});
  }
  for (auto& [kind, kind_writes] : writes) {
    for (std::vector<Table::Write>* rows : {&kind_writes.first, &kind_writes.second}) {
      std::sort(rows->begin(), rows->end(),
                [](const Table::Write& a, const Table::Write& b) { return a.stored->key < b.stored->key; });
    }
    OVERSIGHT_RETURN_IF_ERROR(AsConflict(tables_.Of(*kind).Insert(connection_, kind_writes.first)));
    OVERSIGHT_RETURN_IF_ERROR(tables_.Of(*kind).Replace(connection_, kind_writes.second));
  }
  return ledger::Append(connection_, authority, actor, method, now_, entries);
}

}  // namespace oversight::resource

#include "common/resource/state_source.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "common/resource/withdrawal.h"
#include "common/status/error.h"

namespace oversight::resource {
namespace {

constexpr int kStatesPerRead = 1000;

}  // namespace

absl::Status KindsStateSource::ForEachRecord(mysql::Connection& connection, const std::string& authority,
                                             bool check_columns,
                                             absl::FunctionRef<absl::Status(const Record&)> reader) {
  for (const auto& kind : kinds_->kinds()) {
    Key after;
    for (bool more = true; more;) {
      int read = 0;
      const auto take = [&](StoredResource stored, bool columns_agree) {
        ++read;
        after = stored.key;
        return reader({.name = kind->pattern->Format(stored.key),
                       .type = kind->type_name,
                       .version = stored.version,
                       .deleted = stored.deleted,
                       .bytes = std::move(stored.bytes),
                       .columns_agree = columns_agree});
      };
      const Table& table = tables_->Of(*kind);
      if (check_columns) {
        OVERSIGHT_RETURN_IF_ERROR(table.ReadAndCheckPage(connection, authority, after, kStatesPerRead, take));
      } else {
        OVERSIGHT_RETURN_IF_ERROR(
            table.ReadPage(connection, authority, nullptr, after, /*with_deleted=*/true, kStatesPerRead,
                           [&](StoredResource stored) { return take(std::move(stored), true); }));
      }
      more = read == kStatesPerRead;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> KindsStateSource::RemoveRows(mysql::Connection& connection, const std::string& name) {
  const Kind* kind = kinds_->FindByName(name);
  if (kind == nullptr) return 0;
  const Key key = *kind->pattern->Match(name);
  OVERSIGHT_ASSIGN_OR_RETURN(int64_t removed, tables_->Of(*kind).Remove(connection, key));
  const std::string path = PathOf(*kind->pattern, key);
  for (const auto& beneath : kinds_->kinds()) {
    if (!beneath->pattern->has_parent_resource()) continue;
    OVERSIGHT_ASSIGN_OR_RETURN(const int64_t more,
                               tables_->Of(*beneath).RemoveBeneath(connection, key.authority, path));
    removed += more;
  }
  return removed;
}

absl::StatusOr<std::vector<KindsStateSource::MissingName>> KindsStateSource::Missing(
    mysql::Connection& connection, const std::vector<std::string>& names) {
  // By name, the resource that stands for it; nothing where nothing is known.
  std::map<std::string, std::string> missing;
  std::map<const Kind*, std::vector<Key>> keys;
  for (const std::string& name : std::set<std::string>(names.begin(), names.end())) {
    missing[name] = "";
    if (const Kind* kind = kinds_->FindByName(name); kind != nullptr)
      keys[kind].push_back(*kind->pattern->Match(name));
  }
  for (auto& [kind, kind_keys] : keys) {
    std::sort(kind_keys.begin(), kind_keys.end());
    std::unique_ptr<Message> state(kind->prototype->New());
    OVERSIGHT_RETURN_IF_ERROR(tables_->Of(*kind).ReadByKeys(
        connection, kind_keys, Lock::kNone, [&, kind = kind](const StoredResource& stored) {
          const std::string name = kind->pattern->Format(stored.key);
          if (!stored.deleted) {
            missing.erase(name);
          } else if (state->ParseFromString(stored.bytes)) {
            missing[name] = MergedInto(*state);
          }
          return absl::OkStatus();
        }));
  }
  std::vector<MissingName> result;
  for (auto& [name, merged_into] : missing) {
    OVERSIGHT_ASSIGN_OR_RETURN(std::string survivor, Survivor(connection, merged_into));
    result.push_back({name, std::move(survivor)});
  }
  return result;
}

// The survivor may have been merged itself since. Empty when what stands for it in the end is gone as well.
absl::StatusOr<std::string> KindsStateSource::Survivor(mysql::Connection& connection,
                                                       std::string name) const {
  while (!name.empty()) {
    const Kind* kind = kinds_->FindByName(name);
    if (kind == nullptr) return std::string();
    const Key key = *kind->pattern->Match(name);
    std::unique_ptr<Message> state(kind->prototype->New());
    bool live = false;
    std::string next;
    OVERSIGHT_RETURN_IF_ERROR(tables_->Of(*kind).ReadByKeys(
        connection, std::span(&key, 1), Lock::kNone, [&](const StoredResource& stored) {
          live = !stored.deleted;
          if (!live && state->ParseFromString(stored.bytes)) next = MergedInto(*state);
          return absl::OkStatus();
        }));
    if (live) return name;
    name = std::move(next);
  }
  return name;
}

}  // namespace oversight::resource

#include "common/resource/state_source.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace oversight::resource {
namespace {

constexpr int kPage = 1000;

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
        OVERSIGHT_RETURN_IF_ERROR(table.ReadAndCheckPage(connection, authority, after, kPage, take));
      } else {
        OVERSIGHT_RETURN_IF_ERROR(
            table.ReadPage(connection, authority, nullptr, after, /*with_deleted=*/true, kPage,
                           [&](StoredResource stored) { return take(std::move(stored), true); }));
      }
      more = read == kPage;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> KindsStateSource::RemoveRows(mysql::Connection& connection, const std::string& name) {
  const Kind* kind = kinds_->FindByName(name);
  if (kind == nullptr) return 0;
  const Key key = *kind->pattern->Match(name);
  OVERSIGHT_ASSIGN_OR_RETURN(int64_t removed, tables_->Of(*kind).Remove(connection, key));
  const std::string path =
      absl::StrCat(key.parent, key.parent.empty() ? "" : "/", kind->pattern->collection(), "/", key.id);
  for (const auto& beneath : kinds_->kinds()) {
    if (!beneath->pattern->has_parent_resource()) continue;
    OVERSIGHT_ASSIGN_OR_RETURN(const int64_t more,
                               tables_->Of(*beneath).RemoveBeneath(connection, key.authority, path));
    removed += more;
  }
  return removed;
}

absl::StatusOr<std::vector<std::string>> KindsStateSource::Missing(mysql::Connection& connection,
                                                                   const std::vector<std::string>& names) {
  std::set<std::string> missing(names.begin(), names.end());
  std::map<const Kind*, std::vector<Key>> keys;
  for (const std::string& name : missing) {
    if (const Kind* kind = kinds_->FindByName(name); kind != nullptr)
      keys[kind].push_back(*kind->pattern->Match(name));
  }
  for (auto& [kind, kind_keys] : keys) {
    std::sort(kind_keys.begin(), kind_keys.end());
    OVERSIGHT_RETURN_IF_ERROR(tables_->Of(*kind).ReadByKeys(
        connection, kind_keys, Lock::kNone, [&, kind = kind](const StoredResource& stored) {
          if (!stored.deleted) missing.erase(kind->pattern->Format(stored.key));
          return absl::OkStatus();
        }));
  }
  return std::vector<std::string>(missing.begin(), missing.end());
}

}  // namespace oversight::resource

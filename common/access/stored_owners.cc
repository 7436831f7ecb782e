#include "common/access/stored_owners.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/resource/dated.h"
#include "common/resource/references.h"
#include "common/status/error.h"

namespace oversight::access {

StoredOwners::StoredOwners(const resource::Registry* kinds, const resource::Tables* tables, mysql::Pool* pool,
                           pb::Belonging belonging, const Clock* clock)
    : kinds_(kinds), tables_(tables), pool_(pool), belonging_(std::move(belonging)), clock_(clock) {}

absl::StatusOr<Owners> StoredOwners::OwnersOf(const std::string& name, absl::Time deadline) {
  Owners owners;
  if (kinds_->FindByName(name) == nullptr) return owners;
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, pool_->Acquire(deadline));
  OVERSIGHT_RETURN_IF_ERROR(AddOwners(*connection, name, owners));
  return owners;
}

absl::Status StoredOwners::AddOwners(mysql::Connection& connection, const std::string& name,
                                     Owners& owners) const {
  owners.Add(OwnersByName(name));
  const resource::Kind* kind = kinds_->FindByName(name);
  if (kind == nullptr) return absl::OkStatus();
  const resource::Key key = *kind->pattern->Match(name);
  Owners own;
  bool found = false;
  OVERSIGHT_RETURN_IF_ERROR(tables_->Of(*kind).ReadByKeys(
      connection, std::span(&key, 1), resource::Lock::kNone,
      [&](const resource::StoredResource& stored) -> absl::Status {
        found = true;
        const std::unique_ptr<google::protobuf::Message> state(kind->prototype->New());
        if (state->ParseFromString(stored.bytes)) own = OwnersIn(*state, belonging_);
        return absl::OkStatus();
      }));
  if (!found) return absl::OkStatus();
  if (own.empty()) OVERSIGHT_RETURN_IF_ERROR(AddLent(connection, *kind, key, own));
  owners.Add(own);
  if (!kind->pattern->has_parent_resource()) return absl::OkStatus();
  return AddOwners(connection, kind->pattern->FormatParent(key), owners);
}

absl::Status StoredOwners::AddLent(mysql::Connection& connection, const resource::Kind& kind,
                                   const resource::Key& key, Owners& owners) const {
  const CivilDay today = CivilDay::Of(clock_->Now());
  for (const resource::Kind* child : kinds_->ChildrenOf(kind)) {
    const std::string id = absl::StrCat(resource::ServiceOf(child->type_name), ".", child->short_name);
    if (std::find(belonging_.lends().begin(), belonging_.lends().end(), id) == belonging_.lends().end())
      continue;
    const std::string parent =
        absl::StrCat(key.parent, key.parent.empty() ? "" : "/", kind.pattern->collection(), "/", key.id);
    OVERSIGHT_RETURN_IF_ERROR(tables_->Of(*child).ReadByParents(
        connection, key.authority, std::span(&parent, 1), resource::Lock::kNone,
        [&](const resource::StoredResource& stored) -> absl::Status {
          const std::unique_ptr<google::protobuf::Message> state(child->prototype->New());
          if (stored.deleted || !state->ParseFromString(stored.bytes)) return absl::OkStatus();
          if (resource::PeriodOf(*state).Contains(today)) owners.Add(OwnersIn(*state, belonging_));
          return absl::OkStatus();
        }));
  }
  return absl::OkStatus();
}

}  // namespace oversight::access

#include "common/resource/consequences.h"

#include <vector>

#include "common/status/macros.h"

namespace oversight::resource {

absl::Status ForEachBeneath(
    UnitOfWork& work, const Registry& kinds, const Kind& kind, const Key& key, bool lockable_only,
    absl::FunctionRef<absl::Status(const Kind& kind, const WriteContext::Item& item)> visit) {
  const Key any_child = {key.authority, PathOf(*kind.pattern, key), ""};
  for (const Kind* child : kinds.ChildrenOf(kind)) {
    if (!child->pattern->has_parent_resource() || (lockable_only && child->lock_authority)) continue;
    OVERSIGHT_ASSIGN_OR_RETURN(const std::vector<WriteContext::Item> items, work.Siblings(*child, any_child));
    for (const WriteContext::Item& item : items) {
      OVERSIGHT_RETURN_IF_ERROR(ForEachBeneath(work, kinds, *child, item.key, lockable_only, visit));
      OVERSIGHT_RETURN_IF_ERROR(visit(*child, item));
    }
  }
  return absl::OkStatus();
}

}  // namespace oversight::resource

#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/resource/kind.h"
#include "common/resource/unit_of_work.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace oversight::resource {

// All live resources of a kind in an authority whose index columns satisfy the conditions, as they are
// stored, in key order; with `parent`, `workers/w`, only those directly below it. For questions: nothing is
// locked. DATA_LOSS when one cannot be read.
template <typename Resource>
absl::StatusOr<std::vector<Resource>> ReadWhere(mysql::Connection& connection, const Tables& tables,
                                                const Kind& kind, const std::string& authority,
                                                const std::vector<Condition>& conditions,
                                                const std::string* parent = nullptr) {
  constexpr int kPage = 1000;
  std::vector<Resource> resources;
  Key after;
  for (bool more = true; more;) {
    const size_t before = resources.size();
    OVERSIGHT_RETURN_IF_ERROR(tables.Of(kind).ReadPage(
        connection, authority, parent, after, /*with_deleted=*/false, kPage,
        [&](StoredResource stored) -> absl::Status {
          after = stored.key;
          if (resources.emplace_back().ParseFromString(stored.bytes)) return absl::OkStatus();
          return Error(absl::StatusCode::kDataLoss, "RESOURCE_UNREADABLE",
                       "a stored resource cannot be read; verify the ledger");
        },
        conditions));
    more = resources.size() - before == kPage;
  }
  return resources;
}

// As ReadWhere, without conditions.
template <typename Resource>
absl::StatusOr<std::vector<Resource>> ReadAll(mysql::Connection& connection, const Tables& tables,
                                              const Kind& kind, const std::string& authority,
                                              const std::string* parent = nullptr) {
  return ReadWhere<Resource>(connection, tables, kind, authority, {}, parent);
}

}  // namespace oversight::resource

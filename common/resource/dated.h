#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/resource/kind.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/time/period.h"

namespace oversight::resource {

// The days on which a resource with these date fields holds: from the first up to, but not on, the second;
// open when the second is not set. The first must be set and both must exist, as the annotations demand.
inline Period PeriodOf(const Message& message, absl::string_view start_field = "start_date",
                       absl::string_view end_field = "end_date") {
  return {DayOf(message, start_field).value_or(CivilDay::Min()),
          DayOf(message, end_field).value_or(CivilDay::Max())};
}

// FAILED_PRECONDITION (PERIOD_OVERLAP) when a sibling of `key` clashes with `after`: when
// `clash(facts_of(after), facts_of(sibling))` holds, where `facts_of` maps the Resource to the domain's
// value. `rule` is the sentence for the caller; the metadata `conflicting_resource` names the sibling.
template <typename Resource, typename Facts>
absl::Status RefuseClash(WriteContext& context, const Kind& kind, const Key& key, const Message& after,
                         Facts (*facts_of)(const Resource&), bool (*clash)(const Facts&, const Facts&),
                         absl::string_view rule) {
  const Facts candidate = facts_of(static_cast<const Resource&>(after));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto siblings, context.Siblings(kind, key));
  for (const WriteContext::Item& sibling : siblings) {
    if (sibling.key == key) continue;
    if (!clash(candidate, facts_of(static_cast<const Resource&>(*sibling.state)))) continue;
    return Error(absl::StatusCode::kFailedPrecondition, "PERIOD_OVERLAP", rule)
        .With("conflicting_resource", kind.pattern->Format(sibling.key));
  }
  return absl::OkStatus();
}

}  // namespace oversight::resource

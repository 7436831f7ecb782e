#include <deque>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/resource/columns.h"
#include "common/resource/dated.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/workforce/domain/supervisor_cycle.h"
#include "services/workforce/resources/kinds.h"

namespace oversight::workforce {
namespace {

using resource::Key;
using resource::Kind;
using resource::Message;
using resource::WriteContext;

SupervisorLink FactsOf(const Kind& kind, const Key& key, const Message& link) {
  return {kind.pattern->FormatParent(key), static_cast<const v1::SupervisorLink&>(link).supervisor(),
          resource::PeriodOf(link)};
}

// All links that lead up from the candidate's supervisor while it holds, worker by worker: the chain above is
// short, where the links of the authority are many.
absl::StatusOr<std::vector<SupervisorLink>> LinksAbove(const Kinds& kinds, WriteContext& context,
                                                       const SupervisorLink& candidate) {
  std::vector<SupervisorLink> links;
  // The candidate's own links lead nowhere new: whoever reaches its worker has closed the cycle.
  std::set<std::string> seen = {candidate.worker, candidate.supervisor};
  std::deque<std::string> open = {candidate.supervisor};
  while (!open.empty()) {
    const std::optional<Key> worker = kinds.worker->pattern->Match(open.front());
    open.pop_front();
    if (!worker) continue;
    const Key any_link = {worker->authority, absl::StrCat("workers/", worker->id), ""};
    OVERSIGHT_ASSIGN_OR_RETURN(const auto items, context.Siblings(*kinds.supervisor_link, any_link));
    for (const WriteContext::Item& item : items) {
      SupervisorLink link = FactsOf(*kinds.supervisor_link, item.key, *item.state);
      if (!link.period.Overlaps(candidate.period)) continue;
      if (seen.insert(link.supervisor).second) open.push_back(link.supervisor);
      links.push_back(std::move(link));
    }
  }
  return links;
}

// FAILED_PRECONDITION (SUPERVISOR_CYCLE) when the link closes a cycle on any day. The metadata tell the
// `path`, from the worker up and back, and the first `day`.
absl::Status Decide(const Kinds& kinds, WriteContext& context, const Key& key, const Message& after) {
  const SupervisorLink candidate = FactsOf(*kinds.supervisor_link, key, after);
  std::vector<SupervisorLink> links;
  if (candidate.worker != candidate.supervisor) {
    OVERSIGHT_ASSIGN_OR_RETURN(links, LinksAbove(kinds, context, candidate));
  }
  const std::optional<SupervisorCycle> cycle = FindCycle(candidate, links);
  if (!cycle) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "SUPERVISOR_CYCLE",
               "the supervisor is the worker, or is supervised, directly or through others, by the worker; "
               "choose "
               "another supervisor or days on which this is not so")
      .With("path", absl::StrJoin(cycle->workers, " > "))
      .With("day", cycle->day.ToString());
}

// Cover stands in for somebody else.
void ValidateSupervisorLink(const Message& message, std::vector<FieldViolation>& violations) {
  const auto& link = static_cast<const v1::SupervisorLink&>(message);
  if (!link.cover_for().empty() && link.cover_for() == link.supervisor()) {
    violations.push_back({"cover_for", "must name another worker than supervisor: the absent one"});
  }
}

}  // namespace

resource::Kind SupervisorLinkKind(KindsPtr kinds) {
  Kind kind;
  kind.prototype = &v1::SupervisorLink::default_instance();
  kind.table = "supervisor_link";
  kind.index_columns = {resource::TextColumn("supervisor"), resource::DateColumn("start_date"),
                        resource::DateColumn("end_date")};
  kind.validate = ValidateSupervisorLink;
  // Two links of different workers, written at the same time, could close a cycle that neither sees.
  kind.lock_authority = true;
  kind.decide = [kinds](WriteContext& context, const Key& key, const Message*, const Message& after) {
    return Decide(*kinds, context, key, after);
  };
  return kind;
}

}  // namespace oversight::workforce

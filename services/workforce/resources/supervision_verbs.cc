#include "services/workforce/resources/supervision_verbs.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/dated.h"
#include "common/resource/dates.h"
#include "common/resource/mutations.h"
#include "common/resource/question.h"
#include "common/resource/read_all.h"
#include "common/resource/request_fields.h"
#include "common/resource/verb.h"
#include "oversight/workforce/v1/workforce_questions.pb.h"

namespace oversight::workforce {
namespace {

using resource::Key;
using resource::Message;
using resource::Mutation;

// Who supervises whom from which day on.
struct Move {
  std::string from;
  std::string to;
  CivilDay day;
  v1::SupervisorLink::Function function = v1::SupervisorLink::FUNCTION_UNSPECIFIED;
};

// Whether a link moves: it names the old supervisor, is no cover, and holds on the day or later. The new
// supervisor cannot come under themself and stays where they are.
bool IsMoved(const Move& move, const v1::SupervisorLink& link) {
  return link.supervisor() == move.from && link.cover_for().empty() &&
         (move.function == v1::SupervisorLink::FUNCTION_UNSPECIFIED || link.function() == move.function) &&
         move.day < resource::PeriodOf(link).end && !link.name().starts_with(move.to + "/");
}

// The changes to one link: ended, with a new one in its place; or, if it starts on the day or later, renamed.
void MoveLink(const resource::Kind& kind, const Move& move, const v1::SupervisorLink& link,
              std::vector<Mutation>& mutations) {
  const Key key = *kind.pattern->Match(link.name());
  const bool started = resource::PeriodOf(link).start < move.day;
  mutations.push_back(resource::VerbMutation(kind, key, "", [&kind, move, started](Message& state) {
    auto& stored = static_cast<v1::SupervisorLink&>(state);
    if (!IsMoved(move, stored) || started != (resource::PeriodOf(stored).start < move.day)) {
      return resource::ChangedMeanwhile(kind);
    }
    if (started) {
      *stored.mutable_end_date() = resource::ToDate(move.day);
    } else {
      stored.set_supervisor(move.to);
    }
    return absl::OkStatus();
  }));
  if (!started) return;
  v1::SupervisorLink successor = link;
  successor.set_supervisor(move.to);
  *successor.mutable_start_date() = resource::ToDate(move.day);
  successor.clear_external_ids();
  mutations.push_back(resource::NewResource(kind, {key.authority, key.parent, resource::NewId()}, successor));
}

absl::Status MoveSupervisees(rpc::Call& call, resource::Writer& writer, const Kinds& kinds,
                             const v1::MoveSuperviseesRequest& request,
                             v1::MoveSuperviseesResponse& response) {
  OVERSIGHT_RETURN_IF_ERROR(resource::CheckRequestId(request.request_id()));
  const resource::Environment& environment = writer.environment();
  OVERSIGHT_ASSIGN_OR_RETURN(
      const Key from, resource::LiveResource(call, environment, *kinds.worker, request.name(), "name"));
  OVERSIGHT_ASSIGN_OR_RETURN(const Key to,
                             resource::LiveResource(call, environment, *kinds.worker, request.to(), "to"));
  if (from.authority != to.authority || from == to) {
    return InvalidFields({{"to", "must be another worker of the same authority"}});
  }
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay day, resource::DayAsked(request, "date", *environment.clock));
  const Move move = {request.name(), request.to(), day, request.function()};
  resource::Verb verb;
  verb.authority = from.authority;
  verb.request =
      resource::Identify(from.authority, call.actor(), call.method(), request.request_id(), request);
  verb.validate_only = request.validate_only();
  verb.plan = [&](mysql::Connection& connection) -> absl::StatusOr<std::vector<Mutation>> {
    OVERSIGHT_ASSIGN_OR_RETURN(const auto links, resource::ReadWhere<v1::SupervisorLink>(
                                                     connection, *environment.tables, *kinds.supervisor_link,
                                                     from.authority, {{"supervisor", "=", move.from}}));
    std::vector<Mutation> mutations;
    for (const v1::SupervisorLink& link : links) {
      if (IsMoved(move, link)) MoveLink(*kinds.supervisor_link, move, link, mutations);
    }
    return mutations;
  };
  OVERSIGHT_ASSIGN_OR_RETURN(const auto changed, resource::CarryOut(call, writer, verb));
  for (const auto& link : changed) {
    *response.add_supervisor_links() = static_cast<const v1::SupervisorLink&>(*link);
  }
  return absl::OkStatus();
}

}  // namespace

void RegisterSupervisionVerbs(resource::StandardMethods& standard, rpc::Methods& methods, KindsPtr kinds) {
  methods.Unary<v1::MoveSuperviseesRequest, v1::MoveSuperviseesResponse>(
      "oversight.workforce.v1.WorkforceService", "MoveSupervisees",
      [&standard, kinds](rpc::Call& call, const v1::MoveSuperviseesRequest& request,
                         v1::MoveSuperviseesResponse& response) {
        return MoveSupervisees(call, standard.writer(), *kinds, request, response);
      });
}

}  // namespace oversight::workforce

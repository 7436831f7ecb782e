#include "services/supervision/resources/session_verbs.h"

#include <optional>

#include "common/status/error.h"
#include "common/status/macros.h"
#include "services/supervision/resources/session_facts.h"

namespace oversight::supervision {
namespace {

absl::Status CheckAction(const v1::Session& session, SessionAction action) {
  if (Next(StateOf(session), action)) return absl::OkStatus();
  return IllegalTransition(
      StateOf(session),
      "only a SCHEDULED session can be held, cancelled or missed; correct another with UpdateSession");
}

}  // namespace

absl::Status Hold(const v1::HoldSessionRequest& request, v1::Session& session) {
  OVERSIGHT_RETURN_IF_ERROR(CheckAction(session, SessionAction::kHold));
  session.set_state(v1::Session::STATE_HELD);
  session.set_uninterrupted_minutes(request.uninterrupted_minutes());
  session.set_led_by(request.led_by());
  if (request.has_end_time()) *session.mutable_end_time() = request.end_time();
  if (request.has_date() || request.has_start_time()) {
    const std::optional<CivilDay> scheduled = resource::DayOf(session, "date");
    session.clear_date();
    if (request.has_date()) *session.mutable_date() = request.date();
    if (request.has_start_time()) {
      *session.mutable_start_time() = request.start_time();
    } else if (resource::DayOf(session, "date") != scheduled) {
      // It was held on another day than planned: the planned time of day says nothing any more.
      session.clear_start_time();
    }
  }
  return absl::OkStatus();
}

absl::Status Cancel(const v1::CancelSessionRequest& request, v1::Session& session) {
  if (request.reason().empty())
    return InvalidFields({{"reason", "is required: say why the session is cancelled"}});
  OVERSIGHT_RETURN_IF_ERROR(CheckAction(session, SessionAction::kCancel));
  session.set_state(v1::Session::STATE_CANCELLED);
  session.set_cancellation_reason(request.reason());
  session.set_replacement(request.replacement());
  return absl::OkStatus();
}

absl::Status Miss(const v1::MissSessionRequest& request, v1::Session& session) {
  OVERSIGHT_RETURN_IF_ERROR(CheckAction(session, SessionAction::kMiss));
  session.set_state(v1::Session::STATE_MISSED);
  session.set_cancellation_reason(request.reason());
  session.set_replacement(request.replacement());
  return absl::OkStatus();
}

void RegisterSessionVerbs(resource::StandardMethods& standard, rpc::Methods& methods, KindsPtr kinds) {
  using resource::Message;
  methods.Unary<v1::HoldSessionRequest, v1::Session>(
      kSupervisionService, "HoldSession",
      [&standard, kinds](rpc::Call& call, const v1::HoldSessionRequest& request, v1::Session& response) {
        return standard.Mutate(
            call, *kinds->session, request.name(), request.etag(), request.request_id(), request,
            [&](Message& state) { return Hold(request, static_cast<v1::Session&>(state)); }, response);
      });
  methods.Unary<v1::CancelSessionRequest, v1::Session>(
      kSupervisionService, "CancelSession",
      [&standard, kinds](rpc::Call& call, const v1::CancelSessionRequest& request, v1::Session& response) {
        return standard.Mutate(
            call, *kinds->session, request.name(), request.etag(), request.request_id(), request,
            [&](Message& state) { return Cancel(request, static_cast<v1::Session&>(state)); }, response);
      });
  methods.Unary<v1::MissSessionRequest, v1::Session>(
      kSupervisionService, "MissSession",
      [&standard, kinds](rpc::Call& call, const v1::MissSessionRequest& request, v1::Session& response) {
        return standard.Mutate(
            call, *kinds->session, request.name(), request.etag(), request.request_id(), request,
            [&](Message& state) { return Miss(request, static_cast<v1::Session&>(state)); }, response);
      });
}

}  // namespace oversight::supervision

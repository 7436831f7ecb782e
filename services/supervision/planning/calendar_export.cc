#include "services/supervision/planning/calendar_export.h"

#include <map>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/ledger/hash_chain.h"
#include "common/status/error.h"
#include "oversight/supervision/v1/supervision_verbs.pb.h"
#include "services/supervision/resources/instants.h"
#include "services/supervision/resources/session_facts.h"

namespace oversight::supervision {
namespace {

constexpr int kMostEvents = 5000;
constexpr int kDaysBack = 30;
constexpr int kDaysAhead = 400;

// Of which kind, and no more: calendars are shared.
absl::string_view Summary(v1::Session::Kind kind) {
  switch (kind) {
    case v1::Session::KIND_PROFESSIONAL:
      return "Professional supervision";
    case v1::Session::KIND_PRACTICE_EDUCATION:
      return "Practice education";
    case v1::Session::KIND_GROUP:
      return "Group supervision";
    default:
      return "Supervision";
  }
}

struct Wanted {
  std::string authority;
  std::vector<SessionRole> roles;
  CivilDay start;
  CivilDay end;
};

absl::StatusOr<Wanted> WantedBy(const v1::ExportCalendarRequest& request, CivilDay today) {
  Wanted wanted = {.authority = std::string(resource::AuthorityOf(request.parent())),
                   .roles = {},
                   .start = resource::DayOf(request, "start_date").value_or(today - kDaysBack),
                   .end = resource::DayOf(request, "end_date").value_or(today + kDaysAhead)};
  std::vector<FieldViolation> violations;
  if (wanted.authority.empty() || request.parent() != absl::StrCat("authorities/", wanted.authority)) {
    violations.push_back({"parent", "must be a name like authorities/{authority}"});
  }
  const std::string workers = absl::StrCat(request.parent(), "/workers/");
  if (!absl::StartsWith(request.worker(), workers) ||
      !resource::IsValidId(absl::string_view(request.worker()).substr(workers.size()))) {
    violations.push_back(
        {"worker", "must name a worker of that authority, authorities/{authority}/workers/{worker}"});
  }
  for (const char* field : {"start_date", "end_date"}) {
    if (request.GetReflection()->HasField(request, request.GetDescriptor()->FindFieldByName(field)) &&
        !resource::DayOf(request, field)) {
      violations.push_back({field, "is no date between 1900-01-01 and 9999-12-31"});
    }
  }
  if (wanted.end < wanted.start) violations.push_back({"end_date", "must not be before start_date"});
  if (request.role() != v1::ExportCalendarRequest::ROLE_SUPERVISOR)
    wanted.roles.push_back(SessionRole::kSupervisee);
  if (request.role() != v1::ExportCalendarRequest::ROLE_SUPERVISEE)
    wanted.roles.push_back(SessionRole::kSupervisor);
  OVERSIGHT_RETURN_IF_ERROR(InvalidFields(violations));
  return wanted;
}

absl::Status Export(const resource::Environment& environment, rpc::Call& call,
                    const v1::ExportCalendarRequest& request, v1::ExportCalendarResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const Wanted wanted, WantedBy(request, CivilDay::Of(environment.clock->Now())));
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment.pool->Acquire(call.deadline()));
  // By day, then by UID, so that the same sessions give the same file.
  std::map<std::pair<CivilDay, std::string>, CalendarEvent> events;
  for (const SessionRole role : wanted.roles) {
    OVERSIGHT_ASSIGN_OR_RETURN(const std::vector<StoredSession> sessions,
                               ReadSessionsOf(*connection, wanted.authority, request.worker(), role,
                                              wanted.start, wanted.end, kMostEvents + 1));
    for (const StoredSession& session : sessions) {
      CalendarEvent event = EventOf(session);
      events.insert_or_assign({event.date, event.uid}, event);
    }
  }
  if (events.size() > kMostEvents) {
    return Error(absl::StatusCode::kFailedPrecondition, "CALENDAR_TOO_LARGE",
                 absl::StrCat("the worker has more than ", kMostEvents,
                              " sessions on these days; ask for fewer days"));
  }
  std::vector<CalendarEvent> in_order;
  for (auto& [key, event] : events) in_order.push_back(std::move(event));
  response.set_content_type("text/calendar; charset=utf-8; method=PUBLISH");
  response.set_content(WriteCalendar(in_order));
  return absl::OkStatus();
}

}  // namespace

CalendarEvent EventOf(const StoredSession& stored) {
  const v1::Session& session = stored.session;
  const std::optional<absl::Time> start = InstantOf(session, "start_time");
  const std::optional<absl::Time> end = InstantOf(session, "end_time");
  int minutes = session.planned_minutes() > 0 ? session.planned_minutes() : session.uninterrupted_minutes();
  if (start && end && *end > *start) minutes = static_cast<int>(absl::ToInt64Minutes(*end - *start));
  return {
      .uid = absl::StrCat(absl::BytesToHexString(ledger::Sha256(session.name())).substr(0, 32), "@oversight"),
      .sequence = static_cast<int64_t>(stored.stored.version) - 1,
      .cancelled = stored.stored.deleted || NotHeld(StateOf(session)),
      .summary = std::string(Summary(session.kind())),
      .date = resource::DayOf(session, "date").value_or(CivilDay()),
      .start = start,
      .minutes = minutes,
      .changed = stored.stored.update_time};
}

void RegisterCalendarExport(resource::StandardMethods& standard, rpc::Methods& methods) {
  methods.Unary<v1::ExportCalendarRequest, v1::ExportCalendarResponse>(
      kSupervisionService, "ExportCalendar",
      [&standard](rpc::Call& call, const v1::ExportCalendarRequest& request,
                  v1::ExportCalendarResponse& response) {
        return Export(standard.writer().environment(), call, request, response);
      });
}

}  // namespace oversight::supervision

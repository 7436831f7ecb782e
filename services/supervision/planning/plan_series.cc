#include "services/supervision/planning/plan_series.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/resource/dates.h"
#include "common/resource/mutations.h"
#include "common/resource/request_fields.h"
#include "common/resource/verb.h"
#include "common/status/error.h"
#include "common/time/timestamp.h"
#include "common/time/working_days.h"
#include "services/supervision/planning/required_frequency.h"
#include "services/supervision/planning/session_reader.h"
#include "services/supervision/resources/instants.h"
#include "services/supervision/resources/series_facts.h"
#include "services/supervision/resources/session_facts.h"

namespace oversight::supervision {
namespace {

using resource::Key;
using resource::Message;

constexpr int kMinutesOfDay = 24 * 60;
// A day with so many sessions of the supervisor is full, where nothing is said of the time of day.
constexpr int kSessionsOfDay = 3;
constexpr int kMostSessions = 5000;

// One request, from what it asks for to what is written.
class Planner {
 public:
  Planner(resource::StandardMethods& standard, const Kinds& kinds, const Surroundings& surroundings,
          rpc::Call& call, const v1::PlanSeriesRequest& request)
      : standard_(standard),
        environment_(standard.writer().environment()),
        writer_(standard.writer()),
        kinds_(kinds),
        workforce_(*surroundings.workforce),
        compliance_(surroundings.compliance.get()),
        call_(call),
        request_(request),
        series_(request.planned_series()),
        now_(environment_.clock->Now()),
        today_(CivilDay::Of(now_)) {}

  absl::Status Run(v1::PlanSeriesResponse& response) {
    OVERSIGHT_RETURN_IF_ERROR(ReadRequest());
    resource::Verb verb;
    verb.authority = key_.authority;
    verb.request =
        resource::Identify(key_.authority, call_.actor(), call_.method(), request_.request_id(), request_);
    verb.validate_only = request_.validate_only();
    verb.plan = [this](mysql::Connection& connection) { return Plan(connection); };
    OVERSIGHT_ASSIGN_OR_RETURN(const auto before, resource::CarriedOutBefore(call_, writer_, verb));
    if (before) return ReplyAgain(*before, response);
    OVERSIGHT_RETURN_IF_ERROR(workforce_.CheckCaughtUp());
    // Before a connection is taken: compliance may first have to follow this service's ledger.
    if (series_.frequencies().empty()) OVERSIGHT_RETURN_IF_ERROR(AskCompliance());
    OVERSIGHT_ASSIGN_OR_RETURN(const auto written, resource::CarryOut(call_, writer_, verb));
    Reply(written, response);
    for (const StoredSession& read : found_.kept) AddKept(read, response);
    return absl::OkStatus();
  }

 private:
  // What there is when a plan is made.
  struct Found {
    // Of this series: those still to come, in their order; those that stay; all ids ever used; what the plan
    // has no use for.
    std::vector<StoredSession> scheduled;
    std::vector<StoredSession> kept;
    std::set<std::string> taken_ids;
    std::set<std::string> removed;
    std::map<CivilDay, int> sessions_of_day;
    std::vector<Period> absences;
  };

  absl::Status ReadRequest() {
    std::vector<FieldViolation> violations;
    OVERSIGHT_RETURN_IF_ERROR(resource::CheckRequestId(request_.request_id()));
    const std::string id =
        request_.planned_series_id().empty() ? resource::NewId() : request_.planned_series_id();
    std::optional<Key> key = kinds_.planned_series->pattern->MatchParent(request_.parent());
    if (!key) violations.push_back({"parent", "must be a name like authorities/{authority}"});
    // The ids of its sessions begin with it.
    if (!resource::IsValidId(id) || id.size() > 58) {
      violations.push_back({"planned_series_id", "must be 1 to 58 letters, digits and -_.~"});
    }
    if (request_.start_minute() < 0 || request_.start_minute() >= kMinutesOfDay) {
      violations.push_back({"start_minute", "must be between 0 and 1439"});
    }
    if (request_.planned_minutes() < 0 || request_.planned_minutes() > kMinutesOfDay) {
      violations.push_back({"planned_minutes", "must be between 0 and 1440"});
    }
    const std::optional<CivilDay> last = resource::DayOf(request_, "last_session_date");
    if (request_.has_last_session_date() && !last) {
      violations.push_back({"last_session_date", "is no date between 1900-01-01 and 9999-12-31"});
    }
    for (int i = 0; i < request_.avoid_dates_size(); ++i) {
      const auto& date = request_.avoid_dates(i);
      const auto day = CivilDay::FromParts(date.year(), date.month(), date.day());
      if (day.ok()) {
        not_wanted_.insert(*day);
      } else {
        violations.push_back(
            {absl::StrCat("avoid_dates[", i, "]"), "is no date between 1900-01-01 and 9999-12-31"});
      }
    }
    OVERSIGHT_RETURN_IF_ERROR(InvalidFields(violations));
    key_ = *key;
    key_.id = id;
    resource::SetName(*kinds_.planned_series, key_, series_);
    SetDay(series_, "planned_date", today_);
    OVERSIGHT_RETURN_IF_ERROR(
        InvalidFields(resource::Writer::Validate(*kinds_.planned_series, key_, series_, "planned_series.")));
    series_.clear_requirements();
    series_.clear_requirement_tokens();
    series_.clear_unmet_dates();
    last_session_ = last;
    return absl::OkStatus();
  }

  // What the policies in force ask for, where the caller does not say.
  absl::Status AskCompliance() {
    OVERSIGHT_ASSIGN_OR_RETURN(
        const compliance::v1::ProjectFrequencyResponse said,
        AskFrequency(compliance_, call_, series_,
                     {request_.after_tokens().begin(), request_.after_tokens().end()}));
    requirements_ = RequirementsOf(said);
    if (requirements_.empty()) return NothingRequired();
    NoteRequirements(said, series_);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<resource::Mutation>> Plan(mysql::Connection& connection) {
    found_ = {};
    avoided_ = not_wanted_;
    asked_ = SeriesRequestOf(series_);
    asked_.last_session = last_session_;
    asked_.requirements = requirements_;
    if (last_session_) {
      for (Requirement& requirement : asked_.requirements) AddLastSession(*last_session_, requirement);
    }
    OVERSIGHT_RETURN_IF_ERROR(ReadSessions(connection));
    const SeriesPlan plan = PlanSeries(asked_);
    series_.clear_unmet_dates();
    for (const CivilDay day : plan.unmet) *series_.add_unmet_dates() = resource::ToDate(day);
    return MutationsOf(plan);
  }

  absl::StatusOr<std::vector<StoredSession>> OwnSessions(mysql::Connection& connection) const {
    return ReadSessionsOf(connection, key_.authority, series_.supervisee(), SessionRole::kSupervisee,
                          CivilDay(1900, 1, 1), CivilDay(9999, 12, 31), kMostSessions);
  }

  // What is there already: the sessions of this series, and when the two are not free.
  absl::Status ReadSessions(mysql::Connection& connection) {
    OVERSIGHT_ASSIGN_OR_RETURN(const std::vector<StoredSession> own, OwnSessions(connection));
    for (const StoredSession& read : own) TakeOwn(read);
    std::sort(asked_.others.begin(), asked_.others.end());
    OVERSIGHT_ASSIGN_OR_RETURN(
        const std::vector<StoredSession> led,
        ReadSessionsOf(connection, key_.authority, series_.supervisor(), SessionRole::kSupervisor,
                       asked_.start, asked_.end, kMostSessions));
    for (const StoredSession& read : led) {
      // Those of this series are planned anew.
      if (read.session.series() != series_.name()) Occupy(read);
    }
    for (const std::string& worker : {series_.supervisee(), series_.supervisor()}) {
      for (const Period& absence : workforce_.AbsencesOf(worker)) found_.absences.push_back(absence);
    }
    // What has passed is not planned.
    const CivilDay from = today_;
    asked_.available = [this, from](CivilDay day) {
      if (day < from || !WorkingDays::EnglandAndWales().IsWorkingDay(day) || avoided_.contains(day))
        return false;
      return std::none_of(found_.absences.begin(), found_.absences.end(),
                          [day](const Period& absence) { return absence.Contains(day); });
    };
    return absl::OkStatus();
  }

  // A session of the supervisee: of this series, or another on whose day none is planned.
  void TakeOwn(const StoredSession& read) {
    const bool of_series = read.session.series() == series_.name();
    const std::optional<CivilDay> day = resource::DayOf(read.session, "date");
    if (of_series) found_.taken_ids.insert(read.stored.key.id);
    if (read.stored.deleted || !day) return;
    const SessionState state = StateOf(read.session);
    if (!of_series) {
      if (state != SessionState::kScheduled || *day < today_) return;
      avoided_.insert(*day);
      if (CountsAlike(read.session)) asked_.others.push_back(*day);
      return;
    }
    if (state == SessionState::kScheduled && *day >= today_) {
      found_.scheduled.push_back(read);
      return;
    }
    found_.kept.push_back(read);
    if (state == SessionState::kHeld) {
      asked_.last_session = std::max(asked_.last_session.value_or(CivilDay::Min()), *day);
      for (Requirement& requirement : asked_.requirements) AddLastSession(*day, requirement);
    }
  }

  // Whether another session of the supervisee does for a rule what one of the series would.
  bool CountsAlike(const v1::Session& session) const {
    return session.supervisor() == series_.supervisor() && session.kind() == series_.kind();
  }

  // A session of the supervisor with somebody: no other at the same time, or on a full day.
  void Occupy(const StoredSession& read) {
    const std::optional<CivilDay> day = resource::DayOf(read.session, "date");
    if (read.stored.deleted || !day || StateOf(read.session) != SessionState::kScheduled) return;
    const std::optional<absl::Time> start = InstantOf(read.session, "start_time");
    if (request_.start_minute() == 0 || !start) {
      if (++found_.sessions_of_day[*day] >= kSessionsOfDay) avoided_.insert(*day);
      return;
    }
    const absl::Duration length = absl::Minutes(LengthOr(read.session.planned_minutes()));
    const absl::Time begin = StartOn(*day);
    if (*start < begin + absl::Minutes(LengthOr(request_.planned_minutes())) && begin < *start + length) {
      avoided_.insert(*day);
    }
  }

  static int LengthOr(int minutes) { return minutes > 0 ? minutes : 60; }
  // By the clock on the wall, also on the days on which it changes.
  absl::Time StartOn(CivilDay day) const {
    return absl::FromCivil(absl::CivilMinute(day.civil()) + request_.start_minute(), AuthorityZone());
  }

  void SetDayOf(v1::Session& session, CivilDay day) const {
    SetDay(session, "date", day);
    session.clear_start_time();
    if (request_.start_minute() > 0) *session.mutable_start_time() = ToTimestamp(StartOn(day));
    session.set_supervisor(series_.supervisor());
    session.set_kind(series_.kind());
    session.set_planned_minutes(request_.planned_minutes());
  }

  // The series, then its sessions by day: those scheduled so far move, so that they keep their place in
  // calendars.
  std::vector<resource::Mutation> MutationsOf(const SeriesPlan& plan) {
    std::vector<resource::Mutation> mutations;
    resource::Mutation series;
    series.kind = kinds_.planned_series;
    series.key = key_;
    series.field = "planned_series";
    series.etag = series_.etag();
    series.expect = resource::Mutation::Expect::kAny;
    series.by_verb = true;
    series.build = [this](const Message*) -> absl::StatusOr<std::unique_ptr<Message>> {
      auto state = std::make_unique<v1::PlannedSeries>(series_);
      resource::ClearOutputFields(*state);
      return std::unique_ptr<Message>(std::move(state));
    };
    mutations.push_back(std::move(series));
    int number = 0;
    for (size_t i = 0; i < plan.days.size(); ++i) {
      const CivilDay day = plan.days[i];
      if (i < found_.scheduled.size()) {
        mutations.push_back(resource::VerbMutation(*kinds_.session, found_.scheduled[i].stored.key,
                                                   resource::EtagOf(found_.scheduled[i].stored.version),
                                                   [this, day](Message& state) {
                                                     SetDayOf(static_cast<v1::Session&>(state), day);
                                                     return absl::OkStatus();
                                                   }));
      } else {
        mutations.push_back(NewSession(NextId(number), day));
      }
    }
    for (size_t i = plan.days.size(); i < found_.scheduled.size(); ++i) {
      resource::Mutation removal = resource::VerbMutation(
          *kinds_.session, found_.scheduled[i].stored.key,
          resource::EtagOf(found_.scheduled[i].stored.version), [](Message&) { return absl::OkStatus(); });
      removal.remove = true;
      found_.removed.insert(found_.scheduled[i].session.name());
      mutations.push_back(std::move(removal));
    }
    return mutations;
  }

  std::string NextId(int& number) const {
    std::string id;
    do {
      id = absl::StrCat(key_.id, ".", absl::Dec(++number, absl::kZeroPad3));
    } while (found_.taken_ids.contains(id));
    return id;
  }

  resource::Mutation NewSession(const std::string& id, CivilDay day) {
    resource::Mutation mutation;
    mutation.kind = kinds_.session;
    mutation.key = {key_.authority, "", id};
    mutation.expect = resource::Mutation::Expect::kNew;
    mutation.build = [this, key = mutation.key,
                      day](const Message*) -> absl::StatusOr<std::unique_ptr<Message>> {
      auto session = std::make_unique<v1::Session>();
      resource::SetName(*kinds_.session, key, *session);
      session->set_supervisee(series_.supervisee());
      session->set_series(series_.name());
      *session->mutable_scheduled_time() = ToTimestamp(now_);
      SetDayOf(*session, day);
      kinds_.session->normalise(*session);
      return std::unique_ptr<Message>(std::move(session));
    };
    return mutation;
  }

  // From what was written: the series, its sessions by day, those removed.
  void Reply(const std::vector<std::unique_ptr<Message>>& written, v1::PlanSeriesResponse& response) const {
    for (const std::unique_ptr<Message>& state : written) {
      if (state->GetDescriptor() == v1::PlannedSeries::descriptor()) {
        *response.mutable_planned_series() = static_cast<const v1::PlannedSeries&>(*state);
        continue;
      }
      const auto& session = static_cast<const v1::Session&>(*state);
      if (session.has_delete_time() || found_.removed.contains(session.name())) continue;
      *response.add_sessions() = session;
    }
    *response.mutable_unmet_dates() = response.planned_series().unmet_dates();
  }

  // The request was carried out before. What it left as it was, it did not write: that is read.
  absl::Status ReplyAgain(const std::vector<std::unique_ptr<Message>>& written,
                          v1::PlanSeriesResponse& response) {
    Reply(written, response);
    if (response.has_planned_series()) {
      series_ = response.planned_series();
    } else {
      if (response.sessions_size() > 0) series_.set_name(response.sessions(0).series());
      OVERSIGHT_RETURN_IF_ERROR(
          standard_.Read(*kinds_.planned_series, call_, std::string(series_.name()), series_));
      *response.mutable_planned_series() = series_;
      *response.mutable_unmet_dates() = series_.unmet_dates();
    }
    std::set<std::string> told;
    for (const v1::Session& session : response.sessions()) told.insert(session.name());
    OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment_.pool->Acquire(call_.deadline()));
    OVERSIGHT_ASSIGN_OR_RETURN(const std::vector<StoredSession> own, OwnSessions(*connection));
    for (const StoredSession& read : own) {
      if (read.stored.deleted || read.session.series() != series_.name() ||
          told.contains(read.session.name()))
        continue;
      AddKept(read, response);
    }
    return absl::OkStatus();
  }

  static void AddKept(const StoredSession& read, v1::PlanSeriesResponse& response) {
    v1::Session& session = *response.add_kept();
    session = read.session;
    resource::Render(read.stored, session);
  }

  const resource::StandardMethods& standard_;
  const resource::Environment& environment_;
  resource::Writer& writer_;
  const Kinds& kinds_;
  const access::WorkforceView& workforce_;
  rpc::Client* const compliance_;
  rpc::Call& call_;
  const v1::PlanSeriesRequest& request_;
  v1::PlannedSeries series_;
  const absl::Time now_;
  const CivilDay today_;
  Key key_;
  std::optional<CivilDay> last_session_;
  // Days that the caller does not want.
  std::set<CivilDay> not_wanted_;
  std::vector<Requirement> requirements_;
  SeriesRequest asked_;
  std::set<CivilDay> avoided_;
  Found found_;
};

}  // namespace

void RegisterPlanSeries(resource::StandardMethods& standard, rpc::Methods& methods, KindsPtr kinds,
                        SurroundingsPtr surroundings) {
  methods.Unary<v1::PlanSeriesRequest, v1::PlanSeriesResponse>(
      kSupervisionService, "PlanSeries",
      [&standard, kinds, surroundings](rpc::Call& call, const v1::PlanSeriesRequest& request,
                                       v1::PlanSeriesResponse& response) {
        return Planner(standard, *kinds, *surroundings, call, request).Run(response);
      });
}

}  // namespace oversight::supervision

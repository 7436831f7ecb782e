#include "services/supervision/planning/plan_series.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/resource/mutations.h"
#include "common/resource/request_fields.h"
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

constexpr char kService[] = "oversight.supervision.v1.SupervisionService";
constexpr int kMinutesOfDay = 24 * 60;
// A day with so many sessions of the supervisor is full, where nothing is said of the time of day.
constexpr int kSessionsOfDay = 3;
constexpr int kMostSessions = 5000;

// One request, from what it asks for to what is written.
class Planner {
 public:
  Planner(resource::StandardMethods& standard, const Kinds& kinds, const Surroundings& surroundings,
          rpc::Call& call, const v1::PlanSeriesRequest& request)
      : environment_(standard.writer().environment()),
        writer_(standard.writer()),
        kinds_(kinds),
        people_(*surroundings.people),
        compliance_(surroundings.compliance.get()),
        call_(call),
        request_(request),
        series_(request.planned_series()),
        now_(environment_.clock->Now()),
        today_(CivilDay::Of(now_)) {}

  absl::Status Run(v1::PlanSeriesResponse& response) {
    OVERSIGHT_RETURN_IF_ERROR(ReadRequest());
    if (series_.frequencies().empty()) OVERSIGHT_RETURN_IF_ERROR(AskCompliance());
    OVERSIGHT_RETURN_IF_ERROR(ReadSessions());
    const SeriesPlan plan = PlanSeries(asked_);
    AddMutations(plan);
    for (const v1::Session& session : kept_) *response.add_kept() = session;
    for (const CivilDay day : plan.unmet) {
      auto& date = *response.add_unmet_dates();
      date.set_year(static_cast<int>(day.civil().year()));
      date.set_month(day.civil().month());
      date.set_day(day.civil().day());
    }
    return Write(plan.days.size(), response);
  }

 private:
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
        avoided_.insert(*day);
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
    asked_ = SeriesRequestOf(series_);
    asked_.last_session = last;
    return absl::OkStatus();
  }

  // What the policies in force ask for, where the caller does not say.
  absl::Status AskCompliance() {
    OVERSIGHT_ASSIGN_OR_RETURN(
        const compliance::v1::ProjectFrequencyResponse said,
        AskFrequency(compliance_, call_, series_,
                     {request_.after_tokens().begin(), request_.after_tokens().end()}));
    asked_.requirements = RequirementsOf(said);
    if (asked_.requirements.empty()) return NothingRequired();
    if (asked_.last_session) {
      for (Requirement& requirement : asked_.requirements) AddLastSession(*asked_.last_session, requirement);
    }
    NoteRequirements(said, series_);
    return absl::OkStatus();
  }

  // What is there already: the sessions of this series, and when the two are not free.
  absl::Status ReadSessions() {
    OVERSIGHT_RETURN_IF_ERROR(people_.CheckCaughtUp());
    OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment_.pool->Acquire(call_.deadline()));
    OVERSIGHT_ASSIGN_OR_RETURN(
        const std::vector<StoredSession> own,
        ReadSessionsOf(*connection, key_.authority, series_.supervisee(), SessionRole::kSupervisee,
                       CivilDay(1900, 1, 1), CivilDay(9999, 12, 31), kMostSessions));
    for (const StoredSession& read : own) TakeOwn(read);
    std::sort(asked_.others.begin(), asked_.others.end());
    OVERSIGHT_ASSIGN_OR_RETURN(
        const std::vector<StoredSession> led,
        ReadSessionsOf(*connection, key_.authority, series_.supervisor(), SessionRole::kSupervisor,
                       asked_.start, asked_.end, kMostSessions));
    for (const StoredSession& read : led) {
      // Those of this series are planned anew.
      if (read.session.series() != series_.name()) Occupy(read);
    }
    for (const std::string& worker : {series_.supervisee(), series_.supervisor()}) {
      for (const Period& absence : people_.AbsencesOf(worker)) absences_.push_back(absence);
    }
    // What has passed is not planned.
    const CivilDay from = today_;
    asked_.available = [this, from](CivilDay day) {
      if (day < from || !WorkingDays::EnglandAndWales().IsWorkingDay(day) || avoided_.contains(day))
        return false;
      return std::none_of(absences_.begin(), absences_.end(),
                          [day](const Period& absence) { return absence.Contains(day); });
    };
    return absl::OkStatus();
  }

  // A session of the supervisee: of this series, or another on whose day none is planned.
  void TakeOwn(const StoredSession& read) {
    const bool of_series = read.session.series() == series_.name();
    const std::optional<CivilDay> day = resource::DayOf(read.session, "date");
    if (of_series) taken_ids_.insert(read.stored.key.id);
    if (read.stored.deleted || !day) return;
    const SessionState state = StateOf(read.session);
    if (!of_series) {
      if (state != SessionState::kScheduled || *day < today_) return;
      avoided_.insert(*day);
      if (CountsAlike(read.session)) asked_.others.push_back(*day);
      return;
    }
    if (state == SessionState::kScheduled && *day >= today_) {
      scheduled_.push_back(read);
      return;
    }
    kept_.push_back(read.session);
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
      if (++sessions_of_day_[*day] >= kSessionsOfDay) avoided_.insert(*day);
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
  void AddMutations(const SeriesPlan& plan) {
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
    changes_.mutations.push_back(std::move(series));
    int number = 0;
    for (size_t i = 0; i < plan.days.size(); ++i) {
      const CivilDay day = plan.days[i];
      if (i < scheduled_.size()) {
        changes_.mutations.push_back(resource::VerbMutation(*kinds_.session, scheduled_[i].stored.key,
                                                            resource::EtagOf(scheduled_[i].stored.version),
                                                            [this, day](Message& state) {
                                                              SetDayOf(static_cast<v1::Session&>(state), day);
                                                              return absl::OkStatus();
                                                            }));
      } else {
        changes_.mutations.push_back(NewSession(NextId(number), day));
      }
    }
    for (size_t i = plan.days.size(); i < scheduled_.size(); ++i) {
      resource::Mutation removal = resource::VerbMutation(*kinds_.session, scheduled_[i].stored.key,
                                                          resource::EtagOf(scheduled_[i].stored.version),
                                                          [](Message&) { return absl::OkStatus(); });
      removal.remove = true;
      changes_.mutations.push_back(std::move(removal));
    }
  }

  std::string NextId(int& number) const {
    std::string id;
    do {
      id = absl::StrCat(key_.id, ".", absl::Dec(++number, absl::kZeroPad3));
    } while (taken_ids_.contains(id));
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

  absl::Status Write(size_t sessions, v1::PlanSeriesResponse& response) {
    changes_.authority = key_.authority;
    changes_.request =
        resource::Identify(key_.authority, call_.actor(), call_.method(), request_.request_id(), request_);
    changes_.validate_only = request_.validate_only();
    std::vector<v1::Session> removed(changes_.mutations.size() - 1 - sessions);
    std::vector<Message*> replies = {response.mutable_planned_series()};
    for (size_t i = 0; i < sessions; ++i) replies.push_back(response.add_sessions());
    for (v1::Session& session : removed) replies.push_back(&session);
    return writer_.Apply(call_, changes_, replies);
  }

  const resource::Environment& environment_;
  resource::Writer& writer_;
  const Kinds& kinds_;
  const People& people_;
  rpc::Client* const compliance_;
  rpc::Call& call_;
  const v1::PlanSeriesRequest& request_;
  v1::PlannedSeries series_;
  const absl::Time now_;
  const CivilDay today_;
  Key key_;
  SeriesRequest asked_;
  std::set<CivilDay> avoided_;
  std::map<CivilDay, int> sessions_of_day_;
  std::vector<Period> absences_;
  std::set<std::string> taken_ids_;
  std::vector<StoredSession> scheduled_;
  std::vector<v1::Session> kept_;
  resource::ChangeSet changes_;
};

}  // namespace

void RegisterPlanSeries(resource::StandardMethods& standard, rpc::Methods& methods, KindsPtr kinds,
                        SurroundingsPtr surroundings) {
  methods.Unary<v1::PlanSeriesRequest, v1::PlanSeriesResponse>(
      kService, "PlanSeries",
      [&standard, kinds, surroundings](rpc::Call& call, const v1::PlanSeriesRequest& request,
                                       v1::PlanSeriesResponse& response) {
        return Planner(standard, *kinds, *surroundings, call, request).Run(response);
      });
}

}  // namespace oversight::supervision

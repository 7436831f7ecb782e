#include <algorithm>

#include "absl/strings/str_format.h"
#include "common/time/working_days.h"
#include "deploy/sample/random.h"
#include "deploy/sample/sessions.h"
#include "deploy/sample/slips.h"
#include "deploy/sample/supervisors.h"

namespace oversight::sample {
namespace {

constexpr int kMonthly = 28;
constexpr int kCancelledShare = 5;
// Every so many workers, one whose sessions are cancelled too often.
constexpr int kOftenCancelledEvery = 30;
constexpr int kOftenCancelledShare = 40;

class SessionBuilder {
 public:
  explicit SessionBuilder(Authority& authority)
      : authority_(authority),
        today_(authority.today()),
        random_(authority.options.seed, "sessions"),
        supervisors_(authority) {}

  void Build() {
    for (size_t i = 0; i < authority_.workers.size(); ++i) {
      worker_ = static_cast<int>(i);
      serial_ = 0;
      PlanFormal();
      PlanInFunction("professional", "professional", 28);
      PlanInFunction("practice_education", "practice_education", 14);
    }
    for (size_t team = 0; team < authority_.teams.size(); ++team) {
      if (authority_.teams[team].area == Area::kChildProtection) PlanGroup(static_cast<int>(team));
    }
  }

 private:
  const Worker& worker() const { return authority_.workers[worker_]; }

  // What the policy wants of this worker at that time, and what many a busy supervisor makes of it.
  int Interval(CivilDay day) {
    int days = kMonthly;
    if (worker().newly_qualified) {
      const int since = day - worker().employment.start;
      if (since < 84) days = since < 42 ? 7 : 14;
    }
    for (const StudentPlacement& placement : worker().placements) {
      if (!placement.period.Contains(day)) continue;
      days = day - placement.period.start < 42 || placement.route == "university" ? 7 : 14;
    }
    if (worker().neglected) return days + random_.Between(days / 4, days * 3 / 4);
    if (random_.Percent(days < kMonthly ? 10 : 9)) return days + random_.Between(3, days);
    return days;
  }

  static CivilDay WorkingDay(CivilDay day) {
    return WorkingDays::EnglandAndWales().NextWorkingDayOnOrAfter(day);
  }

  // The first working day from `day` on which nobody is away; Max() when that is not known.
  CivilDay Together(int supervisee, int supervisor, CivilDay day) const {
    bool moved = true;
    while (moved) {
      moved = false;
      day = WorkingDay(day);
      for (const int who : {supervisee, supervisor}) {
        for (const Absence& absence : authority_.workers[who].absences) {
          if (!absence.Covers(day)) continue;
          if (absence.last == CivilDay::Max()) return CivilDay::Max();
          day = WorkingDay(absence.last + 1);
          moved = true;
        }
      }
    }
    return day;
  }

  struct Meeting {
    CivilDay day = CivilDay::Max();
    int supervisor = -1;
  };

  // The next possible meeting from `day` on with the line manager or who stands in.
  Meeting NextMeeting(CivilDay day) const {
    for (int attempt = 0; attempt < 20; ++attempt) {
      day = Together(worker_, worker_, day);
      if (day == CivilDay::Max() || day >= worker().employment.end) return {};
      int supervisor = supervisors_.LineManager(worker_, day);
      if (supervisor >= 0 && authority_.workers[supervisor].AwayOn(day)) {
        const int cover = supervisors_.Cover(worker_, day);
        if (cover >= 0) supervisor = cover;
      }
      const CivilDay together = supervisor < 0 ? CivilDay::Max() : Together(worker_, supervisor, day);
      if (together == day) return {day, supervisor};
      day = day + 7;
      if (together != CivilDay::Max()) day = std::min(day, together);
    }
    return {};
  }

  Session& AddSession(const Meeting& meeting, absl::string_view kind, SessionState state) {
    Session session;
    session.id = absl::StrFormat("S-%04d-%03d", worker_ + 1, ++serial_);
    session.supervisee = worker_;
    session.supervisor = meeting.supervisor;
    session.kind = kind;
    session.state = state;
    session.date = meeting.day;
    if (state != SessionState::kCancelled && random_.Percent(65)) {
      session.start_minute = random_.Between(18, 32) * 30;
    }
    if (state == SessionState::kHeld) SetLength(session);
    authority_.sessions.push_back(std::move(session));
    return authority_.sessions.back();
  }

  void SetLength(Session& session) {
    if (session.kind != "formal_one_to_one") {
      session.minutes = random_.Between(2, 8) * 15;
    } else if (!random_.Percent(1)) {
      // Whoever holds cases needs the time to go through them.
      const bool holds_cases = !worker().posts.empty() && worker().posts.back().case_holding;
      session.minutes = random_.Percent(6) ? random_.Between(30, 89)
                        : holds_cases      ? random_.Between(150, 230)
                                           : random_.Between(90, 130);
    }
  }

  void PlanFormal() {
    const Worker& supervisee = worker();
    const bool starter = supervisee.employment.start >= authority_.history.start;
    CivilDay planned = starter ? supervisee.employment.start + random_.Between(2, 6)
                               : authority_.history.start + random_.Between(0, 27);
    while (planned <= today_) {
      Meeting meeting = NextMeeting(planned);
      // Back from a long absence some wait for their turn.
      if (WasLongAway(planned, meeting.day) && waits_.Next()) meeting = NextMeeting(meeting.day + 14);
      if (meeting.day > today_) break;
      const CivilDay next = meeting.day + Interval(meeting.day);
      if (random_.Percent(worker_ % kOftenCancelledEvery == 1 ? kOftenCancelledShare : kCancelledShare)) {
        planned = Cancel(meeting, next);
      } else {
        AddSession(meeting, "formal_one_to_one", SessionState::kHeld);
        if (random_.Percent(4)) HoldInformally(meeting);
        planned = next;
      }
    }
    PlanAhead(std::max(planned, today_ + 1));
  }

  // Whether an absence that leaves a gap ended between the two days.
  bool WasLongAway(CivilDay planned, CivilDay day) const {
    return std::any_of(worker().absences.begin(), worker().absences.end(), [&](const Absence& absence) {
      return absence.last >= planned && absence.last < day && absence.last - absence.first > 24;
    });
  }

  // Returns the day from which the next session is planned.
  CivilDay Cancel(const Meeting& meeting, CivilDay next) {
    Session& cancelled = AddSession(meeting, "formal_one_to_one", SessionState::kCancelled);
    cancelled.cancellation_reason = random_.Pick<absl::string_view>(
        {"supervisee unwell", "supervisor unwell", "court hearing", "emergency on a case",
         "child protection enquiry", "strategy meeting"});
    if (random_.Percent(15)) return next;
    const Meeting replacement = NextMeeting(meeting.day + random_.Between(2, 10));
    if (replacement.day > today_) return next;
    const size_t index = authority_.sessions.size() - 1;
    const std::string id = AddSession(replacement, "formal_one_to_one", SessionState::kHeld).id;
    authority_.sessions[index].replacement_id = id;
    return replacement.day + Interval(replacement.day);
  }

  // Counts for no policy.
  void HoldInformally(const Meeting& meeting) {
    const CivilDay day = WorkingDay(meeting.day + random_.Between(4, 12));
    const bool possible = day <= today_ && day < worker().employment.end && !worker().AwayOn(day) &&
                          supervisors_.LineManager(worker_, day) == meeting.supervisor &&
                          !authority_.workers[meeting.supervisor].AwayOn(day);
    if (possible) AddSession({day, meeting.supervisor}, "informal", SessionState::kHeld);
  }

  void PlanAhead(CivilDay day) {
    for (int i = 0; i < 2; ++i) {
      const Meeting meeting = NextMeeting(day);
      if (meeting.supervisor < 0 || random_.Percent(12)) return;
      AddSession(meeting, "formal_one_to_one", SessionState::kScheduled);
      day = meeting.day + Interval(meeting.day);
    }
  }

  void PlanInFunction(absl::string_view function, absl::string_view kind, int interval) {
    CivilDay day =
        std::max(worker().employment.start, authority_.history.start) + random_.Between(3, interval);
    while (day <= today_ && day < worker().employment.end) {
      const int supervisor = supervisors_.InFunction(worker_, function, day);
      if (supervisor >= 0 && Together(worker_, supervisor, day) == day) {
        AddSession({day, supervisor}, kind, SessionState::kHeld);
        day = day + interval;
      } else {
        day = day + 1;
      }
    }
  }

  // Every ten weeks the team manager with all practitioners of the team who are there.
  void PlanGroup(int team) {
    CivilDay day = authority_.history.start + random_.Between(10, 60);
    for (; day <= today_; day = day + 70) {
      day = WorkingDay(day);
      if (day > today_) return;
      int manager = -1;
      for (const Seat& seat : authority_.seats) {
        if (seat.team != team) continue;
        for (const Occupancy& occupancy : seat.occupants) {
          if (!occupancy.period.Contains(day) || authority_.workers[occupancy.worker].AwayOn(day)) continue;
          if (seat.rank == Rank::kTeamManager) manager = occupancy.worker;
          if (seat.rank != Rank::kPractitioner || manager < 0) continue;
          worker_ = occupancy.worker;
          serial_ = 500 + group_serial_++;
          AddSession({day, manager}, "group", SessionState::kHeld);
        }
      }
    }
  }

  Authority& authority_;
  const CivilDay today_;
  Random random_;
  const SupervisorIndex supervisors_;
  Slips waits_{6};
  int worker_ = 0;
  int serial_ = 0;
  int group_serial_ = 0;
};

}  // namespace

void BuildSessions(Authority& authority) { SessionBuilder(authority).Build(); }

}  // namespace oversight::sample

#include "deploy/sample/absences.h"

#include <algorithm>

#include "common/time/working_days.h"
#include "deploy/sample/random.h"

namespace oversight::sample {
namespace {

class AbsenceBuilder {
 public:
  AbsenceBuilder(const Authority& authority, Worker& worker, Random& random)
      : worker_(worker),
        random_(random),
        today_(authority.today()),
        bounds_(worker.employment.Intersection({authority.history.start, authority.today() + 60})) {}

  void Build() {
    if (bounds_.Empty()) return;
    AddLong();
    for (int year = bounds_.start.civil().year(); year <= bounds_.end.civil().year(); ++year) AddLeave(year);
    const int months = std::max(1, (std::min(bounds_.end, today_) - bounds_.start) / 30);
    for (int month = 0; month < months; ++month) {
      if (random_.Percent(11)) AddSometime("sickness", 1, 4);
      if (random_.Percent(14)) AddSometime("annual_leave", 1, 5);
      if (random_.Percent(1)) AddSometime("special_leave", 1, 3);
    }
    std::sort(worker_.absences.begin(), worker_.absences.end(),
              [](const Absence& a, const Absence& b) { return a.first < b.first; });
  }

 private:
  CivilDay SomeDay() { return random_.DayOf({bounds_.start, std::max(bounds_.start, today_) + 1}); }

  // First, so that the short absences go round them.
  void AddLong() {
    if (worker_.basis == Basis::kStudent) return;
    if (random_.Percent(6)) AddSometime("sickness", 30, 100);
    if (random_.Percent(2)) AddSometime("parental_leave", 120, 270);
    if (random_.Percent(2)) Add("sickness", today_ - random_.Between(3, 70), 0);
  }

  void AddLeave(int year) {
    if (random_.Percent(45)) AddWithin("annual_leave", CivilDay(year, 12, 18), 6, 9, 15);
    if (random_.Percent(65)) AddWithin("annual_leave", CivilDay(year, 7, 8), 45, 5, 16);
    if (random_.Percent(40)) AddWithin("annual_leave", CivilDay(year, 3, 25), 20, 4, 9);
  }

  // How long it lasts is drawn before when it begins: arguments of one call have no order.
  void AddSometime(absl::string_view kind, int shortest, int longest) {
    const int days = random_.Between(shortest, longest);
    Add(kind, SomeDay(), days);
  }
  void AddWithin(absl::string_view kind, CivilDay earliest, int latest_after, int shortest, int longest) {
    const int days = random_.Between(shortest, longest);
    Add(kind, earliest + random_.Between(0, latest_after), days);
  }

  // `days` in a row, 0 for an absence whose end is not known. Begins on a working day; left out where the
  // worker was away already.
  void Add(absl::string_view kind, CivilDay from, int days) {
    const CivilDay first = WorkingDays::EnglandAndWales().NextWorkingDayOnOrAfter(from);
    Absence absence{kind, first, days == 0 ? CivilDay::Max() : first + (days - 1)};
    if (absence.first < bounds_.start || absence.first >= bounds_.end) return;
    if (days == 0 && !worker_.employment.Open()) return;
    if (days != 0) absence.last = std::min(absence.last, bounds_.end - 1);
    for (const Absence& other : worker_.absences) {
      if (absence.first <= other.last && other.first <= absence.last) return;
    }
    worker_.absences.push_back(absence);
  }

  Worker& worker_;
  Random& random_;
  const CivilDay today_;
  const Period bounds_;
};

}  // namespace

void BuildAbsences(Authority& authority) {
  Random random(authority.options.seed, "absences");
  for (Worker& worker : authority.workers) AbsenceBuilder(authority, worker, random).Build();
}

}  // namespace oversight::sample

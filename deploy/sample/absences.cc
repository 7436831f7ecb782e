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
      if (random_.Percent(11)) Add("sickness", SomeDay(), random_.Between(1, 4));
      if (random_.Percent(14)) Add("annual_leave", SomeDay(), random_.Between(1, 5));
      if (random_.Percent(1)) Add("special_leave", SomeDay(), random_.Between(1, 3));
    }
    std::sort(worker_.absences.begin(), worker_.absences.end(),
              [](const Absence& a, const Absence& b) { return a.first < b.first; });
  }

 private:
  CivilDay SomeDay() { return random_.DayOf({bounds_.start, std::max(bounds_.start, today_) + 1}); }

  // First, so that the short absences go round them.
  void AddLong() {
    if (worker_.basis == Basis::kStudent) return;
    if (random_.Percent(6)) Add("sickness", SomeDay(), random_.Between(30, 100));
    if (random_.Percent(2)) Add("parental_leave", SomeDay(), random_.Between(120, 270));
    if (random_.Percent(2)) Add("sickness", today_ - random_.Between(3, 70), 0);
  }

  void AddLeave(int year) {
    if (random_.Percent(45))
      Add("annual_leave", CivilDay(year, 12, random_.Between(18, 24)), random_.Between(9, 15));
    if (random_.Percent(65)) {
      Add("annual_leave", CivilDay(year, 7, 8) + random_.Between(0, 45), random_.Between(5, 16));
    }
    if (random_.Percent(40))
      Add("annual_leave", CivilDay(year, 3, 25) + random_.Between(0, 20), random_.Between(4, 9));
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

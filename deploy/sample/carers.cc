#include "deploy/sample/carers.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "deploy/sample/random.h"

namespace oversight::sample {
namespace {

// Carers for every hundred cases of children.
constexpr int kCarersOfHundred = 4;
// Every so many, one that rarely comes up.
constexpr int kForgottenEvery = 9;

class CarerBuilder {
 public:
  explicit CarerBuilder(Authority& authority)
      : authority_(authority), today_(authority.today()), random_(authority.options.seed, "carers") {}

  void Build() {
    for (size_t i = 0; i < authority_.seats.size(); ++i) {
      if (authority_.seats[i].role == Role::kSupervisingSocialWorker) seats_.push_back(static_cast<int>(i));
    }
    if (seats_.empty()) return;
    const int carers = std::max(4, authority_.options.cases * kCarersOfHundred / 100);
    for (int i = 0; i < carers; ++i) AddCarer(i);
  }

 private:
  void AddCarer(int number) {
    Case carer;
    carer.carer = true;
    carer.forgotten = number % kForgottenEvery == 1;
    carer.id = absl::StrFormat("F-%05d", number + 1);
    carer.open = Period{authority_.history.start - random_.Between(-200, 2500)};
    const Seat& seat = authority_.seats[seats_[static_cast<size_t>(number) % seats_.size()]];
    for (const Occupancy& occupancy : seat.occupants) {
      Period held = occupancy.period.Intersection(carer.open);
      if (held.Empty() || held.start > today_) continue;
      if (held.end > today_) held.end = CivilDay::Max();
      carer.allocations.push_back({occupancy.worker, seat.team, AllocationRole::kSupervisingSocialWorker,
                                   held, held.Open() ? "" : "LEFTRL"});
    }
    AddMatters(carer, number);
    authority_.cases.push_back(std::move(carer));
  }

  // Of both kinds: those discussed monthly, and those discussed at each session until they are settled.
  void AddMatters(Case& carer, int number) {
    const Period known{std::max(carer.open.start, authority_.history.start), today_ + 1};
    if (known.end - known.start < 60) return;
    constexpr absl::string_view kMonthly[] = {"approval_change",  "respite_request",
                                              "household_change", "financial_request",
                                              "care_plan_change", "other_significant_change"};
    constexpr absl::string_view kUntilResolved[] = {"incident", "allegation", "complaint", "concern"};
    // Some are open now: of carers who come up, and of those who do not.
    const bool open = carer.forgotten || number % 5 == 2;
    const int count = open || number % 2 == 0 ? 1 : random_.Between(0, 2);
    for (int i = 0; i < count; ++i) {
      Matter matter;
      matter.id = absl::StrCat("MT-", carer.id.substr(2), "-", i + 1);
      matter.kind =
          (number + i) % 4 == 0 ? kUntilResolved[random_.Between(0, 3)] : kMonthly[random_.Between(0, 5)];
      // Some months ago at the latest, so that it can have been discussed.
      matter.raised = random_.DayOf({open ? known.end - 59 : known.start, known.end - 40});
      const CivilDay resolved = matter.raised + random_.Between(30, 240);
      if (!open && resolved <= today_) matter.resolved = resolved;
      carer.matters.push_back(std::move(matter));
    }
  }

  Authority& authority_;
  const CivilDay today_;
  Random random_;
  std::vector<int> seats_;
};

}  // namespace

void BuildCarers(Authority& authority) { CarerBuilder(authority).Build(); }

}  // namespace oversight::sample

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "deploy/sample/random.h"
#include "deploy/sample/sessions.h"

namespace oversight::sample {
namespace {

struct Held {
  int case_index;
  Period period;
};

bool InForce(const std::vector<Period>& periods, CivilDay day) {
  return std::any_of(periods.begin(), periods.end(),
                     [day](const Period& period) { return period.Contains(day); });
}

// The placement on that day, respite aside; null for none.
const Placement* PlacementOn(const Case& subject, CivilDay day) {
  for (const Placement& placement : subject.placements) {
    if (!placement.respite && placement.period.Contains(day)) return &placement;
  }
  return nullptr;
}

bool InProceedings(const Case& subject, CivilDay day) {
  for (const PreProceedings& meeting : subject.pre_proceedings) {
    const CivilDay end = meeting.stepped_down.value_or(CivilDay::Max());
    if (meeting.letter <= day && day < end && subject.legal_statuses.empty()) return true;
  }
  return std::any_of(
      subject.legal_statuses.begin(), subject.legal_statuses.end(),
      [day](const LegalStatus& status) { return status.code == "C1" && status.period.Contains(day); });
}

// How often practitioners think the case must be discussed, in days: appendix 7 of Knowsley's policy as they
// remember it. Only for a plausible choice of cases; what is due is for the compliance service to say.
int RememberedInterval(const Case& subject, CivilDay day) {
  if (InProceedings(subject, day)) return 30;
  if (const Placement* placement = PlacementOn(subject, day)) {
    const bool always_monthly = placement->type == "P1" || placement->type[0] == 'A';
    if (always_monthly || day - placement->period.start < 90) return 30;
    return placement->permanence_implemented && *placement->permanence_implemented <= day ? 90 : 60;
  }
  for (const ReducedFrequency& agreement : subject.agreements) {
    if (agreement.period.Contains(day)) return 180;
  }
  return InForce(subject.cp_plans, day) ? 55 : 60;
}

class Builder {
 public:
  explicit Builder(Authority& authority)
      : authority_(authority),
        random_(authority.options.seed, "discussions"),
        held_(authority.workers.size()),
        last_(authority.cases.size(), authority.history.start) {
    for (size_t i = 0; i < authority.cases.size(); ++i) {
      for (const Allocation& allocation : authority.cases[i].allocations) {
        held_[allocation.worker].push_back({static_cast<int>(i), allocation.period});
      }
    }
  }

  void Build() {
    std::vector<size_t> order;
    for (size_t i = 0; i < authority_.sessions.size(); ++i) {
      if (authority_.sessions[i].state == SessionState::kHeld) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(), [this](size_t a, size_t b) {
      return authority_.sessions[a].date < authority_.sessions[b].date;
    });
    for (const size_t index : order) {
      Session& session = authority_.sessions[index];
      session.kind == "formal_one_to_one" ? DiscussFormally(session) : DiscussSome(session);
    }
  }

 private:
  void DiscussFormally(Session& session) {
    for (const Held& held : held_[session.supervisee]) {
      if (!held.period.Contains(session.date)) continue;
      if (random_.Percent(Likelihood(authority_.cases[held.case_index], held.case_index, session.date))) {
        Discuss(session, held.case_index);
        last_[held.case_index] = session.date;
      }
    }
  }

  int Likelihood(const Case& subject, int index, CivilDay day) const {
    if (subject.forgotten) return 18;
    const CivilDay since = std::max(last_[index], subject.open.start);
    const bool due_before_next = day - since + 34 > RememberedInterval(subject, day);
    return due_before_next ? 96 : 95;
  }

  // Group, informal and other sessions: one or two cases, now and then none.
  void DiscussSome(Session& session) {
    int wanted = random_.Between(0, 2);
    for (const Held& held : held_[session.supervisee]) {
      if (wanted == 0) return;
      if (!held.period.Contains(session.date) || !random_.Percent(20)) continue;
      Discuss(session, held.case_index);
      --wanted;
    }
  }

  void Discuss(Session& session, int case_index) {
    for (const CaseDiscussion& discussion : session.discussions) {
      if (discussion.case_index == case_index) return;
    }
    session.discussions.push_back(
        {absl::StrCat("D", session.id.substr(1), "-", session.discussions.size() + 1), case_index,
         random_.Percent(16), random_.Percent(4)});
  }

  Authority& authority_;
  Random random_;
  std::vector<std::vector<Held>> held_;  // by worker
  std::vector<CivilDay> last_;           // formal discussion, by case
};

}  // namespace

void BuildCaseDiscussions(Authority& authority) { Builder(authority).Build(); }

}  // namespace oversight::sample

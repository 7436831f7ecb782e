#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "deploy/sample/care.h"
#include "deploy/sample/random.h"
#include "deploy/sample/sessions.h"
#include "deploy/sample/slips.h"

namespace oversight::sample {
namespace {

// Of the sessions.
constexpr int kRunOutOfTimeShare = 12;
constexpr int kOthersCasesShare = 85;

struct Held {
  int case_index;
  Period period;
};
using Resident = Held;

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

class DiscussionBuilder {
 public:
  explicit DiscussionBuilder(Authority& authority)
      : authority_(authority),
        random_(authority.options.seed, "discussions"),
        held_(authority.workers.size()),
        by_team_(authority.teams.size()),
        last_(authority.cases.size(), authority.history.start) {
    for (size_t i = 0; i < authority.cases.size(); ++i) {
      for (const Allocation& allocation : authority.cases[i].allocations) {
        held_[allocation.worker].push_back({static_cast<int>(i), allocation.period});
        by_team_[static_cast<size_t>(allocation.team)].push_back({static_cast<int>(i), allocation.period});
        all_.push_back({static_cast<int>(i), allocation.period});
      }
      for (const Placement& placement : authority.cases[i].placements) {
        residents_[placement.carer_or_home].push_back({static_cast<int>(i), placement.period});
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
  // Most sessions go through all cases that the supervisee holds; some run out of time.
  void DiscussFormally(Session& session) {
    const bool in_full = !random_.Percent(kRunOutOfTimeShare);
    for (const Held& held : held_[session.supervisee]) {
      if (!held.period.Contains(session.date)) continue;
      const Case& subject = authority_.cases[held.case_index];
      if (not_revisited_.erase(held.case_index) > 0) continue;
      if (!random_.Percent(
              in_full && !subject.forgotten ? 100 : Likelihood(subject, held.case_index, session.date))) {
        continue;
      }
      Discuss(session, held.case_index);
      last_[held.case_index] = session.date;
    }
    DiscussResidents(session);
    if (session.discussions.empty() && random_.Percent(kOthersCasesShare)) DiscussOneOfTheTeam(session);
    ChooseInDepth(session);
  }

  int Likelihood(const Case& subject, int index, CivilDay day) const {
    if (subject.forgotten) return 18;
    const CivilDay since = std::max(last_[index], subject.open.start);
    const bool due_before_next = day - since + 34 > RememberedInterval(subject, day);
    return due_before_next ? 85 : 45;
  }

  // In a home every child who lives there comes up.
  void DiscussResidents(Session& session) {
    const Worker& supervisee = authority_.workers[session.supervisee];
    if (supervisee.posts.empty()) return;
    const Team& team = authority_.teams[supervisee.posts.back().team];
    if (team.area != Area::kResidential) return;
    const bool in_full = !random_.Percent(kRunOutOfTimeShare);
    for (const Resident& resident : residents_[HomeOf(team)]) {
      if (!resident.period.Contains(session.date) || (!in_full && random_.Percent(50))) continue;
      Discuss(session, resident.case_index);
    }
  }

  // Managers and others without cases of their own bring a case of their team.
  void DiscussOneOfTheTeam(Session& session) {
    const Worker& supervisee = authority_.workers[session.supervisee];
    if (supervisee.posts.empty()) return;
    const std::vector<Held>& cases = by_team_[static_cast<size_t>(supervisee.posts.back().team)];
    const std::vector<Held>& any = cases.empty() ? all_ : cases;
    for (int attempt = 0; attempt < 20 && !any.empty(); ++attempt) {
      const Held& held = random_.Pick(any);
      if (held.period.Contains(session.date)) return Discuss(session, held.case_index);
    }
  }

  void ChooseInDepth(Session& session) {
    if (session.discussions.empty() || random_.Percent(15)) return;
    const int last = static_cast<int>(session.discussions.size()) - 1;
    session.discussions[static_cast<size_t>(random_.Between(0, last))].in_depth = true;
  }

  // Group, informal and other sessions: one or two cases, now and then none.
  void DiscussSome(Session& session) {
    int wanted = random_.Between(0, 2);
    for (const Held& held : held_[session.supervisee]) {
      if (wanted == 0) return;
      if (!held.period.Contains(session.date) || !random_.Percent(20)) continue;
      Discuss(session, held.case_index);
      // What was of weight comes up again in the next formal session, or is forgotten.
      if (session.discussions.back().significant && forgets_.Next()) not_revisited_.insert(held.case_index);
      --wanted;
    }
  }

  void Discuss(Session& session, int case_index) {
    for (const CaseDiscussion& discussion : session.discussions) {
      if (discussion.case_index == case_index) return;
    }
    session.discussions.push_back(
        {absl::StrCat("D", session.id.substr(1), "-", session.discussions.size() + 1), case_index, false,
         random_.Percent(session.kind == "formal_one_to_one" ? 4 : 30), OpenMatters(session, case_index)});
  }

  // What arose with a carer comes up until it is settled, or is forgotten now and then.
  std::vector<std::string> OpenMatters(const Session& session, int case_index) {
    std::vector<std::string> open;
    for (const Matter& matter : authority_.cases[case_index].matters) {
      const bool settled = matter.resolved && *matter.resolved < session.date;
      if (matter.raised <= session.date && !settled && !random_.Percent(6)) {
        open.push_back(absl::StrCat(authority_.cases[case_index].id, "/", matter.id));
      }
    }
    return open;
  }

  Authority& authority_;
  Random random_;
  std::vector<std::vector<Held>> held_;     // by worker
  std::vector<std::vector<Held>> by_team_;  // whose worker holds it
  std::vector<Held> all_;
  std::set<int> not_revisited_;  // cases
  Slips forgets_{9};
  std::map<std::string, std::vector<Resident>> residents_;  // by home or carer
  std::vector<CivilDay> last_;                              // formal discussion, by case
};

}  // namespace

void BuildCaseDiscussions(Authority& authority) { DiscussionBuilder(authority).Build(); }

}  // namespace oversight::sample

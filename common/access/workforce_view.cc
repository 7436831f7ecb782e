#include "common/access/workforce_view.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/ledger/state_source.h"
#include "common/log/log.h"
#include "common/resource/dated.h"
#include "common/resource/name.h"
#include "common/status/error.h"
#include "oversight/workforce/v1/workforce.pb.h"

namespace oversight::access {
namespace {

namespace workforce = ::oversight::workforce::v1;

constexpr char kIdentitySystem[] = "identity";

// A fact about a worker that holds for a time: a post in a team, a link to a supervisor, an absence.
struct Dated {
  std::string worker;
  std::string other;
  Period period;
};

// Facts by the name of the resource that says them, and by worker and by the other side.
class DatedFacts {
 public:
  void Put(const std::string& name, Dated fact) {
    Remove(name);
    by_worker_[fact.worker].insert(name);
    if (!fact.other.empty()) by_other_[fact.other].insert(name);
    facts_[name] = std::move(fact);
  }

  void Remove(const std::string& name) {
    const auto known = facts_.find(name);
    if (known == facts_.end()) return;
    Drop(by_worker_, known->second.worker, name);
    Drop(by_other_, known->second.other, name);
    facts_.erase(known);
  }

  void RemoveBeneath(const std::string& resource) {
    std::vector<std::string> names;
    for (auto fact = facts_.lower_bound(resource); fact != facts_.end(); ++fact) {
      if (fact->first.compare(0, resource.size(), resource) != 0) break;
      if (ledger::IsOrLiesBeneath(fact->first, resource)) names.push_back(fact->first);
    }
    for (const std::string& name : names) Remove(name);
  }

  std::vector<const Dated*> OfWorker(const std::string& worker) const { return At(by_worker_, worker); }
  std::vector<const Dated*> OfOther(const std::string& other) const { return At(by_other_, other); }

 private:
  using Index = std::map<std::string, std::set<std::string>>;
  static void Drop(Index& index, const std::string& key, const std::string& name) {
    const auto entry = index.find(key);
    if (entry == index.end()) return;
    entry->second.erase(name);
    if (entry->second.empty()) index.erase(entry);
  }
  std::vector<const Dated*> At(const Index& index, const std::string& key) const {
    std::vector<const Dated*> facts;
    const auto names = index.find(key);
    if (names == index.end()) return facts;
    for (const std::string& name : names->second) facts.push_back(&facts_.at(name));
    return facts;
  }

  std::map<std::string, Dated> facts_;
  Index by_worker_;
  Index by_other_;
};

absl::string_view IdOf(absl::string_view authority_name) { return resource::AuthorityOf(authority_name); }

}  // namespace

struct WorkforceView::AuthorityView {
  DatedFacts posts;  // other: the team
  DatedFacts links;  // other: the supervisor
  DatedFacts lines;  // those links that are of line management
  DatedFacts absences;
  std::map<std::string, std::string> merged_into;  // by duplicate
  std::map<std::string, std::string> parent_teams;
  std::map<std::string, std::set<std::string>, std::less<>> identities;  // by worker, of each that is live
  std::map<std::string, std::set<std::string>, std::less<>> by_identity;

  void SetIdentities(const std::string& worker, std::set<std::string> now) {
    for (const std::string& identity : identities[worker]) by_identity[identity].erase(worker);
    for (const std::string& identity : now) by_identity[identity].insert(worker);
    identities[worker] = std::move(now);
  }

  void Remove(const std::string& name) {
    posts.Remove(name);
    links.Remove(name);
    lines.Remove(name);
    absences.Remove(name);
    merged_into.erase(name);
    parent_teams.erase(name);
    if (identities.contains(name)) {
      SetIdentities(name, {});
      identities.erase(name);
    }
  }

  void RemoveBeneath(const std::string& name) {
    Remove(name);
    posts.RemoveBeneath(name);
    links.RemoveBeneath(name);
    lines.RemoveBeneath(name);
    absences.RemoveBeneath(name);
  }

  bool Put(const std::string& name, const google::protobuf::Any& any);
  std::set<std::string> TeamsOf(const std::string& worker, CivilDay day) const;
};

bool WorkforceView::AuthorityView::Put(const std::string& name, const google::protobuf::Any& any) {
  const std::string worker = WorkerIn(name);
  if (any.Is<workforce::Post>()) {
    workforce::Post post;
    if (!any.UnpackTo(&post)) return false;
    posts.Put(name, {worker, post.team(), resource::PeriodOf(post)});
  } else if (any.Is<workforce::SupervisorLink>()) {
    workforce::SupervisorLink link;
    if (!any.UnpackTo(&link)) return false;
    const Dated fact = {worker, link.supervisor(), resource::PeriodOf(link)};
    links.Put(name, fact);
    lines.Remove(name);
    if (link.function() == workforce::SupervisorLink::FUNCTION_LINE_MANAGEMENT) lines.Put(name, fact);
  } else if (any.Is<workforce::Absence>()) {
    workforce::Absence absence;
    if (!any.UnpackTo(&absence)) return false;
    const std::optional<CivilDay> last = resource::DayOf(absence, "last_date");
    absences.Put(name, {worker,
                        "",
                        {resource::DayOf(absence, "first_date").value_or(CivilDay::Max()),
                         last.has_value() ? *last + 1 : CivilDay::Max()}});
  } else if (any.Is<workforce::Team>()) {
    workforce::Team team;
    if (!any.UnpackTo(&team)) return false;
    parent_teams[name] = team.parent_team();
  } else if (any.Is<workforce::Worker>()) {
    workforce::Worker state;
    if (!any.UnpackTo(&state)) return false;
    std::set<std::string> found;
    for (const auto& id : state.external_ids()) {
      if (id.system() == kIdentitySystem) found.insert(id.id());
    }
    SetIdentities(name, std::move(found));
    merged_into.erase(name);
  }
  return true;
}

std::set<std::string> WorkforceView::AuthorityView::TeamsOf(const std::string& worker, CivilDay day) const {
  std::set<std::string> teams;
  for (const Dated* post : posts.OfWorker(worker)) {
    if (post->period.Contains(day) && !post->other.empty()) teams.insert(post->other);
  }
  // Teams below, however deep; a circle of teams ends where it closes.
  for (bool more = !teams.empty(); more;) {
    more = false;
    for (const auto& [team, parent] : parent_teams) {
      if (teams.contains(parent) && teams.insert(team).second) more = true;
    }
  }
  return teams;
}

WorkforceView::WorkforceView() = default;
WorkforceView::~WorkforceView() = default;

WorkforceView::AuthorityView& WorkforceView::At(absl::string_view authority) {
  std::unique_ptr<AuthorityView>& view = authorities_[std::string(authority)];
  if (view == nullptr) view = std::make_unique<AuthorityView>();
  return *view;
}

const WorkforceView::AuthorityView* WorkforceView::Find(absl::string_view authority) const {
  const auto known = authorities_.find(std::string(authority));
  return known == authorities_.end() ? nullptr : known->second.get();
}

void WorkforceView::Apply(const ledger::v1::WatchResponse& message, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  for (const ledger::v1::Entry& entry : message.entries()) ApplyEntry(entry);
  // A message without entries says that all there was has been sent.
  if (message.entries().empty()) caught_up_ = true;
  heard_ = now;
}

void WorkforceView::ApplyEntry(const ledger::v1::Entry& entry) {
  if (entry.erased()) return;  // a tombstone further on says what to forget
  AuthorityView& view = At(IdOf(entry.authority()));
  if (entry.change() == ledger::v1::CHANGE_ERASED) {
    view.RemoveBeneath(entry.resource_name());
  } else if (entry.change() == ledger::v1::CHANGE_DELETED) {
    view.Remove(entry.resource_name());
    workforce::Worker gone;
    if (entry.resource().UnpackTo(&gone) && !gone.withdrawal().merged_into().empty()) {
      view.merged_into[entry.resource_name()] = gone.withdrawal().merged_into();
    }
  } else if (!view.Put(entry.resource_name(), entry.resource())) {
    // Nobody keeps what an unreadable entry may have ended.
    view.Remove(entry.resource_name());
    log::Error("an entry of workforce's ledger cannot be read", {{"revision", entry.revision()}});
  }
}

void WorkforceView::Clear() {
  absl::MutexLock lock(&mutex_);
  authorities_.clear();
  caught_up_ = false;
  heard_ = absl::InfinitePast();
}

absl::Status WorkforceView::CheckCaughtUp() const {
  absl::ReaderMutexLock lock(&mutex_);
  if (caught_up_) return absl::OkStatus();
  return Error(absl::StatusCode::kUnavailable, "NOT_CAUGHT_UP",
               "workforce's ledger is still being read: who may do this is not known yet; try again")
      .RetryAfter(absl::Seconds(1));
}

bool WorkforceView::Fresh(absl::Time now, absl::Duration max_age) const {
  absl::ReaderMutexLock lock(&mutex_);
  return caught_up_ && now - heard_ <= max_age;
}

absl::Time WorkforceView::heard() const {
  absl::ReaderMutexLock lock(&mutex_);
  return caught_up_ ? heard_ : absl::InfinitePast();
}

std::string WorkforceView::WorkerWithIdentity(absl::string_view authority, absl::string_view identity) const {
  absl::ReaderMutexLock lock(&mutex_);
  const AuthorityView* view = Find(authority);
  if (view == nullptr) return {};
  const auto workers = view->by_identity.find(std::string(identity));
  if (workers == view->by_identity.end() || workers->second.size() != 1) return {};
  return *workers->second.begin();
}

std::string WorkforceView::WorkerOf(const rpc::Principal& caller, absl::string_view authority) const {
  if (caller.kind == rpc::Principal::Kind::kService) return {};
  if (!caller.worker.empty()) return absl::StrCat("authorities/", authority, "/workers/", caller.worker);
  return WorkerWithIdentity(authority, caller.subject);
}

bool WorkforceView::Knows(absl::string_view worker) const {
  absl::ReaderMutexLock lock(&mutex_);
  const AuthorityView* view = Find(IdOf(worker));
  return view != nullptr && view->identities.contains(worker);
}

std::string WorkforceView::StandsFor(const std::string& worker) const {
  absl::ReaderMutexLock lock(&mutex_);
  const AuthorityView* view = Find(IdOf(worker));
  if (view == nullptr) return worker;
  std::string name = worker;
  // Ends, since nobody is merged into somebody who was merged into them; a wrong ledger must not hang a call.
  for (size_t steps = 0; steps < view->merged_into.size(); ++steps) {
    const auto next = view->merged_into.find(name);
    if (next == view->merged_into.end()) break;
    name = next->second;
  }
  return name;
}

std::vector<std::string> WorkforceView::LineManagersOf(const std::string& worker, CivilDay day) const {
  absl::ReaderMutexLock lock(&mutex_);
  const AuthorityView* view = Find(IdOf(worker));
  if (view == nullptr) return {};
  std::set<std::string> managers;
  for (const Dated* line : view->lines.OfWorker(worker)) {
    if (line->period.Contains(day)) managers.insert(line->other);
  }
  return {managers.begin(), managers.end()};
}

std::vector<Period> WorkforceView::AbsencesOf(const std::string& worker) const {
  absl::ReaderMutexLock lock(&mutex_);
  const AuthorityView* view = Find(IdOf(worker));
  std::vector<Period> periods;
  if (view == nullptr) return periods;
  for (const Dated* absence : view->absences.OfWorker(worker)) periods.push_back(absence->period);
  return periods;
}

WorkforceView::Employment WorkforceView::EmploymentOf(absl::string_view worker, CivilDay day) const {
  absl::ReaderMutexLock lock(&mutex_);
  const AuthorityView* view = Find(IdOf(worker));
  if (view == nullptr) return Employment::kUnknown;
  Employment employment = Employment::kUnknown;
  for (const Dated* post : view->posts.OfWorker(std::string(worker))) {
    if (post->period.Contains(day)) return Employment::kInPost;
    if (post->period.end <= day) employment = Employment::kLeft;
  }
  return employment;
}

Reach WorkforceView::ReachOf(const std::string& worker, const Scopes& scopes, CivilDay day) const {
  Reach reach;
  reach.workers.insert(worker);
  absl::ReaderMutexLock lock(&mutex_);
  const AuthorityView* view = Find(IdOf(worker));
  if (view == nullptr) return reach;
  if (scopes.tree) {
    std::set<std::string> below = {worker};
    std::deque<std::string> to_visit = {worker};
    while (!to_visit.empty()) {
      const std::string supervisor = to_visit.front();
      to_visit.pop_front();
      for (const Dated* link : view->links.OfOther(supervisor)) {
        if (link->period.Contains(day) && below.insert(link->worker).second) to_visit.push_back(link->worker);
      }
    }
    reach.workers.insert(below.begin(), below.end());
  }
  if (scopes.team) {
    reach.teams = view->TeamsOf(worker, day);
    for (const std::string& team : reach.teams) {
      for (const Dated* post : view->posts.OfOther(team)) {
        if (post->period.Contains(day)) reach.workers.insert(post->worker);
      }
    }
  }
  return reach;
}

}  // namespace oversight::access

#include "services/supervision/people/people.h"

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/resource/dated.h"
#include "common/resource/name.h"
#include "common/status/error.h"
#include "oversight/workforce/v1/workforce.pb.h"

namespace oversight::supervision {
namespace {

// Two authorities may know the same caller.
std::string IdentityKey(absl::string_view authority, absl::string_view identity) {
  return absl::StrCat(authority, "\n", identity);
}

// The entries of a map whose keys lie beneath `name`: those of one worker stand together.
template <typename Map, typename Visitor>
void ForEachBeneath(Map& map, const std::string& name, Visitor visitor) {
  const std::string beneath = absl::StrCat(name, "/");
  for (auto it = map.lower_bound(beneath); it != map.end() && absl::StartsWith(it->first, beneath); ++it) {
    visitor(it->second);
  }
}

template <typename Map>
void EraseBeneath(Map& map, const std::string& name) {
  map.erase(name);
  const std::string beneath = absl::StrCat(name, "/");
  auto end = map.lower_bound(beneath);
  while (end != map.end() && absl::StartsWith(end->first, beneath)) ++end;
  map.erase(map.lower_bound(beneath), end);
}

}  // namespace

void People::Take(const ledger::LedgerMessage& message) {
  absl::MutexLock lock(&mutex_);
  if (message.diverged) {
    ForgetAll();
    return;
  }
  for (const auto& entry : message.content.entries()) Apply(entry);
  // Heads come when everything before them has been sent.
  if (message.content.entries().empty()) caught_up_ = true;
}

void People::ForgetAll() {
  caught_up_ = false;
  known_.clear();
  identities_.clear();
  links_.clear();
  absences_.clear();
  merged_into_.clear();
  workers_.clear();
}

void People::Forget(const std::string& name) {
  known_.erase(name);
  const auto known = identities_.find(name);
  if (known != identities_.end()) {
    for (const std::string& identity : known->second) {
      const auto workers = workers_.find(identity);
      workers->second.erase(name);
      if (workers->second.empty()) workers_.erase(workers);
    }
    identities_.erase(known);
  }
}

void People::Apply(const ledger::pb::Entry& entry) {
  const std::string& name = entry.resource_name();
  if (entry.erased()) return;  // a tombstone further on says what to forget
  if (entry.change() == ledger::pb::CHANGE_DELETED || entry.change() == ledger::pb::CHANGE_ERASED) {
    Forget(name);
    EraseBeneath(links_, name);
    EraseBeneath(absences_, name);
    workforce::v1::Worker gone;
    if (entry.resource().UnpackTo(&gone) && !gone.withdrawal().merged_into().empty()) {
      merged_into_[name] = gone.withdrawal().merged_into();
    } else {
      merged_into_.erase(name);
    }
    return;
  }
  merged_into_.erase(name);
  workforce::v1::Worker worker;
  workforce::v1::SupervisorLink link;
  workforce::v1::Absence absence;
  if (entry.resource().UnpackTo(&worker)) {
    Forget(name);
    known_.insert(name);
    for (const auto& external : worker.external_ids()) {
      if (external.system() != kIdentitySystem) continue;
      const std::string identity = IdentityKey(resource::AuthorityOf(name), external.id());
      identities_[name].insert(identity);
      workers_[identity].insert(name);
    }
  } else if (entry.resource().UnpackTo(&link)) {
    links_.erase(name);
    if (link.function() == workforce::v1::SupervisorLink::FUNCTION_LINE_MANAGEMENT) {
      links_[name] = {link.supervisor(), resource::PeriodOf(link)};
    }
  } else if (entry.resource().UnpackTo(&absence)) {
    const std::optional<CivilDay> last = resource::DayOf(absence, "last_date");
    absences_[name] = {resource::DayOf(absence, "first_date").value_or(CivilDay::Max()),
                       last.has_value() ? *last + 1 : CivilDay::Max()};
  }
}

absl::Status People::CheckCaughtUp() const {
  absl::MutexLock lock(&mutex_);
  if (caught_up_) return absl::OkStatus();
  return Error(absl::StatusCode::kUnavailable, "NOT_CAUGHT_UP",
               "workforce's ledger is still being read: who may do this is not known yet; try again")
      .RetryAfter(absl::Seconds(1));
}

std::string People::WorkerOf(absl::string_view authority, const rpc::Principal& caller) const {
  absl::MutexLock lock(&mutex_);
  if (caller.kind == rpc::Principal::Kind::kService) return "";
  if (!caller.worker.empty()) {
    const std::string name = absl::StrCat("authorities/", authority, "/workers/", caller.worker);
    return known_.contains(name) ? name : "";
  }
  const auto found = workers_.find(IdentityKey(authority, caller.subject));
  return found != workers_.end() && found->second.size() == 1 ? *found->second.begin() : "";
}

std::string People::StandsFor(const std::string& worker) const {
  absl::MutexLock lock(&mutex_);
  std::string name = worker;
  // Ends, since nobody is merged into somebody who was merged into them; a wrong ledger must not hang a call.
  for (size_t steps = 0; steps < merged_into_.size(); ++steps) {
    const auto next = merged_into_.find(name);
    if (next == merged_into_.end()) break;
    name = next->second;
  }
  return name;
}

std::vector<std::string> People::LineManagersOf(const std::string& worker, CivilDay day) const {
  absl::MutexLock lock(&mutex_);
  std::set<std::string> managers;
  ForEachBeneath(links_, worker, [&](const Link& link) {
    if (link.period.Contains(day)) managers.insert(link.supervisor);
  });
  return {managers.begin(), managers.end()};
}

std::vector<Period> People::AbsencesOf(const std::string& worker) const {
  absl::MutexLock lock(&mutex_);
  std::vector<Period> periods;
  ForEachBeneath(absences_, worker, [&](const Period& period) { periods.push_back(period); });
  return periods;
}

}  // namespace oversight::supervision

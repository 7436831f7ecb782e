#include "services/compliance/engine/facts.h"

#include <algorithm>

#include "services/compliance/engine/grow.h"

namespace oversight::engine {
namespace {

// Agreed in advance by a manager for a child at low risk who is open only for support to parents without
// deficits, or only for direct payments (Knowsley, appendix 7).
bool IsValid(const AgreementFact& fact) {
  const bool ground = fact.ground == AgreementGround::kDirectPaymentsOnly ||
                      (fact.ground == AgreementGround::kSupportOnly && fact.no_carer_deficits);
  return ground && fact.low_risk && !fact.agreed_by.empty() && fact.agreed_on.has_value();
}

// The numbers of `names` are those of `records`.
template <typename Record>
uint32_t Resolve(Interner& names, std::vector<Record>& records, absl::string_view name) {
  const uint32_t index = names.Add(name);
  if (index >= records.size()) GrowTo(records, index + 1);
  return index;
}

template <typename T>
void SortUnique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

void DirtySet::Merge(DirtySet other) {
  everyone = everyone || other.everyone;
  subjects.insert(subjects.end(), other.subjects.begin(), other.subjects.end());
  reached.insert(reached.end(), other.reached.begin(), other.reached.end());
  Normalise();
}

void DirtySet::Normalise() {
  if (everyone) {
    subjects.clear();
    reached.clear();
  }
  SortUnique(subjects);
  SortUnique(reached);
}

std::vector<Subject> DirtySet::All() const {
  std::vector<Subject> all = subjects;
  for (const Reached& one : reached) all.push_back(one.subject);
  SortUnique(all);
  return all;
}

uint32_t AuthorityFacts::WorkerIndex(absl::string_view name) {
  return name.empty() ? kNobody : Resolve(ids(FactKind::kWorker), workers_, name);
}
uint32_t AuthorityFacts::CaseIndex(absl::string_view name) {
  return name.empty() ? kNobody : Resolve(ids(FactKind::kCase), cases_, name);
}
uint32_t AuthorityFacts::SessionIndex(absl::string_view name) {
  return name.empty() ? kNobody : Resolve(ids(FactKind::kSession), sessions_, name);
}
uint32_t AuthorityFacts::DiscussionIndex(absl::string_view name) {
  return ids(FactKind::kDiscussion).Add(name);
}
uint32_t AuthorityFacts::TeamIndex(absl::string_view name) {
  return name.empty() ? kNobody : Resolve(ids(FactKind::kTeam), teams_, name);
}

template <typename Record, typename Value>
void AuthorityFacts::Place(FactKind kind, uint32_t owner, const Value& value, std::vector<Record>& records,
                           std::vector<Value> Record::*list, SubjectKind subject, DirtySet& dirty) {
  const uint32_t old_owner = OwnerOf(kind, value.id);
  if (old_owner != kNobody) {
    std::erase_if(records[old_owner].*list, [&](const Value& held) { return held.id == value.id; });
    dirty.Add({subject, old_owner});
  }
  owners_[static_cast<size_t>(kind)].Set(value.id, owner + 1);
  if (owner != kNobody) {
    MakeRoom(records[owner].*list, (records[owner].*list).size() + 1);
    (records[owner].*list).push_back(value);
    dirty.Add({subject, owner});
  }
}

template <typename Value>
DirtySet AuthorityFacts::PlaceWithWorker(FactKind kind, uint32_t owner, const Value& value,
                                         std::vector<Value> WorkerRecord::*list) {
  DirtySet dirty;
  Place(kind, owner, value, workers_, list, SubjectKind::kWorker, dirty);
  dirty.Normalise();
  return dirty;
}

template <typename Value>
DirtySet AuthorityFacts::PlaceWithCase(FactKind kind, uint32_t owner, const Value& value,
                                       std::vector<Value> CaseRecord::*list) {
  DirtySet dirty;
  Place(kind, owner, value, cases_, list, SubjectKind::kCase, dirty);
  dirty.Normalise();
  return dirty;
}

// ---- Workers.

DirtySet AuthorityFacts::Upsert(absl::string_view id, const WorkerFact& fact) {
  const uint32_t index = WorkerIndex(id);
  if (index == kNobody) return {};
  WorkerRecord& worker = workers_[index];
  worker.known = true;
  worker.employment_start = fact.employment_start;
  worker.employment_end = fact.employment_end;
  return {.subjects = {Subject::Worker(index)}};
}

DirtySet AuthorityFacts::Upsert(absl::string_view id, const PostFact& fact) {
  const Post post{ids(FactKind::kPost).Add(id), TeamIndex(fact.team), fact.career_stage,
                  fact.employment_basis,        fact.case_holding,    fact.period};
  return PlaceWithWorker(FactKind::kPost, WorkerIndex(fact.worker), post, &WorkerRecord::posts);
}

DirtySet AuthorityFacts::Upsert(absl::string_view id, const AsyeFact& fact) {
  const Asye asye{ids(FactKind::kAsye).Add(id), fact.period, fact.pauses};
  return PlaceWithWorker(FactKind::kAsye, WorkerIndex(fact.worker), asye, &WorkerRecord::asye);
}

DirtySet AuthorityFacts::Upsert(absl::string_view id, const StudentPlacementFact& fact) {
  const StudentPlacement placement{ids(FactKind::kStudentPlacement).Add(id), fact.route, fact.period};
  return PlaceWithWorker(FactKind::kStudentPlacement, WorkerIndex(fact.worker), placement,
                         &WorkerRecord::student_placements);
}

DirtySet AuthorityFacts::Upsert(absl::string_view id, const AbsenceFact& fact) {
  const CivilDay end = fact.last == CivilDay::Max() ? CivilDay::Max() : fact.last + 1;
  const Absence absence{ids(FactKind::kAbsence).Add(id), Period{fact.first, end}};
  return PlaceWithWorker(FactKind::kAbsence, WorkerIndex(fact.worker), absence, &WorkerRecord::absences);
}

DirtySet AuthorityFacts::Upsert(absl::string_view id, const SupervisorLinkFact& fact) {
  const uint32_t link_id = ids(FactKind::kSupervisorLink).Add(id);
  const NamedRows named =
      Heard(FactKind::kSupervisorLink, link_id, NamedRows{WorkerIndex(fact.supervisor), kNobody});
  const SupervisorLink link{link_id, named[0], fact.function, fact.cover, fact.period};
  return ReplaceLink(WorkerIndex(fact.worker), link);
}

// A link decides also which sessions of the worker count for the cases discussed in them.
DirtySet AuthorityFacts::ReplaceLink(uint32_t worker, const SupervisorLink& link) {
  DirtySet dirty;
  const uint32_t old_owner = OwnerOf(FactKind::kSupervisorLink, link.id);
  if (old_owner != kNobody) {
    for (const SupervisorLink& held : workers_[old_owner].links) {
      if (held.id == link.id) TouchSessionsOf(old_owner, held.period, dirty);
    }
  }
  Place(FactKind::kSupervisorLink, worker, link, workers_, &WorkerRecord::links, SubjectKind::kWorker, dirty);
  if (worker != kNobody) TouchSessionsOf(worker, link.period, dirty);
  dirty.Normalise();
  return dirty;
}

DirtySet AuthorityFacts::Upsert(absl::string_view id, const TeamFact& fact) {
  const uint32_t team = TeamIndex(id);
  if (team == kNobody) return {};
  teams_[team] = fact.service_area;
  DirtySet dirty;
  TouchTeam(team, dirty);
  dirty.Normalise();
  return dirty;
}

// ---- Cases.

DirtySet AuthorityFacts::Upsert(absl::string_view id, const CaseFact& fact) {
  const uint32_t index = CaseIndex(id);
  if (index == kNobody) return {};
  cases_[index].known = true;
  cases_[index].open = fact.open;
  DirtySet dirty{.subjects = {Subject::Case(index)}};
  TouchHolders(index, dirty);
  return dirty;
}

DirtySet AuthorityFacts::Upsert(absl::string_view id, const StatusPeriodFact& fact) {
  const StatusPeriod status{ids(FactKind::kStatusPeriod).Add(id), fact.status, fact.period};
  return PlaceWithCase(FactKind::kStatusPeriod, CaseIndex(fact.case_name), status, &CaseRecord::statuses);
}

DirtySet AuthorityFacts::Upsert(absl::string_view id, const PlacementFact& fact) {
  const uint32_t carer = fact.carer_or_home.empty() ? kNobody : carers_.Add(fact.carer_or_home);
  const Placement placement{ids(FactKind::kPlacement).Add(id),
                            carer,
                            fact.type,
                            fact.respite,
                            fact.new_address,
                            fact.permanence_implemented.value_or(CivilDay::Max()),
                            fact.period};
  return PlaceWithCase(FactKind::kPlacement, CaseIndex(fact.case_name), placement, &CaseRecord::placements);
}

DirtySet AuthorityFacts::Upsert(absl::string_view id, const AgreementFact& fact) {
  const CivilDay start = std::max(fact.period.start, fact.agreed_on.value_or(CivilDay::Max()));
  const Agreement agreement{ids(FactKind::kAgreement).Add(id), IsValid(fact), Period{start, fact.period.end}};
  return PlaceWithCase(FactKind::kAgreement, CaseIndex(fact.case_name), agreement, &CaseRecord::agreements);
}

DirtySet AuthorityFacts::Upsert(absl::string_view id, const AllocationFact& fact) {
  const uint32_t allocation_id = ids(FactKind::kAllocation).Add(id);
  const NamedRows named =
      Heard(FactKind::kAllocation, allocation_id, NamedRows{WorkerIndex(fact.worker), kNobody});
  const Allocation allocation{allocation_id,         named[0],   TeamIndex(fact.team), fact.role,
                              fact.covers_keyworker, fact.period};
  return ReplaceAllocation(CaseIndex(fact.case_name), allocation);
}

// What a worker holds decides also what the worker's sessions have to cover.
DirtySet AuthorityFacts::ReplaceAllocation(uint32_t case_index, const Allocation& allocation) {
  DirtySet dirty;
  const uint32_t old_case = OwnerOf(FactKind::kAllocation, allocation.id);
  if (old_case != kNobody) {
    for (const Allocation& held : cases_[old_case].allocations) {
      if (held.id != allocation.id || held.worker == kNobody) continue;
      std::erase_if(workers_[held.worker].cases,
                    [&](const HeldCase& entry) { return entry.allocation == allocation.id; });
      dirty.Add(Subject::Worker(held.worker));
    }
  }
  Place(FactKind::kAllocation, case_index, allocation, cases_, &CaseRecord::allocations, SubjectKind::kCase,
        dirty);
  if (case_index != kNobody && allocation.worker != kNobody) {
    workers_[allocation.worker].cases.push_back({case_index, allocation.id});
    dirty.Add(Subject::Worker(allocation.worker));
  }
  dirty.Normalise();
  return dirty;
}

void AuthorityFacts::TouchHolders(uint32_t case_index, DirtySet& dirty) const {
  for (const Allocation& allocation : cases_[case_index].allocations) {
    if (allocation.worker != kNobody) dirty.Add(Subject::Worker(allocation.worker));
  }
  dirty.Normalise();
}

// ---- Removal.

DirtySet AuthorityFacts::Remove(FactKind kind, absl::string_view name) {
  const std::optional<uint32_t> found = ids(kind).Find(name);
  if (!found) return {};
  const uint32_t id = *found;
  duplicates_.told_rows.erase({kind, id});
  switch (kind) {
    case FactKind::kWorker:
      workers_[id].known = false;
      return {.subjects = {Subject::Worker(id)}};
    case FactKind::kCase: {
      cases_[id].known = false;
      DirtySet dirty{.subjects = {Subject::Case(id)}};
      TouchHolders(id, dirty);
      return dirty;
    }
    case FactKind::kTeam:
      return Upsert(name, TeamFact{});
    case FactKind::kSession:
      return ReplaceSession(id, Session{});
    case FactKind::kDiscussion:
      return ReplaceDiscussion(id, kNobody, kNobody);
    case FactKind::kSupervisorLink:
      return ReplaceLink(kNobody, SupervisorLink{.id = id});
    case FactKind::kPost:
      return PlaceWithWorker(kind, kNobody, Post{.id = id}, &WorkerRecord::posts);
    case FactKind::kAsye:
      return PlaceWithWorker(kind, kNobody, Asye{.id = id}, &WorkerRecord::asye);
    case FactKind::kStudentPlacement:
      return PlaceWithWorker(kind, kNobody, StudentPlacement{.id = id}, &WorkerRecord::student_placements);
    case FactKind::kAbsence:
      return PlaceWithWorker(kind, kNobody, Absence{.id = id}, &WorkerRecord::absences);
    case FactKind::kStatusPeriod:
      return PlaceWithCase(kind, kNobody, StatusPeriod{.id = id}, &CaseRecord::statuses);
    case FactKind::kPlacement:
      return PlaceWithCase(kind, kNobody, Placement{.id = id}, &CaseRecord::placements);
    case FactKind::kAgreement:
      return PlaceWithCase(kind, kNobody, Agreement{.id = id}, &CaseRecord::agreements);
    case FactKind::kAllocation:
      return ReplaceAllocation(kNobody, Allocation{.id = id});
    default:
      return {};
  }
}

DirtySet AuthorityFacts::SetRecordsCompleteFrom(CivilDay day) {
  records_complete_from_ = day;
  return {.everyone = true};
}

// ---- Questions.

std::optional<Subject> AuthorityFacts::FindWorker(absl::string_view name) const {
  return Find(FactKind::kWorker, name);
}

std::optional<Subject> AuthorityFacts::FindCase(absl::string_view name) const {
  return Find(FactKind::kCase, name);
}

std::string AuthorityFacts::Name(Subject subject) const { return Name(subject.kind, subject.index); }

const Allocation* AuthorityFacts::HolderOf(uint32_t case_index, CivilDay day) const {
  const Allocation* holder = nullptr;
  // Keyworker before personal adviser before supervising social worker, which is also the order of the enum;
  // of several the latest, then the first by name.
  const auto rank = [&](const Allocation& a) { return static_cast<int>(a.role); };
  for (const Allocation& allocation : cases_[case_index].allocations) {
    const bool holds = allocation.role == AllocationRole::kKeyworker ||
                       allocation.role == AllocationRole::kPersonalAdviser ||
                       allocation.role == AllocationRole::kSupervisingSocialWorker;
    if (!holds || !allocation.period.Contains(day)) continue;
    if (holder == nullptr || rank(allocation) < rank(*holder) ||
        (rank(allocation) == rank(*holder) &&
         (allocation.period.start > holder->period.start ||
          (allocation.period.start == holder->period.start &&
           NamedBefore(FactKind::kAllocation, allocation.id, holder->id))))) {
      holder = &allocation;
    }
  }
  return holder;
}

std::string AuthorityFacts::TeamOf(Subject subject, CivilDay day) const {
  const uint32_t team = TeamNumberOf(subject, day);
  return team == kNobody ? std::string() : Name(FactKind::kTeam, team);
}

uint32_t AuthorityFacts::TeamNumberOf(Subject subject, CivilDay day) const {
  uint32_t team = kNobody;
  if (subject.kind == SubjectKind::kCase) {
    const Allocation* holder = HolderOf(subject.index, day);
    if (holder != nullptr) team = holder->team;
  } else if (subject.kind == SubjectKind::kTeam) {
    team = subject.index;
  } else if (subject.kind == SubjectKind::kWorker) {
    const Post* latest = nullptr;
    for (const Post& post : workers_[subject.index].posts) {
      if (post.team == kNobody || !post.period.Contains(day)) continue;
      if (latest == nullptr || post.period.start > latest->period.start ||
          (post.period.start == latest->period.start && NamedBefore(FactKind::kPost, post.id, latest->id))) {
        latest = &post;
      }
    }
    if (latest != nullptr) team = latest->team;
  }
  return team;
}

}  // namespace oversight::engine

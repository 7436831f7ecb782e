#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/time/civil_day.h"
#include "common/time/period.h"
#include "services/compliance/engine/discussions.h"
#include "services/compliance/engine/duplicates.h"
#include "services/compliance/engine/interner.h"
#include "services/compliance/engine/packed_cells.h"
#include "services/compliance/engine/policy.h"
#include "services/compliance/engine/records.h"
#include "services/compliance/engine/vocabulary.h"

namespace oversight::engine {

// ---- What goes in: one fact per resource. Texts are resource names (or any ids that are unique and used
// consistently) and are copied; an empty one means not given.

struct WorkerFact {
  std::optional<CivilDay> employment_start;
  CivilDay employment_end = CivilDay::Max();  // first day no longer employed
};

struct PostFact {
  absl::string_view worker;
  CareerStage career_stage = CareerStage::kUnspecified;
  EmploymentBasis employment_basis = EmploymentBasis::kUnspecified;
  absl::string_view team;
  bool case_holding = false;
  Period period;
};

struct AsyeFact {
  absl::string_view worker;
  Period period;  // until completed, whatever was planned
  // While it is paused its stages stand still.
  std::vector<Period> pauses = {};
};

struct StudentPlacementFact {
  absl::string_view worker;
  StudentRoute route = StudentRoute::kUnspecified;
  Period period;
};

// Cover for an absent supervisor is a link of its own and counts like any other.
struct SupervisorLinkFact {
  absl::string_view worker;
  absl::string_view supervisor;
  SupervisorFunction function = SupervisorFunction::kUnspecified;
  bool cover = false;
  Period period;
};

struct AbsenceFact {
  absl::string_view worker;
  CivilDay first;
  CivilDay last = CivilDay::Max();  // the last day away; Max() while the return is not known
};

struct TeamFact {
  ServiceArea service_area = ServiceArea::kUnspecified;
};

struct CaseFact {
  std::vector<Period> open;
};

struct StatusPeriodFact {
  absl::string_view case_name;
  CaseStatus status = CaseStatus::kUnspecified;
  Period period;
};

struct PlacementFact {
  absl::string_view case_name;
  PlacementType type = PlacementType::kUnspecified;
  absl::string_view carer_or_home;
  bool respite = false;
  // It began with a change of address, also where the carer stayed the same.
  bool new_address = false;
  std::optional<CivilDay> permanence_implemented;
  Period period;
};

struct AgreementFact {
  absl::string_view case_name;
  AgreementGround ground = AgreementGround::kUnspecified;
  bool low_risk = false;
  bool no_carer_deficits = false;
  absl::string_view agreed_by;
  std::optional<CivilDay> agreed_on;
  Period period;
};

struct AllocationFact {
  absl::string_view case_name;
  absl::string_view worker;
  AllocationRole role = AllocationRole::kUnspecified;
  absl::string_view team;
  bool covers_keyworker = false;
  Period period;
};

struct SessionFact {
  absl::string_view supervisee;
  absl::string_view supervisor;
  SessionKind kind = SessionKind::kUnspecified;
  SessionState state = SessionState::kUnspecified;
  std::optional<CivilDay> day;
};

struct DiscussionFact {
  absl::string_view session;
  absl::string_view case_name;
};

// ---- Who findings are about.

// A record of one AuthorityFacts, by number: 0 to SubjectCount(kind) - 1. A number stays the same as long as
// the AuthorityFacts lives, also when the resource goes and comes back.
struct Subject {
  SubjectKind kind = SubjectKind::kWorker;
  uint32_t index = 0;

  static constexpr Subject Worker(uint32_t index) { return {SubjectKind::kWorker, index}; }
  static constexpr Subject Case(uint32_t index) { return {SubjectKind::kCase, index}; }
  friend constexpr auto operator<=>(const Subject&, const Subject&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Subject& subject) {
    return H::combine(std::move(h), subject.kind, subject.index);
  }
};

// How to come from a record to the subjects whose findings rest on it.
struct Reach {
  struct Step {
    enum class Kind : uint8_t {
      // To the record that this one names by `column`.
      kNamed,
      // To the records of `kind` that name this one by `column`.
      kNaming,
      // To all records of `kind`.
      kAll,
    };
    Kind how = Kind::kNamed;
    FactKind kind = FactKind::kNone;
    uint16_t column = kNoColumn;
    friend auto operator<=>(const Step&, const Step&) = default;
  };
  FactKind from = FactKind::kNone;
  std::vector<Step> steps;
  SubjectKind subject = SubjectKind::kWorker;
  friend auto operator<=>(const Reach&, const Reach&) = default;
};

// The subjects whose findings a change may alter: no finding of any other subject does. Ascending, each once.
struct DirtySet {
  // A subject to which the change came on a way that is watched (AuthorityFacts::Watch): only rules that
  // watch this way may say something else of it.
  struct Reached {
    uint32_t way = 0;
    Subject subject;
    friend auto operator<=>(const Reached&, const Reached&) = default;
    template <typename H>
    friend H AbslHashValue(H h, const Reached& reached) {
      return H::combine(std::move(h), reached.way, reached.subject);
    }
  };
  bool everyone = false;          // all subjects of the authority; the others are empty then
  std::vector<Subject> subjects;  // whatever the rule
  std::vector<Reached> reached;

  void Add(Subject subject) { subjects.push_back(subject); }
  void Merge(DirtySet other);
  void Normalise();
  // By whatever way.
  std::vector<Subject> All() const;
};

// ---- How facts are held: by number, ready for evaluation. `id` is the number of the fact's name among its
// kind.

struct Post {
  uint32_t id;
  uint32_t team;  // kNobody: none
  CareerStage career_stage;
  EmploymentBasis employment_basis;
  bool case_holding;
  Period period;
};

struct Asye {
  uint32_t id;
  Period period;
  std::vector<Period> pauses = {};
};

struct StudentPlacement {
  uint32_t id;
  StudentRoute route;
  Period period;
};

struct SupervisorLink {
  uint32_t id;
  uint32_t supervisor;
  SupervisorFunction function;
  bool cover;
  Period period;
};

struct Absence {
  uint32_t id;
  Period days;  // half-open like any period: the day after the last day away is its end
};

struct StatusPeriod {
  uint32_t id;
  CaseStatus status;
  Period period;
};

struct Placement {
  uint32_t id;
  uint32_t carer_or_home;  // kNobody: not known
  PlacementType type;
  bool respite;
  bool new_address;
  CivilDay permanence_implemented;  // Max(): not
  Period period;
};

struct Agreement {
  uint32_t id;
  // The ground is one that Knowsley's appendix 7 accepts, the risk low, the agreement given by a manager.
  bool valid;
  Period period;  // not before it was agreed
};

struct Allocation {
  uint32_t id;
  uint32_t worker;
  uint32_t team;  // kNobody: none
  AllocationRole role;
  bool covers_keyworker;
  Period period;

  // Whether the worker holds the case: discussions held with them count for it.
  bool Holds() const {
    return covers_keyworker || role == AllocationRole::kKeyworker ||
           role == AllocationRole::kPersonalAdviser || role == AllocationRole::kSupervisingSocialWorker;
  }
};

struct Session {
  CivilDay day;
  uint32_t supervisee = kNobody;
  uint32_t supervisor = kNobody;
  uint32_t first_discussion = kNobody;  // the others follow by Discussion::next
  SessionKind kind = SessionKind::kUnspecified;
  SessionState state = SessionState::kUnspecified;
  bool known = false;  // false: only named by a discussion so far, or removed
  bool dated = false;
};

// A dated session of a worker, or a discussion of a case in a dated session: what may end a gap.
struct EventRef {
  CivilDay day;
  uint32_t id;  // of the session or discussion
};

// An allocation of a worker, with the case in whose record it stands.
struct HeldCase {
  uint32_t case_index;
  uint32_t allocation;
};

struct WorkerRecord {
  bool known = false;
  std::optional<CivilDay> employment_start;
  CivilDay employment_end = CivilDay::Max();
  std::vector<Post> posts;
  std::vector<Asye> asye;
  std::vector<StudentPlacement> student_placements;
  std::vector<SupervisorLink> links;
  std::vector<Absence> absences;
  std::vector<HeldCase> cases;     // as anything: of each allocation of the worker
  std::vector<EventRef> sessions;  // ascending by day, then by name
};

struct CaseRecord {
  bool known = false;
  std::vector<Period> open;
  std::vector<StatusPeriod> statuses;
  std::vector<Placement> placements;
  std::vector<Agreement> agreements;
  std::vector<Allocation> allocations;
  std::vector<EventRef> discussions;  // ascending by day, then by name
};

// All facts about one authority that rules ask for, held compactly in memory. What it says depends only on
// the facts it holds, not on the order in which they came: a fact that names another waits until that one is
// there. Not synchronised: any number of threads may read, or one may write.
class AuthorityFacts {
 public:
  // Each adds the fact named `id` or replaces it, and says whose findings that may alter.
  DirtySet Upsert(absl::string_view id, const WorkerFact& fact);
  DirtySet Upsert(absl::string_view id, const PostFact& fact);
  DirtySet Upsert(absl::string_view id, const AsyeFact& fact);
  DirtySet Upsert(absl::string_view id, const StudentPlacementFact& fact);
  DirtySet Upsert(absl::string_view id, const SupervisorLinkFact& fact);
  DirtySet Upsert(absl::string_view id, const AbsenceFact& fact);
  DirtySet Upsert(absl::string_view id, const TeamFact& fact);
  DirtySet Upsert(absl::string_view id, const CaseFact& fact);
  DirtySet Upsert(absl::string_view id, const StatusPeriodFact& fact);
  DirtySet Upsert(absl::string_view id, const PlacementFact& fact);
  DirtySet Upsert(absl::string_view id, const AgreementFact& fact);
  DirtySet Upsert(absl::string_view id, const AllocationFact& fact);
  DirtySet Upsert(absl::string_view id, const SessionFact& fact);
  DirtySet Upsert(absl::string_view id, const DiscussionFact& fact);
  // Forgets the fact; what belongs to it (the posts of a worker) stays and waits. An unknown id changes
  // nothing.
  DirtySet Remove(FactKind kind, absl::string_view id);
  // The first day from which the authority's records are complete; Min() when not stated.
  DirtySet SetRecordsCompleteFrom(CivilDay day);

  // ---- Any kind of record, by its fields. The number of a name, new or known; kNobody for an empty one.
  uint32_t RowOf(FactKind kind, absl::string_view name);
  DirtySet PutRecord(FactKind kind, uint32_t row, std::span<const FieldValue> values);
  DirtySet RemoveRecord(FactKind kind, uint32_t row);
  // The names of these, which the law had erased, are forgotten: now, or where another record still says one,
  // as soon as this is called and none does. Takes as long as there are facts.
  void ForgetNames(const std::vector<Subject>& erased);

  // ---- Duplicates. From now on whatever names the duplicate means the survivor, which may be a duplicate of
  // another one in turn, whichever comes first. Takes as long as there are facts.
  DirtySet SetMeaning(FactKind kind, absl::string_view duplicate, absl::string_view survivor);
  // The name means itself again; nothing changes where it did.
  DirtySet ForgetMeaning(FactKind kind, absl::string_view name);
  void ForgetAllMeanings(FactKind kind);
  bool HasDuplicates() const { return !duplicates_.empty(); }
  // What is meant by it: itself, unless it is a duplicate.
  Subject Meaning(Subject subject) const {
    return {subject.kind, duplicates_.Of(subject.kind, subject.index)};
  }
  // All that mean it.
  std::vector<Subject> DuplicatesOf(Subject subject) const;

  // Says, from now on, whom a change of such records touches, and gives the number of each way, for
  // DirtySet::Reached; a way that was watched before keeps its number. Takes as long as there are records of
  // the kinds it speaks of.
  std::vector<uint32_t> Watch(const std::vector<Reach>& reaches);
  const Table& table(FactKind kind) const;
  std::optional<Subject> Find(FactKind kind, absl::string_view name) const;
  uint32_t SubjectCount(FactKind kind) const { return NameCount(kind); }

  CivilDay records_complete_from() const { return records_complete_from_; }
  uint32_t worker_count() const { return static_cast<uint32_t>(workers_.size()); }
  uint32_t case_count() const { return static_cast<uint32_t>(cases_.size()); }
  // Known by any fact, its own or one that names it.
  std::optional<Subject> FindWorker(absl::string_view name) const;
  std::optional<Subject> FindCase(absl::string_view name) const;
  std::string Name(Subject subject) const;
  std::string Name(FactKind kind, uint32_t id) const { return ids_[static_cast<size_t>(kind)].Name(id); }
  // Whether the name of one comes before that of the other; faster than to ask for both.
  bool NamedBefore(FactKind kind, uint32_t a, uint32_t b) const {
    return ids_[static_cast<size_t>(kind)].Before(a, b);
  }

  // How many names of the kind were ever seen; ids are 0 to one less.
  uint32_t NameCount(FactKind kind) const {
    return static_cast<size_t>(kind) < ids_.size() ? ids_[static_cast<size_t>(kind)].size() : 0;
  }
  // One more than the last kind of which there is a record.
  FactKind kind_end() const { return static_cast<FactKind>(ids_.size()); }

  const WorkerRecord& worker(uint32_t index) const { return workers_[index]; }
  const CaseRecord& case_record(uint32_t index) const { return cases_[index]; }
  const Session& session(uint32_t id) const { return sessions_[id]; }
  Discussion discussion(uint32_t id) const { return discussions_[id]; }
  ServiceArea team_area(uint32_t team) const { return teams_[team]; }

  // What its containers take, by what they hold: for the benchmark. Takes as long as there are facts.
  struct MemoryPart {
    FactKind kind = FactKind::kNone;  // of the records to which it belongs
    std::string part;                 // names, fields or by hand
    std::string what;                 // a list
    uint16_t column = kNoColumn;      // or a column
    size_t bytes = 0;
    size_t empty = 0;  // of them, what lists hold ready for more
  };
  std::vector<MemoryPart> Memory() const;

  // Who holds a case on a day: the keyworker, else the personal adviser, else the supervising social worker.
  // Null when it is unallocated.
  const Allocation* HolderOf(uint32_t case_index, CivilDay day) const;
  // The team answerable for a subject on a day: that of the holder's allocation, or of the worker's latest
  // post. Empty when there is none.
  std::string TeamOf(Subject subject, CivilDay day) const;
  // Its number; kNobody when there is none.
  uint32_t TeamNumberOf(Subject subject, CivilDay day) const;

 private:
  Interner& ids(FactKind kind);
  Table& MutableTable(FactKind kind);
  void TouchReached(FactKind kind, uint32_t row, DirtySet& dirty) const;
  uint32_t WorkerIndex(absl::string_view name);
  uint32_t CaseIndex(absl::string_view name);
  uint32_t SessionIndex(absl::string_view name);
  uint32_t DiscussionIndex(absl::string_view name);
  uint32_t TeamIndex(absl::string_view name);
  // Puts `value` into the list of its new owner and out of that of its old one. Owner kNobody: nowhere.
  template <typename Record, typename Value>
  void Place(FactKind kind, uint32_t owner, const Value& value, std::vector<Record>& records,
             std::vector<Value> Record::*list, SubjectKind subject, DirtySet& dirty);
  template <typename Value>
  DirtySet PlaceWithWorker(FactKind kind, uint32_t owner, const Value& value,
                           std::vector<Value> WorkerRecord::*list);
  template <typename Value>
  DirtySet PlaceWithCase(FactKind kind, uint32_t owner, const Value& value,
                         std::vector<Value> CaseRecord::*list);
  uint32_t OwnerOf(FactKind kind, uint32_t id) const { return owners_[static_cast<size_t>(kind)][id] - 1; }
  void InsertEvent(FactKind kind, std::vector<EventRef>& events, EventRef event);
  static void EraseEvent(std::vector<EventRef>& events, EventRef event);
  void Index(uint32_t session);
  void Unindex(uint32_t session);
  void TouchSession(uint32_t session, DirtySet& dirty) const;
  void TouchSessionsOf(uint32_t worker, Period days, DirtySet& dirty) const;
  void TouchTeam(uint32_t team, DirtySet& dirty) const;
  DirtySet ReplaceSession(uint32_t id, const Session& now);
  DirtySet ReplaceLink(uint32_t worker, const SupervisorLink& link);
  DirtySet ReplaceAllocation(uint32_t case_index, const Allocation& allocation);
  void TouchHolders(uint32_t case_index, DirtySet& dirty) const;
  DirtySet ReplaceDiscussion(uint32_t id, uint32_t session, uint32_t case_index);
  // What a fact means by the rows that it was told to name, and that this was said where it is another.
  NamedRows Heard(FactKind kind, uint32_t id, NamedRows told);
  std::vector<FieldValue> Heard(FactKind kind, uint32_t row, std::span<const FieldValue> told);
  NamedRows NamedRowsOf(FactKind kind, uint32_t id) const;
  DirtySet NameInstead(FactKind kind, uint32_t id, NamedRows now);
  bool IsNamed(FactKind kind, uint32_t row) const;
  void RememberWhoNames(FactKind named, uint32_t row);
  // Lets every fact that was told of a duplicate name what is meant now.
  void Resettle(DirtySet& dirty);

  std::vector<Interner> ids_ = std::vector<Interner>(kKnownKinds);
  Interner carers_;
  PackedCells owners_[kKnownKinds];  // of facts that lie with a worker or case, by id; one more
  std::vector<WorkerRecord> workers_;
  std::vector<CaseRecord> cases_;
  std::vector<Session> sessions_;
  DiscussionColumns discussions_;
  std::vector<ServiceArea> teams_;
  Duplicates duplicates_;
  std::vector<Subject> names_to_forget_;
  std::vector<Table> tables_;  // by kind
  struct Way {
    Reach reach;
    uint32_t number;
  };
  std::vector<std::vector<Way>> ways_;  // by kind
  uint32_t way_count_ = 0;
  CivilDay records_complete_from_ = CivilDay::Min();
};

}  // namespace oversight::engine

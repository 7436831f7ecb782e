// Whatever names a duplicate means the survivor. References are held as they are meant, so that nobody who
// asks has to know; what was said instead is kept beside, for the day on which the merge is taken back. And
// who names whom decides which names can be forgotten.

#include <algorithm>
#include <map>

#include "services/compliance/engine/facts.h"

namespace oversight::engine {
namespace {

// What the facts of a kind name by heart.
FactKind NamedBy(FactKind kind) {
  return kind == FactKind::kDiscussion ? FactKind::kCase : FactKind::kWorker;
}

constexpr FactKind kNamingByHeart[] = {FactKind::kSession, FactKind::kDiscussion, FactKind::kAllocation,
                                       FactKind::kSupervisorLink};

template <typename Value>
const Value* FindById(const std::vector<Value>& values, uint32_t id) {
  const auto found =
      std::find_if(values.begin(), values.end(), [&](const Value& value) { return value.id == id; });
  return found == values.end() ? nullptr : &*found;
}

}  // namespace

bool AuthorityFacts::IsNamed(FactKind named, uint32_t row) const {
  for (const FactKind kind : kNamingByHeart) {
    for (uint32_t id = 0; NamedBy(kind) == named && id < NameCount(kind); ++id) {
      const NamedRows rows = NamedRowsOf(kind, id);
      if (rows[0] == row || rows[1] == row) return true;
    }
  }
  bool is_named = false;
  for (const Table& table : tables_) {
    table.ForEachNaming(named, row, [&](uint32_t) { is_named = true; });
    if (is_named) return true;
  }
  return false;
}

void AuthorityFacts::ForgetNames(const std::vector<Subject>& erased) {
  names_to_forget_.insert(names_to_forget_.end(), erased.begin(), erased.end());
  std::map<FactKind, std::vector<uint32_t>> to_forget;
  std::erase_if(names_to_forget_, [&](const Subject& subject) {
    if (IsNamed(subject.kind, subject.index)) return false;
    // One that was created anew since keeps its name.
    if (!table(subject.kind).Known(subject.index)) to_forget[subject.kind].push_back(subject.index);
    return true;
  });
  for (const auto& [kind, rows] : to_forget) ids(kind).Forget(rows);
  // Carers are named by placements alone.
  std::vector<bool> in_use(carers_.size());
  for (const CaseRecord& record : cases_) {
    for (const Placement& placement : record.placements) {
      if (placement.carer_or_home != kNobody) in_use[placement.carer_or_home] = true;
    }
  }
  std::vector<uint32_t> carers;
  for (uint32_t carer = 0; carer < carers_.size(); ++carer) {
    if (!in_use[carer]) carers.push_back(carer);
  }
  carers_.Forget(carers);
}

NamedRows AuthorityFacts::Heard(FactKind kind, uint32_t id, NamedRows told) {
  if (duplicates_.empty()) return told;
  const NamedRows meant = duplicates_.Of(NamedBy(kind), told);
  if (meant == told) {
    duplicates_.told_rows.erase({kind, id});
  } else {
    duplicates_.told_rows[{kind, id}] = told;
  }
  return meant;
}

std::vector<FieldValue> AuthorityFacts::Heard(FactKind kind, uint32_t row, std::span<const FieldValue> told) {
  std::vector<FieldValue> meant;
  std::vector<FieldValue> references;
  bool differs = false;
  for (const FieldValue& value : told) {
    meant.push_back(duplicates_.Of(value));
    differs = differs || meant.back() != value;
    if (value.target != FactKind::kNone) references.push_back(value);
  }
  if (differs) {
    duplicates_.told_references[{kind, row}] = std::move(references);
  } else {
    duplicates_.told_references.erase({kind, row});
  }
  return meant;
}

NamedRows AuthorityFacts::NamedRowsOf(FactKind kind, uint32_t id) const {
  switch (kind) {
    case FactKind::kSession:
      return {sessions_[id].supervisee, sessions_[id].supervisor};
    case FactKind::kDiscussion:
      return {discussions_[id].case_index, kNobody};
    default:
      break;
  }
  const uint32_t owner = OwnerOf(kind, id);
  if (owner == kNobody) return {kNobody, kNobody};
  if (kind == FactKind::kAllocation) return {FindById(cases_[owner].allocations, id)->worker, kNobody};
  return {FindById(workers_[owner].links, id)->supervisor, kNobody};
}

DirtySet AuthorityFacts::NameInstead(FactKind kind, uint32_t id, NamedRows now) {
  switch (kind) {
    case FactKind::kSession: {
      Session session = sessions_[id];
      session.supervisee = now[0];
      session.supervisor = now[1];
      return ReplaceSession(id, session);
    }
    case FactKind::kDiscussion:
      return ReplaceDiscussion(id, discussions_[id].session, now[0]);
    case FactKind::kAllocation: {
      const uint32_t owner = OwnerOf(kind, id);
      if (owner == kNobody) return {};
      Allocation allocation = *FindById(cases_[owner].allocations, id);
      allocation.worker = now[0];
      return ReplaceAllocation(owner, allocation);
    }
    default: {
      const uint32_t owner = OwnerOf(kind, id);
      if (owner == kNobody) return {};
      SupervisorLink link = *FindById(workers_[owner].links, id);
      link.supervisor = now[0];
      return ReplaceLink(owner, link);
    }
  }
}

void AuthorityFacts::RememberWhoNames(FactKind named, uint32_t row) {
  for (const FactKind kind : kNamingByHeart) {
    if (NamedBy(kind) != named) continue;
    for (uint32_t id = 0; id < NameCount(kind); ++id) {
      const NamedRows rows = NamedRowsOf(kind, id);
      if (rows[0] == row || rows[1] == row) duplicates_.told_rows.try_emplace({kind, id}, rows);
    }
  }
  for (size_t kind = 0; kind < tables_.size(); ++kind) {
    tables_[kind].ForEachNaming(named, row, [&](uint32_t naming) {
      const Duplicates::Record record{static_cast<FactKind>(kind), naming};
      if (duplicates_.told_references.contains(record)) return;
      duplicates_.told_references[record] = tables_[kind].References(naming);
    });
  }
}

void AuthorityFacts::Resettle(DirtySet& dirty) {
  for (auto told = duplicates_.told_rows.begin(); told != duplicates_.told_rows.end();) {
    const auto& [record, rows] = *told;
    const NamedRows meant = duplicates_.Of(NamedBy(record.kind), rows);
    if (meant != NamedRowsOf(record.kind, record.row)) {
      dirty.Merge(NameInstead(record.kind, record.row, meant));
    }
    const auto last = told++;
    if (meant == last->second) duplicates_.told_rows.erase(last);
  }
  for (auto told = duplicates_.told_references.begin(); told != duplicates_.told_references.end();) {
    const auto& [record, references] = *told;
    TouchReached(record.kind, record.row, dirty);
    bool all_as_told = true;
    for (const FieldValue& reference : references) {
      const FieldValue meant = duplicates_.Of(reference);
      all_as_told = all_as_told && meant == reference;
      MutableTable(record.kind).Point(record.row, meant);
    }
    TouchReached(record.kind, record.row, dirty);
    dirty.Add({record.kind, record.row});
    const auto last = told++;
    if (all_as_told) duplicates_.told_references.erase(last);
  }
}

DirtySet AuthorityFacts::SetMeaning(FactKind kind, absl::string_view duplicate, absl::string_view survivor) {
  const uint32_t from = RowOf(kind, duplicate);
  const uint32_t to = RowOf(kind, survivor);
  if (from == kNobody || to == kNobody) return {};
  DirtySet dirty;
  RememberWhoNames(kind, from);
  // Also where it may not be: then what was remembered is let go again.
  static_cast<void>(duplicates_.Set({kind, from}, to));
  Resettle(dirty);
  dirty.Add({kind, from});
  dirty.Add({kind, duplicates_.Of(kind, to)});
  dirty.Normalise();
  return dirty;
}

DirtySet AuthorityFacts::ForgetMeaning(FactKind kind, absl::string_view name) {
  if (duplicates_.empty()) return {};
  const std::optional<Subject> found = Find(kind, name);
  if (!found) return {};
  const uint32_t meant = duplicates_.Of(kind, found->index);
  if (!duplicates_.Forget({kind, found->index})) return {};
  DirtySet dirty;
  Resettle(dirty);
  dirty.Add(*found);
  dirty.Add({kind, meant});
  dirty.Normalise();
  return dirty;
}

void AuthorityFacts::ForgetAllMeanings(FactKind kind) {
  DirtySet dirty;
  for (const uint32_t row : duplicates_.AllOf(kind)) duplicates_.Forget({kind, row});
  Resettle(dirty);
}

std::vector<Subject> AuthorityFacts::DuplicatesOf(Subject subject) const {
  std::vector<Subject> duplicates;
  if (duplicates_.empty()) return duplicates;
  for (const uint32_t row : duplicates_.Meaning(subject.kind, subject.index)) {
    duplicates.push_back({subject.kind, row});
  }
  return duplicates;
}

}  // namespace oversight::engine

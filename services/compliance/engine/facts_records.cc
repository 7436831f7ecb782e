// Records of any kind, and whom a change of one touches.

#include <algorithm>

#include "services/compliance/engine/facts.h"

namespace oversight::engine {
namespace {

const Table& NoRecords() {
  static const Table* none = new Table;
  return *none;
}

}  // namespace

Interner& AuthorityFacts::ids(FactKind kind) {
  if (static_cast<size_t>(kind) >= ids_.size()) ids_.resize(static_cast<size_t>(kind) + 1);
  return ids_[static_cast<size_t>(kind)];
}

Table& AuthorityFacts::MutableTable(FactKind kind) {
  if (static_cast<size_t>(kind) >= tables_.size()) tables_.resize(static_cast<size_t>(kind) + 1);
  return tables_[static_cast<size_t>(kind)];
}

const Table& AuthorityFacts::table(FactKind kind) const {
  return static_cast<size_t>(kind) < tables_.size() ? tables_[static_cast<size_t>(kind)] : NoRecords();
}

std::optional<Subject> AuthorityFacts::Find(FactKind kind, absl::string_view name) const {
  if (static_cast<size_t>(kind) >= ids_.size()) return std::nullopt;
  const std::optional<uint32_t> index = ids_[static_cast<size_t>(kind)].Find(name);
  if (!index) return std::nullopt;
  return Subject{kind, *index};
}

uint32_t AuthorityFacts::RowOf(FactKind kind, absl::string_view name) {
  switch (kind) {
    case FactKind::kWorker:
      return WorkerIndex(name);
    case FactKind::kCase:
      return CaseIndex(name);
    case FactKind::kSession:
      return SessionIndex(name);
    case FactKind::kDiscussion:
      return name.empty() ? kNobody : DiscussionIndex(name);
    case FactKind::kTeam:
      return TeamIndex(name);
    case FactKind::kAuthority:
      return ids(kind).Add("");  // the one to which all this belongs
    default:
      return name.empty() ? kNobody : ids(kind).Add(name);
  }
}

DirtySet AuthorityFacts::PutRecord(FactKind kind, uint32_t row, std::span<const FieldValue> values) {
  std::vector<FieldValue> meant;
  if (!duplicates_.empty()) values = meant = Heard(kind, row, values);
  DirtySet dirty;
  TouchReached(kind, row, dirty);
  MutableTable(kind).Put(row, values);
  TouchReached(kind, row, dirty);
  dirty.Add({kind, row});
  dirty.Normalise();
  return dirty;
}

DirtySet AuthorityFacts::RemoveRecord(FactKind kind, uint32_t row) {
  duplicates_.told_references.erase({kind, row});
  DirtySet dirty;
  TouchReached(kind, row, dirty);
  MutableTable(kind).Remove(row);
  // Who names a record that is no more is touched as well.
  TouchReached(kind, row, dirty);
  dirty.Add({kind, row});
  dirty.Normalise();
  return dirty;
}

std::vector<uint32_t> AuthorityFacts::Watch(const std::vector<Reach>& reaches) {
  std::vector<uint32_t> numbers;
  for (const Reach& reach : reaches) {
    const size_t kind = static_cast<size_t>(reach.from);
    if (kind >= ways_.size()) ways_.resize(kind + 1);
    const auto known = std::find_if(ways_[kind].begin(), ways_[kind].end(),
                                    [&](const Way& way) { return way.reach == reach; });
    numbers.push_back(known == ways_[kind].end() ? way_count_ : known->number);
    if (known != ways_[kind].end()) continue;
    ways_[kind].push_back({reach, way_count_++});
    FactKind at = reach.from;
    for (const Reach::Step& step : reach.steps) {
      // The way back is a way there: conditions look for the records that name theirs.
      if (step.how == Reach::Step::Kind::kNamed) {
        MutableTable(at).IndexBy(step.column);
      } else if (step.how == Reach::Step::Kind::kNaming) {
        MutableTable(step.kind).IndexBy(step.column);
      }
      at = step.kind;
    }
  }
  return numbers;
}

void AuthorityFacts::TouchReached(FactKind kind, uint32_t row, DirtySet& dirty) const {
  if (static_cast<size_t>(kind) >= ways_.size()) return;
  std::vector<uint32_t> rows;
  std::vector<uint32_t> next;
  for (const auto& [reach, number] : ways_[static_cast<size_t>(kind)]) {
    rows.assign(1, row);
    FactKind at = kind;
    for (const Reach::Step& step : reach.steps) {
      next.clear();
      if (step.how == Reach::Step::Kind::kAll) {
        for (uint32_t i = 0; i < NameCount(step.kind); ++i) next.push_back(i);
      } else {
        for (const uint32_t from : rows) {
          if (step.how == Reach::Step::Kind::kNamed) {
            const uint32_t named = table(at).Reference(from, step.column);
            if (named != kNobody) next.push_back(named);
            // Or, of a list of references, several.
            const std::span<const uint32_t> several = table(at).References(from, step.column);
            next.insert(next.end(), several.begin(), several.end());
          } else {
            table(step.kind).ForEachReferring(step.column, from,
                                              [&](uint32_t naming) { next.push_back(naming); });
          }
        }
      }
      std::sort(next.begin(), next.end());
      next.erase(std::unique(next.begin(), next.end()), next.end());
      rows.swap(next);
      at = step.kind;
    }
    for (const uint32_t subject : rows) dirty.reached.push_back({number, {reach.subject, subject}});
  }
}

}  // namespace oversight::engine

// What the facts take of memory.

#include <utility>

#include "services/compliance/engine/facts.h"

namespace oversight::engine {
namespace {

using MemoryPart = AuthorityFacts::MemoryPart;

// Adds up what many lists of the same kind take.
class ListMemory {
 public:
  ListMemory(FactKind kind, std::string what)
      : part_{.kind = kind, .part = "by hand", .what = std::move(what)} {}

  template <typename Value>
  void Add(const std::vector<Value>& values) {
    part_.bytes += values.capacity() * sizeof(Value);
    part_.empty += (values.capacity() - values.size()) * sizeof(Value);
  }
  const MemoryPart& part() const { return part_; }

 private:
  MemoryPart part_;
};

}  // namespace

std::vector<MemoryPart> AuthorityFacts::Memory() const {
  std::vector<MemoryPart> parts;
  for (size_t kind = 0; kind < ids_.size(); ++kind) {
    parts.push_back({.kind = static_cast<FactKind>(kind),
                     .part = "names",
                     .what = "names",
                     .bytes = ids_[kind].BytesUsed()});
  }
  for (size_t kind = 0; kind < tables_.size(); ++kind) {
    tables_[kind].ForEachPart([&](uint16_t column, const char* what, size_t bytes) {
      parts.push_back({.kind = static_cast<FactKind>(kind),
                       .part = "fields",
                       .what = what,
                       .column = column,
                       .bytes = bytes});
    });
  }
  // All lists of one kind that lie with the workers, or with the cases.
  const auto lists = [&](FactKind kind, const char* what, const auto& records, auto list) {
    ListMemory memory(kind, what);
    for (const auto& record : records) memory.Add(record.*list);
    parts.push_back(memory.part());
  };
  const auto list = [&](FactKind kind, const char* what, const auto& values) {
    ListMemory memory(kind, what);
    memory.Add(values);
    parts.push_back(memory.part());
  };
  for (size_t kind = 0; kind < kKnownKinds; ++kind) {
    parts.push_back({.kind = static_cast<FactKind>(kind),
                     .part = "by hand",
                     .what = "to whom it belongs",
                     .bytes = owners_[kind].BytesUsed()});
  }
  list(FactKind::kWorker, "records", workers_);
  lists(FactKind::kPost, "lists", workers_, &WorkerRecord::posts);
  lists(FactKind::kAsye, "lists", workers_, &WorkerRecord::asye);
  lists(FactKind::kStudentPlacement, "lists", workers_, &WorkerRecord::student_placements);
  lists(FactKind::kSupervisorLink, "lists", workers_, &WorkerRecord::links);
  lists(FactKind::kAbsence, "lists", workers_, &WorkerRecord::absences);
  lists(FactKind::kWorker, "cases held", workers_, &WorkerRecord::cases);
  lists(FactKind::kSession, "by worker and day", workers_, &WorkerRecord::sessions);
  list(FactKind::kSession, "records", sessions_);
  list(FactKind::kCase, "records", cases_);
  lists(FactKind::kCase, "when open", cases_, &CaseRecord::open);
  lists(FactKind::kStatusPeriod, "lists", cases_, &CaseRecord::statuses);
  lists(FactKind::kPlacement, "lists", cases_, &CaseRecord::placements);
  lists(FactKind::kAgreement, "lists", cases_, &CaseRecord::agreements);
  lists(FactKind::kAllocation, "lists", cases_, &CaseRecord::allocations);
  lists(FactKind::kDiscussion, "by case and day", cases_, &CaseRecord::discussions);
  parts.push_back({.kind = FactKind::kDiscussion,
                   .part = "by hand",
                   .what = "records",
                   .bytes = discussions_.BytesUsed()});
  std::erase_if(parts, [](const MemoryPart& part) { return part.bytes == 0; });
  return parts;
}

}  // namespace oversight::engine

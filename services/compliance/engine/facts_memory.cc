// What the facts take of memory.

#include "absl/strings/str_cat.h"
#include "services/compliance/engine/facts.h"

namespace oversight::engine {
namespace {

template <typename Value>
size_t BytesOf(const std::vector<Value>& values) {
  return values.capacity() * sizeof(Value);
}

// What belongs to a kind in the tables and columns of all kinds; the others are one heading.
std::string HeadingOf(size_t kind) {
  switch (static_cast<FactKind>(kind)) {
    case FactKind::kDiscussion:
      return "discussions";
    case FactKind::kSession:
      return "sessions";
    case FactKind::kCase:
    case FactKind::kStatusPeriod:
    case FactKind::kPlacement:
    case FactKind::kAgreement:
    case FactKind::kAllocation:
      return "cases";
    case FactKind::kWorker:
    case FactKind::kPost:
    case FactKind::kAsye:
    case FactKind::kStudentPlacement:
    case FactKind::kSupervisorLink:
    case FactKind::kAbsence:
      return "workers";
    default:
      return "other records";
  }
}

}  // namespace

std::map<std::string, size_t> AuthorityFacts::BytesByKind() const {
  std::map<std::string, size_t> bytes;
  for (size_t kind = 0; kind < ids_.size(); ++kind)
    bytes[absl::StrCat(HeadingOf(kind), ": names")] += ids_[kind].BytesUsed();
  for (size_t kind = 0; kind < tables_.size(); ++kind)
    bytes[absl::StrCat(HeadingOf(kind), ": fields")] += tables_[kind].BytesUsed();
  for (size_t kind = 0; kind < kKnownKinds; ++kind)
    bytes[absl::StrCat(HeadingOf(kind), ": by hand")] += BytesOf(owners_[kind]);
  size_t& workers = bytes["workers: by hand"];
  size_t& sessions = bytes["sessions: by hand"];
  workers += BytesOf(workers_);
  for (const WorkerRecord& worker : workers_) {
    workers += BytesOf(worker.posts) + BytesOf(worker.asye) + BytesOf(worker.student_placements) +
               BytesOf(worker.links) + BytesOf(worker.absences) + BytesOf(worker.cases);
    for (const Asye& asye : worker.asye) workers += BytesOf(asye.pauses);
    sessions += BytesOf(worker.sessions);
  }
  size_t& cases = bytes["cases: by hand"];
  size_t& discussions = bytes["discussions: by hand"];
  cases += BytesOf(cases_);
  for (const CaseRecord& record : cases_) {
    cases += BytesOf(record.open) + BytesOf(record.statuses) + BytesOf(record.placements) +
             BytesOf(record.agreements) + BytesOf(record.allocations);
    discussions += BytesOf(record.discussions);
  }
  sessions += BytesOf(sessions_);
  discussions += BytesOf(discussions_);
  return bytes;
}

}  // namespace oversight::engine

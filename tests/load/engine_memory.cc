#include "tests/load/engine_memory.h"

#include <array>
#include <map>
#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/compliance/policy/record_schema.h"

namespace oversight::load {
namespace {

using engine::AuthorityFacts;
using engine::FactKind;

constexpr double kMebi = 1 << 20;
// Less than this many MiB is not worth a line.
constexpr double kLeastShown = 0.1;

// What is said of all that belongs to it together.
struct Heading {
  const char* name;
  const char* each;  // of what there are `count`
  int64_t FactCounts::*count;
};
constexpr std::array<Heading, 5> kHeadings = {
    Heading{"discussions", "a discussion", &FactCounts::discussions},
    Heading{"sessions", "a session", &FactCounts::sessions},
    Heading{"cases", "an open case", &FactCounts::open_cases},
    Heading{"workers", "a worker", &FactCounts::workers},
    Heading{"other records", "a record of any kind", &FactCounts::records},
};

size_t HeadingOf(FactKind kind) {
  switch (kind) {
    case FactKind::kDiscussion:
      return 0;
    case FactKind::kSession:
      return 1;
    case FactKind::kCase:
    case FactKind::kStatusPeriod:
    case FactKind::kPlacement:
    case FactKind::kAgreement:
    case FactKind::kAllocation:
      return 2;
    case FactKind::kWorker:
    case FactKind::kPost:
    case FactKind::kAsye:
    case FactKind::kStudentPlacement:
    case FactKind::kSupervisorLink:
    case FactKind::kAbsence:
      return 3;
    default:
      return 4;
  }
}

std::string NameOf(const AuthorityFacts::MemoryPart& part) {
  const engine::KindSchema& kind = policy::RecordSchema().Of(part.kind);
  std::string name = absl::StrCat(kind.type_name.substr(kind.type_name.rfind('.') + 1), ": ", part.part);
  if (part.column != engine::kNoColumn) {
    absl::StrAppend(&name, ", ",
                    part.column == engine::kParentColumn ? "parent" : kind.columns[part.column].name);
  }
  if (part.what != part.part) absl::StrAppend(&name, ", ", part.what);
  return name;
}

}  // namespace

void PrintMemory(const std::vector<std::unique_ptr<AuthorityFacts>>& all, const FactCounts& counts,
                 size_t allocated, bool each_part, std::ostream& out) {
  struct Sum {
    double bytes = 0;
    double empty = 0;
  };
  std::map<std::pair<size_t, std::string>, Sum> by_heading;
  std::map<std::pair<size_t, std::string>, Sum> by_part;
  double sum = 0;
  for (const auto& facts : all) {
    for (const AuthorityFacts::MemoryPart& part : facts->Memory()) {
      const size_t heading = HeadingOf(part.kind);
      for (Sum* to : {&by_heading[{heading, part.part}], &by_part[{heading, NameOf(part)}]}) {
        to->bytes += static_cast<double>(part.bytes);
        to->empty += static_cast<double>(part.empty);
      }
      sum += static_cast<double>(part.bytes);
    }
  }
  const auto line = [&](size_t heading, const std::string& name, const Sum& used) {
    const auto count = static_cast<double>(counts.*kHeadings[heading].count);
    out << absl::StrFormat("| %s | %.1f | %.1f | %.1f %s |\n", name, used.bytes / kMebi, used.empty / kMebi,
                           used.bytes / count, kHeadings[heading].each);
  };
  out << "\n### Memory of the facts\n\n| | MiB | of it empty | bytes |\n|---|---:|---:|---|\n";
  for (const auto& [what, used] : by_heading)
    line(what.first, absl::StrCat(kHeadings[what.first].name, ": ", what.second), used);
  out << absl::StrFormat("| counted in all | %.1f | | |\n| allocated in all | %.1f | | |\n", sum / kMebi,
                         static_cast<double>(allocated) / kMebi);
  if (each_part) {
    out << "\n| part | MiB | of it empty | bytes |\n|---|---:|---:|---|\n";
    for (const auto& [what, used] : by_part) {
      if (used.bytes >= kLeastShown * kMebi) line(what.first, what.second, used);
    }
  }
  out.flush();
}

}  // namespace oversight::load

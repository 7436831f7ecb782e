#include "services/oversightctl/import/progress.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"

namespace oversight::ctl {
namespace {

// A log gets a line about one kind not more often than that.
constexpr absl::Duration kLogInterval = absl::Seconds(10);

}  // namespace

std::string ToText(const Tally& tally) {
  std::vector<std::string> parts;
  const auto add = [&](int64_t count, const char* what) {
    if (count > 0) parts.push_back(absl::StrCat(Thousands(count), " ", what));
  };
  add(tally.created, "created");
  add(tally.updated, "updated");
  add(tally.unchanged, "unchanged");
  add(tally.restored, "restored");
  add(tally.retired, "retired");
  add(tally.unchecked, "not checked");
  add(tally.refused, "refused");
  return parts.empty() ? "none" : absl::StrJoin(parts, ", ");
}

void ConsoleProgress::Begin(const ImportKind& kind, int64_t total) {
  begun_ = said_ = clock_.Now();
  if (console_.err_is_terminal) OnChunk(kind, total, Tally());
}

void ConsoleProgress::End(const ImportKind& kind, int64_t total, const Tally& tally) {
  Clear();
  *console_.err << Line(kind, total, tally) << std::endl;
}

void ConsoleProgress::OnChunk(const ImportKind& kind, int64_t total, const Tally& so_far) {
  if (console_.err_is_terminal) {
    Clear();
    *console_.err << Line(kind, total, so_far) << std::flush;
    line_open_ = true;
  } else if (clock_.Now() - said_ >= kLogInterval) {
    said_ = clock_.Now();
    *console_.err << Line(kind, total, so_far) << std::endl;
  }
}

void ConsoleProgress::OnRetry(const ImportKind& kind, const absl::Status& status, absl::Duration wait) {
  Clear();
  const std::string reason = ReasonOf(status);
  *console_.err << absl::StrFormat("  %s: %s (%s); trying again in %.1f s\n", kind.label, status.message(),
                                   reason.empty() ? absl::StatusCodeToString(status.code()) : reason,
                                   absl::ToDoubleSeconds(wait))
                << std::flush;
}

std::string ConsoleProgress::Line(const ImportKind& kind, int64_t total, const Tally& tally) const {
  const double seconds = absl::ToDoubleSeconds(clock_.Now() - begun_);
  std::string line = absl::StrFormat("  %-28s %9s of %s: %s", kind.label, Thousands(tally.sent()),
                                     Thousands(total), ToText(tally));
  if (seconds > 0) {
    absl::StrAppendFormat(&line, " (%.1f s, %s/s)", seconds,
                          Thousands(static_cast<int64_t>(static_cast<double>(tally.sent()) / seconds)));
  }
  return line;
}

void ConsoleProgress::Clear() {
  if (line_open_) *console_.err << "\r\x1b[K";
  line_open_ = false;
}

}  // namespace oversight::ctl

#pragma once

#include "common/time/clock.h"
#include "services/oversightctl/cli/console.h"
#include "services/oversightctl/import/sender.h"

namespace oversight::ctl {

// What became of the records, in words: `1,200 created, 3 refused`.
std::string ToText(const Tally& tally);

// Shows on the console how an import goes on: one line for each kind, overwritten as it grows where that is
// possible.
class ConsoleProgress final : public SendObserver {
 public:
  ConsoleProgress(const Console& console, const Clock& clock) : console_(console), clock_(clock) {}

  void Begin(const ImportKind& kind, int64_t total);
  void End(const ImportKind& kind, int64_t total, const Tally& tally);

  void OnChunk(const ImportKind& kind, int64_t total, const Tally& so_far) override;
  void OnRetry(const ImportKind& kind, const absl::Status& status, absl::Duration wait) override;

 private:
  std::string Line(const ImportKind& kind, int64_t total, const Tally& tally) const;
  // Clears the line that is being overwritten.
  void Clear();

  const Console& console_;
  const Clock& clock_;
  absl::Time begun_;
  absl::Time said_;
  bool line_open_ = false;
};

}  // namespace oversight::ctl

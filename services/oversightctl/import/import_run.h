#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/time/clock.h"
#include "services/oversightctl/cli/console.h"
#include "services/oversightctl/cli/services.h"
#include "services/oversightctl/cli/tokens.h"
#include "services/oversightctl/import/sender.h"
#include "services/oversightctl/import/vanished.h"

namespace oversight::ctl {

struct ImportSettings {
  std::string directory;
  // An id.
  std::string authority;
  // The system of the external ids.
  std::string source = "ssd";
  bool retire_vanished = false;
  bool dry_run = false;
  // Name each vanished record.
  bool verbose = false;
  // Until compliance has judged what was imported.
  bool wait = false;
  std::string tokens_out;
  int chunk_size = 1000;
  int parallel = 2;
  absl::Duration call_timeout = absl::Seconds(30);
  absl::Duration retry_for = absl::Minutes(2);
  absl::Duration wait_for = absl::Minutes(5);
};

// What an import did.
struct ImportReport {
  struct KindReport {
    const ImportKind* kind = nullptr;
    Tally tally;
    double seconds = 0;
  };
  std::vector<KindReport> kinds;
  // Found here, and by the services; without those that got in later.
  std::vector<Refusal> refusals;
  std::vector<std::string> notes;
  std::vector<VanishedKind> vanished;
  Tally retired;
  Tokens tokens;
  bool waited = false;
};

// Imports a directory, telling how it goes on, and prints the summary: a table, or JSON.
ExitCode RunImport(Services& services, const ImportSettings& settings, const Console& console,
                   const Clock& clock, const std::function<void(absl::Duration)>& sleep);

// The summary; see import_summary.cc.
void PrintSummary(const ImportSettings& settings, const ImportReport& report, const Console& console);

}  // namespace oversight::ctl

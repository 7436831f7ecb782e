#pragma once

#include <iosfwd>
#include <string>

#include "absl/status/status.h"
#include "tests/load/england.h"

namespace oversight::load {

struct StartOptions {
  // The folder of the policies; that of the migrations of compliance lies beside it.
  std::string policies;
  // The one that every authority has assigned.
  std::string policy = "knowsley";
  EnglandSize size;
  // Also as the process that writes the history, of all authorities too: the first time stores every finding.
  bool store = false;
};

// What it takes until compliance answers its first question when it starts from checkpoints: reads them from
// a database of its own, puts them into the facts and judges all of it, through the parts that the service
// has (Checkpointer, Keeper). For one authority, and for all of `size`.
absl::Status MeasureStart(const StartOptions& options, std::ostream& out);

}  // namespace oversight::load

#pragma once

#include <iosfwd>
#include <vector>

#include "services/compliance/policy/load.h"
#include "tests/load/england.h"

namespace oversight::load {

struct KeptOptions {
  const std::vector<policy::LoadedPolicy>* packs = nullptr;
  EnglandSize size;
  int rounds = 3;
};

// What it takes to count all findings of a country as the service does, under all five policies: as of the
// day that it has judged, from the findings that it keeps, and as of another one, judged for the question.
void MeasureKept(const KeptOptions& options, std::ostream& out);

}  // namespace oversight::load

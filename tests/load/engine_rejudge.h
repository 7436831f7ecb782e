#pragma once

#include <iosfwd>
#include <vector>

#include "services/compliance/policy/load.h"

namespace oversight::load {

struct RejudgeOptions {
  const std::vector<policy::LoadedPolicy>* packs = nullptr;
  double cases_a_worker = 0;
  int many_workers = 35000;
  int months = 4;
  int writes = 2000;
};

// What it takes to judge again after one write, all five policies assigned, in an authority of 260 workers
// and in one of `many_workers`: a session that is held, and a change of supervisor.
void MeasureRejudging(const RejudgeOptions& options, std::ostream& out);

}  // namespace oversight::load

#pragma once

#include "deploy/sample/model.h"

namespace oversight::sample {

// The cases with their episodes, plans, proceedings and time in care: those open on the end day in the mix of
// CasesByArea, in that order of areas, and behind them those closed during the history.
void BuildCases(Authority& authority);

}  // namespace oversight::sample

#pragma once

#include "deploy/sample/model.h"

namespace oversight::sample {

// Fills the positions with people over time: starters, leavers, moves between teams, newly qualified workers,
// agency workers, students. Gives every worker employment dates, posts, ASYE programme and student
// placements.
void BuildCareers(Authority& authority);

// The one in the position on that day; -1 when it is vacant.
int OccupantOn(const Seat& seat, CivilDay day);

// Whether practitioners in this role hold cases.
bool HoldsCases(Role role);

}  // namespace oversight::sample

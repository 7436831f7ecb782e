#pragma once

#include "deploy/sample/model.h"

namespace oversight::sample {

// The supervision sessions of every worker: those held, cancelled and planned, on working days within the
// employment, with the line manager or the cover, besides group, informal, professional and practice
// education sessions. Sessions of one worker stand together.
void BuildSessions(Authority& authority);

// The discussions of cases in the sessions that were held.
void BuildCaseDiscussions(Authority& authority);

}  // namespace oversight::sample

#pragma once

#include "deploy/sample/model.h"

namespace oversight::sample {

// The foster carers' own cases, held by supervising social workers, and the matters that arose with them.
// They come on top of the children's cases.
void BuildCarers(Authority& authority);

}  // namespace oversight::sample

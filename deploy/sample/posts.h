#pragma once

#include "deploy/sample/model.h"
#include "deploy/sample/random.h"

namespace oversight::sample {

// Posts and ASYE programmes that follow from who is in which position when. A newly qualified worker gets a
// social worker's post in the same team on completing the programme.
void BuildPosts(Authority& authority, Random& random);

}  // namespace oversight::sample

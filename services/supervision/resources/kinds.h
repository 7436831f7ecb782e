#pragma once

#include <memory>

#include "common/resource/kind.h"

namespace oversight::supervision {

// The registered kinds of this service, for decisions that look at other resources than the one being
// written. Definition() fills it once all are registered.
struct Kinds {
  const resource::Kind* session = nullptr;
  const resource::Kind* case_discussion = nullptr;
};
using KindsPtr = std::shared_ptr<const Kinds>;

// One factory a kind; each is defined in the file of its name.
resource::Kind SessionKind(KindsPtr kinds);
resource::Kind CaseDiscussionKind(KindsPtr kinds);

}  // namespace oversight::supervision

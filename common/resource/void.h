#pragma once

#include <memory>
#include <string>

#include "common/resource/consequences.h"
#include "common/resource/kind.h"

namespace oversight::resource {

// Withdraws all that lies beneath a resource which is voided, for the same reason.
std::shared_ptr<Consequences> VoidWhatLiesBeneath(const Registry& kinds, const Kind& kind, const Key& key,
                                                  const std::string& reason);

}  // namespace oversight::resource

#pragma once

#include <string>
#include <utility>

#include "common/resource/kind.h"

namespace oversight::resource {

// A kind whose rules all stand in the annotations of its message, in a table without index columns.
template <typename Resource>
Kind PlainKind(std::string table) {
  Kind kind;
  kind.prototype = &Resource::default_instance();
  kind.table = std::move(table);
  return kind;
}

}  // namespace oversight::resource

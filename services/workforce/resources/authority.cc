#include "oversight/workforce/v1/workforce.pb.h"
#include "services/workforce/resources/kinds.h"

namespace oversight::workforce {

resource::Kind AuthorityKind() {
  resource::Kind kind;
  kind.prototype = &v1::Authority::default_instance();
  kind.table = "authority";
  return kind;
}

}  // namespace oversight::workforce

#include "services/caseload/domain/allocation.h"

namespace oversight::caseload {

bool Clash(const Allocation& a, const Allocation& b) {
  return a.keyworker && b.keyworker && a.period.Overlaps(b.period);
}

}  // namespace oversight::caseload

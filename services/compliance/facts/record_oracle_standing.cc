#include "services/compliance/facts/record_oracle.h"

namespace oversight::compliance::testing {

using engine::Status;

std::vector<RecordOracle::Item> RecordOracle::Standing(const At& subject, const v1::Condition& must,
                                                       const std::string& on, bool can_be_mended,
                                                       const v1::TimeAllowed* grace, CivilDay as_of) const {
  enum Says { kOut, kKept, kBroken, kUnknown };
  const auto says = [&](CivilDay day) {
    if (day < first_ || !InScope(subject, day, true)) return kOut;
    if (Holds(must, subject, day, false)) return kKept;
    return InScope(subject, day, false) && !Holds(must, subject, day, true) ? kBroken : kUnknown;
  };
  Item item;
  if (!on.empty()) {
    const auto day = DayAt(on, subject);
    if (!day || says(*day) == kOut) return {};
    item.base = *day;
    item.holds = says(*day) == kKept;
    if (says(*day) == kUnknown) item.settled = Status::kUnknown;
    if (says(*day) == kBroken) {
      if (can_be_mended) {
        item.due = grace == nullptr ? *day : Add(*day, *grace);
      } else {
        item.settled = Status::kBreached;
      }
    }
    return {item};
  }
  const Says today = says(as_of);
  if (today == kOut) return {};
  item.base = as_of;
  while (says(item.base - 1) == today) item.base = item.base - 1;
  // What ends beyond all notice plays no part today.
  const CivilDay far = as_of + kFarAhead;
  CivilDay end = as_of;
  while (end < far && says(end) == today) ++end;
  if (today == kUnknown) item.settled = Status::kUnknown;
  if (today == kKept) {
    item.holds = true;
    if (end < far && InScope(subject, end, false)) item.due = end - 1;
  }
  if (today == kBroken) item.due = grace == nullptr ? item.base - 1 : Add(item.base, *grace);
  return {item};
}

}  // namespace oversight::compliance::testing

#include "oversight/supervision/v1/supervision.pb.h"
#include "services/compliance/facts/record_oracle.h"

namespace oversight::compliance::testing {

using engine::Status;

std::vector<RecordOracle::Item> RecordOracle::FollowUps(const At& subject) const {
  const v1::FollowUpObligation& follow_up = rule_.follow_up();
  std::vector<Item> items;
  const auto after = DayAt(follow_up.after(), subject);
  if (!after || !InScope(subject, *after, true)) return items;
  const auto whose = Named(follow_up.has_worker() ? follow_up.worker() : follow_up.holder_of_case(), subject);
  CivilDay resolved = CivilDay::Max();
  if (!follow_up.until().empty()) resolved = DayAt(follow_up.until(), subject).value_or(resolved);
  std::map<std::pair<CivilDay, std::string>, At> sessions;
  for (const auto& [name, record] : world_.records) {
    const auto* session = As<supervision::v1::Session>(record.get());
    const At at{name, record.get(), &subject};
    if (session == nullptr || !whose || !SessionCounts(at, follow_up.sessions())) continue;
    const CivilDay day = *Day(at, "date");
    const std::string supervisee = Relative(session->supervisee());
    const bool theirs =
        follow_up.has_holder_of_case() ? HeldBy(whose->name, supervisee, day) : supervisee == whose->name;
    if (theirs && day > *after) sessions[{day, name}] = at;
  }
  const bool repeated = !follow_up.until().empty();
  CivilDay since = *after;
  std::string since_event;
  bool first = true;
  for (const auto& [key, session] : sessions) {
    const CivilDay day = key.first;
    const bool followed_up = Holds(follow_up.followed_up(), session, day, false);
    for (Item& earlier : items) {
      if (followed_up && !earlier.waiting && !earlier.done) earlier.done = day;
    }
    if (!first && (!repeated || day >= resolved)) continue;
    items.push_back({.base = since, .until = day, .waiting = true, .event = since_event});
    Item item{.base = day, .due = day, .event = session.name};
    if (followed_up) {
      item.done = day;
    } else if (!InScope(subject, *after, false) || Holds(follow_up.followed_up(), session, day, true)) {
      item.settled = Status::kUnknown;
    }
    items.push_back(item);
    since = day;
    since_event = session.name;
    first = false;
  }
  const CivilDay until = first ? CivilDay::Max() : resolved;
  if ((first || repeated) && since < until) {
    items.push_back({.base = since, .until = until, .waiting = true, .event = since_event});
  }
  return items;
}

}  // namespace oversight::compliance::testing

#include "services/compliance/facts/record_oracle.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"

// Resources and the conditions about them.
namespace oversight::compliance::testing {

using engine::Status;

std::string Relative(const std::string& name) {
  constexpr absl::string_view kPrefix = "authorities/example/";
  return absl::StartsWith(name, kPrefix) ? name.substr(kPrefix.size()) : name;
}

namespace {

std::string Above(const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  if (parts.size() <= 2) return "?";
  std::string above = parts[0];
  for (size_t i = 1; i + 2 < parts.size(); ++i) absl::StrAppend(&above, "/", parts[i]);
  return above;
}

std::string Folded(absl::string_view text) { return absl::AsciiStrToLower(absl::StripAsciiWhitespace(text)); }

CivilDay Plus(CivilDay day, const v1::Interval& interval) {
  return interval.months() != 0 ? AddMonths(day, interval.months()) : day + interval.days();
}

}  // namespace

RecordOracle::RecordOracle(const v1::RuleDefinition& rule, const RecordWorld& world,
                           const WorkingDays& working_days, CivilDay first, CivilDay horizon)
    : rule_(rule), world_(world), working_days_(working_days), first_(first), horizon_(horizon) {
  const At authority{"", Find(""), nullptr};
  if (const auto complete = Day(authority, "records_complete_from_date"))
    first_ = std::max(first_, *complete);
}

const google::protobuf::Message* RecordOracle::Find(const std::string& name) const {
  const auto found = world_.records.find(name);
  return found == world_.records.end() ? nullptr : found->second.get();
}

std::optional<CivilDay> RecordOracle::Day(const At& at, const std::string& field) const {
  if (at.message == nullptr) return std::nullopt;
  const auto* descriptor = at.message->GetDescriptor()->FindFieldByName(field);
  const auto& reflection = *at.message->GetReflection();
  if (!reflection.HasField(*at.message, descriptor)) return std::nullopt;
  if (descriptor->message_type()->full_name() == "google.protobuf.Timestamp") {
    return CivilDay::Of(absl::FromUnixMicros(*Instant(at, field)));
  }
  const auto& date = static_cast<const google::type::Date&>(reflection.GetMessage(*at.message, descriptor));
  return CivilDay(date.year(), date.month(), date.day());
}

std::optional<int64_t> RecordOracle::Instant(const At& at, const std::string& field) const {
  if (at.message == nullptr) return std::nullopt;
  const auto* descriptor = at.message->GetDescriptor()->FindFieldByName(field);
  const auto& reflection = *at.message->GetReflection();
  if (descriptor->message_type()->full_name() != "google.protobuf.Timestamp" ||
      !reflection.HasField(*at.message, descriptor)) {
    return std::nullopt;
  }
  return static_cast<const google::protobuf::Timestamp&>(reflection.GetMessage(*at.message, descriptor))
             .seconds() *
         int64_t{1000000};
}

std::optional<RecordOracle::End> RecordOracle::Follow(const std::string& path, const At& at) const {
  std::vector<std::string> names = absl::StrSplit(path, '.');
  At here = at;
  if (names.front() == "outer") {
    here = *at.outer;
    names.erase(names.begin());
  } else if (names.front() == "subject") {
    while (here.outer != nullptr) here = At(*here.outer);
    names.erase(names.begin());
  }
  if (names.empty()) return End{here, nullptr, true, false};
  for (size_t i = 0; i < names.size(); ++i) {
    const bool last = i + 1 == names.size();
    if (names[i] == "parent") {
      // A resource that is not there says nothing of what stands above it.
      if (here.message == nullptr) return std::nullopt;
      if (last) return End{here, nullptr, false, true};
      const std::string above = Above(here.name);
      here = {above, Find(above), here.outer};
      continue;
    }
    if (last)
      return End{
          here, here.message == nullptr ? nullptr : here.message->GetDescriptor()->FindFieldByName(names[i])};
    if (here.message == nullptr) return std::nullopt;
    const auto* field = here.message->GetDescriptor()->FindFieldByName(names[i]);
    const std::string named = Relative(here.message->GetReflection()->GetString(*here.message, field));
    if (named.empty()) return std::nullopt;
    here = {named, Find(named), here.outer};
  }
  return std::nullopt;
}

// The resource that a path names, there or not; nothing when no name is given.
std::optional<RecordOracle::At> RecordOracle::Named(const std::string& path, const At& at) const {
  const std::optional<End> end = Follow(path, at);
  if (!end) return std::nullopt;
  if (end->whole) return end->at;
  std::string name;
  if (end->parent) {
    name = Above(end->at.name);
  } else {
    if (end->at.message == nullptr) return std::nullopt;
    name = Relative(end->at.message->GetReflection()->GetString(*end->at.message, end->field));
  }
  if (name.empty()) return std::nullopt;
  return At{name, Find(name), nullptr};
}

std::optional<CivilDay> RecordOracle::DayAt(const std::string& path, const At& at) const {
  const std::optional<End> end = Follow(path, at);
  if (!end || end->at.message == nullptr) return std::nullopt;
  return Day(end->at, end->field->name());
}

std::optional<double> RecordOracle::NumberAt(const std::string& path, const At& at) const {
  const std::optional<End> end = Follow(path, at);
  if (!end || end->at.message == nullptr) return std::nullopt;
  const auto& reflection = *end->at.message->GetReflection();
  if (!reflection.HasField(*end->at.message, end->field)) return std::nullopt;
  return end->field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE
             ? reflection.GetDouble(*end->at.message, end->field)
             : reflection.GetInt32(*end->at.message, end->field);
}

std::vector<RecordOracle::At> RecordOracle::RecordsOf(const std::string& of, const std::string& via,
                                                      const std::string& from, const At& at,
                                                      bool& nowhere) const {
  std::vector<At> found;
  nowhere = false;
  std::optional<At> owner = at;
  if (!from.empty()) owner = Named(from, at);
  if (!owner) {
    nowhere = true;
    return found;
  }
  for (const auto& [name, record] : world_.records) {
    const std::string& full = record->GetDescriptor()->full_name();
    if (full != of && !absl::EndsWith(full, absl::StrCat(".", of))) continue;
    bool belongs = via.empty();
    if (via == "parent") {
      belongs = Above(name) == owner->name;
    } else if (!via.empty()) {
      const auto* field = record->GetDescriptor()->FindFieldByName(via);
      belongs = Relative(record->GetReflection()->GetString(*record, field)) == owner->name;
    }
    if (belongs) found.push_back({name, record.get(), &at});
  }
  return found;
}

bool RecordOracle::Counts(const v1::RecordCondition& records, const At& record, CivilDay day,
                          bool doubt) const {
  const bool absence = record.message->GetDescriptor()->name() == "Absence";
  const bool asye = record.message->GetDescriptor()->name() == "AsyeProgramme";
  std::string since = records.since();
  std::string until = records.until();
  if (records.in_force() && since.empty()) since = absence ? "first_date" : "start_date";
  if (records.in_force() && until.empty())
    until = absence ? "last_date" : asye ? "completed_date" : "end_date";
  if (!since.empty()) {
    const auto from = Day(record, since);
    if (from && day < *from) return false;
  }
  if (!until.empty()) {
    const auto to = Day(record, until);
    if (to && (absence && records.in_force() ? day > *to : day >= *to)) return false;
  }
  if (!records.on().empty()) {
    const auto on = DayAt(records.on(), record);
    if (!on || day < *on) return false;
    if (records.has_recent() && day > Plus(*on, records.recent())) return false;
  }
  return !records.has_where() || Holds(records.where(), record, day, doubt);
}

bool RecordOracle::FieldHolds(const v1::FieldCondition& test, const At& at, CivilDay day, bool doubt) const {
  using T = v1::FieldCondition;
  const std::optional<End> end = Follow(test.name(), at);
  const bool there = end && (end->whole || end->at.message != nullptr);
  const google::protobuf::Reflection* reflection =
      there && end->at.message != nullptr ? end->at.message->GetReflection() : nullptr;
  const auto is_set = [&](const std::optional<End>& e) {
    if (!e) return false;
    if (e->whole) return true;
    if (e->at.message == nullptr) return false;
    if (e->parent) return true;
    const auto& r = *e->at.message->GetReflection();
    return e->field->is_repeated() ? r.FieldSize(*e->at.message, e->field) > 0
                                   : r.HasField(*e->at.message, e->field);
  };
  const bool set = is_set(end);
  const bool list = there && end->field != nullptr && end->field->is_repeated();
  const bool flag = there && end->field != nullptr && end->field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
  if (test.test_case() == T::kSet) return set == test.set();
  if (test.test_case() == T::kText) {
    return set && Folded(reflection->GetString(*end->at.message, end->field)) == Folded(test.text());
  }
  if (test.test_case() == T::kReached) {
    const auto date = there ? DayAt(test.name(), at) : std::nullopt;
    const bool reached = date && day >= Plus(*date, test.plus());
    return reached == test.reached();
  }
  const std::string other = test.has_not_before()  ? test.not_before()
                            : test.has_not_after() ? test.not_after()
                            : test.has_same_as()   ? test.same_as()
                                                   : "";
  bool missing = !set && !(there && (list || flag));
  if (!other.empty() && !is_set(Follow(other, at))) missing = true;
  if (missing) return test.unset_fails() ? false : doubt;
  const auto has_name = [&](int number, const google::protobuf::EnumDescriptor* type,
                            const v1::EnumValues& values) {
    const std::string& name = type->FindValueByNumber(number)->name();
    for (const std::string& value : values.value()) {
      if (name == value) return true;
      // Of several that end like it, the shortest is meant.
      const google::protobuf::EnumValueDescriptor* meant = nullptr;
      for (int i = 1; i < type->value_count(); ++i) {
        const std::string& candidate = type->value(i)->name();
        if (candidate == value) meant = nullptr;
        if (absl::EndsWith(candidate, "_" + value) &&
            (meant == nullptr || candidate.size() < meant->name().size())) {
          meant = type->value(i);
        }
      }
      if (meant != nullptr && meant->number() == number && number != 0) return true;
    }
    return false;
  };
  switch (test.test_case()) {
    case T::kIs:
      return reflection->GetBool(*end->at.message, end->field) == test.is();
    case T::kOneOf:
    case T::kAllOf: {
      const auto* type = end->field->enum_type();
      std::set<int> held;
      if (list) {
        for (int i = 0; i < reflection->FieldSize(*end->at.message, end->field); ++i) {
          held.insert(reflection->GetRepeatedEnumValue(*end->at.message, end->field, i));
        }
      } else {
        held.insert(reflection->GetEnumValue(*end->at.message, end->field));
      }
      const v1::EnumValues& wanted = test.has_one_of() ? test.one_of() : test.all_of();
      int matched = 0;
      for (const int number : held) matched += has_name(number, type, wanted) ? 1 : 0;
      return test.has_one_of() ? matched > 0 : matched == wanted.value_size();
    }
    case T::kAtLeast:
      return *NumberAt(test.name(), at) >= test.at_least();
    case T::kAtMost:
      return *NumberAt(test.name(), at) <= test.at_most();
    case T::kReachesAhead:
      return Plus(day, test.reaches_ahead()) <= *DayAt(test.name(), at);
    case T::kNotBefore:
      return *DayAt(test.name(), at) >= Plus(*DayAt(test.not_before(), at), test.plus());
    case T::kNotAfter:
      return *DayAt(test.name(), at) <= Plus(*DayAt(test.not_after(), at), test.plus());
    case T::kSameAs: {
      const std::string wanted = Named(test.same_as(), at)->name;
      if (list) {
        for (int i = 0; i < reflection->FieldSize(*end->at.message, end->field); ++i) {
          if (Relative(reflection->GetRepeatedString(*end->at.message, end->field, i)) == wanted) return true;
        }
        return false;
      }
      return Named(test.name(), at)->name == wanted;
    }
    default:
      return false;
  }
}

bool RecordOracle::MeasureHolds(const v1::Measure& measure, const At& at, CivilDay day, bool doubt) const {
  const bool at_least = measure.has_at_least() || measure.has_at_least_field();
  const bool generous = doubt == at_least;
  double total = 0;
  double shared = 0;
  bool missing = false;
  if (!measure.own().empty()) {
    const auto own = NumberAt(measure.own(), at);
    missing = !own;
    total += own.value_or(0);
  }
  if (measure.has_records()) {
    bool nowhere = false;
    const auto& records = measure.records();
    for (const At& record : RecordsOf(records.of(), records.via(), records.from(), at, nowhere)) {
      if (!Counts(records, record, day, measure.has_share() ? false : generous)) continue;
      const auto number =
          measure.field().empty() ? std::optional<double>(1) : NumberAt(measure.field(), record);
      if (!number) missing = true;
      total += number.value_or(0);
      if (measure.has_share() && Holds(measure.share(), record, day, generous)) shared += number.value_or(0);
    }
  }
  std::optional<double> bound = at_least ? measure.at_least() : measure.at_most();
  const std::string field = measure.has_at_most_field() ? measure.at_most_field() : measure.at_least_field();
  if (!field.empty()) bound = NumberAt(field, at);
  if (!bound || missing) return doubt;
  std::vector<double> percents = {measure.has_percent() ? measure.percent() : 100.0};
  for (const auto& where : measure.percent_where()) {
    if (Holds(where.when(), at, day, !doubt)) percents.push_back(where.percent());
  }
  for (const double percent : percents) {
    const double limit = field.empty() ? *bound : *bound * percent / 100;
    const double value = measure.has_share() ? shared * 100 : total;
    const double against = measure.has_share() ? limit * total : limit;
    if (at_least ? value < against - 1e-9 : value > against + 1e-9) return false;
  }
  return true;
}

// Whether so many weeks have passed since a day, long absences left out.
bool RecordOracle::AsyeIsPaused(const std::string& worker, CivilDay day) const {
  const auto within = [&](const Message& message, const std::string& first, const std::string& end) {
    const At here{"", &message, nullptr};
    const auto from = Day(here, first);
    const auto to = Day(here, end);
    return (!from || day >= *from) && (!to || day < *to);
  };
  for (const auto& [name, record] : world_.records) {
    const auto* asye = dynamic_cast<const workforce::v1::AsyeProgramme*>(record.get());
    if (asye == nullptr || Above(name) != worker || !within(*asye, "start_date", "completed_date")) continue;
    for (const auto& pause : asye->pauses()) {
      if (within(pause, "start_date", "end_date")) return true;
    }
  }
  return false;
}

bool RecordOracle::ClockWithin(const std::string& worker, CivilDay start, const v1::Range& weeks,
                               CivilDay day, bool of_asye) const {
  constexpr int kPause = 28;
  if (day < start) return false;
  int passed = 0;
  const auto stands_still = [&](CivilDay d) { return of_asye && AsyeIsPaused(worker, d); };
  for (CivilDay d = start; d < day;) {
    if (!Away(worker, d)) {
      passed += stands_still(d) ? 0 : 1;
      ++d;
      continue;
    }
    CivilDay first = d;
    while (d - first < 400 && Away(worker, first - 1)) first = first - 1;
    CivilDay last = d;
    while (last - d < 400 && Away(worker, last + 1)) ++last;
    const bool pauses = last - first + 1 > kPause;
    for (; d <= last && d < day; ++d) passed += pauses || stands_still(d) ? 0 : 1;
  }
  return passed >= weeks.from() * 7 && (!weeks.has_to() || passed < weeks.to() * 7);
}

// The parts of conditions that speak of posts, programmes, placements of students, employment and case
// statuses.
bool RecordOracle::KnownHolds(const v1::Condition& condition, const At& at, CivilDay day, bool doubt) const {
  const auto in = [](const auto& values, int value) {
    return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
  };
  if (condition.has_post()) {
    bool found = false;
    for (const auto& [name, record] : world_.records) {
      const auto* post = As<workforce::v1::Post>(record.get());
      if (post == nullptr || Above(name) != at.name) continue;
      const At here{name, post, nullptr};
      const auto from = Day(here, "start_date");
      const auto to = Day(here, "end_date");
      const auto* team = As<workforce::v1::Team>(Find(Relative(post->team())));
      const int area = team == nullptr ? 0 : static_cast<int>(team->service_area());
      found =
          found ||
          ((!from || day >= *from) && (!to || day < *to) &&
           in(condition.post().career_stage(), post->career_stage()) &&
           in(condition.post().employment_basis(), post->employment_basis()) &&
           (condition.post().team_area().empty() || in(condition.post().team_area(), area)) &&
           (!condition.post().has_case_holding() || condition.post().case_holding() == post->case_holding()));
    }
    if (!found) return false;
  }
  const auto placed = [&](const v1::StudentCondition& student) {
    for (const auto& [name, record] : world_.records) {
      const auto* placement = As<workforce::v1::StudentPlacement>(record.get());
      if (placement == nullptr || Above(name) != at.name || !in(student.route(), placement->route()))
        continue;
      const At here{name, placement, nullptr};
      const auto from = Day(here, "start_date");
      const auto to = Day(here, "end_date");
      if (day < *from || (to && day >= *to)) continue;
      if (!student.has_weeks() || ClockWithin(at.name, *from, student.weeks(), day, false)) return true;
    }
    return false;
  };
  if (condition.has_student_placement() && !placed(condition.student_placement())) return false;
  if (condition.has_on_asye()) {
    bool found = false;
    for (const auto& [name, record] : world_.records) {
      const auto* asye = As<workforce::v1::AsyeProgramme>(record.get());
      if (asye == nullptr || Above(name) != at.name) continue;
      const At here{name, asye, nullptr};
      const auto from = Day(here, "start_date");
      const auto to = Day(here, "completed_date");
      found = found || ((!from || day >= *from) && (!to || day < *to));
    }
    if (found != condition.on_asye()) return false;
  }
  if (condition.has_weeks_of_employment()) {
    const auto from = at.message == nullptr ? std::nullopt : Day(at, "employment_start_date");
    if (!from && !doubt) return false;
    if (from && !ClockWithin(at.name, *from, condition.weeks_of_employment(), day, condition.on_asye()))
      return false;
  }
  if (!condition.case_status().empty()) {
    bool found = false;
    for (const auto& [name, record] : world_.records) {
      const auto* status = As<caseload::v1::StatusPeriod>(record.get());
      if (status == nullptr || Above(name) != at.name) continue;
      const At here{name, status, nullptr};
      const auto from = Day(here, "start_date");
      const auto to = Day(here, "end_date");
      found = found || ((!from || day >= *from) && (!to || day < *to) &&
                        in(condition.case_status(), status->status()));
    }
    if (!found) return false;
  }
  return true;
}

bool RecordOracle::Holds(const v1::Condition& condition, const At& at, CivilDay day, bool doubt) const {
  if (!KnownHolds(condition, at, day, doubt)) return false;
  for (const auto& field : condition.field()) {
    if (!FieldHolds(field, at, day, doubt)) return false;
  }
  for (const auto& records : condition.record()) {
    int count = 0;
    bool nowhere = false;
    for (const At& record : RecordsOf(records.of(), records.via(), records.from(), at, nowhere)) {
      count += Counts(records, record, day, doubt) ? 1 : 0;
    }
    if (nowhere ? !doubt : count < std::max(1, records.at_least())) return false;
  }
  for (const auto& reference : condition.reference()) {
    std::vector<std::string> names;
    const auto end = Follow(reference.name(), at);
    if (end && end->field != nullptr && end->field->is_repeated()) {
      const auto& reflection = *end->at.message->GetReflection();
      for (int i = 0; i < reflection.FieldSize(*end->at.message, end->field); ++i) {
        names.push_back(Relative(reflection.GetRepeatedString(*end->at.message, end->field, i)));
      }
    } else if (const auto named = Named(reference.name(), at)) {
      names.push_back(named->name);
    }
    bool any = false;
    bool known = false;
    for (const std::string& name : names) {
      if (Find(name) == nullptr) continue;
      known = true;
      any = any || Holds(reference.is(), {name, Find(name), &at}, day, doubt);
    }
    if (known ? !any : (reference.unset_fails() || !doubt)) return false;
  }
  for (const auto& measure : condition.measure()) {
    if (!MeasureHolds(measure, at, day, doubt)) return false;
  }
  if (!condition.any_of().empty()) {
    bool any = false;
    for (const auto& part : condition.any_of()) any = any || Holds(part, at, day, doubt);
    if (!any) return false;
  }
  return !condition.has_not_() || !Holds(condition.not_(), at, day, !doubt);
}

}  // namespace oversight::compliance::testing

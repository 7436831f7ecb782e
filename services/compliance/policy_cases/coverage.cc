#include "services/compliance/policy_cases/coverage.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/resource/dates.h"
#include "common/time/working_days.h"
#include "google/protobuf/timestamp.pb.h"

namespace oversight::policy_cases {
namespace {

using engine::Status;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int64_t kMinute = 60;

bool IsKept(const std::optional<Status>& status) {
  return status == Status::kMet || status == Status::kPending || status == Status::kDueSoon;
}
bool IsBroken(const std::optional<Status>& status) {
  return status == Status::kOverdue || status == Status::kLate || status == Status::kBreached;
}

bool NextToEachOther(CivilDay a, CivilDay b) {
  if (b < a) std::swap(a, b);
  return b - a == 1 || (a != b && WorkingDays::EnglandAndWales().AddWorkingDays(a, 1) == b);
}

double NumberOf(const Message& message, const FieldDescriptor* field) {
  const auto& r = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return r.GetInt32(message, field);
    case FieldDescriptor::CPPTYPE_INT64:
      return static_cast<double>(r.GetInt64(message, field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return r.GetDouble(message, field);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return r.GetFloat(message, field);
    default:
      return NAN;
  }
}

// The step between the values of one field that differ.
Step StepBetween(const Message& a, const Message& b, const FieldDescriptor* field) {
  if (field->is_repeated()) return Step::kValue;
  const auto& r = *a.GetReflection();
  if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    const double from = NumberOf(a, field);
    const double to = NumberOf(b, field);
    if (std::isnan(from)) return Step::kValue;
    if (r.HasField(a, field) != r.HasField(b, field)) return Step::kValue;
    return std::abs(from - to) <= 1 ? Step::kNumber : Step::kNone;
  }
  if (!r.HasField(a, field) || !r.HasField(b, field)) return Step::kValue;
  const Message& from = r.GetMessage(a, field);
  const Message& to = r.GetMessage(b, field);
  if (field->message_type() == google::type::Date::descriptor()) {
    const auto first = resource::ToDay(static_cast<const google::type::Date&>(from));
    const auto second = resource::ToDay(static_cast<const google::type::Date&>(to));
    return first && second && NextToEachOther(*first, *second) ? Step::kTime : Step::kNone;
  }
  if (field->message_type() == google::protobuf::Timestamp::descriptor()) {
    const int64_t seconds = static_cast<const google::protobuf::Timestamp&>(from).seconds() -
                            static_cast<const google::protobuf::Timestamp&>(to).seconds();
    return std::abs(seconds) <= kMinute ? Step::kTime : Step::kNone;
  }
  return Step::kValue;
}

// Fields of one fact together: days and instants may move together, anything else alone.
Step StepBetween(const Message& a, const Message& b) {
  std::vector<Step> steps;
  for (int i = 0; i < a.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = a.GetDescriptor()->field(i);
    google::protobuf::util::MessageDifferencer differencer;
    if (!differencer.CompareWithFields(a, b, {field}, {field})) steps.push_back(StepBetween(a, b, field));
  }
  if (steps.size() == 1) return steps.front();
  const bool all_time = std::all_of(steps.begin(), steps.end(), [](Step s) { return s == Step::kTime; });
  return !steps.empty() && all_time ? Step::kTime : Step::kNone;
}

// Whether the facts of `names`, which only one side has, are one record and what lies beneath it.
bool IsOneRecord(const std::vector<std::string>& names) {
  const std::string root = *std::min_element(
      names.begin(), names.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return name == root || absl::StartsWith(name, absl::StrCat(root, "/"));
  });
}

bool SameFacts(const FactSet& a, const FactSet& b) {
  return a.all().size() == b.all().size() &&
         std::equal(a.all().begin(), a.all().end(), b.all().begin(), [](const auto& x, const auto& y) {
           return x.first == y.first &&
                  google::protobuf::util::MessageDifferencer::Equals(*x.second.message, *y.second.message);
         });
}

// What one case found, and how it stands to what another found.
struct Seen {
  const Case* in;
  const Found* found;
};

Step StepBetween(const Seen& a, const Seen& b, Step facts, bool same_facts) {
  if (a.found->expectation->subject != b.found->expectation->subject) return Step::kNone;
  const int days = a.found->expectation->day - b.found->expectation->day;
  if (same_facts) return std::abs(days) == 1 ? Step::kNextDay : Step::kNone;
  return days == 0 ? facts : Step::kNone;
}

}  // namespace

Step StepBetween(const FactSet& a, const FactSet& b) {
  std::vector<std::string> only_a;
  std::vector<std::string> only_b;
  std::vector<Step> changed;
  for (const auto& [name, fact] : a.all()) {
    const auto other = b.all().find(name);
    if (other == b.all().end()) {
      only_a.push_back(name);
    } else if (!google::protobuf::util::MessageDifferencer::Equals(*fact.message, *other->second.message)) {
      changed.push_back(StepBetween(*fact.message, *other->second.message));
    }
  }
  for (const auto& [name, fact] : b.all()) {
    if (!a.all().contains(name)) only_b.push_back(name);
  }
  if (only_a.empty() && only_b.empty()) return changed.size() == 1 ? changed.front() : Step::kNone;
  if (!changed.empty() || (!only_a.empty() && !only_b.empty())) return Step::kNone;
  return IsOneRecord(only_a.empty() ? only_b : only_a) ? Step::kRecord : Step::kNone;
}

bool ShowsBoundary(const engine::Rule& rule, Step step) {
  if (step == Step::kNone) return false;
  if (step == Step::kNextDay || step == Step::kTime) return true;
  if (rule.As<engine::Minimum>() != nullptr) return step != Step::kValue;
  if (const auto* standing = rule.As<engine::Standing>(); standing != nullptr) return standing->on.Given();
  return rule.As<engine::Coverage>() != nullptr || rule.As<engine::Sequence>() != nullptr;
}

std::vector<std::string> RowCoverage::Lacking() const {
  std::vector<std::string> lacking;
  if (only_unknown) {
    if (unknown == 0) lacking.push_back("an unknown one");
  } else {
    if (kept == 0) lacking.push_back("a kept one");
    if (broken == 0) lacking.push_back("a broken one");
  }
  if (boundaries == 0) lacking.push_back("a boundary");
  return lacking;
}

std::vector<RowCoverage> Cover(const engine::Policy& policy, const std::vector<Case>& cases,
                               const std::vector<CaseResult>& results) {
  std::vector<RowCoverage> rows;
  std::map<std::pair<std::string, std::string>, size_t> by_id;
  for (const engine::Rule& rule : policy.rules) {
    const auto add = [&](const std::string& row, bool only_unknown) {
      by_id[{rule.id, row}] = rows.size();
      rows.push_back({.rule = rule.id, .row = row, .only_unknown = only_unknown});
    };
    for (const engine::Row& row : rule.rows) add(row.id, row.IsUnknown());
    if (rule.rows.empty()) add("", false);
  }
  const auto row_of = [&](const Seen& seen) -> RowCoverage* {
    if (!seen.found->status) return nullptr;
    const auto found = by_id.find({seen.in->rule->id, seen.found->row});
    return found == by_id.end() ? nullptr : &rows[found->second];
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    if (!results[i].differences.empty()) continue;
    std::set<RowCoverage*> shown;
    for (const Found& found : results[i].found) {
      RowCoverage* row = row_of({&cases[i], &found});
      if (row == nullptr) continue;
      shown.insert(row);
      ++row->expectations;
      row->kept += IsKept(found.status);
      row->broken += IsBroken(found.status);
      row->excused += found.status == Status::kExcused;
      row->unknown += found.status == Status::kUnknown;
    }
    for (RowCoverage* row : shown) ++row->cases;
  }
  const auto compare = [&](const Seen& a, const Seen& b, Step step) {
    if (step == Step::kNone) return;
    RowCoverage* const row_a = row_of(a);
    RowCoverage* const row_b = row_of(b);
    if (row_a != row_b) {
      for (RowCoverage* row : {row_a, row_b}) {
        if (row == nullptr) continue;
        ++row->edges;
        if (row->only_unknown) ++row->boundaries;
      }
      return;
    }
    if (row_a == nullptr || !ShowsBoundary(*a.in->rule, step)) return;
    if ((IsKept(a.found->status) && IsBroken(b.found->status)) ||
        (IsBroken(a.found->status) && IsKept(b.found->status))) {
      ++row_a->boundaries;
    }
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    for (size_t j = i; j < cases.size(); ++j) {
      if (cases[i].rule->id != cases[j].rule->id || cases[i].parameters != cases[j].parameters ||
          !(cases[i].assigned == cases[j].assigned) || !results[i].differences.empty() ||
          !results[j].differences.empty()) {
        continue;
      }
      const bool same_facts = i == j || SameFacts(cases[i].facts, cases[j].facts);
      const Step facts = same_facts ? Step::kNone : StepBetween(cases[i].facts, cases[j].facts);
      for (const Found& a : results[i].found) {
        for (const Found& b : results[j].found) {
          if (i == j && &a >= &b) continue;
          const Seen one{&cases[i], &a};
          const Seen other{&cases[j], &b};
          compare(one, other, StepBetween(one, other, facts, same_facts));
        }
      }
    }
  }
  return rows;
}

}  // namespace oversight::policy_cases

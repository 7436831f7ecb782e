#include "services/compliance/engine/remembered.h"

#include <algorithm>
#include <utility>

namespace oversight::engine {
namespace {

// Whether conditions about a record, `depth` records further in than whoever asks, look at nothing outside.
bool LookInwards(const std::vector<Condition>& conditions, int depth);

bool LooksInwards(const Path& path, int depth) {
  return !path.Given() || path.start == Path::Start::kHere ||
         (path.start == Path::Start::kOuter && depth > 1);
}

bool LooksInwards(const RecordCondition& records, int depth) {
  return LooksInwards(records.from, depth) && LooksInwards(records.on, depth + 1) &&
         LookInwards(records.where, depth + 1);
}

bool LooksInwards(const Measure& measure, int depth) {
  return LooksInwards(measure.own, depth) && LooksInwards(measure.bound_field, depth) &&
         LooksInwards(measure.field, depth + 1) &&
         (!measure.records || LooksInwards(*measure.records, depth)) &&
         LookInwards(measure.share, depth + 1) &&
         std::all_of(measure.percent_where.begin(), measure.percent_where.end(),
                     [&](const Measure::Where& where) { return LookInwards(where.when, depth); });
}

bool LooksInwards(const Condition& condition, int depth) {
  const auto all = [](const auto& parts, auto&& inwards) {
    return std::all_of(parts.begin(), parts.end(), inwards);
  };
  return all(condition.fields,
             [&](const FieldCondition& test) {
               return LooksInwards(test.field, depth) && LooksInwards(test.other, depth);
             }) &&
         all(condition.records,
             [&](const RecordCondition& records) { return LooksInwards(records, depth); }) &&
         all(condition.references,
             [&](const ReferenceCondition& reference) {
               return LooksInwards(reference.path, depth) && LookInwards(reference.is, depth + 1);
             }) &&
         all(condition.measures, [&](const Measure& measure) { return LooksInwards(measure, depth); }) &&
         LookInwards(condition.any_of, depth) && LookInwards(condition.none_of, depth);
}

bool LookInwards(const std::vector<Condition>& conditions, int depth) {
  return std::all_of(conditions.begin(), conditions.end(),
                     [&](const Condition& condition) { return LooksInwards(condition, depth); });
}

}  // namespace

bool Remembered::Key::IsAboutRecordAlone() const {
  if (reference != nullptr) return LookInwards(reference->is, 1);
  return LooksInwards(records->on, 1) && LookInwards(records->where, 1);
}

const Remembered::Days* Remembered::Find(const Key& key, uint32_t row, bool doubt,
                                         absl::FunctionRef<Days()> make) {
  size_t i = 0;
  while (i < said_.size() && said_[i].key != key) ++i;
  if (i == said_.size()) said_.push_back({key, key.IsAboutRecordAlone(), {}});
  if (!said_[i].about_record_alone) return nullptr;
  std::vector<std::optional<Days>>& days = said_[i].days[doubt ? 1 : 0];
  if (row >= days.size()) days.resize(row + 1);
  if (days[row]) return &*days[row];
  // Making it may ask other conditions, which moves the lists.
  Days made = make();
  return &said_[i].days[doubt ? 1 : 0][row].emplace(std::move(made));
}

}  // namespace oversight::engine

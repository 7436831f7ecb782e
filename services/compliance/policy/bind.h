#pragma once

#include <string>
#include <vector>

#include "oversight/compliance/v1/policy.pb.h"
#include "services/compliance/engine/policy.h"
#include "services/compliance/policy/fault.h"
#include "services/compliance/policy/place.h"

namespace oversight::policy {

// A record of which a part of a rule asks, within the one from which the rule came to it.
struct Around {
  engine::FactKind kind = engine::FactKind::kNone;
  const Around* outer = nullptr;
};

// Turns the names in a rule into the numbers of the record schema. What cannot be understood becomes a fault
// with its place, and what was meant, as far as that can be guessed.
class Binder {
 public:
  // Inputs that may be missing are added to the rule.
  Binder(engine::Rule& rule, std::vector<Fault>& faults) : rule_(rule), faults_(faults) {}

  // The kind that a policy calls `Session` or `oversight.supervision.v1.Session`.
  template <typename Message>
  engine::FactKind Kind(const Placed<Message>& message, absl::string_view field, const std::string& name);
  engine::Condition Bind(const Placed<compliance::v1::Condition>& condition, const Around& around);
  // The same for a message's field that holds a condition; none where it is not set.
  template <typename Message>
  std::vector<engine::Condition> BindWhen(const Placed<Message>& message, absl::string_view field,
                                          const compliance::v1::Condition& condition, bool is_set,
                                          const Around& around);
  engine::RecordCondition Bind(const Placed<compliance::v1::RecordCondition>& records, const Around& around);
  engine::RecordEvent Bind(const Placed<compliance::v1::RecordEvent>& event, const Around& around);
  engine::Measure Bind(const Placed<compliance::v1::Measure>& measure, const Around& around);

  // What a path must lead to.
  enum class Wanted { kAny, kDay, kNumber, kRecord };
  template <typename Message>
  engine::Path BindPath(const Placed<Message>& message, absl::string_view field, const std::string& text,
                        const Around& around, Wanted wanted);
  // The input that is missing where this field of that kind of record is not set.
  uint16_t Input(absl::string_view field, engine::FactKind kind);

 private:
  engine::FieldCondition Bind(const Placed<compliance::v1::FieldCondition>& field, const Around& around);
  engine::ReferenceCondition Bind(const Placed<compliance::v1::ReferenceCondition>& reference,
                                  const Around& around);
  uint64_t Values(const Placed<compliance::v1::EnumValues>& values, const engine::Path& path);
  // The kind whose records belong to `owner` by a field of theirs; the field's column.
  template <typename Message>
  uint16_t Via(const Placed<Message>& message, const std::string& via, engine::FactKind of,
               engine::FactKind owner);
  template <typename Message>
  uint16_t ColumnOf(const Placed<Message>& message, absl::string_view field, const std::string& name,
                    engine::FactKind kind, Wanted wanted);
  void Add(Fault fault) { faults_.push_back(std::move(fault)); }

  engine::Rule& rule_;
  std::vector<Fault>& faults_;
};

// Binds what a rule of a kind other than recurring says, its `when` included.
void BindRule(const Placed<compliance::v1::RuleDefinition>& rule, engine::Rule& bound,
              std::vector<Fault>& faults);

engine::Interval BindInterval(const compliance::v1::Interval& interval);

// What can be a `Session` and the like: `of ProfessionalRegistration` in words for people.
std::string ShortName(engine::FactKind kind);

}  // namespace oversight::policy

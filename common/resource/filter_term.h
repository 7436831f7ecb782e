#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/resource/filter.h"
#include "common/time/civil_day.h"
#include "google/protobuf/descriptor.h"

namespace oversight::resource {

// A comparison as it is written.
struct Comparison {
  bool negated = false;
  std::string field;
  // `=`, `!=`, `<`, `<=`, `>`, `>=` or `:`.
  std::string comparison;
  std::string value;
  // `*` without quotes: any value.
  bool any_value = false;
};

// INVALID_FIELDS (`filter`) saying where it is no list of comparisons.
absl::StatusOr<std::vector<Comparison>> ReadComparisons(absl::string_view text);

struct Filter::Term {
  using FieldDescriptor = google::protobuf::FieldDescriptor;

  // INVALID_FIELDS (`filter`) naming the field that does not exist or cannot be compared so.
  static absl::StatusOr<Term> Make(const google::protobuf::Descriptor& type, const Comparison& comparison);

  // Whether the value of the last field of the path, in the message that holds it, fits. Does not negate.
  bool Fits(const Message& holder) const;

  bool negated = false;
  // From the resource down; only the last may be no message.
  std::vector<const FieldDescriptor*> path;
  // As in Comparison, `:` on a single value having become `=`.
  std::string comparison;
  // Whether the field need only be set.
  bool any_value = false;
  // Numbers of all kinds are doubles; enums, flags and whole numbers integers.
  std::variant<std::string, int64_t, double, CivilDay, absl::Time> value;
};

}  // namespace oversight::resource

#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "services/compliance/policy_cases/fact_set.h"

namespace oversight::policy_cases {

// The values of a repeated text field, with the place of each of their bytes in `text`, the file. `fields`
// says where the parser met the field for each value: its name, or that of a list `[ "...", "..." ]`, which
// the parser notes once for all.
std::vector<PlacedText> QuotedTexts(absl::string_view text, const std::vector<Place>& fields,
                                    const google::protobuf::RepeatedPtrField<std::string>& values);

}  // namespace oversight::policy_cases

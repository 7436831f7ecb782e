#pragma once

#include <google/protobuf/text_format.h>

#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "oversight/compliance/v1/policy.pb.h"
#include "services/compliance/policy/fault.h"

namespace oversight::policy {

// Parses a policy text into `definition` and notes in `places` where each field stands. Adds what is wrong
// with its syntax, unknown fields and unknown enum values included. False when the text could not be read to
// its end, so that looking at `definition` is of no use.
bool Parse(absl::string_view text, compliance::v1::PolicyDefinition& definition,
           std::unique_ptr<google::protobuf::TextFormat::ParseInfoTree>& places, std::vector<Fault>& faults);

}  // namespace oversight::policy

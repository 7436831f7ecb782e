#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/compliance/policy/fault.h"

namespace oversight::policy {

// Parses the text of a policy, or of its cases, into `message` and notes in `places` where each field stands.
// Adds what is wrong with its syntax, unknown fields and unknown enum values included. False when the text
// could not be read to its end, so that looking at `message` is of no use.
bool Parse(absl::string_view text, google::protobuf::Message& message,
           std::unique_ptr<google::protobuf::TextFormat::ParseInfoTree>& places, std::vector<Fault>& faults);

}  // namespace oversight::policy

#pragma once

#include <google/protobuf/text_format.h>

#include <vector>

#include "oversight/compliance/v1/policy.pb.h"
#include "services/compliance/policy/fault.h"

namespace oversight::policy {

// What is wrong with the content of a policy that was parsed from text. Without faults it may be compiled.
std::vector<Fault> Check(const compliance::v1::PolicyDefinition& definition,
                         const google::protobuf::TextFormat::ParseInfoTree& places);

}  // namespace oversight::policy

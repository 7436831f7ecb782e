#pragma once

#include <ostream>
#include <vector>

#include "google/protobuf/message.h"

namespace oversight::ctl {

// One resource for people: a line for each field that is set.
void PrintResource(std::ostream& out, const google::protobuf::Message& resource);

// Several of one kind: a table with a column for each field that any of them has set, names without the
// authority.
void PrintResources(std::ostream& out, const std::vector<const google::protobuf::Message*>& resources);

}  // namespace oversight::ctl

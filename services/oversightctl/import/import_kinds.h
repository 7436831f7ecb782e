#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "services/oversightctl/cli/services.h"

namespace oversight::ctl {

// A kind of resource that an import can write.
struct ImportKind {
  const google::protobuf::Descriptor* type = nullptr;
  ServiceId service = ServiceId::kWorkforce;
  // `student_placements`: its collection, which is also the name of its file.
  std::string file;
  // `student placements`, for people.
  std::string label;
};

// All that the services' ImportRequests take, as their descriptors say, in the order in which it must be
// written: what is referred to, and what lies above, comes first.
const std::vector<ImportKind>& ImportKinds();

// Null when no service imports it.
const ImportKind* FindImportKind(const google::protobuf::Descriptor* type);

// The parts of a kind's name: `authorities`, `{authority}`, `workers`, `{worker}`, `posts`, `{post}`.
std::vector<std::string> PatternParts(const google::protobuf::Descriptor& type);

}  // namespace oversight::ctl

#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/resource/writer.h"
#include "common/status/error.h"

namespace oversight::resource {

// The references that other services have vouched for, and when.
struct Writer::Checked {
  std::map<std::string, std::set<std::string>> names;
  std::vector<std::string> tokens;
  // What others whom the kind consults want written beside, by the change it is about.
  std::map<const Mutation*, Kind::Stamp> stamps;
};

struct Writer::Reply {
  StoredResource stored;
  std::unique_ptr<Message> state;
};

struct Writer::Outcome {
  // One for each change.
  std::vector<Reply> replies;
  // Revision 0 when nothing was written.
  ledger::HeadRow head;
};

// NOT_FOUND (RESOURCE_NOT_FOUND), naming the survivor where there is one.
absl::Status NotFound(const Kind& kind, absl::string_view merged_into = "");

// The error, saying which part of a batch it is about.
inline absl::Status InPartOf(const Mutation& mutation, const absl::Status& status) {
  return status.ok() || mutation.part.empty() ? status : InPart(status, mutation.part);
}

}  // namespace oversight::resource

#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/status/violation.h"
#include "google/protobuf/message.h"

namespace oversight::resource {

using google::protobuf::Message;

// A resource that another one names.
struct Reference {
  // Path of the field that holds the name.
  std::string field;
  // Full message name of the kind it names, `oversight.workforce.v1.Worker`.
  std::string type;
  std::string name;
};

std::unique_ptr<Message> CopyOf(const Message& message);

// Clears what the service alone sets: output-only fields and the etag.
void ClearOutputFields(Message& resource);

// Checks a resource against the annotations of its fields (AIP-203) and what holds for all of them: dates
// that exist, known enum values, text without NUL and within its length, numbers within bounds, dates in
// their order (`not_before`, `end_date` not before `start_date`), fields that need each other, references
// that name a resource of the right kind in the same authority. Adds a violation for each fault, its path
// behind `prefix`.
void CheckFieldRules(const Message& resource, absl::string_view authority, const std::string& prefix,
                     std::vector<FieldViolation>& violations);

// Every reference that the resource holds, those in messages within it included.
std::vector<Reference> ReferencesOf(const Message& resource);

// The types of resources to which messages of this type may refer.
std::set<std::string> ReferredTypes(const google::protobuf::Descriptor& type);

// Puts other names in the place of some that the resource refers to: `renamed` says which. Returns how many
// it changed.
int RenameReferences(Message& resource, const std::map<std::string, std::string>& renamed);

// Adds a violation for each immutable field that differs.
void CheckImmutable(const Message& before, const Message& after, const std::string& prefix,
                    std::vector<FieldViolation>& violations);

}  // namespace oversight::resource

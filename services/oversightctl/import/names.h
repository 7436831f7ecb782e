#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace oversight::ctl {

// The id of the resource that another system knows by this id: the same where it is a valid id (1 to 63
// letters, digits, `-`, `_`, `.`, `~`), else `x-` and the first 40 hexadecimal digits of its SHA-256.
std::string ResourceId(absl::string_view original);

// Names of one authority's resources.
class Names {
 public:
  // `authority` is the id, `knowsley`.
  explicit Names(absl::string_view authority);

  const std::string& authority() const { return authority_; }
  std::string Team(absl::string_view original_id) const;
  std::string Worker(absl::string_view original_id) const;
  std::string Case(absl::string_view original_id) const;
  std::string Session(absl::string_view original_id) const;
  // The name of a resource of this message type, from its annotated pattern. `parent_id` counts where the
  // pattern has a parent beside the authority.
  std::string Of(const google::protobuf::Descriptor& type, absl::string_view parent_id,
                 absl::string_view original_id) const;

 private:
  std::string authority_;  // `authorities/knowsley`
};

}  // namespace oversight::ctl

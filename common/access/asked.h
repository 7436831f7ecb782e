#pragma once

#include <set>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "oversight/access/v1/roles.pb.h"

namespace oversight::access {

using google::protobuf::Message;

// What a request is about, read off its fields by their names (AIP-131 to 136, 231 to 235).
struct Asked {
  // Ids of the authorities in any resource name or ledger token of the request, wherever it stands, and of
  // one that is to be created. `-` or an empty id stands as it was sent.
  std::set<std::string> authorities;
  // It asks for whatever authorities there are.
  bool all_authorities = false;

  // Resources that must belong to somebody in scope: `name`, `names`, a `parent` below the authority, the
  // name of a resource to be changed, and those of the requests in a batch. Full names.
  std::set<std::string> targets;
  // Workers whom the resources to be written are about, and, in a question, those it is narrowed to.
  std::set<std::string> subjects;
  // Workers who took part in what is to be written.
  std::set<std::string> participants;
  // Teams that a question is narrowed to.
  std::set<std::string> teams;
};

Asked AskedIn(const Message& request, const oversight::access::v1::Belonging& belonging);

// Only `authorities` and `all_authorities`.
Asked AuthoritiesAskedIn(const Message& request);

}  // namespace oversight::access

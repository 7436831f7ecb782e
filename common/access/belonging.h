#pragma once

#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "oversight/access/v1/roles.pb.h"

namespace oversight::access {

namespace pb = ::oversight::access::v1;

// To whom a record belongs. Full resource names.
struct Owners {
  std::set<std::string> subjects;
  std::set<std::string> participants;
  std::set<std::string> teams;

  void Add(const Owners& other);
  bool empty() const { return subjects.empty() && participants.empty() && teams.empty(); }
};

// Who a caller may see, today.
struct Reach {
  std::set<std::string> workers;
  std::set<std::string> teams;

  // Whether somebody of the record is in it.
  bool Holds(const Owners& owners) const;
};

// Whether the field is one of those that say to whom a record belongs.
bool NamesPeople(const google::protobuf::FieldDescriptor& field, const pb::Belonging& belonging);
// By the message's own fields (Belonging in roles.proto) and, when these say nothing, those of the messages
// in it.
Owners OwnersIn(const google::protobuf::Message& message, const pb::Belonging& belonging);
// By a resource's name alone: the worker or the team that it names or lies beneath.
Owners OwnersByName(absl::string_view name);
// `authorities/a/workers/w` of a name of that worker or of what lies beneath it; else empty.
std::string WorkerIn(absl::string_view name);

}  // namespace oversight::access

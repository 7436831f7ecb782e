#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "services/oversightctl/import/import_kinds.h"

namespace oversight::ctl {

// Where a record or a fault comes from.
struct Origin {
  // With `.csv`.
  std::string file;
  int line = 0;
};

// A row, or a record made of rows, that did not get in.
struct Refusal {
  Origin origin;
  // UPPER_SNAKE_CASE: the service's reason, or INVALID_ROW, DUPLICATE_ROW, BROKEN_FILE when found here.
  std::string reason;
  std::string message;
  // `field: description`.
  std::vector<std::string> fields;
};
// `posts.csv:17: INVALID_ROW: ...`, fields in brackets.
std::string ToText(const Refusal& refusal);

// One record to be sent.
struct Item {
  std::unique_ptr<google::protobuf::Message> resource;
  Origin origin;
};

// All that an import will send, and what it found out on the way.
class Plan {
 public:
  Plan();

  struct KindItems {
    const ImportKind* kind;
    std::vector<Item> items;
  };
  // In the order of ImportKinds.
  std::vector<KindItems>& kinds() { return kinds_; }
  const std::vector<KindItems>& kinds() const { return kinds_; }

  // `resource` bears its full name. A second one of the same name is refused as a duplicate.
  void Add(std::unique_ptr<google::protobuf::Message> resource, Origin origin);
  // What was added under this name, for more to be said of it; null when nothing was.
  google::protobuf::Message* Find(absl::string_view resource_name);
  // Not to be sent after all: a row that says more of it could not be used. It has not vanished, though.
  void LeaveOut(std::string resource_name) { left_out_.insert(std::move(resource_name)); }
  // Drops what is left out; nothing can be found afterwards.
  void Seal();
  void Refuse(Refusal refusal) { refusals_.push_back(std::move(refusal)); }
  void Note(std::string text) { notes_.push_back(std::move(text)); }

  // The row with this external id (`posts/P1`) was there but could not be used: what it stood for has not
  // vanished.
  void Shield(std::string external_id) { shielded_.insert(std::move(external_id)); }
  // The same of all that lies beneath a resource: a row about it could not be used.
  void ShieldBeneath(std::string resource_name) { shielded_parents_.insert(std::move(resource_name)); }
  // A file was read to its end, so a row that it does not hold has vanished.
  void MarkComplete(std::string table) { complete_.insert(std::move(table)); }
  void MarkIncomplete(absl::string_view table) { complete_.erase(table); }

  bool Contains(absl::string_view resource_name) const { return names_.contains(resource_name); }
  bool IsComplete(absl::string_view table) const { return complete_.contains(table); }
  bool IsShielded(absl::string_view external_id, absl::string_view resource_name) const;

  const std::vector<Refusal>& refusals() const { return refusals_; }
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  std::vector<KindItems> kinds_;
  absl::flat_hash_map<std::string, google::protobuf::Message*> names_;
  absl::flat_hash_set<std::string> left_out_;
  absl::flat_hash_set<std::string> shielded_;
  absl::flat_hash_set<std::string> shielded_parents_;
  absl::flat_hash_set<std::string> complete_;
  std::vector<Refusal> refusals_;
  std::vector<std::string> notes_;
};

// The resource's own name.
std::string NameOf(const google::protobuf::Message& resource);

}  // namespace oversight::ctl

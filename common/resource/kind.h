#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/mysql/value.h"
#include "common/resource/name.h"
#include "common/rpc/call.h"
#include "common/status/violation.h"
#include "common/time/civil_day.h"
#include "google/protobuf/message.h"

namespace oversight::resource {

using google::protobuf::Message;

struct Kind;

// What a decision may look at: the state of this service's resources inside the transaction, changes of the
// same call included. Deleted resources are not seen. The messages live as long as the call.
class WriteContext {
 public:
  virtual ~WriteContext() = default;
  struct Item {
    Key key;
    const Message* state;
  };
  // The resource with this key, or null.
  virtual absl::StatusOr<const Message*> Find(const Kind& kind, const Key& key) = 0;
  // All resources of the kind under one parent, for example the posts of a worker. The parent is locked.
  virtual absl::StatusOr<std::vector<Item>> Siblings(const Kind& kind, const Key& any_of_them) = 0;
  // All resources of the kind in the authority. Only for kinds that set `lock_authority`.
  virtual absl::StatusOr<std::vector<Item>> InAuthority(const Kind& kind, absl::string_view authority) = 0;
  // Today in Europe/London.
  virtual CivilDay today() const = 0;
  // True while history is being imported: rules about the present (not in the future, start state) do not
  // hold then.
  virtual bool importing() const = 0;
  // True while a custom verb (StandardMethods::Mutate) makes the change: it may do what Update may not.
  virtual bool by_verb() const { return false; }
};

// One kind of resource: how it is stored, what it must satisfy. Everything else follows from the annotations
// of its message (common protos, oversight.type.v1).
struct Kind {
  // An example of the message, for its descriptor.
  const Message* prototype = nullptr;
  // Table of this service's schema. It has the columns authority, parent, id, version, deleted, create_time,
  // update_time, state and those of `index_columns`; primary key (authority, parent, id).
  std::string table;
  // Further columns, filled from the message, for queries and constraints.
  struct IndexColumn {
    std::string column;
    std::function<mysql::Value(const Message&)> value;
    // The text, date or enum field of the message that it copies; empty when it holds something else.
    std::string field;
  };
  std::vector<IndexColumn> index_columns;
  // Further tables with the columns authority, parent and id, whose rows go with the resource's when it is
  // erased.
  std::vector<std::string> side_tables;

  // Fills fields that follow from others, before validation. May be empty.
  std::function<void(Message& resource)> normalise;
  // What a message must satisfy by itself beyond its annotations. Paths are relative, `end_date`. The
  // annotations (required, references, dates that exist, `end_date` not before `start_date`, ...) are checked
  // already.
  std::function<void(const Message& resource, std::vector<FieldViolation>& violations)> validate;
  // Whether the change may happen, given what is stored; `before` is null for a new one. Called with the
  // parent locked.
  std::function<absl::Status(WriteContext& context, const Key& key, const Message* before,
                             const Message& after)>
      decide;
  // Asks others before the transaction opens, after all that can be checked without it: whether a new state
  // may be written, and what to write into it beside. `before` is null for a resource that is not there yet;
  // `tokens` are points of the ledgers on which the state rests, this service's own included. Imports are not
  // asked about. May be empty.
  using Stamp = std::function<void(Message& state)>;
  using Consult = std::function<absl::StatusOr<Stamp>(
      rpc::Call& call, const Message* before, const Message& after, const std::vector<std::string>& tokens)>;
  Consult consult;
  // Locks the whole authority's ledger while deciding: for rules about all resources of an authority.
  bool lock_authority = false;

  // Derived from the annotation by Registry::Add.
  std::shared_ptr<const Pattern> pattern;
  std::string type_name;    // oversight.workforce.v1.Post
  std::string short_name;   // Post
  std::string field_name;   // post
  std::string plural_name;  // Posts
};

// The kinds of one service, in the order in which an import must write them: what is referred to comes first.
class Registry {
 public:
  // Fills the derived members. The kind's message must carry the resource annotation.
  const Kind& Add(Kind kind);
  const std::vector<std::unique_ptr<Kind>>& kinds() const { return kinds_; }
  // Null when unknown.
  const Kind* FindByType(absl::string_view type_name) const;
  const Kind* FindByName(absl::string_view resource_name) const;
  // The kinds whose parent is `kind`.
  std::vector<const Kind*> ChildrenOf(const Kind& kind) const;

 private:
  std::vector<std::unique_ptr<Kind>> kinds_;
};

// The name pattern that a message's resource annotation declares; null when it has none.
std::shared_ptr<const Pattern> PatternOf(const google::protobuf::Descriptor& descriptor);

// A google.type.Date that is set and exists, as a day; nothing otherwise.
std::optional<CivilDay> DayOf(const Message& message, absl::string_view field);

}  // namespace oversight::resource

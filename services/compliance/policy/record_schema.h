#pragma once

#include <google/protobuf/descriptor.h>

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/compliance/engine/schema.h"

namespace oversight::policy {

// What the messages of workforce, caseload and supervision that are resources look like to the engine. Made
// once, from their descriptors: a new field or kind of resource needs no code. Kinds are the same in one
// process only.
const engine::Schema& RecordSchema();

// Where a field of a message is kept.
struct FieldColumn {
  const google::protobuf::FieldDescriptor* field;
  uint16_t column;
  engine::ColumnType type;
  engine::FactKind target;
};
// The columns of a message that is a resource of one of the three services.
struct MessageColumns {
  engine::FactKind kind;
  // The kind of the resource above it; kNone at the top.
  engine::FactKind parent;
  std::vector<FieldColumn> fields;
};
// The kind of the resource with this name within its authority, `workers/w1/posts/p1`; the authority itself
// has an empty one. Nothing when no such kind is known.
std::optional<engine::FactKind> KindOfName(absl::string_view relative_name);
// The service whose ledger tells of the kind: workforce, caseload or supervision.
absl::string_view LedgerOf(engine::FactKind kind);

// Null for any other message.
const MessageColumns* ColumnsOf(const google::protobuf::Descriptor* descriptor);

}  // namespace oversight::policy

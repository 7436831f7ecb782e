#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "services/oversightctl/csv/table.h"
#include "services/oversightctl/import/import_kinds.h"

namespace oversight::ctl {

// A column of one of the suite's own files: a field of the record, or of a message within it.
struct OwnColumn {
  // `completed_date`, `supervisor_id`, `matter_ids`, `open_periods.start_date`.
  std::string name;
  // From the record down to the field.
  std::vector<const google::protobuf::FieldDescriptor*> path;
  // The kind whose ids it holds; null when it holds values.
  const google::protobuf::Descriptor* reference = nullptr;
  bool required = false;

  const google::protobuf::FieldDescriptor& field() const { return *path.back(); }
};

// One of the suite's own files: each row is a record of one kind, or says more of one that the extract makes.
struct OwnTable {
  const ImportKind* kind = nullptr;
  // Empty where the name follows from the row: of the authority, and of a policy's assignment.
  std::string id_column;
  // The id of the worker, case, session, team or care setting to which the record belongs; empty when it
  // stands by itself.
  std::string parent_column;
  std::vector<OwnColumn> columns;
  // What is read: the id and parent first, where it has them, then the columns. The id and parent must be
  // there, and the columns of required fields, unless the extract may have made the record.
  TableSpec spec;

  // Where `columns` begin in the spec.
  size_t first_column() const { return spec.columns.size() - columns.size(); }
};
// In the order of ImportKinds, one for each: everything is read from the descriptors and their annotations.
const std::vector<OwnTable>& OwnTables();

// The column of ids of a kind: `worker_id`; of a case `person_id`, as the extract calls it.
std::string IdColumnOf(const google::protobuf::Descriptor& type);

// Whether the extract makes records of this kind, of which the suite's own file then says more.
bool IsMadeByExtract(const google::protobuf::Descriptor& type);

// The files of the extract.
const std::vector<TableSpec>& ExtractTables();

}  // namespace oversight::ctl

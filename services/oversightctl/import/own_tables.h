#pragma once

#include <string>
#include <vector>

#include "services/oversightctl/csv/table.h"

namespace oversight::ctl {

// How a column becomes a field.
enum class FieldKind {
  // Read by the field's own type: day, instant, flag, number, enum, text; enums in a list stand between `;`.
  kValue,
  // The id of another record, which becomes its resource name.
  kTeam,
  kWorker,
  kCase,
  kSession,
};

struct OwnColumn {
  std::string column;
  // Empty: named like the column.
  std::string field;
  FieldKind kind = FieldKind::kValue;
};

// One of the suite's own files whose rows are records of one kind, one to one.
struct OwnTable {
  std::string file;
  // `oversight.workforce.v1.Post`.
  std::string type;
  std::string id_column;
  // The worker, case or session to which the record belongs; empty when it stands by itself.
  std::string parent_column;
  std::vector<OwnColumn> columns;
};
const std::vector<OwnTable>& OwnTables();

// What is read of the file of an own table: the id and parent, and the columns of required fields, must be
// there.
const TableSpec& SpecOf(const OwnTable& table);

// The files with code of their own: of the extract, and those of the suite that add to them.
const std::vector<TableSpec>& MappedTables();

}  // namespace oversight::ctl

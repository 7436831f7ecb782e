#pragma once

#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/oversightctl/csv/csv_reader.h"

namespace oversight::ctl {

struct Column {
  std::string name;
  // The header must have it.
  bool required = false;
};

// Which columns of a file are read. All others are dropped as they are read, and kept nowhere.
struct TableSpec {
  // Without `.csv`.
  std::string file;
  std::vector<Column> columns;
  // A column that is not listed is an error, as in the suite's own files, whose columns are all known.
  bool only_these = false;
  // A row whose first `key` column was seen before is refused. Empty: rows have no key.
  std::string key;
};

struct TableRow {
  // Number of its first line, from 1.
  int line = 0;
  // Of the columns that the file has; see Table::Value.
  std::vector<std::string> values;
};

struct RowFault {
  int line = 0;
  std::string text;
};

// What a file holds.
struct Table {
  const TableSpec* spec = nullptr;
  std::vector<TableRow> rows;
  // Rows that are left out, each with the reason.
  std::vector<RowFault> refused;
  // Where reading had to stop; rows after it are missing. Also set when the header will not do.
  std::optional<CsvBreak> broken;
  // False when there are rows of which not even the key is known: then nobody can say what is not in the
  // file.
  bool complete = true;
  bool ends_with_line_end = true;
  // For each column of the spec its place in TableRow::values; nothing where the file has no such column.
  std::vector<std::optional<size_t>> places;

  // Position of a column in TableSpec::columns; the column must be there.
  size_t IndexOf(absl::string_view column) const;
  // The value of a column, by its position in TableSpec::columns; empty where the file has no such column.
  const std::string& Value(const TableRow& row, size_t column) const;
};

// Reads a file with a header line. Column names compare without regard to case, in any order.
Table ReadTable(std::istream& in, const TableSpec& spec);

}  // namespace oversight::ctl

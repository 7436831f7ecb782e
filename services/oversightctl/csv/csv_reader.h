#pragma once

#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"

namespace oversight::ctl {

// Where a CSV file stops being one, and why. Everything before it is good.
struct CsvBreak {
  int line = 0;
  std::string text;
};

struct CsvEnd {
  std::optional<CsvBreak> broken;
  // The last line ends like one. Otherwise the file may have been cut off there: nothing else would show it.
  bool ends_with_line_end = true;
};

// Reads RFC 4180 text: comma, double quote, CRLF, LF or CR, an optional UTF-8 byte order mark; blank lines
// are skipped, blanks around unquoted fields trimmed. `row` gets each row with the number of its first line
// (from 1) and may take the fields.
//
// Stops at a quote in the wrong place, a quoted field without end, a NUL byte or UTF-16 text.
// The row in which that happens is not given to `row`.
CsvEnd ReadCsv(std::istream& in, absl::FunctionRef<void(int line, std::vector<std::string>& fields)> row);

}  // namespace oversight::ctl

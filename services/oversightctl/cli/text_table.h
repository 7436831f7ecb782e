#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace oversight::ctl {

// A plain table for people: a line of titles, then rows, columns aligned, two blanks between them.
class TextTable {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
    // Longer texts are cut and end in `...`; 0 means never.
    size_t max_width = 0;
  };
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns.
  void Add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  // Each line begins with two blanks and ends without any.
  void Print(std::ostream& out) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// How many characters a UTF-8 text has; good enough for the width of European letters.
size_t Width(absl::string_view text);

}  // namespace oversight::ctl

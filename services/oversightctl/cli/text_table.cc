#include "services/oversightctl/cli/text_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace oversight::ctl {
namespace {

constexpr absl::string_view kCut = "...";

bool StartsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

std::string Fit(const std::string& text, size_t max_width) {
  if (max_width == 0 || Width(text) <= max_width) return text;
  size_t characters = 0;
  size_t end = 0;
  for (; end < text.size(); ++end) {
    if (StartsCharacter(text[end]) && ++characters > max_width - kCut.size()) break;
  }
  return absl::StrCat(text.substr(0, end), kCut);
}

}  // namespace

size_t Width(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), StartsCharacter));
}

void TextTable::Print(std::ostream& out) const {
  std::vector<size_t> widths;
  for (const Column& column : columns_) widths.push_back(Width(column.title));
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], Width(Fit(row[i], columns_[i].max_width)));
  }
  const auto print = [&](const auto& cell_of) {
    std::string line;
    for (size_t i = 0; i < columns_.size(); ++i) {
      const std::string cell = cell_of(i);
      const std::string padding(widths[i] - Width(cell), ' ');
      const bool right = columns_[i].align == Align::kRight;
      absl::StrAppend(&line, "  ", right ? padding : "", cell, right ? "" : padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << "\n";
  };
  print([&](size_t i) { return columns_[i].title; });
  for (const auto& row : rows_) print([&](size_t i) { return Fit(row[i], columns_[i].max_width); });
}

}  // namespace oversight::ctl

#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace oversight::sample {

// One table, written as RFC 4180 wants it but with the line ends of Unix.
class CsvFile {
 public:
  // The columns are `prefix` + each of `columns`.
  CsvFile(std::string name, absl::string_view prefix, const std::vector<absl::string_view>& columns);

  // As many values as there are columns.
  void AddRow(const std::vector<std::string>& values);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  // INTERNAL when a row had another number of values than the header.
  absl::Status Write(const std::string& directory) const;

 private:
  void AddLine(const std::vector<std::string>& values);

  std::string name_;
  size_t columns_;
  bool faulty_ = false;
  std::string text_;
};

}  // namespace oversight::sample

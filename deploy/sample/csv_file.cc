#include "deploy/sample/csv_file.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace oversight::sample {

CsvFile::CsvFile(std::string name, absl::string_view prefix, const std::vector<absl::string_view>& columns)
    : name_(std::move(name)), columns_(columns.size()) {
  std::vector<std::string> header;
  for (const absl::string_view column : columns) header.push_back(absl::StrCat(prefix, column));
  AddLine(header);
}

void CsvFile::AddRow(const std::vector<std::string>& values) {
  faulty_ = faulty_ || values.size() != columns_;
  AddLine(values);
}

void CsvFile::AddLine(const std::vector<std::string>& values) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text_ += ',';
    if (values[i].find_first_of(",\"\r\n") == std::string::npos) {
      text_ += values[i];
    } else {
      absl::StrAppend(&text_, "\"", absl::StrReplaceAll(values[i], {{"\"", "\"\""}}), "\"");
    }
  }
  text_ += '\n';
}

absl::Status CsvFile::Write(const std::string& directory) const {
  if (faulty_) return absl::InternalError(absl::StrCat(name_, ": a row does not fit the header"));
  const std::string path = absl::StrCat(directory, "/", name_);
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text_;
  out.close();
  if (!out) return absl::UnavailableError(absl::StrCat("cannot write ", path));
  return absl::OkStatus();
}

}  // namespace oversight::sample

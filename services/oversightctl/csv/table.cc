#include "services/oversightctl/csv/table.h"

#include <cstdlib>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/utf8.h"

namespace oversight::ctl {
namespace {

constexpr int kUnread = -1;

// For each column of the file the one of the spec; or why the header will not do.
struct Header {
  std::vector<int> targets;
  std::vector<std::string> names;
  std::vector<std::string> ignored;
  std::string fault;
};

Header ReadHeader(const TableSpec& spec, const std::vector<std::string>& fields) {
  Header header;
  std::vector<bool> seen(spec.columns.size());
  std::vector<std::string> twice;
  for (const std::string& field : fields) {
    const std::string name = absl::AsciiStrToLower(absl::StripAsciiWhitespace(field));
    int target = kUnread;
    for (size_t i = 0; i < spec.columns.size(); ++i) {
      if (spec.columns[i].name != name) continue;
      target = static_cast<int>(i);
      if (seen[i]) twice.push_back(name);
      seen[i] = true;
    }
    if (target == kUnread) header.ignored.push_back(ValidUtf8(name));
    header.targets.push_back(target);
    header.names.push_back(name);
  }
  std::vector<std::string> missing;
  for (size_t i = 0; i < spec.columns.size(); ++i) {
    if (spec.columns[i].required && !seen[i]) missing.push_back(spec.columns[i].name);
  }
  std::vector<std::string> faults;
  if (!missing.empty()) faults.push_back(absl::StrCat("missing column(s): ", absl::StrJoin(missing, ", ")));
  if (!twice.empty()) faults.push_back(absl::StrCat("column(s) given twice: ", absl::StrJoin(twice, ", ")));
  if (spec.only_these && !header.ignored.empty()) {
    faults.push_back(absl::StrCat(
        "unknown column(s): ", absl::StrJoin(header.ignored, ", "), " (known: ",
        absl::StrJoin(spec.columns, ", ", [](std::string* out, const Column& c) { out->append(c.name); }),
        ")"));
  }
  header.fault = absl::StrJoin(faults, "; ");
  return header;
}

class TableReader {
 public:
  explicit TableReader(const TableSpec& spec) {
    table_.spec = &spec;
    table_.places.resize(spec.columns.size());
    for (size_t i = 0; i < spec.columns.size(); ++i) {
      if (spec.columns[i].name == spec.key) key_ = static_cast<int>(i);
    }
  }

  void Take(int line, std::vector<std::string>& fields) {
    if (!header_.has_value()) {
      header_ = ReadHeader(*table_.spec, fields);
      header_line_ = line;
      for (const int target : header_->targets) {
        if (target != kUnread) table_.places[static_cast<size_t>(target)] = places_++;
      }
      return;
    }
    if (!header_->fault.empty()) return;
    if (fields.size() != header_->targets.size()) {
      Refuse(line, absl::StrCat(fields.size(), " fields where the header has ", header_->targets.size()));
      table_.complete = false;
      return;
    }
    TableRow row{line, std::vector<std::string>(places_)};
    for (size_t i = 0; i < fields.size(); ++i) {
      if (header_->targets[i] == kUnread) continue;
      if (ValidUtf8(fields[i]) != fields[i]) {
        Refuse(line, absl::StrCat(header_->names[i], " is not valid UTF-8; save the file as UTF-8"));
        table_.complete = false;
        return;
      }
      row.values[*table_.places[static_cast<size_t>(header_->targets[i])]] =
          std::string(absl::StripAsciiWhitespace(fields[i]));
    }
    if (IsDuplicate(row)) return;
    table_.rows.push_back(std::move(row));
  }

  Table Finish(CsvEnd end) {
    table_.broken = std::move(end.broken);
    table_.ends_with_line_end = end.ends_with_line_end;
    if (!header_.has_value()) {
      if (!table_.broken)
        table_.broken = CsvBreak{1, "the file is empty; its first line must name the columns"};
    } else if (!header_->fault.empty()) {
      table_.broken = CsvBreak{header_line_, header_->fault};
    }
    if (table_.broken) table_.complete = false;
    return std::move(table_);
  }

 private:
  void Refuse(int line, std::string text) { table_.refused.push_back({line, std::move(text)}); }

  bool IsDuplicate(const TableRow& row) {
    if (key_ == kUnread) return false;
    const std::string& key = table_.Value(row, static_cast<size_t>(key_));
    if (key.empty()) return false;
    const auto [first, added] = first_lines_.try_emplace(key, row.line);
    if (!added) {
      Refuse(row.line, absl::StrCat(table_.spec->key, " is the same as on line ", first->second));
    }
    return !added;
  }

  Table table_;
  int key_ = kUnread;
  std::optional<Header> header_;
  int header_line_ = 1;
  size_t places_ = 0;
  absl::flat_hash_map<std::string, int> first_lines_;
};

}  // namespace

size_t Table::IndexOf(absl::string_view column) const {
  for (size_t i = 0; i < spec->columns.size(); ++i) {
    if (spec->columns[i].name == column) return i;
  }
  std::abort();  // a column that the spec does not list: a fault of the program
}

const std::string& Table::Value(const TableRow& row, size_t column) const {
  static const auto& none = *new std::string;
  return places[column] ? row.values[*places[column]] : none;
}

Table ReadTable(std::istream& in, const TableSpec& spec) {
  TableReader reader(spec);
  return reader.Finish(
      ReadCsv(in, [&](int line, std::vector<std::string>& fields) { reader.Take(line, fields); }));
}

}  // namespace oversight::ctl

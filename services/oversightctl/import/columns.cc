#include "services/oversightctl/import/columns.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "services/oversightctl/cli/text_table.h"
#include "services/oversightctl/import/own_tables.h"
#include "services/oversightctl/import/own_values.h"

namespace oversight::ctl {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kLineWidth = 100;
constexpr char kIndent[] = "      ";

struct ColumnLine {
  std::string name;
  bool required = false;
  std::string accepts;
};

struct FileColumns {
  std::string file;
  std::vector<ColumnLine> columns;
};

FileColumns Describe(const OwnTable& table) {
  FileColumns described{table.spec.file, {}};
  for (size_t i = 0; i < table.spec.columns.size(); ++i) {
    const Column& column = table.spec.columns[i];
    std::string accepts;
    if (i >= table.first_column()) {
      accepts = Accepts(table.columns[i - table.first_column()]);
    } else {
      accepts = column.name == table.id_column ? "id, unique in the file" : "id of what it belongs to";
    }
    described.columns.push_back({column.name, column.required, std::move(accepts)});
  }
  return described;
}

FileColumns Describe(const TableSpec& spec) {
  FileColumns described{spec.file, {}};
  for (const Column& column : spec.columns) described.columns.push_back({column.name, column.required, ""});
  return described;
}

std::vector<FileColumns> AllFiles() {
  std::vector<FileColumns> files;
  for (const OwnTable& table : OwnTables()) files.push_back(Describe(table));
  for (const TableSpec& spec : ExtractTables()) files.push_back(Describe(spec));
  return files;
}

void PrintAll(const std::vector<FileColumns>& files, std::ostream& out) {
  out << "Files that an import reads, with their columns; * must be there. `--columns FILE` says more.\n";
  for (const FileColumns& file : files) {
    out << "\n  " << file.file << ".csv\n";
    std::string line = kIndent;
    for (const ColumnLine& column : file.columns) {
      const std::string text = absl::StrCat(column.name, column.required ? "*" : "");
      if (line.size() + text.size() + 1 > kLineWidth) {
        out << absl::StripTrailingAsciiWhitespace(line) << "\n";
        line = kIndent;
      }
      absl::StrAppend(&line, text, " ");
    }
    out << absl::StripTrailingAsciiWhitespace(line) << "\n";
  }
}

void PrintOne(const FileColumns& file, std::ostream& out) {
  TextTable table({{"column"}, {"needed"}, {"accepts"}});
  for (const ColumnLine& column : file.columns) {
    table.Add({column.name, column.required ? "yes" : "", column.accepts});
  }
  table.Print(out);
}

Json ToJson(const FileColumns& file) {
  Json columns = Json::array();
  for (const ColumnLine& column : file.columns) {
    columns.push_back({{"name", column.name}, {"required", column.required}, {"accepts", column.accepts}});
  }
  return {{"file", file.file}, {"columns", std::move(columns)}};
}

}  // namespace

absl::Status PrintColumns(const std::string& file, const Console& console) {
  std::vector<FileColumns> files = AllFiles();
  const absl::string_view wanted = absl::StripSuffix(file, ".csv");
  if (!wanted.empty()) {
    const std::string known =
        absl::StrJoin(files, ", ", [](std::string* out, const FileColumns& f) { out->append(f.file); });
    std::erase_if(files, [&](const FileColumns& f) { return f.file != wanted; });
    if (files.empty()) {
      return absl::NotFoundError(
          absl::StrCat("there is no file \"", file, "\" to import (known: ", known, ")"));
    }
  }
  if (console.json) {
    Json all = Json::array();
    for (const FileColumns& f : files) all.push_back(ToJson(f));
    *console.out << all.dump(2) << "\n";
  } else {
    wanted.empty() ? PrintAll(files, *console.out) : PrintOne(files.front(), *console.out);
  }
  return absl::OkStatus();
}

}  // namespace oversight::ctl

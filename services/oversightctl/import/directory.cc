#include "services/oversightctl/import/directory.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/oversightctl/import/mapping.h"
#include "services/oversightctl/import/own_tables.h"

namespace oversight::ctl {
namespace {

std::vector<const TableSpec*> AllSpecs() {
  std::vector<const TableSpec*> specs;
  for (const TableSpec& spec : ExtractTables()) specs.push_back(&spec);
  for (const OwnTable& own : OwnTables()) specs.push_back(&own.spec);
  return specs;
}

// Names of the directory's CSV files, without `.csv`.
absl::StatusOr<std::set<std::string>> CsvFiles(const std::string& directory) {
  std::error_code error;
  std::set<std::string> files;
  std::filesystem::directory_iterator entries(directory, error);
  if (error)
    return absl::NotFoundError(absl::StrCat("cannot read the directory ", directory, ": ", error.message()));
  for (const auto& entry : entries) {
    if (entry.path().extension() == ".csv") files.insert(entry.path().stem().string());
  }
  return files;
}

}  // namespace

absl::Status PlanDirectory(const std::string& directory, absl::string_view authority,
                           absl::string_view source, Plan& plan) {
  auto files = CsvFiles(directory);
  if (!files.ok()) return files.status();
  Mapping mapping(authority, source, plan);
  bool any = false;
  for (const TableSpec* spec : AllSpecs()) {
    if (files->erase(spec->file) == 0) continue;
    any = true;
    std::ifstream in(std::filesystem::path(directory) / absl::StrCat(spec->file, ".csv"), std::ios::binary);
    if (!in) return absl::NotFoundError(absl::StrCat("cannot open ", directory, "/", spec->file, ".csv"));
    mapping.AddTable(ReadTable(in, *spec));
  }
  if (!any) {
    return absl::NotFoundError(absl::StrCat(directory,
                                            " holds none of the files that can be imported (ssd_*.csv of an "
                                            "extract, sessions.csv, posts.csv, ...)"));
  }
  if (!files->empty()) plan.Note(absl::StrCat("not read: ", absl::StrJoin(*files, ".csv, "), ".csv"));
  plan.Note(
      "not stored: names, dates of birth, postcodes and whatever else of the extract is not an id, a date or "
      "a code "
      "that Oversight needs; dates of birth only end the looked-after status on the 18th birthday");
  MapAll(mapping);
  return absl::OkStatus();
}

}  // namespace oversight::ctl

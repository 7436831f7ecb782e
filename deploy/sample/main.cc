// oversight-sample: makes up a whole authority, as an extract and Oversight's own files, to try the suite
// with.

#include <filesystem>
#include <iostream>
#include <string>

#include "CLI/CLI.hpp"
#include "deploy/sample/files.h"
#include "deploy/sample/generate.h"

namespace {

int Fail(const absl::Status& status) {
  std::cerr << "oversight-sample: " << status.message() << "\n";
  return 1;
}

int WriteSample(const oversight::sample::Options& options, const std::string& directory) {
  const absl::StatusOr<oversight::sample::Authority> authority = oversight::sample::Generate(options);
  if (!authority.ok()) return Fail(authority.status());
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Fail(absl::UnavailableError("cannot create " + directory + ": " + error.message()));
  for (const auto& files :
       {oversight::sample::ExtractFiles(*authority), oversight::sample::SuiteFiles(*authority)}) {
    for (const oversight::sample::CsvFile& file : files) {
      if (const absl::Status status = file.Write(directory); !status.ok()) return Fail(status);
    }
  }
  size_t discussions = 0;
  for (const auto& session : authority->sessions) discussions += session.discussions.size();
  std::cout << authority->workers.size() << " workers, " << authority->cases.size() << " cases, "
            << authority->sessions.size() << " sessions, " << discussions << " case discussions, from "
            << authority->history.start.ToString() << " to " << options.end_day.ToString() << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  oversight::sample::Options options;
  std::string end_day, directory;
  CLI::App app(
      "Makes up a synthetic authority: an extract in the Standard Safeguarding Dataset's format and a "
      "supervision history. The same options give the same files, byte for byte.");
  app.add_option("--seed", options.seed, "Where chance starts")->capture_default_str();
  app.add_option("--end-day", end_day, "Last day of the history, YYYY-MM-DD")->required();
  app.add_option("--out", directory, "Directory for the files; made when missing")->required();
  app.add_option("--workers", options.workers, "About how many workers")->capture_default_str();
  app.add_option("--cases", options.cases, "Open cases on the last day")->capture_default_str();
  app.add_option("--months", options.months, "Length of the history")->capture_default_str();
  app.add_option("--authority-name", options.authority_name, "What the authority is called")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  const absl::StatusOr<oversight::CivilDay> day = oversight::CivilDay::Parse(end_day);
  if (!day.ok()) return Fail(absl::InvalidArgumentError("--end-day: " + std::string(day.status().message())));
  options.end_day = *day;
  return WriteSample(options, directory);
}

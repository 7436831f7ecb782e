#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "services/oversightctl/call/fields.h"
#include "services/oversightctl/cli/context.h"

namespace oversight::ctl {

// The fields of a message as options of a command: `--employment-start-date 2024-01-01`, `--worker.etag v1`,
// with dashes or underscores. Given several times, the values become a list.
class FieldOptions {
 public:
  // Adds them to the command, except those of these top-level names and those that the program or the command
  // has already. `patterns` says for fields, by path, which pattern the names they hold have.
  void Add(CLI::App& command, const google::protobuf::Descriptor& type, const std::string& group,
           const std::map<std::string, std::string>& patterns, const std::set<std::string>& left_out = {});
  // Sets what was given; returns the paths of those fields.
  // Errors: INVALID_ARGUMENT naming what does not fit.
  absl::StatusOr<std::vector<std::string>> Apply(const Context& context,
                                                 google::protobuf::Message& message) const;

 private:
  struct Entry {
    SettableField field;
    std::vector<std::string> texts;
    // Given without a value, or as `--name=false`.
    bool is_flag = false;
    CLI::Option* option = nullptr;
  };
  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace oversight::ctl

#include "services/oversightctl/call/field_options.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/oversightctl/call/kinds.h"

namespace oversight::ctl {
namespace {

bool IsTaken(const CLI::App& command, const std::string& name) {
  for (const CLI::App* app = &command; app != nullptr; app = app->get_parent()) {
    if (app->get_option_no_throw(name) != nullptr) return true;
  }
  return false;
}

}  // namespace

void FieldOptions::Add(CLI::App& command, const google::protobuf::Descriptor& type, const std::string& group,
                       const std::map<std::string, std::string>& patterns,
                       const std::set<std::string>& left_out) {
  using google::protobuf::FieldDescriptor;
  for (SettableField& field : SettableFields(type)) {
    if (left_out.contains(field.fields.front()->name())) continue;
    const std::string dashed = absl::StrCat("--", absl::StrReplaceAll(field.path, {{"_", "-"}}));
    const std::string plain = absl::StrCat("--", field.path);
    if (IsTaken(command, dashed) || IsTaken(command, plain)) continue;
    if (const auto pattern = patterns.find(field.path); pattern != patterns.end()) {
      field.name_pattern = pattern->second;
    }
    auto entry = std::make_unique<Entry>();
    entry->field = std::move(field);
    const std::string names = dashed == plain ? dashed : absl::StrCat(dashed, ",", plain);
    const FieldDescriptor& last = entry->field.last();
    entry->is_flag = last.cpp_type() == FieldDescriptor::CPPTYPE_BOOL && !last.is_repeated();
    if (entry->is_flag) {
      entry->option = command.add_flag(names);
    } else {
      // One value each time, so that what follows is not taken for more of them.
      entry->option = command.add_option(names, entry->texts)->allow_extra_args(false);
      entry->option->type_name(entry->field.expected);
    }
    entry->option->group(group);
    entries_.push_back(std::move(entry));
  }
}

absl::StatusOr<std::vector<std::string>> FieldOptions::Apply(const Context& context,
                                                             google::protobuf::Message& message) const {
  std::vector<std::string> given;
  for (const auto& entry : entries_) {
    if (entry->option->count() == 0) continue;
    const absl::Status status =
        SetField(message, entry->field,
                 entry->is_flag ? std::vector<std::string>{entry->option->as<bool>() ? "true" : "false"}
                                : entry->texts,
                 [&](const std::string& pattern, const std::string& text) {
                   return FullName(context, pattern, text);
                 });
    if (!status.ok()) return status;
    given.push_back(entry->field.path);
  }
  return given;
}

}  // namespace oversight::ctl

#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/field_mask.pb.h"
#include "services/oversightctl/call/field_options.h"
#include "services/oversightctl/call/kinds.h"
#include "services/oversightctl/call/request.h"
#include "services/oversightctl/call/resource_text.h"
#include "services/oversightctl/cli/commands.h"

namespace oversight::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A command that works alike on every kind of resource.
struct Verb {
  const char* command;
  // What its method's name begins with.
  const char* method;
  const char* help;
  // How many names follow the kind: none to one, one, or any number of them.
  enum class Names { kMaybeOne, kOne, kSeveral } names;
  // Its request holds the resource, whose fields are options.
  bool holds_resource = false;
};
constexpr std::array<Verb, 8> kVerbs = {{
    {"get", "Get", "Show resources by name", Verb::Names::kSeveral},
    {"list", "List", "List the resources of a kind, all or beneath a parent", Verb::Names::kMaybeOne},
    {"create", "Create", "Create a resource from options or JSON", Verb::Names::kMaybeOne, true},
    {"update", "Update", "Change those fields of a resource that are given", Verb::Names::kOne, true},
    {"delete", "Delete", "Delete resources; they no longer count, their history stays",
     Verb::Names::kSeveral},
    {"undelete", "Undelete", "Bring back what was deleted, voided or merged", Verb::Names::kSeveral},
    {"void", "Void", "Take back resources that were entered in error, with --reason", Verb::Names::kSeveral},
    {"merge", "Merge", "Join a duplicate to the resource given by --into, with --reason", Verb::Names::kOne},
}};

struct Arguments {
  std::string kind;
  std::vector<std::string> names;
  std::string json_body;
  bool all = false;
  FieldOptions resource_fields;
  FieldOptions request_fields;
};

// The kind that is named behind the command, if one is.
std::optional<ResourceKind> KindIn(const Verb& verb, const std::vector<std::string>& arguments) {
  bool behind = false;
  for (const std::string& argument : arguments) {
    if (behind && !absl::StartsWith(argument, "-")) {
      if (const auto kind = FindKind(argument); kind.ok()) return *kind;
    }
    behind = behind || argument == verb.command;
  }
  return std::nullopt;
}

ResourceKind KindOrThrow(const std::string& name) {
  const auto kind = FindKind(name);
  if (!kind.ok()) throw CLI::ValidationError("KIND", std::string(kind.status().message()));
  return *kind;
}

CallableMethod MethodOrThrow(const Verb& verb, const ResourceKind& kind) {
  const auto method = MethodOfKind(kind, verb.method);
  if (!method.ok()) throw CLI::ValidationError("KIND", std::string(method.status().message()));
  return *method;
}

void SetText(Message& message, const std::string& name, const std::string& text) {
  const auto* field = message.GetDescriptor()->FindFieldByName(name);
  if (field != nullptr) message.GetReflection()->SetString(&message, field, text);
}

// The field of a request that holds the resource.
const FieldDescriptor* ResourceField(const Message& request, const ResourceKind& kind) {
  for (int i = 0; i < request.GetDescriptor()->field_count(); ++i) {
    const auto* field = request.GetDescriptor()->field(i);
    if (field->message_type() == kind.message) return field;
  }
  return nullptr;
}

// Splits the name of a resource that is to be created into parent and id.
void SetNewName(const Context& context, const ResourceKind& kind, const std::string& name, Message& request) {
  const std::string id_field = absl::StrCat(ResourceField(request, kind)->name(), "_id");
  const auto* parent = request.GetDescriptor()->FindFieldByName("parent");
  const bool has_parent = parent == nullptr || !request.GetReflection()->GetString(request, parent).empty();
  const std::string full = absl::StrContains(name, '/') ? FullName(context, kind.pattern, name) : "";
  if (!full.empty()) {
    SetText(request, "parent", full.substr(0, full.rfind('/', full.rfind('/') - 1)));
    SetText(request, id_field, full.substr(full.rfind('/') + 1));
    return;
  }
  if (!name.empty()) SetText(request, id_field, name);
  if (!has_parent) SetText(request, "parent", context.Authority());
}

// The mask of an update: what the options and the JSON name.
void SetMask(const std::vector<std::string>& given, const std::string& json, const ResourceKind& kind,
             Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("update_mask");
  auto& mask =
      static_cast<google::protobuf::FieldMask&>(*request.GetReflection()->MutableMessage(&request, field));
  if (mask.paths_size() > 0) return;  // given by the caller
  for (const std::string& path : given) mask.add_paths(path);
  if (json.empty()) return;
  const auto body = nlohmann::json::parse(json, nullptr, false);
  if (!body.is_object()) return;
  for (const auto& [key, value] : body.items()) {
    const auto* named = kind.message->FindFieldByCamelcaseName(key);
    mask.add_paths(named == nullptr ? key : named->name());
  }
}

// A field that does not fit is wrong usage.
std::vector<std::string> ApplyOrThrow(const Context& context, const FieldOptions& fields, Message& message) {
  const auto given = fields.Apply(context, message);
  if (!given.ok()) throw CLI::ValidationError(std::string(given.status().message()));
  return *given;
}

std::unique_ptr<Message> MakeRequest(const Context& context, const Verb& verb, const ResourceKind& kind,
                                     const CallableMethod& method, const Arguments& arguments,
                                     const std::string& name) {
  std::unique_ptr<Message> request = NewMessage(method.descriptor->input_type());
  const std::string json = arguments.json_body.empty() ? "" : JsonText(arguments.json_body);
  if (!verb.holds_resource) {
    if (!json.empty()) ReadJson("--json-body", json, *request);
    ApplyOrThrow(context, arguments.request_fields, *request);
    if (!name.empty()) SetText(*request, "name", FullName(context, kind.pattern, name));
    return request;
  }
  Message& resource = *request->GetReflection()->MutableMessage(request.get(), ResourceField(*request, kind));
  if (!json.empty()) ReadJson("--json-body", json, resource);
  const auto given = ApplyOrThrow(context, arguments.resource_fields, resource);
  ApplyOrThrow(context, arguments.request_fields, *request);
  if (std::string(verb.method) == "Create") {
    SetNewName(context, kind, name, *request);
  } else {
    SetText(resource, "name", FullName(context, kind.pattern, name));
    SetMask(given, json, kind, *request);
  }
  return request;
}

void RunEach(Context& context, const Verb& verb, const Arguments& arguments) {
  const ResourceKind kind = KindOrThrow(arguments.kind);
  const CallableMethod method = MethodOrThrow(verb, kind);
  std::vector<std::string> names = arguments.names;
  if (names.empty()) names.emplace_back();
  for (const std::string& name : names) {
    const auto request = MakeRequest(context, verb, kind, method, arguments, name);
    const auto response = NewMessage(method.descriptor->output_type());
    const absl::Status status = CallMethod(context, method, *request, *response);
    if (!status.ok()) {
      context.Fail(absl::StrCat("cannot ", verb.command, " ", name.empty() ? kind.name : name), status);
      continue;
    }
    if (context.console.json) {
      *context.console.out << ToJson(*response);
    } else {
      PrintResource(*context.console.out, *response);
    }
  }
}

// `authorities/a`, or all parents of that kind beneath it.
std::string ParentOf(const Context& context, const ResourceKind& kind, const std::string& given) {
  const std::string pattern = kind.parent_pattern();
  if (pattern.empty()) return "";
  if (!given.empty()) return FullName(context, pattern, given);
  std::string parent = context.Authority();
  // `workers/{worker}` becomes `workers/-`.
  const std::string rest = pattern.substr(std::string("authorities/{authority}").size());
  bool in_braces = false;
  for (const char c : rest) {
    if (c == '{') parent += '-';
    in_braces = c == '{' || (in_braces && c != '}');
    if (!in_braces && c != '}') parent += c;
  }
  return parent;
}

void RunList(Context& context, const Verb& verb, const Arguments& arguments) {
  const ResourceKind kind = KindOrThrow(arguments.kind);
  const CallableMethod method = MethodOrThrow(verb, kind);
  const auto request = MakeRequest(context, verb, kind, method, arguments, "");
  const auto* parent = request->GetDescriptor()->FindFieldByName("parent");
  if (parent != nullptr && request->GetReflection()->GetString(*request, parent).empty()) {
    SetText(*request, "parent",
            ParentOf(context, kind, arguments.names.empty() ? "" : arguments.names.front()));
  }
  const auto response = NewMessage(method.descriptor->output_type());
  const auto* items = response->GetDescriptor()->field(0);
  const auto* token = response->GetDescriptor()->FindFieldByName("next_page_token");
  std::string next;
  do {
    const auto page = NewMessage(method.descriptor->output_type());
    const absl::Status status = CallMethod(context, method, *request, *page);
    if (!status.ok()) return context.Fail(absl::StrCat("cannot list ", kind.name), status);
    next = page->GetReflection()->GetString(*page, token);
    response->MergeFrom(*page);
    SetText(*response, token->name(), next);
    SetText(*request, "page_token", next);
    // A page may be empty although others follow: nothing on it satisfied the filter.
  } while (!next.empty() && (arguments.all || response->GetReflection()->FieldSize(*response, items) == 0));
  if (context.console.json) {
    *context.console.out << ToJson(*response);
    return;
  }
  std::vector<const Message*> resources;
  for (int i = 0; i < response->GetReflection()->FieldSize(*response, items); ++i) {
    resources.push_back(&response->GetReflection()->GetRepeatedMessage(*response, items, i));
  }
  PrintResources(*context.console.out, resources);
  if (!next.empty()) {
    *context.console.err << "oversightctl: there are more; --all shows them, --page-token " << next
                         << " goes on\n";
  }
}

void AddFields(CLI::App& command, const Verb& verb, const ResourceKind& kind, Arguments& arguments) {
  const auto method = MethodOfKind(kind, verb.method);
  if (!method.ok()) return;
  const auto* request = method->descriptor->input_type();
  std::set<std::string> left_out = {"name"};
  if (verb.holds_resource) {
    arguments.resource_fields.Add(command, *kind.message, kind.message->name(), {}, {"name"});
    for (int i = 0; i < request->field_count(); ++i) {
      if (request->field(i)->message_type() == kind.message) left_out.insert(request->field(i)->name());
    }
  }
  arguments.request_fields.Add(command, *request, "Request",
                               {{"parent", kind.parent_pattern()}, {"into", kind.pattern}}, left_out);
}

}  // namespace

void AddResourceCommands(CLI::App& app, Context& context, const std::vector<std::string>& words) {
  for (const Verb& verb : kVerbs) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = app.add_subcommand(verb.command, verb.help);
    command->fallthrough();
    command->add_option("KIND", arguments->kind, "For example workforce.Worker, or Worker")->required();
    const bool is_list = std::string(verb.method) == "List";
    CLI::Option* names = command->add_option(
        is_list ? "PARENT" : "NAME", arguments->names,
        is_list ? "Beneath what; all parents when left out" : "W1, workers/W1 or authorities/a/workers/W1");
    if (verb.names != Verb::Names::kMaybeOne) names->required();
    if (verb.names != Verb::Names::kSeveral) names->expected(verb.names == Verb::Names::kOne ? 1 : 0, 1);
    if (is_list) {
      command->add_flag("--all", arguments->all, "All pages, not only the first");
    } else if (std::string(verb.method) != "Get") {
      command->add_option("--json-body", arguments->json_body,
                          verb.holds_resource ? "The resource as JSON, @FILE, or - for standard input"
                                              : "The request as JSON, @FILE, or - for standard input");
    }
    // What else there is depends on the kind: with it, --help shows all options.
    if (const auto kind = KindIn(verb, words)) AddFields(*command, verb, *kind, *arguments);
    command->callback([&context, &verb, arguments, is_list] {
      is_list ? RunList(context, verb, *arguments) : RunEach(context, verb, *arguments);
    });
  }
}

bool IsResourceCommand(const std::string& command) {
  for (const Verb& verb : kVerbs) {
    if (command == verb.command) return true;
  }
  return false;
}

}  // namespace oversight::ctl

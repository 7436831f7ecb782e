#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/oversightctl/call/field_options.h"
#include "services/oversightctl/call/kinds.h"
#include "services/oversightctl/call/methods.h"
#include "services/oversightctl/call/request.h"
#include "services/oversightctl/cli/commands.h"
#include "services/oversightctl/cli/text_table.h"

namespace oversight::ctl {
namespace {

using google::protobuf::Message;

struct CallArguments {
  std::string method;
  std::string json = "{}";
  FieldOptions fields;
};

void CallStream(Context& context, rpc::Client& client, const CallableMethod& method, const Message& request) {
  // No deadline: a watch stays open until it is interrupted.
  const auto stream = client.Stream(method.full_name, request, rpc::CallOptions());
  const auto response = NewMessage(method.descriptor->output_type());
  while (stream->Read(response.get())) {
    *context.console.out << ToJson(*response, /*indented=*/false) << std::endl;
    response->Clear();
  }
  const absl::Status status = stream->Finish();
  if (!status.ok()) context.Fail(method.short_name, status);
}

void RunCall(Context& context, const CallArguments& arguments) {
  const auto method = FindMethod(arguments.method);
  if (!method.ok()) throw CLI::ValidationError("SERVICE.METHOD", std::string(method.status().message()));
  const auto request = NewMessage(method->descriptor->input_type());
  ReadJson("JSON", JsonText(arguments.json), *request);
  if (const auto given = arguments.fields.Apply(context, *request); !given.ok()) {
    throw CLI::ValidationError(std::string(given.status().message()));
  }
  if (method->descriptor->server_streaming()) {
    auto client = context.services->Get(method->service);
    if (!client.ok()) return context.Fail(method->short_name, client.status());
    return CallStream(context, **client, *method, *request);
  }
  const auto response = NewMessage(method->descriptor->output_type());
  const absl::Status status = CallMethod(context, *method, *request, *response);
  if (!status.ok()) return context.Fail(method->short_name, status);
  *context.console.out << ToJson(*response);
}

// The patterns of the names in a request: of the kind that its method replies, or names.
std::map<std::string, std::string> NamePatterns(const CallableMethod& method) {
  for (const ResourceKind& kind : AllKinds()) {
    if (kind.message != method.descriptor->output_type()) continue;
    return {{"name", kind.pattern}, {"parent", kind.parent_pattern()}, {"into", kind.pattern}};
  }
  return {};
}

// The method that is named behind `call`, if one is.
const CallableMethod* MethodIn(const std::vector<std::string>& words) {
  bool behind = false;
  for (const std::string& word : words) {
    for (const CallableMethod& method : AllMethods()) {
      if (behind && absl::EqualsIgnoreCase(method.short_name, word)) return &method;
    }
    behind = behind || word == "call";
  }
  return nullptr;
}

void ListMethods(Context& context, const std::string& part) {
  TextTable table({{"method"}, {"takes"}, {"gives"}});
  for (const CallableMethod& method : AllMethods()) {
    if (!absl::StrContains(absl::AsciiStrToLower(method.short_name), absl::AsciiStrToLower(part))) continue;
    table.Add({method.short_name, method.descriptor->input_type()->name(),
               absl::StrCat(method.descriptor->server_streaming() ? "stream of " : "",
                            method.descriptor->output_type()->name())});
  }
  table.Print(*context.console.out);
}

}  // namespace

void AddCallCommands(CLI::App& app, Context& context, const std::vector<std::string>& words) {
  auto arguments = std::make_shared<CallArguments>();
  CLI::App* call = app.add_subcommand("call", "Call any method of any service with JSON or options");
  call->fallthrough();
  call->add_option("SERVICE.METHOD", arguments->method, "For example workforce.GetWorker")->required();
  call->add_option("JSON", arguments->json, "The request, @FILE, or - for standard input")
      ->capture_default_str();
  if (const CallableMethod* method = MethodIn(words)) {
    arguments->fields.Add(*call, *method->descriptor->input_type(), "Request", NamePatterns(*method));
  }
  call->callback([&context, arguments] { RunCall(context, *arguments); });

  auto part = std::make_shared<std::string>();
  CLI::App* methods = app.add_subcommand("methods", "The methods that can be called");
  methods->fallthrough();
  methods->add_option("PART", *part, "Only those with this in their names, for example workforce.list");
  methods->callback([&context, part] { ListMethods(context, *part); });
}

}  // namespace oversight::ctl

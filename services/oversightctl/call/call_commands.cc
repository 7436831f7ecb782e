#include <google/protobuf/util/json_util.h>

#include <iostream>
#include <iterator>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/oversightctl/call/methods.h"
#include "services/oversightctl/cli/commands.h"
#include "services/oversightctl/cli/text_table.h"

namespace oversight::ctl {
namespace {

using google::protobuf::Message;

struct CallArguments {
  std::string method;
  std::string json = "{}";
};

std::unique_ptr<Message> NewMessage(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

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

void CallUnary(Context& context, rpc::Client& client, const CallableMethod& method, const Message& request) {
  rpc::CallOptions options;
  options.deadline = context.Deadline();
  const auto response = NewMessage(method.descriptor->output_type());
  const absl::Status status = client.Unary(method.full_name, request, response.get(), options);
  if (!status.ok()) return context.Fail(method.short_name, status);
  *context.console.out << ToJson(*response);
}

void RunCall(Context& context, const CallArguments& arguments) {
  const auto method = FindMethod(arguments.method);
  if (!method.ok()) throw CLI::ValidationError("SERVICE.METHOD", std::string(method.status().message()));
  std::string json = arguments.json;
  if (json == "-") json.assign(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  const auto request = NewMessage(method->descriptor->input_type());
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, request.get());
  if (!parsed.ok()) {
    throw CLI::ValidationError("JSON",
                               absl::StrCat("no ", method->descriptor->input_type()->name(), ": ",
                                            std::string(parsed.message().data(), parsed.message().size())));
  }
  auto client = context.services->Get(method->service);
  if (!client.ok()) return context.Fail(method->short_name, client.status());
  if (method->descriptor->server_streaming()) {
    CallStream(context, **client, *method, *request);
  } else {
    CallUnary(context, **client, *method, *request);
  }
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

void AddCallCommands(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<CallArguments>();
  CLI::App* call = app.add_subcommand("call", "Call any method of any service with JSON");
  call->fallthrough();
  call->add_option("SERVICE.METHOD", arguments->method, "For example workforce.GetWorker")->required();
  call->add_option("JSON", arguments->json, "The request; - reads it from standard input")
      ->capture_default_str();
  call->callback([&context, arguments] { RunCall(context, *arguments); });

  auto part = std::make_shared<std::string>();
  CLI::App* methods = app.add_subcommand("methods", "The methods that can be called");
  methods->fallthrough();
  methods->add_option("PART", *part, "Only those with this in their names, for example workforce.list");
  methods->callback([&context, part] { ListMethods(context, *part); });
}

}  // namespace oversight::ctl

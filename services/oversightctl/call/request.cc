#include "services/oversightctl/call/request.h"

#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <iostream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace oversight::ctl {

using google::protobuf::Message;

std::unique_ptr<Message> NewMessage(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

std::string JsonText(const std::string& argument) {
  if (argument == "-") {
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  }
  if (!absl::StartsWith(argument, "@")) return argument;
  std::ifstream file(argument.substr(1), std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file) throw CLI::ValidationError("JSON", absl::StrCat("cannot read ", argument.substr(1)));
  return text;
}

void ReadJson(const std::string& option, const std::string& json, Message& message) {
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, &message);
  if (parsed.ok()) return;
  throw CLI::ValidationError(option,
                             absl::StrCat("no ", message.GetDescriptor()->name(), ": ",
                                          std::string(parsed.message().data(), parsed.message().size())));
}

absl::Status CallMethod(Context& context, const CallableMethod& method, const Message& request,
                        Message& response) {
  auto client = context.services->Get(method.service);
  if (!client.ok()) return client.status();
  rpc::CallOptions options;
  options.deadline = context.Deadline();
  return (*client)->Unary(method.full_name, request, &response, options);
}

}  // namespace oversight::ctl

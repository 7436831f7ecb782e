#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "services/oversightctl/call/methods.h"
#include "services/oversightctl/cli/context.h"

namespace oversight::ctl {

std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor* type);

// The text of a JSON argument: itself, the content of `@FILE`, or standard input for `-`. Throws
// CLI::ValidationError when the file cannot be read.
std::string JsonText(const std::string& argument);

// Reads ProtoJSON into a message. Throws CLI::ValidationError naming `option` when it does not fit.
void ReadJson(const std::string& option, const std::string& json, google::protobuf::Message& message);

// Calls a unary method within the timeout.
absl::Status CallMethod(Context& context, const CallableMethod& method,
                        const google::protobuf::Message& request, google::protobuf::Message& response);

}  // namespace oversight::ctl

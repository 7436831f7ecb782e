#include "common/rpc/served_method.h"

#include <utility>

namespace oversight::rpc {
namespace {

const Message& PrototypeOf(const google::protobuf::Descriptor* type) {
  return *google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
}

}  // namespace

ServedMethod::ServedMethod(std::string full_path, const Methods::Handler& method_handler,
                           ServerParts& server_parts)
    : path(std::move(full_path)),
      handler(method_handler),
      parts(server_parts),
      request_prototype(PrototypeOf(handler.descriptor->input_type())),
      response_prototype(PrototypeOf(handler.descriptor->output_type())),
      authority(handler.descriptor->input_type()),
      metrics(server_parts.metrics, handler.descriptor->service()->full_name(), handler.descriptor->name()) {}

}  // namespace oversight::rpc

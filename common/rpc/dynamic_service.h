#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "grpcpp/impl/service_type.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace oversight::rpc {

using UnaryEntry = std::function<grpc::ServerUnaryReactor*(grpc::CallbackServerContext*,
                                                           const grpc::ByteBuffer*, grpc::ByteBuffer*)>;
using StreamEntry = std::function<grpc::ServerWriteReactor<grpc::ByteBuffer>*(grpc::CallbackServerContext*,
                                                                              const grpc::ByteBuffer*)>;

// One method of a service: exactly one of the entries is set.
struct DynamicMethod {
  // `/package.Service/Method`.
  std::string path;
  UnaryEntry unary;
  StreamEntry stream;
};

// A gRPC service whose methods, all of one service, are known only at run time, and which takes and gives
// bytes.
std::unique_ptr<grpc::Service> MakeDynamicService(std::vector<DynamicMethod> methods);

}  // namespace oversight::rpc

#include "common/rpc/dynamic_service.h"

#include <utility>

#include "grpcpp/grpcpp.h"
#if __has_include("grpcpp/impl/server_callback_handlers.h")
#include "grpcpp/impl/server_callback_handlers.h"
#else
#include "grpcpp/impl/codegen/server_callback_handlers.h"
#endif

namespace oversight::rpc {
namespace {

// Registers methods the way generated stubs do (WithRawCallbackMethod), with gRPC's internal handlers: the
// public CallbackGenericService serves any method too, but as bidirectional streams, at a cost for each unary
// call, and neither health nor reflection can list what it serves. Nothing else uses grpc::internal.
class DynamicService final : public grpc::Service {
 public:
  explicit DynamicService(std::vector<DynamicMethod> methods) : methods_(std::move(methods)) {
    int index = 0;
    for (const DynamicMethod& method : methods_) {
      Add(method, index++);
    }
  }

 private:
  void Add(const DynamicMethod& method, int index) {
    using grpc::ByteBuffer;
    using grpc::internal::RpcMethod;
    const bool streaming = method.stream != nullptr;
    AddMethod(new grpc::internal::RpcServiceMethod(
        method.path.c_str(), streaming ? RpcMethod::SERVER_STREAMING : RpcMethod::NORMAL_RPC, nullptr));
    if (streaming) {
      MarkMethodRawCallback(
          index, new grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(method.stream));
    } else {
      MarkMethodRawCallback(index,
                            new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(method.unary));
    }
  }

  // gRPC keeps pointers to the paths.
  const std::vector<DynamicMethod> methods_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDynamicService(std::vector<DynamicMethod> methods) {
  return std::make_unique<DynamicService>(std::move(methods));
}

}  // namespace oversight::rpc

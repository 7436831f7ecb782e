#pragma once

#include <functional>
#include <memory>

#include "common/rpc/server_call.h"
#include "common/rpc/waiting_calls.h"
#include "google/protobuf/arena.h"
#include "grpcpp/support/server_callback.h"

namespace oversight::rpc {

// One unary call. Received and refused on gRPC's threads, handled on a worker (a bulk call is also read
// there), gone before its reply is sent. It is no reactor itself, but finishes the context's own: for any
// other, gRPC wakes one more thread for each call just to say that it is done, at a third of the cost of a
// small read.
class UnaryCall final : public ServerCall, public FairPool::Task, public CallThatWaits {
 public:
  // The entry for dynamic_service.h.
  static grpc::ServerUnaryReactor* Start(ServedMethod& method, grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request, grpc::ByteBuffer* reply);

  void Run() override;
  // rpc::WaitAside.
  absl::StatusOr<std::function<void()>> WaitAside();
  bool cancelled() const override { return ServerCall::cancelled(); }
  void GoOn() override;

 private:
  UnaryCall(ServedMethod& method, grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
            grpc::ByteBuffer* reply);
  absl::Status ReceiveAndAdmit();
  absl::Status Handle();
  // Replies and deletes the call.
  void End(const absl::Status& status);

  static google::protobuf::ArenaOptions ArenaOn(char* block, size_t size);

  grpc::ServerUnaryReactor* const reactor_;
  // Both stay with gRPC until the call is finished.
  const grpc::ByteBuffer* const request_bytes_;
  grpc::ByteBuffer* const reply_bytes_;
  // Most requests and replies fit in here, which saves an allocation for each of their parts.
  alignas(8) char block_[2048];
  google::protobuf::Arena arena_;
  Message* const request_;
  std::shared_ptr<Wait> wait_;
};

}  // namespace oversight::rpc

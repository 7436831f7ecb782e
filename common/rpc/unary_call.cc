#include "common/rpc/unary_call.h"

#include "common/rpc/wait_aside.h"
#include "common/rpc/wire.h"
#include "common/status/grpc_status.h"
#include "common/status/macros.h"

namespace oversight::rpc {
namespace {

absl::Status CannotWait() { return absl::UnimplementedError("this call cannot wait without a thread"); }

}  // namespace

absl::StatusOr<std::function<void()>> WaitAside(Call& call) {
  auto* unary = dynamic_cast<UnaryCall*>(&call);
  if (unary == nullptr) return CannotWait();
  return unary->WaitAside();
}

google::protobuf::ArenaOptions UnaryCall::ArenaOn(char* block, size_t size) {
  google::protobuf::ArenaOptions options;
  options.initial_block = block;
  options.initial_block_size = size;
  return options;
}

UnaryCall::UnaryCall(ServedMethod& method, grpc::CallbackServerContext* context,
                     const grpc::ByteBuffer* request, grpc::ByteBuffer* reply)
    : ServerCall(method, context, method.parts.longest_deadline),
      reactor_(context->DefaultReactor()),
      request_bytes_(request),
      reply_bytes_(reply),
      arena_(ArenaOn(block_, sizeof(block_))),
      request_(method.request_prototype.New(&arena_)) {}

grpc::ServerUnaryReactor* UnaryCall::Start(ServedMethod& method, grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request, grpc::ByteBuffer* reply) {
  auto* call = new UnaryCall(method, context, request, reply);
  method.parts.metrics.in_flight.Increment();
  grpc::ServerUnaryReactor* const reactor = call->reactor_;
  // Once admitted it belongs to a worker, and may be gone already.
  const absl::Status admitted = call->ReceiveAndAdmit();
  if (!admitted.ok()) call->End(admitted);
  return reactor;
}

absl::Status UnaryCall::ReceiveAndAdmit() {
  if (method_.handler.bulk) {
    OVERSIGHT_RETURN_IF_ERROR(Authenticate());
    return AdmitTo(method_.parts.bulk_threads, actor(), this);
  }
  OVERSIGHT_RETURN_IF_ERROR(Receive(*request_bytes_, request_));
  return Admit(method_.parts.workers, *request_, this);
}

void UnaryCall::Run() {
  const absl::Status status = Handle();
  const std::shared_ptr<Wait> wait = std::move(wait_);
  if (wait != nullptr && !status.ok()) {
    wait->Begin();
    return;
  }
  if (wait != nullptr) wait->Drop();
  End(status);
}

absl::StatusOr<std::function<void()>> UnaryCall::WaitAside() {
  if (method_.handler.bulk) return CannotWait();
  if (wait_ == nullptr) {
    std::string scratch;
    OVERSIGHT_ASSIGN_OR_RETURN(
        wait_, method_.parts.waiting_calls.Add(this, LaneOf(*request_, &scratch), deadline()));
  }
  return [wait = wait_] { wait->End(); };
}

void UnaryCall::GoOn() {
  const absl::Status admitted = Admit(method_.parts.workers, *request_, this);
  if (!admitted.ok()) End(admitted);
}

absl::Status UnaryCall::Handle() {
  OVERSIGHT_RETURN_IF_ERROR(StillWanted());
  if (method_.handler.bulk) OVERSIGHT_RETURN_IF_ERROR(Read(*request_bytes_, request_));
  return Guard([this] {
    Message* reply = method_.response_prototype.New(&arena_);
    OVERSIGHT_RETURN_IF_ERROR(method_.handler.unary(*this, *request_, *reply));
    *reply_bytes_ = SerializeBytes(*reply);
    return absl::OkStatus();
  });
}

void UnaryCall::End(const absl::Status& status) {
  Account(status);
  method_.parts.metrics.in_flight.Decrement();
  const grpc::Status result = ToGrpcStatus(status);
  grpc::ServerUnaryReactor* const reactor = reactor_;
  delete this;
  reactor->Finish(result);
}

}  // namespace oversight::rpc

#include "common/rpc/stream_call.h"

#include "absl/time/time.h"
#include "common/rpc/wire.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"

namespace oversight::rpc {

StreamCall::StreamCall(ServedMethod& method, grpc::CallbackServerContext* context)
    : ServerCall(method, context, absl::InfiniteDuration()), request_(method.request_prototype.New()) {}

grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamCall::Start(ServedMethod& method,
                                                              grpc::CallbackServerContext* context,
                                                              const grpc::ByteBuffer* request) {
  const auto call = std::make_shared<StreamCall>(method, context);
  call->KeepAlive();
  method.parts.metrics.in_flight.Increment();
  const absl::Status admitted = call->ReceiveAndAdmit(*request);
  if (!admitted.ok()) call->End(admitted);
  return call.get();
}

absl::Status StreamCall::ReceiveAndAdmit(const grpc::ByteBuffer& bytes) {
  OVERSIGHT_RETURN_IF_ERROR(Receive(bytes, request_.get()));
  return Admit(method_.parts.stream_threads, *request_, this);
}

void StreamCall::Run() { End(Handle()); }

absl::Status StreamCall::Handle() {
  OVERSIGHT_RETURN_IF_ERROR(StillWanted());
  return Guard([this] { return method_.handler.stream(*this, *request_, *this); });
}

bool StreamCall::Write(const Message& message) {
  grpc::ByteBuffer bytes = SerializeBytes(message);
  while (true) {
    {
      const std::lock_guard lock(room_mutex_);
      room_ = false;
    }
    const Offer offer = Push(bytes);
    if (offer != Offer::kFull) return offer == Offer::kTaken;
    std::unique_lock lock(room_mutex_);
    const bool moved = room_changed_.wait_for(
        lock, absl::ToChronoNanoseconds(method_.parts.stream_stall_limit), [this] { return room_; });
    if (!moved) {
      lock.unlock();
      context_->TryCancel();
      return false;
    }
  }
}

void StreamCall::OnRoom() {
  {
    const std::lock_guard lock(room_mutex_);
    room_ = true;
  }
  room_changed_.notify_one();
}

void StreamCall::End(const absl::Status& status) {
  Account(status);
  method_.parts.metrics.in_flight.Decrement();
  Close(ToGrpcStatus(status));
  AllowEnd();
}

}  // namespace oversight::rpc

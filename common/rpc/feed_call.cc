#include "common/rpc/feed_call.h"

#include <utility>

#include "common/rpc/wire.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"

namespace oversight::rpc {

FeedCall::FeedCall(ServedMethod& method, grpc::CallbackServerContext* context)
    : ServerCall(method, context, absl::InfiniteDuration()), request_(method.request_prototype.New()) {}

grpc::ServerWriteReactor<grpc::ByteBuffer>* FeedCall::Start(ServedMethod& method,
                                                            grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer* request) {
  const auto call = std::make_shared<FeedCall>(method, context);
  call->KeepAlive();
  method.parts.metrics.open_feeds.Increment();
  const absl::Status admitted = call->ReceiveAndAdmit(*request);
  if (!admitted.ok()) {
    call->Close(admitted);
    call->AllowEnd();
  }
  return call.get();
}

absl::Status FeedCall::ReceiveAndAdmit(const grpc::ByteBuffer& bytes) {
  OVERSIGHT_RETURN_IF_ERROR(Receive(bytes, request_.get()));
  OVERSIGHT_RETURN_IF_ERROR(
      method_.parts.feeds.Add(std::static_pointer_cast<FeedCall>(Outbox::shared_from_this())));
  return Admit(method_.parts.workers, *request_, this);
}

void FeedCall::Run() {
  const absl::Status opened = Open();
  request_.reset();
  if (!opened.ok()) Close(opened);
  AllowEnd();
}

absl::Status FeedCall::Open() {
  OVERSIGHT_RETURN_IF_ERROR(StillWanted());
  auto feed = std::static_pointer_cast<FeedCall>(Outbox::shared_from_this());
  return Guard([&] { return method_.handler.feed(*this, *request_, std::move(feed)); });
}

bool FeedCall::TrySend(const Message& message) {
  if (Ended()) return false;
  grpc::ByteBuffer bytes = SerializeBytes(message);
  return Push(bytes) == Offer::kTaken;
}

void FeedCall::Close(absl::Status status) {
  {
    const std::lock_guard lock(owner_mutex_);
    if (!std::exchange(end_known_, true)) end_ = status;
  }
  Outbox::Close(ToGrpcStatus(status));
}

void FeedCall::SetReadyCallback(std::function<void()> ready) {
  const std::lock_guard lock(owner_mutex_);
  ready_ = std::move(ready);
}

void FeedCall::OnRoom() {
  std::function<void()> ready;
  {
    const std::lock_guard lock(owner_mutex_);
    ready = ready_;
  }
  if (ready) ready();
}

void FeedCall::OnAbandoned() {
  Close(Error(absl::StatusCode::kCancelled, "CANCELLED", "the caller has gone"));
}

void FeedCall::OnGone() {
  method_.parts.feeds.Remove(this);
  method_.parts.metrics.open_feeds.Decrement();
  Account(end_);
  // The owner's callback may hold the feed itself.
  SetReadyCallback(nullptr);
}

}  // namespace oversight::rpc

#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "common/rpc/outbox.h"
#include "common/rpc/server_call.h"

namespace oversight::rpc {

// One feed: opened on a worker, then without a thread until it ends.
class FeedCall final : public Outbox, public ServerCall, public FairPool::Task, public Feed {
 public:
  // The entry for dynamic_service.h.
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* Start(ServedMethod& method,
                                                           grpc::CallbackServerContext* context,
                                                           const grpc::ByteBuffer* request);
  FeedCall(ServedMethod& method, grpc::CallbackServerContext* context);

  void Run() override;
  bool TrySend(const Message& message) override;
  void Close(absl::Status status) override;
  bool ended() const override { return Ended(); }
  void SetReadyCallback(std::function<void()> ready) override;

 private:
  absl::Status ReceiveAndAdmit(const grpc::ByteBuffer& bytes);
  absl::Status Open();
  void OnRoom() override;
  void OnAbandoned() override;
  void OnGone() override;

  std::unique_ptr<Message> request_;
  std::mutex owner_mutex_;
  std::function<void()> ready_;
  absl::Status end_;
  bool end_known_ = false;
};

}  // namespace oversight::rpc

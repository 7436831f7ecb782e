#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "common/rpc/outbox.h"
#include "common/rpc/server_call.h"

namespace oversight::rpc {

// One bounded stream: its handler runs on a thread of the stream pool and blocks while the caller is slow.
class StreamCall final : public Outbox, public ServerCall, public FairPool::Task, public StreamWriter {
 public:
  // The entry for dynamic_service.h.
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* Start(ServedMethod& method,
                                                           grpc::CallbackServerContext* context,
                                                           const grpc::ByteBuffer* request);
  StreamCall(ServedMethod& method, grpc::CallbackServerContext* context);

  void Run() override;
  bool Write(const Message& message) override;

 private:
  absl::Status ReceiveAndAdmit(const grpc::ByteBuffer& bytes);
  absl::Status Handle();
  void End(const absl::Status& status);
  void OnRoom() override;

  const std::unique_ptr<Message> request_;
  std::mutex room_mutex_;
  std::condition_variable room_changed_;
  bool room_ = false;
};

}  // namespace oversight::rpc

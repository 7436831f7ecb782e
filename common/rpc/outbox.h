#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>

#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "grpcpp/support/status.h"

namespace oversight::rpc {

// The bounded buffer of one server stream: gRPC takes one message at a time, the others wait here.
// Thread-safe. It keeps itself alive until gRPC is done with it.
class Outbox : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
               public std::enable_shared_from_this<Outbox> {
 public:
  enum class Offer { kTaken, kFull, kEnded };

  static constexpr size_t kMostMessages = 64;
  // A single larger message is taken when the buffer is empty.
  static constexpr size_t kMostBytes = 1024 * 1024;

 protected:
  // To be called once, right after construction.
  void KeepAlive() { self_ = shared_from_this(); }

  // Moves from `message` only when it is taken. After kFull, OnRoom tells when to offer again.
  Offer Push(grpc::ByteBuffer& message);
  // Ends the stream with this status once all that was taken has been sent. The first one counts.
  void Close(grpc::Status status);
  // Until called, the stream is not ended, whatever happens to it: the call's context stays valid.
  void AllowEnd();
  // True once no more messages are taken: closed, or the caller has gone.
  bool Ended() const;
  // True once the caller has gone or its deadline has passed.
  bool Abandoned() const;

  // Called without locks held: the buffer is at most half full again after it was full, or the stream has
  // ended.
  virtual void OnRoom() = 0;
  // Called without locks held, at most once: the caller has gone.
  virtual void OnAbandoned() {}
  // The last call of all.
  virtual void OnGone() {}

 private:
  void OnWriteDone(bool ok) final;
  void OnCancel() final;
  void OnDone() final;

  // What to do once the lock is released.
  enum class Step { kNothing, kWrite, kFinish };
  Step NextStep();
  void Take(Step step);

  mutable std::mutex mutex_;
  std::shared_ptr<Outbox> self_;
  std::deque<grpc::ByteBuffer> waiting_;
  size_t waiting_bytes_ = 0;
  grpc::ByteBuffer writing_;
  grpc::Status status_;
  bool write_open_ = false;
  bool was_full_ = false;
  bool end_allowed_ = false;
  bool closed_ = false;
  bool abandoned_ = false;
  bool finished_ = false;
};

}  // namespace oversight::rpc

#pragma once

#include <exception>
#include <string>
#include <typeinfo>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/call.h"
#include "common/rpc/served_method.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"

namespace oversight::rpc {

// What unary calls, streams and feeds have in common: identity, deadline, trailers, accounts.
class ServerCall : public Call {
 public:
  absl::string_view method() const override { return method_.path; }
  const Principal& principal() const override { return principal_; }
  const std::string& request_id() const override { return request_id_; }
  absl::Time deadline() const override { return deadline_; }
  bool cancelled() const override;
  void AddTrailer(absl::string_view key, absl::string_view value) override;

 protected:
  ServerCall(ServedMethod& method, grpc::CallbackServerContext* context, absl::Duration longest);

  // Finds out who calls, and whether too often (CALLER_LIMIT).
  absl::Status Authenticate();
  // Reads the request (MALFORMED_REQUEST).
  absl::Status Read(const grpc::ByteBuffer& bytes, Message* request) const;
  // Authenticates, then reads the request.
  absl::Status Receive(const grpc::ByteBuffer& bytes, Message* request);
  // Puts the task into the pool, in the lane of the request's authority (OVERLOADED).
  absl::Status Admit(FairPool& pool, const Message& request, FairPool::Task* task);
  // In whose lane a request stands; the text may lie in `request` or in `scratch`.
  absl::string_view LaneOf(const Message& request, std::string* scratch) const;
  // The same in a lane of this name.
  absl::Status AdmitTo(FairPool& pool, absl::string_view lane, FairPool::Task* task);
  // CANCELLED or DEADLINE_EXCEEDED when nobody waits for the call any more.
  absl::Status StillWanted() const;
  // Runs a handler; whatever it throws becomes INTERNAL.
  template <typename Handler>
  absl::Status Guard(const Handler& handler);
  // Metrics and log of the end of the call.
  void Account(const absl::Status& status);

  ServedMethod& method_;
  // Valid until gRPC says that the call is done.
  grpc::CallbackServerContext* const context_;

 private:
  // By the exception's type only: its text may quote data.
  static absl::Status Thrown(absl::string_view type);

  const absl::Time received_;
  absl::Time deadline_;
  Principal principal_;
  std::string request_id_;
};

template <typename Handler>
absl::Status ServerCall::Guard(const Handler& handler) {
  try {
    return handler();
  } catch (const std::exception& exception) {
    return Thrown(typeid(exception).name());
  } catch (...) {
    return Thrown("something that is no exception");
  }
}

}  // namespace oversight::rpc

#include "common/rpc/client.h"

#include <atomic>
#include <chrono>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/transport_security.h"
#include "common/rpc/wire.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

namespace oversight::rpc {
namespace {

using google::protobuf::Message;

absl::StatusOr<std::string> ReadToken(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  std::string token(absl::StripAsciiWhitespace(text.str()));
  if (!file || token.empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, "TOKEN_FILE", absl::StrCat("no token in ", path));
  }
  for (const char c : token) {
    if (!absl::ascii_isgraph(c)) {
      return Error(absl::StatusCode::kFailedPrecondition, "TOKEN_FILE", absl::StrCat(path, " is no token"));
    }
  }
  return token;
}

absl::Status Unreadable(absl::string_view method) {
  return Error(absl::StatusCode::kInternal, "MALFORMED_REPLY",
               absl::StrCat(method, ": the reply cannot be read"));
}

// Fills in what each call bears: deadline, request id, who calls.
absl::Status Prepare(const ClientOptions& options, const CallOptions& call, grpc::ClientContext& context) {
  if (call.deadline != absl::InfiniteFuture()) context.set_deadline(absl::ToChronoTime(call.deadline));
  if (!call.request_id.empty()) context.AddMetadata("oversight-request-id", call.request_id);
  if (!options.demo_user.empty()) context.AddMetadata("oversight-demo-user", options.demo_user);
  if (!options.token_file.empty()) {
    OVERSIGHT_ASSIGN_OR_RETURN(const std::string token, ReadToken(options.token_file));
    context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
  }
  return absl::OkStatus();
}

// A server that shuts down cancels, without any detail, calls that reach it too late.
absl::Status Ended(const grpc::Status& status, bool cancelled_here) {
  if (status.error_code() == grpc::StatusCode::CANCELLED && status.error_details().empty() &&
      !cancelled_here) {
    return Error(absl::StatusCode::kUnavailable, "UNAVAILABLE", "the server went away during the call");
  }
  return FromGrpcStatus(status);
}

// Waits for the only operation in flight.
bool NextOk(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok;
}

class GrpcStreamReader final : public StreamReader {
 public:
  GrpcStreamReader(grpc::GenericStub& stub, const ClientOptions& options, const CallOptions& call,
                   absl::string_view method, const Message& request)
      : method_(method), failed_(Prepare(options, call, context_)) {
    if (!failed_.ok()) return;
    stream_ = stub.PrepareCall(&context_, method_, &queue_);
    stream_->StartCall(nullptr);
    open_ = NextOk(queue_);
    if (!open_) return;
    stream_->WriteLast(SerializeBytes(request), grpc::WriteOptions(), nullptr);
    open_ = NextOk(queue_);
  }

  ~GrpcStreamReader() override {
    Cancel();
    if (stream_ != nullptr && !finished_) Finish().IgnoreError();
    queue_.Shutdown();
    while (NextOk(queue_)) {
    }
  }

  bool Read(Message* message) override {
    if (!open_) return false;
    grpc::ByteBuffer bytes;
    stream_->Read(&bytes, nullptr);
    open_ = NextOk(queue_);
    if (!open_) return false;
    if (ParseBytes(bytes, message)) return true;
    failed_ = Unreadable(method_);
    context_.TryCancel();
    return open_ = false;
  }

  absl::Status Finish() override {
    if (stream_ == nullptr || finished_) return failed_;
    finished_ = true;
    open_ = false;
    grpc::Status status;
    stream_->Finish(&status, nullptr);
    NextOk(queue_);
    if (failed_.ok()) failed_ = Ended(status, cancelled_);
    return failed_;
  }

  void Cancel() override {
    cancelled_ = true;
    context_.TryCancel();
  }

 private:
  const std::string method_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  // How it ended, once that is known; before, the first thing that went wrong here.
  absl::Status failed_;
  std::atomic<bool> cancelled_{false};
  bool open_ = false;
  bool finished_ = false;
};

class GrpcClient final : public Client {
 public:
  GrpcClient(const ClientOptions& options, std::shared_ptr<grpc::Channel> channel)
      : options_(options), stub_(std::move(channel)) {}

  absl::Status Unary(absl::string_view method, const Message& request, Message* response,
                     const CallOptions& call,
                     std::vector<std::pair<std::string, std::string>>* trailers) override {
    grpc::ClientContext context;
    OVERSIGHT_RETURN_IF_ERROR(Prepare(options_, call, context));
    // As gRPC's own blocking calls do, the calling thread itself drives its call.
    grpc::CompletionQueue queue;
    const auto reader =
        stub_.PrepareUnaryCall(&context, std::string(method), SerializeBytes(request), &queue);
    reader->StartCall();
    grpc::ByteBuffer reply;
    grpc::Status status;
    reader->Finish(&reply, &status, nullptr);
    NextOk(queue);
    if (trailers != nullptr) CopyTrailers(context, *trailers);
    if (!status.ok()) return Ended(status, false);
    if (!ParseBytes(reply, response)) return Unreadable(method);
    return absl::OkStatus();
  }

  std::unique_ptr<StreamReader> Stream(absl::string_view method, const Message& request,
                                       const CallOptions& call) override {
    return std::make_unique<GrpcStreamReader>(stub_, options_, call, method, request);
  }

 private:
  static void CopyTrailers(const grpc::ClientContext& context,
                           std::vector<std::pair<std::string, std::string>>& trailers) {
    trailers.clear();
    for (const auto& [key, value] : context.GetServerTrailingMetadata()) {
      trailers.emplace_back(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
    }
  }

  const ClientOptions options_;
  grpc::GenericStub stub_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> Client::Create(const ClientOptions& options) {
  if (options.target.empty()) return absl::FailedPreconditionError("a client needs the server's address");
  OVERSIGHT_ASSIGN_OR_RETURN(auto credentials, MakeChannelCredentials(options));
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(options.max_message_bytes);
  arguments.SetLoadBalancingPolicyName("round_robin");
  // A service that came back is found soon, one that is away is not hammered.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  // Clients of different identity must not share a connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  if (options.follow_health) {
    arguments.SetServiceConfigJSON(
        R"({"loadBalancingConfig":[{"round_robin":{}}],"healthCheckConfig":{"serviceName":""}})");
  }
  if (!options.tls_server_name.empty()) arguments.SetSslTargetNameOverride(options.tls_server_name);
  return std::make_unique<GrpcClient>(options,
                                      grpc::CreateCustomChannel(options.target, credentials, arguments));
}

}  // namespace oversight::rpc

#include "common/rpc/server.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/log/log.h"
#include "common/rpc/dynamic_service.h"
#include "common/rpc/feed_call.h"
#include "common/rpc/served_method.h"
#include "common/rpc/stream_call.h"
#include "common/rpc/transport_security.h"
#include "common/rpc/unary_call.h"
#include "common/status/macros.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"

namespace oversight::rpc {
namespace {

int Milliseconds(absl::Duration duration) { return static_cast<int>(absl::ToInt64Milliseconds(duration)); }

void SetLimits(const ServerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(options.max_message_bytes);
  // A compressed message may unfold to any size; clients are told and send plain ones.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  // Two servers on one port would share the connections unseen.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 1000);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 16 * 1024);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(options.max_connection_age));
  // Long enough for every unary call and most snapshots; feeds go on elsewhere with their token.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Milliseconds(absl::Minutes(10)));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(absl::Seconds(60)));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(absl::Seconds(20)));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Milliseconds(absl::Seconds(20)));
  // Reflection alone is served by threads of gRPC's own, one for each open call.
  grpc::ResourceQuota quota("oversight");
  quota.SetMaxThreads(8);
  builder.SetResourceQuota(quota);
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
}

FairPool::Options WorkerOptions(const ServerOptions& options, RpcMetrics& metrics) {
  return {
      .threads = options.worker_threads,
      .queue_limit = options.queue_limit,
      .lane_limit = options.queue_limit_per_authority,
      .queue_length = &metrics.queue_length.Add({{"pool", "worker"}}),
      .queue_wait_seconds = &metrics.queue_wait_seconds.Add({{"pool", "worker"}}, metrics::LatencyBuckets())};
}

// Few, because each call keeps a database connection busy for long. One caller's calls stand in one lane: the
// authority is only known once the request has been read, and that is work for these threads.
FairPool::Options BulkOptions(const ServerOptions& options, RpcMetrics& metrics) {
  return {
      .threads = options.bulk_threads,
      .queue_limit = 4 * options.bulk_threads,
      .lane_limit = 2 * options.bulk_threads,
      .gives_way = true,
      .queue_length = &metrics.queue_length.Add({{"pool", "bulk"}}),
      .queue_wait_seconds = &metrics.queue_wait_seconds.Add({{"pool", "bulk"}}, metrics::LatencyBuckets())};
}

// Streams take long: a caller is better told to come back than left waiting behind many.
FairPool::Options StreamOptions(const ServerOptions& options, RpcMetrics& metrics) {
  return {
      .threads = options.stream_threads,
      .queue_limit = 4 * options.stream_threads,
      .lane_limit = 2 * options.stream_threads,
      .queue_length = &metrics.queue_length.Add({{"pool", "stream"}}),
      .queue_wait_seconds = &metrics.queue_wait_seconds.Add({{"pool", "stream"}}, metrics::LatencyBuckets())};
}

class GrpcServer final : public Server {
 public:
  GrpcServer(const ServerOptions& options, std::unique_ptr<Authenticator> authenticator,
             metrics::Registry& registry)
      : options_(options),
        authenticator_(std::move(authenticator)),
        metrics_(registry),
        feeds_(static_cast<size_t>(std::max(0, options.feed_limit))),
        waiting_calls_({.limit = static_cast<size_t>(std::max(0, options.queue_limit)),
                        .lane_limit = static_cast<size_t>(std::max(0, options.queue_limit_per_authority)),
                        .waiting = &metrics_.waiting_calls}),
        workers_(WorkerOptions(options, metrics_)),
        bulk_threads_(BulkOptions(options, metrics_)),
        stream_threads_(StreamOptions(options, metrics_)),
        caller_limits_(options.caller_rate, options.caller_burst),
        parts_{*authenticator_,
               caller_limits_,
               workers_,
               bulk_threads_,
               stream_threads_,
               feeds_,
               waiting_calls_,
               metrics_,
               options.longest_deadline,
               options.stream_stall_limit} {}

  ~GrpcServer() override { Stop(absl::ZeroDuration()); }

  absl::Status Listen(const Methods& methods) {
    OVERSIGHT_ASSIGN_OR_RETURN(auto credentials, MakeServerCredentials(options_));
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    SetLimits(options_, builder);
    AddServices(methods, builder);
    builder.AddListeningPort(options_.listen, credentials, &port_);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) {
      return absl::FailedPreconditionError(absl::StrCat("cannot listen on ", options_.listen));
    }
    SetServing(false);
    return absl::OkStatus();
  }

  int port() const override { return port_; }

  void SetServing(bool serving) override {
    const std::lock_guard lock(health_mutex_);
    if (serving && draining_) return;
    grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
    if (health == nullptr) return;
    health->SetServingStatus(serving);
    for (const std::string& service : service_names_) health->SetServingStatus(service, serving);
  }

  void Drain() override {
    {
      const std::lock_guard lock(health_mutex_);
      if (draining_) return;
      draining_ = true;
    }
    SetServing(false);
    std::this_thread::sleep_for(absl::ToChronoNanoseconds(options_.drain_notice));
    Stop(options_.drain_timeout);
  }

 private:
  void AddServices(const Methods& methods, grpc::ServerBuilder& builder) {
    for (const google::protobuf::ServiceDescriptor* service : methods.services()) {
      service_names_.push_back(service->full_name());
      std::vector<DynamicMethod> dynamic;
      for (int i = 0; i < service->method_count(); ++i) {
        const std::string path = absl::StrCat("/", service->full_name(), "/", service->method(i)->name());
        dynamic.push_back(Serve(path, methods.handlers().at(path)));
      }
      services_.push_back(MakeDynamicService(std::move(dynamic)));
      builder.RegisterService(services_.back().get());
    }
  }

  DynamicMethod Serve(const std::string& path, const Methods::Handler& handler) {
    using grpc::ByteBuffer;
    methods_.push_back(std::make_unique<ServedMethod>(path, handler, parts_));
    ServedMethod& method = *methods_.back();
    DynamicMethod dynamic{.path = path};
    if (handler.unary) {
      dynamic.unary = [&method](grpc::CallbackServerContext* context, const ByteBuffer* request,
                                ByteBuffer* reply) {
        return UnaryCall::Start(method, context, request, reply);
      };
    } else if (handler.feed) {
      dynamic.stream = [&method](grpc::CallbackServerContext* context, const ByteBuffer* request) {
        return FeedCall::Start(method, context, request);
      };
    } else {
      dynamic.stream = [&method](grpc::CallbackServerContext* context, const ByteBuffer* request) {
        return StreamCall::Start(method, context, request);
      };
    }
    return dynamic;
  }

  // Ends feeds and waits, refuses new calls, waits for the running ones; cancels those that take longer than
  // `patience`.
  void Stop(absl::Duration patience) {
    if (server_ == nullptr || stopped_.exchange(true)) return;
    feeds_.Drain();
    waiting_calls_.Drain();
    server_->Shutdown(std::chrono::system_clock::now() +
                      absl::ToChronoNanoseconds(std::min(patience, absl::Hours(1))));
    server_->Wait();
  }

  const ServerOptions options_;
  const std::unique_ptr<Authenticator> authenticator_;
  RpcMetrics metrics_;
  FeedRegistry feeds_;
  WaitingCalls waiting_calls_;
  FairPool workers_;
  FairPool bulk_threads_;
  FairPool stream_threads_;
  CallerLimits caller_limits_;
  ServerParts parts_;
  std::vector<std::unique_ptr<ServedMethod>> methods_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::vector<std::string> service_names_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  std::mutex health_mutex_;
  bool draining_ = false;
  std::atomic<bool> stopped_{false};
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, const Methods& methods,
                                                      metrics::Registry* metrics, const Clock* clock) {
  OVERSIGHT_RETURN_IF_ERROR(methods.CheckComplete());
#ifdef NDEBUG
  // Distributions build Abseil, whose locks gRPC uses, with deadlock detection on: worth 5 % of the calls.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  OVERSIGHT_ASSIGN_OR_RETURN(std::unique_ptr<Authenticator> authenticator,
                             Authenticator::Create(options, clock));
  auto server = std::make_unique<GrpcServer>(options, std::move(authenticator), *metrics);
  OVERSIGHT_RETURN_IF_ERROR(server->Listen(methods));
  if (options.tls_certificate_file.empty() && !IsLoopback(options.listen)) {
    log::Warning("callers' tokens travel unencrypted unless something else protects this address",
                 {{"listen", options.listen}});
  }
  return server;
}

}  // namespace oversight::rpc

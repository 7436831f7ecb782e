#include "tests/load/bare_server.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/signals.h"
#include "common/status/macros.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"
#include "oversight/bare/v1/bare_service.grpc.pb.h"
#include "tests/load/bare_session.h"

namespace oversight::load {
namespace {

namespace v1 = workforce::v1;
using Bare = bare::v1::BareService;

using Work = std::function<void(BareSession&)>;

class SessionPool {
 public:
  ~SessionPool() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  absl::Status Start(const mysql::ConnectionOptions& database, int threads) {
    for (int i = 0; i < threads; ++i) {
      OVERSIGHT_ASSIGN_OR_RETURN(std::unique_ptr<BareSession> session, BareSession::Open(database));
      threads_.emplace_back([this, session = std::move(session)] { Serve(*session); });
    }
    return absl::OkStatus();
  }

  void Add(Work work) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(work));
    }
    wake_.notify_one();
  }

 private:
  void Serve(BareSession& session) {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      const Work work = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      work(session);
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Work> waiting_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

grpc::Status ToGrpc(const absl::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

using CallbackMethods = Bare::WithCallbackMethod_GetWorker<
    Bare::WithCallbackMethod_UpdateWorker<Bare::WithCallbackMethod_CreateAbsence<Bare::Service>>>;

class BareService final : public CallbackMethods {
 public:
  explicit BareService(SessionPool& pool) : pool_(pool) {}

  grpc::ServerUnaryReactor* GetWorker(grpc::CallbackServerContext* context,
                                      const v1::GetWorkerRequest* request, v1::Worker* reply) override {
    return Pooled(context, [=](BareSession& session) { return session.ReadWorker(request->name(), *reply); });
  }
  grpc::ServerUnaryReactor* UpdateWorker(grpc::CallbackServerContext* context,
                                         const v1::UpdateWorkerRequest* request, v1::Worker* reply) override {
    return Pooled(context,
                  [=](BareSession& session) { return session.UpdateWorker(request->worker(), *reply); });
  }
  grpc::ServerUnaryReactor* CreateAbsence(grpc::CallbackServerContext* context,
                                          const v1::CreateAbsenceRequest* request,
                                          v1::Absence* reply) override {
    return Pooled(context, [=](BareSession& session) {
      return session.CreateAbsence(request->parent(), request->absence_id(), request->absence(), *reply);
    });
  }

 private:
  template <typename Operation>
  grpc::ServerUnaryReactor* Pooled(grpc::CallbackServerContext* context, Operation operation) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    pool_.Add([=](BareSession& session) { reactor->Finish(ToGrpc(operation(session))); });
    return reactor;
  }

  SessionPool& pool_;
};

}  // namespace

absl::Status RunBareServer(const mysql::ConnectionOptions& database, int port, int threads) {
  SessionPool pool;
  OVERSIGHT_RETURN_IF_ERROR(pool.Start(database, threads));
  BareService service(pool);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort(absl::StrCat("127.0.0.1:", port), grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return absl::UnavailableError("the bare server cannot listen");
  rpc::WaitForTermination();
  server->Shutdown();
  return absl::OkStatus();
}

}  // namespace oversight::load

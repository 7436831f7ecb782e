#include "tests/load/load_loop.h"

#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/grpc_status.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

namespace oversight::load {
namespace {

using std::chrono::steady_clock;

int64_t NanosecondsSince(steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(steady_clock::now() - start).count();
}

// One call after the other in one of the places that are kept busy.
struct Place {
  grpc::GenericStub* stub = nullptr;
  std::optional<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer reply;
  grpc::Status status;
  steady_clock::time_point start;

  void Begin(const std::string& method, const grpc::ByteBuffer& request, grpc::CompletionQueue& queue) {
    reader.reset();
    context.emplace();
    context->AddMetadata("oversight-demo-user", "load");
    start = steady_clock::now();
    reader = stub->PrepareUnaryCall(&*context, method, request, &queue);
    reader->StartCall();
    reader->Finish(&reply, &status, this);
  }
};

// Collects what several threads measured, and the first error.
struct Shared {
  std::mutex mutex;
  std::vector<int64_t> latencies;
  absl::Status error;
  std::atomic<bool> stop{false};

  void Add(const std::vector<int64_t>& more) {
    const std::lock_guard lock(mutex);
    latencies.insert(latencies.end(), more.begin(), more.end());
  }
  void Fail(const absl::Status& status) {
    const std::lock_guard lock(mutex);
    if (error.ok()) error = status;
    stop = true;
  }
};

}  // namespace

std::vector<std::shared_ptr<grpc::Channel>> Connect(const std::string& target, int in_flight) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < std::min(4, in_flight); ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt("oversight.load.connection", i);
    channels.push_back(grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments));
  }
  return channels;
}

absl::StatusOr<Sample> RunCalls(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                                const std::string& method, int in_flight, const Stretch& stretch,
                                const std::function<grpc::ByteBuffer(uint64_t n)>& request) {
  grpc::CompletionQueue queue;
  std::deque<grpc::GenericStub> stubs(channels.begin(), channels.end());
  std::deque<Place> places(static_cast<size_t>(in_flight));
  uint64_t n = 0;
  for (size_t i = 0; i < places.size(); ++i) {
    places[i].stub = &stubs[i % stubs.size()];
    places[i].Begin(method, request(n++), queue);
  }

  const auto measure_from = steady_clock::now() + absl::ToChronoNanoseconds(stretch.warm_up);
  const auto end = measure_from + absl::ToChronoNanoseconds(stretch.measured);
  std::vector<int64_t> latencies;
  absl::Status error;
  int busy = in_flight;
  void* tag = nullptr;
  bool ok = false;
  while (busy > 0 && queue.Next(&tag, &ok)) {
    auto& place = *static_cast<Place*>(tag);
    const auto now = steady_clock::now();
    if (!place.status.ok() && error.ok()) error = FromGrpcStatus(place.status);
    if (now >= measure_from && now < end) latencies.push_back(NanosecondsSince(place.start));
    if (now < end && error.ok()) {
      place.Begin(method, request(n++), queue);
    } else {
      --busy;
    }
  }
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  if (!error.ok()) return error;
  return Summarise(latencies, stretch.measured);
}

absl::StatusOr<Sample> RunThreads(int threads, const Stretch& stretch,
                                  const std::function<absl::Status(int thread, uint64_t n)>& operation) {
  Shared shared;
  std::atomic<uint64_t> next{0};
  const auto measure_from = steady_clock::now() + absl::ToChronoNanoseconds(stretch.warm_up);
  const auto end = measure_from + absl::ToChronoNanoseconds(stretch.measured);
  const auto work = [&](int thread) {
    std::vector<int64_t> latencies;
    while (!shared.stop) {
      const auto start = steady_clock::now();
      if (start >= end) break;
      if (const absl::Status status = operation(thread, next++); !status.ok()) {
        shared.Fail(status);
        break;
      }
      const auto now = steady_clock::now();
      if (now >= measure_from && now < end) latencies.push_back(NanosecondsSince(start));
    }
    shared.Add(latencies);
  };
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back(work, i);
  for (std::thread& thread : running) thread.join();
  if (!shared.error.ok()) return shared.error;
  return Summarise(shared.latencies, stretch.measured);
}

absl::StatusOr<Sample> RunPaced(int threads, double per_second, const std::function<bool(uint64_t n)>& go_on,
                                const std::function<absl::Status(int thread, uint64_t n)>& operation) {
  Shared shared;
  std::atomic<uint64_t> next{0};
  const auto begin = steady_clock::now();
  const auto work = [&](int thread) {
    std::vector<int64_t> latencies;
    while (!shared.stop) {
      const uint64_t n = next++;
      const auto due =
          begin + std::chrono::nanoseconds(static_cast<int64_t>(1e9 * static_cast<double>(n) / per_second));
      std::this_thread::sleep_until(due);
      if (!go_on(n)) break;
      if (const absl::Status status = operation(thread, n); !status.ok()) {
        shared.Fail(status);
        break;
      }
      latencies.push_back(NanosecondsSince(due));
    }
    shared.Add(latencies);
  };
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back(work, i);
  for (std::thread& thread : running) thread.join();
  if (!shared.error.ok()) return shared.error;
  return Summarise(shared.latencies, absl::Nanoseconds(NanosecondsSince(begin)));
}

}  // namespace oversight::load

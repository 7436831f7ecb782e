#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/time/clock.h"
#include "services/oversightctl/cli/services.h"

namespace oversight::ctl {

// A clock that only sleeping moves.
class SleepingClock final : public Clock {
 public:
  absl::Time Now() const override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  void Sleep(absl::Duration duration) {
    absl::MutexLock lock(&mutex_);
    now_ += duration;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
};

// All four services in one: answers by method name.
class FakeServices final : public Services, public rpc::Client {
 public:
  using Message = google::protobuf::Message;
  using UnaryHandler = std::function<absl::Status(const Message& request, Message* response)>;
  // All messages of the stream.
  using StreamHandler =
      std::function<absl::Status(const Message& request, std::vector<std::string>& serialized)>;

  template <typename Request, typename Response>
  void OnUnary(const std::string& method, std::function<absl::Status(const Request&, Response&)> handler) {
    unary_[method] = [handler](const Message& request, Message* response) {
      Response typed;
      const absl::Status status = handler(static_cast<const Request&>(request), typed);
      response->ParseFromString(typed.SerializeAsString());
      return status;
    };
  }
  template <typename Request, typename Response>
  void OnStream(const std::string& method,
                std::function<absl::Status(const Request&, std::vector<Response>&)> handler) {
    streams_[method] = [handler](const Message& request, std::vector<std::string>& serialized) {
      std::vector<Response> typed;
      const absl::Status status = handler(static_cast<const Request&>(request), typed);
      for (const Response& message : typed) serialized.push_back(message.SerializeAsString());
      return status;
    };
  }

  absl::StatusOr<rpc::Client*> Get(ServiceId) override { return this; }

  absl::Status Unary(absl::string_view method, const Message& request, Message* response,
                     const rpc::CallOptions&, std::vector<std::pair<std::string, std::string>>*) override {
    UnaryHandler handler;
    {
      absl::MutexLock lock(&mutex_);
      calls_.emplace_back(method);
      const auto found = unary_.find(std::string(method));
      if (found == unary_.end()) return absl::UnimplementedError(method);
      handler = found->second;
    }
    return handler(request, response);
  }

  std::unique_ptr<rpc::StreamReader> Stream(absl::string_view method, const Message& request,
                                            const rpc::CallOptions&) override {
    auto reader = std::make_unique<Reader>();
    const auto found = streams_.find(std::string(method));
    reader->status =
        found == streams_.end() ? absl::UnimplementedError(method) : found->second(request, reader->messages);
    return reader;
  }

  std::vector<std::string> calls() const {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }

 private:
  struct Reader final : rpc::StreamReader {
    bool Read(Message* message) override {
      return next < messages.size() && message->ParseFromString(messages[next++]);
    }
    absl::Status Finish() override { return status; }
    void Cancel() override { next = messages.size(); }
    std::vector<std::string> messages;
    size_t next = 0;
    absl::Status status;
  };

  mutable absl::Mutex mutex_;
  std::vector<std::string> calls_;
  std::map<std::string, UnaryHandler> unary_;
  std::map<std::string, StreamHandler> streams_;
};

}  // namespace oversight::ctl

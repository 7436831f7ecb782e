#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/client.h"

namespace oversight::testing {

// Another service, as a test wants it. Thread-safe.
template <typename Request, typename Response>
class FakePeer final : public rpc::Client {
 public:
  using Answer = std::function<absl::StatusOr<Response>(const Request&)>;
  void SetAnswer(Answer answer) {
    absl::MutexLock lock(&mutex_);
    answer_ = std::move(answer);
  }
  // What it was asked, call by call.
  std::vector<Request> asked() const {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }
  absl::Status Unary(absl::string_view, const google::protobuf::Message& request,
                     google::protobuf::Message* response, const rpc::CallOptions&,
                     std::vector<std::pair<std::string, std::string>>*) override {
    absl::MutexLock lock(&mutex_);
    asked_.push_back(static_cast<const Request&>(request));
    const absl::StatusOr<Response> answer = answer_(asked_.back());
    if (answer.ok()) response->CopyFrom(*answer);
    return answer.status();
  }
  std::unique_ptr<rpc::StreamReader> Stream(absl::string_view, const google::protobuf::Message&,
                                            const rpc::CallOptions&) override {
    return nullptr;
  }

 private:
  mutable absl::Mutex mutex_;
  Answer answer_ ABSL_GUARDED_BY(mutex_);
  std::vector<Request> asked_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace oversight::testing

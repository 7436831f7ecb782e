#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/resource/references.h"
#include "common/status/error.h"

namespace oversight::testing {

// Other services, as a test wants them: everything exists unless told otherwise. Thread-safe.
class FakeReferences final : public resource::RemoteReferences {
 public:
  // From now on there is no such resource.
  void SetMissing(const std::string& name) {
    absl::MutexLock lock(&mutex_);
    missing_.insert(name);
  }
  // From now on this was a duplicate of `into`.
  void SetMerged(const std::string& name, const std::string& into) {
    absl::MutexLock lock(&mutex_);
    missing_.insert(name);
    merged_into_[name] = into;
  }
  // The service does not answer, or does again.
  void SetAway(const std::string& service, bool away) {
    absl::MutexLock lock(&mutex_);
    if (away) {
      away_.insert(service);
    } else {
      away_.erase(service);
    }
  }
  // The names it was asked about, call by call, as `service: name name`.
  std::vector<std::string> asked() const {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }
  // What it says it read, `token of workforce`.
  static std::string TokenOf(const std::string& service) { return "token of " + service; }

  absl::StatusOr<Answer> LookUp(rpc::Call&, const std::string& service, const std::string&,
                                const std::set<std::string>& names) override {
    absl::MutexLock lock(&mutex_);
    std::string question = service + ":";
    for (const std::string& name : names) question += " " + name;
    asked_.push_back(std::move(question));
    if (away_.contains(service)) {
      return Error(absl::StatusCode::kUnavailable, "REFERENCE_UNCHECKED", "the service is away");
    }
    Answer answer{.missing = {}, .merged_into = {}, .token = TokenOf(service)};
    for (const std::string& name : names) {
      if (missing_.contains(name)) answer.missing.insert(name);
      if (merged_into_.contains(name)) answer.merged_into[name] = merged_into_[name];
    }
    return answer;
  }

 private:
  mutable absl::Mutex mutex_;
  std::set<std::string> missing_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::string> merged_into_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> away_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> asked_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace oversight::testing

// Following the ledger of a running service, as another service does and as the service itself does.

#include "common/ledger/follower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/in_process_service.h"
#include "common/testing/status_matchers.h"
#include "oversight/workforce/v1/workforce_service.pb.h"
#include "services/workforce/resources/registry.h"

namespace oversight::ledger {
namespace {

using ::testing::ElementsAre;

// `workers/w1` of `authorities/a/workers/w1`; empty for an authority.
std::string WithinAuthority(const std::string& name) {
  const size_t slash = name.find('/', name.find('/') + 1);
  return slash == std::string::npos ? "" : name.substr(slash + 1);
}

// What arrived, in order: names within the authority, `HEAD`, `DIVERGED`.
class Arrivals {
 public:
  LedgerSink Sink() {
    return [this](const LedgerMessage& message) {
      absl::MutexLock lock(&mutex_);
      if (message.diverged) arrived_.push_back("DIVERGED");
      for (const auto& entry : message.content.entries())
        arrived_.push_back(WithinAuthority(entry.resource_name()));
      if (!message.diverged && message.content.entries().empty()) arrived_.push_back("HEAD");
      return true;
    };
  }
  // The first ones, once there are so many.
  std::vector<std::string> Await(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] { return arrived_.size() >= count; };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(30)));
    return {arrived_.begin(), arrived_.begin() + static_cast<int64_t>(std::min(count, arrived_.size()))};
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> arrived_;
};

class LedgerFollowerTest : public ::testing::Test {
 protected:
  LedgerFollowerTest() : service_(workforce::Definition()) {
    workforce::v1::CreateAuthorityRequest request;
    request.set_authority_id("example");
    request.mutable_authority()->set_display_name("Example");
    OVERSIGHT_EXPECT_OK(service_.Call<workforce::v1::Authority>("CreateAuthority", request).status());
    CreateWorker("anna");
    CreateWorker("ben");
  }

  void CreateWorker(const std::string& id) {
    workforce::v1::CreateWorkerRequest request;
    request.set_parent("authorities/example");
    request.set_worker_id(id);
    OVERSIGHT_EXPECT_OK(service_.Call<workforce::v1::Worker>("CreateWorker", request).status());
  }
  // As if the database had been restored from before Ben was entered.
  void RestoreToBeforeBen() {
    service_.Sql("DELETE FROM worker WHERE id = 'ben'");
    service_.Sql(
        "UPDATE ledger_head h JOIN ledger_entry e ON e.authority = h.authority AND e.revision = 2 "
        "SET h.revision = 2, h.hash = e.hash");
    service_.Sql("DELETE FROM ledger_entry WHERE revision > 2");
    service_.tailer().Nudge();
  }

  testing::InProcessService service_;
  Arrivals arrivals_;
};

TEST_F(LedgerFollowerTest, HandsOnEveryEntryOnceAndReadsARestoredLedgerAnew) {
  LedgerFollower follower("workforce", service_.Connect("compliance"), arrivals_.Sink());
  follower.Start();
  EXPECT_THAT(arrivals_.Await(4), ElementsAre("", "workers/anna", "workers/ben", "HEAD"));
  EXPECT_TRUE(follower.connected());
  RestoreToBeforeBen();
  arrivals_.Await(8);
  CreateWorker("cleo");
  EXPECT_THAT(arrivals_.Await(9), ElementsAre("", "workers/anna", "workers/ben", "HEAD", "DIVERGED", "",
                                              "workers/anna", "HEAD", "workers/cleo"));
  follower.Stop();
}

TEST_F(LedgerFollowerTest, TheOwnLedgerIsFollowedTheSameWay) {
  ledger::pb::WatchRequest all;
  all.set_all_authorities(true);
  std::function<void()> watch = [&] {
    OVERSIGHT_EXPECT_OK(
        service_.tailer().Watch(all, std::make_shared<OwnLedgerFeed>("workforce", arrivals_.Sink(), watch)));
  };
  watch();
  EXPECT_THAT(arrivals_.Await(4), ElementsAre("", "workers/anna", "workers/ben", "HEAD"));
  RestoreToBeforeBen();
  arrivals_.Await(8);
  CreateWorker("cleo");
  EXPECT_THAT(arrivals_.Await(9), ElementsAre("", "workers/anna", "workers/ben", "HEAD", "DIVERGED", "",
                                              "workers/anna", "HEAD", "workers/cleo"));
  service_.tailer().Stop();
}

}  // namespace
}  // namespace oversight::ledger

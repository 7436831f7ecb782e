#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "common/ledger/tailer.h"
#include "common/ledger/token.h"
#include "common/resource/testing/workforce_road.h"
#include "common/testing/fake_clock.h"
#include "common/testing/private_mariadb.h"

namespace oversight::ledger {
namespace {

using ::oversight::testing::InProcessService;
using ::oversight::testing::IsOk;
using ::oversight::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using workforce::v1::Worker;

constexpr absl::Duration kPatience = absl::Seconds(120);

// One open Watch.
class Watch {
 public:
  Watch(rpc::Client& client, const pb::WatchRequest& request)
      : stream_(client.Stream(InProcessService::LedgerMethod("Watch"), request,
                              {.deadline = absl::Now() + kPatience})) {}
  ~Watch() { stream_->Cancel(); }

  // The next message, which must come.
  pb::WatchResponse Next() {
    pb::WatchResponse message;
    EXPECT_TRUE(stream_->Read(&message)) << stream_->Finish();
    return message;
  }
  // Entries up to the next message without any, as `revision name`.
  std::vector<std::string> UntilCaughtUp() {
    std::vector<std::string> told;
    for (pb::WatchResponse message = Next(); !message.entries().empty(); message = Next()) {
      for (const pb::Entry& entry : message.entries()) {
        told.push_back(absl::StrCat(entry.revision(), " ", entry.resource_name()));
      }
    }
    return told;
  }
  absl::Status End() {
    pb::WatchResponse message;
    while (stream_->Read(&message)) {
    }
    return stream_->Finish();
  }
  rpc::StreamReader& stream() { return *stream_; }

 private:
  std::unique_ptr<rpc::StreamReader> stream_;
};

class WatchTest : public resource::testing::WorkforceRoad {
 protected:
  pb::WatchRequest FromTheStart() const {
    pb::WatchRequest request;
    request.add_authorities(root_);
    return request;
  }
  static pb::WatchRequest After(const std::string& token) {
    pb::WatchRequest request;
    request.add_after(token);
    return request;
  }
  std::string HeadToken() {
    pb::GetHeadRequest request;
    request.set_name(root_);
    return service_->CallLedger<pb::Head>("GetHead", request)->token();
  }
  absl::Status Refusal(const pb::WatchRequest& request) { return Watch(service_->client(), request).End(); }
};

TEST_F(WatchTest, FromTheStartAndFromAToken) {
  OVERSIGHT_ASSERT_OK(CreateWorker("v"));
  const std::string token = HeadToken();
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  const std::string r = root_;
  Watch all(service_->client(), FromTheStart());
  EXPECT_THAT(all.UntilCaughtUp(), ElementsAre("1 " + r, "2 " + r + "/workers/v", "3 " + r + "/workers/w"));
  Watch later(service_->client(), After(token));
  EXPECT_THAT(later.UntilCaughtUp(), ElementsAre("3 " + r + "/workers/w"));
  Watch newest(service_->client(), After(HeadToken()));
  EXPECT_THAT(newest.UntilCaughtUp(), IsEmpty());
  OVERSIGHT_ASSERT_OK(CreateWorker("x"));
  for (Watch* watch : {&all, &later, &newest}) {
    EXPECT_THAT(watch->UntilCaughtUp(), ElementsAre("4 " + r + "/workers/x"));
  }
}

TEST_F(WatchTest, AnAuthorityThatHasNoLedgerYet) {
  pb::WatchRequest request;
  request.add_authorities(root_ + "-new");
  Watch watch(service_->client(), request);
  EXPECT_THAT(watch.UntilCaughtUp(), IsEmpty());
  OVERSIGHT_ASSERT_OK(Send<workforce::v1::Authority>(
      "CreateAuthority", absl::StrCat("authority_id: '", authority_, "-new' authority { display_name: 'N' }"),
      workforce::v1::CreateAuthorityRequest()));
  EXPECT_THAT(watch.UntilCaughtUp(), ElementsAre("1 " + root_ + "-new"));
}

TEST_F(WatchTest, EveryAuthorityThoseYetToComeIncluded) {
  pb::WatchRequest request = After(HeadToken());
  request.set_all_authorities(true);
  Watch watch(service_->client(), request);
  for (const std::string& told : watch.UntilCaughtUp()) {
    EXPECT_NE(told, "1 " + root_) << "the token says where to go on";
  }
  OVERSIGHT_ASSERT_OK(Send<workforce::v1::Authority>(
      "CreateAuthority", absl::StrCat("authority_id: '", authority_, "-new' authority { display_name: 'N' }"),
      workforce::v1::CreateAuthorityRequest()));
  EXPECT_THAT(watch.UntilCaughtUp(), ElementsAre("1 " + root_ + "-new"));
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  EXPECT_THAT(watch.UntilCaughtUp(), ElementsAre("2 " + root_ + "/workers/w"));
}

TEST_F(WatchTest, BadRequestsAreRefused) {
  const auto invalid = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Refusal(pb::WatchRequest()), StatusIs(invalid, "INVALID_FIELDS"));
  EXPECT_THAT(Refusal(After("nonsense")), StatusIs(invalid, "INVALID_TOKEN"));
  pb::WatchRequest twice = After(HeadToken());
  twice.add_after(HeadToken());
  EXPECT_THAT(Refusal(twice), StatusIs(invalid, "INVALID_FIELDS"));
  for (const char* name : {"", "nonsense", "authorities/", "authorities/a/workers/w"}) {
    pb::WatchRequest request;
    request.add_authorities(name);
    EXPECT_THAT(Refusal(request), StatusIs(invalid, "INVALID_FIELDS")) << name;
  }
  pb::Token token = *DecodeToken(HeadToken());
  token.set_ledger("caseload");
  EXPECT_THAT(Refusal(After(EncodeToken(token))), StatusIs(invalid, "INVALID_FIELDS"));
}

TEST_F(WatchTest, TokensFromElsewhereHaveDiverged) {
  const pb::Token head = *DecodeToken(HeadToken());
  for (const auto& edit : std::vector<std::function<void(pb::Token&)>>{
           [](pb::Token& t) { t.set_revision(7); }, [](pb::Token& t) { t.set_hash(std::string(32, 'x')); },
           [](pb::Token& t) { t.set_incarnation(std::string(16, 'x')); },
           [](pb::Token& t) { t.set_authority("authorities/unknown"); }}) {
    pb::Token token = head;
    edit(token);
    EXPECT_THAT(Refusal(After(EncodeToken(token))),
                StatusIs(absl::StatusCode::kFailedPrecondition, "LEDGER_DIVERGED"));
  }
}

TEST_F(WatchTest, AGapIsNotPassedOver) {
  for (const char* id : {"u", "v", "w"}) OVERSIGHT_ASSERT_OK(CreateWorker(id));
  tampered_ = true;
  service_->Sql(
      absl::StrCat("DELETE FROM ledger_entry WHERE revision = 3 AND authority = '", authority_, "'"));
  Watch watch(service_->client(), FromTheStart());
  EXPECT_THAT(watch.Next().entries(), SizeIs(2));
  EXPECT_THAT(watch.End(), StatusIs(absl::StatusCode::kFailedPrecondition, "LEDGER_DIVERGED"));
}

TEST_F(WatchTest, HeartbeatsComeWhileNothingHappens) {
  InProcessService quick(workforce::Definition(), {.database = service_->database(),
                                                   .tailer = {.poll_interval = absl::Milliseconds(5),
                                                              .heartbeat_interval = absl::Milliseconds(20)}});
  Watch watch(quick.client(), FromTheStart());
  EXPECT_THAT(watch.UntilCaughtUp(), SizeIs(1));
  for (int i = 0; i < 3; ++i) {
    const pb::WatchResponse heartbeat = watch.Next();
    EXPECT_THAT(heartbeat.entries(), IsEmpty());
    EXPECT_THAT(heartbeat.heads(), ElementsAre(HeadToken()));
  }
}

TEST_F(WatchTest, WritesOfAnotherReplicaAreSeen) {
  InProcessService replica(workforce::Definition(), {.database = service_->database()});
  Watch watch(replica.client(), After(HeadToken()));
  EXPECT_THAT(watch.UntilCaughtUp(), IsEmpty());
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  EXPECT_THAT(watch.UntilCaughtUp(), ElementsAre("2 " + root_ + "/workers/w"));
}

TEST_F(WatchTest, StoppingEndsWatchesSoThatTheyConnectAgain) {
  auto passing = std::make_unique<InProcessService>(
      workforce::Definition(), oversight::testing::InProcessOptions{.database = service_->database()});
  Watch watch(passing->client(), FromTheStart());
  watch.UntilCaughtUp();
  std::thread stop([&] { passing->tailer().Stop(); });
  EXPECT_THAT(watch.End(), StatusIs(absl::StatusCode::kUnavailable, "SHUTTING_DOWN"));
  stop.join();
}

TEST_F(WatchTest, TimeNeverRunsBackwards) {
  // The year 2120; finer than what is stored.
  oversight::testing::FakeClock clock(absl::FromUnixNanos(4733510400123456789));
  InProcessService service(workforce::Definition(), {.database = service_->database(), .clock = &clock});
  const auto create = [&](const std::string& id) {
    return service.Call<Worker>("CreateWorker", Read<workforce::v1::CreateWorkerRequest>(absl::StrCat(
                                                    "parent: '$' worker_id: '", id, "' worker {}")));
  };
  const auto first = create("u");
  OVERSIGHT_ASSERT_OK(first);
  EXPECT_EQ(first->create_time().nanos(), GetWorker("u")->create_time().nanos()) << "as stored";
  clock.Advance(absl::Hours(24 * 365));
  OVERSIGHT_ASSERT_OK(create("v"));
  clock.Advance(-absl::Hours(1));
  OVERSIGHT_ASSERT_OK(create("w"));
  const auto entries = service_->Entries(authority_);
  ASSERT_THAT(entries, SizeIs(4));
  EXPECT_EQ(entries[1].time().seconds(), 4733510400);
  EXPECT_EQ(entries[2].time().seconds(), 4733510400 + 365 * 86400);
  EXPECT_EQ(entries[3].time().seconds(), entries[2].time().seconds());
}

// Applies what a snapshot or a watch tells, as a consumer would.
using State = std::map<std::string, std::string>;

void Apply(const pb::Entry& entry, State& state) {
  if (entry.change() == pb::CHANGE_DELETED) {
    state[entry.resource_name()] = "deleted";
  } else {
    state[entry.resource_name()] = entry.resource().value();
  }
}

TEST_F(WatchTest, ASnapshotAndWhatFollowsItAreTheState) {
  std::atomic<bool> stop = false;
  // Workers come, change and go while snapshots are taken.
  std::vector<std::thread> writers;
  for (int w = 0; w < 3; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; !stop; ++i) {
        const std::string id = absl::StrCat("w", w, "-", i % 5);
        CreateWorker(id).status().IgnoreError();
        Send<Worker>("UpdateWorker",
                     absl::StrCat("worker { name: '$/workers/", id, "' external_ids { system: 'n' id: '", i,
                                  "' } } allow_missing: true"),
                     workforce::v1::UpdateWorkerRequest())
            .status()
            .IgnoreError();
        if (i % 3 == 0) {
          Send<Worker>("DeleteWorker", absl::StrCat("name: '$/workers/", id, "'"),
                       workforce::v1::DeleteWorkerRequest())
              .status()
              .IgnoreError();
        }
      }
    });
  }
  struct Taken {
    State state;
    std::string token;
  };
  std::vector<Taken> snapshots;
  for (int i = 0; i < 10; ++i) {
    pb::SnapshotRequest request;
    request.set_name(root_);
    auto stream = service_->client().Stream(InProcessService::LedgerMethod("Snapshot"), request,
                                            {.deadline = absl::Now() + kPatience});
    Taken taken;
    pb::SnapshotResponse message;
    bool complete = false;
    while (stream->Read(&message)) {
      EXPECT_FALSE(complete) << "complete marks the last message";
      complete = message.complete();
      taken.token = message.token();
      for (const auto& record : message.records()) {
        taken.state[record.resource_name()] = record.deleted() ? "deleted" : record.resource().value();
      }
    }
    OVERSIGHT_EXPECT_OK(stream->Finish());
    EXPECT_TRUE(complete);
    snapshots.push_back(std::move(taken));
    absl::SleepFor(absl::Milliseconds(5));
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();
  const std::vector<pb::Entry> entries = service_->Entries(authority_);
  State now;
  for (const pb::Entry& entry : entries) Apply(entry, now);
  for (const Taken& taken : snapshots) {
    const int64_t revision = DecodeToken(taken.token)->revision();
    State state = taken.state;
    for (const pb::Entry& entry : entries) {
      if (entry.revision() > revision) Apply(entry, state);
    }
    EXPECT_EQ(state, now) << "snapshot at " << revision;
    // And nothing of it was missing or too new.
    State replayed;
    for (const pb::Entry& entry : entries) {
      if (entry.revision() <= revision) Apply(entry, replayed);
    }
    EXPECT_EQ(taken.state, replayed) << "snapshot at " << revision;
  }
}

TEST_F(WatchTest, NothingIsSkippedOrRepeatedWhileManyWriteAndWatch) {
  constexpr int kWriters = 8;
  constexpr int kWritesEach = 40;
  constexpr int kWatchers = 12;
  constexpr int64_t kLast = 1 + kWriters * kWritesEach;
  std::vector<std::thread> threads;
  for (int w = 0; w < kWriters; ++w) {
    threads.emplace_back([&, w] {
      for (int i = 0; i < kWritesEach; ++i) {
        EXPECT_THAT(CreateWorker(absl::StrCat("w", w, "-", i)), IsOk());
      }
    });
  }
  for (int w = 0; w < kWatchers; ++w) {
    threads.emplace_back([&, w] {
      absl::BitGen random;
      absl::SleepFor(absl::Milliseconds(absl::Uniform(random, 0, 200)));
      const auto client = service_->Connect(absl::StrCat("watcher", w));
      int64_t expected = 1;
      std::string token;
      while (expected <= kLast) {
        // Connects again and again, at random moments.
        auto watch = std::make_unique<Watch>(*client, token.empty() ? FromTheStart() : After(token));
        const int64_t leave_at = expected + absl::Uniform(random, 1, 80);
        while (expected <= kLast && expected < leave_at) {
          const pb::WatchResponse message = watch->Next();
          if (message.entries().empty() && message.heads().empty()) break;
          for (const pb::Entry& entry : message.entries()) {
            ASSERT_EQ(entry.revision(), expected);
            ++expected;
            token = entry.token();
          }
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Revision(), kLast);
  std::set<std::string> names;
  absl::Time last = absl::InfinitePast();
  for (const pb::Entry& entry : service_->Entries(authority_)) {
    EXPECT_TRUE(names.insert(entry.resource_name()).second);
    const absl::Time time =
        absl::FromUnixSeconds(entry.time().seconds()) + absl::Nanoseconds(entry.time().nanos());
    EXPECT_GE(time, last);
    last = time;
  }
  EXPECT_THAT(names, SizeIs(kLast));
}

TEST_F(WatchTest, ASlowWatcherHoldsUpNobodyAndMissesNothing) {
  // Far more than its buffers and those of the transport hold.
  Watch slow(service_->client(), FromTheStart());
  const std::string filler(100, 'x');
  int64_t records = 0;
  for (int call = 0; call < 40; ++call) {
    workforce::v1::ImportRequest request;
    request.set_parent(root_);
    for (int i = 0; i < 25; ++i) {
      auto& worker = *request.add_records()->mutable_worker();
      worker.set_name(absl::StrCat(root_, "/workers/w", records++));
      for (int e = 0; e < 200; ++e) {
        auto& external = *worker.add_external_ids();
        external.set_system("s");
        external.set_id(filler);
      }
    }
    OVERSIGHT_ASSERT_OK(service_->Call<workforce::v1::ImportResponse>("Import", request));
  }
  const std::string token = HeadToken();
  Watch quick(service_->client(), After(token));
  quick.UntilCaughtUp();
  OVERSIGHT_ASSERT_OK(CreateTeam("after"));
  EXPECT_THAT(quick.UntilCaughtUp(), ElementsAre(absl::StrCat(records + 2, " ", root_, "/teams/after")));
  EXPECT_EQ(service_->Entries(authority_).size(), static_cast<size_t>(records + 2));
  // A snapshot of that size comes in many messages.
  pb::SnapshotRequest request;
  request.set_name(root_);
  auto snapshot = service_->client().Stream(InProcessService::LedgerMethod("Snapshot"), request,
                                            {.deadline = absl::Now() + kPatience});
  pb::SnapshotResponse part;
  std::set<std::string> names;
  int parts = 0;
  while (snapshot->Read(&part)) {
    ++parts;
    for (const auto& record : part.records()) EXPECT_TRUE(names.insert(record.resource_name()).second);
  }
  OVERSIGHT_EXPECT_OK(snapshot->Finish());
  EXPECT_GT(parts, 5);
  EXPECT_THAT(names, SizeIs(records + 2));
  int64_t expected = 1;
  while (expected <= records + 2) {
    const pb::WatchResponse message = slow.Next();
    for (const pb::Entry& entry : message.entries()) ASSERT_EQ(entry.revision(), expected++);
  }
}

}  // namespace
}  // namespace oversight::ledger

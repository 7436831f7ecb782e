#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/resource/testing/crowd.h"
#include "common/resource/testing/workforce_road.h"
#include "common/testing/private_mariadb.h"

namespace oversight::resource {
namespace {

using ::oversight::testing::InProcessService;
using ::oversight::testing::IsOk;
using ::oversight::testing::PrivateMariaDb;
using testing::InParallel;
using testing::MayTryAgain;
using testing::Parse;
using ::testing::SizeIs;
using workforce::v1::ImportResponse;
using workforce::v1::Worker;

class ConcurrencyTest : public testing::WorkforceRoad {};

TEST_F(ConcurrencyTest, NoUpdateOfTheSameWorkerIsLost) {
  constexpr int kWriters = 20;
  constexpr int kUpdatesEach = 5;
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  std::atomic<int> attempts = 0;
  InParallel(kWriters, [&](int writer) {
    for (int i = 0; i < kUpdatesEach; ++i) {
      absl::Status status;
      do {
        ++attempts;
        workforce::v1::UpdateWorkerRequest request;
        *request.mutable_worker() = *GetWorker("w");
        auto& id = *request.mutable_worker()->add_external_ids();
        id.set_system(absl::StrCat("writer", writer));
        id.set_id(absl::StrCat(i));
        status = service_->Call<Worker>("UpdateWorker", request).status();
        ASSERT_TRUE(status.ok() || MayTryAgain(status)) << status;
      } while (!status.ok());
    }
  });
  const auto worker = GetWorker("w");
  OVERSIGHT_ASSERT_OK(worker);
  EXPECT_THAT(worker->external_ids(), SizeIs(kWriters * kUpdatesEach));
  EXPECT_EQ(worker->etag(), absl::StrCat("v", 1 + kWriters * kUpdatesEach));
  EXPECT_EQ(Revision(), 2 + kWriters * kUpdatesEach);
  RecordProperty("attempts", attempts);
}

TEST_F(ConcurrencyTest, TheSameRequestSentByManyIsDoneOnce) {
  absl::Mutex mutex;
  std::set<std::string> names;
  InParallel(16, [&](int) {
    absl::StatusOr<Worker> created;
    do {
      created = Send<Worker>("CreateWorker", "parent: '$' worker {} request_id: 'one'",
                             workforce::v1::CreateWorkerRequest());
      ASSERT_TRUE(created.ok() || MayTryAgain(created.status())) << created.status();
    } while (!created.ok());
    absl::MutexLock lock(&mutex);
    names.insert(created->name());
  });
  EXPECT_THAT(names, SizeIs(1));
  EXPECT_EQ(Revision(), 2);
}

TEST_F(ConcurrencyTest, OneOfManyCreatesTheName) {
  std::atomic<int> created = 0;
  InParallel(16, [&](int) {
    const absl::Status status = CreateWorker("w").status();
    if (status.ok()) {
      ++created;
    } else {
      EXPECT_THAT(status,
                  ::oversight::testing::StatusIs(absl::StatusCode::kAlreadyExists, "RESOURCE_EXISTS"));
    }
  });
  EXPECT_EQ(created, 1);
}

TEST_F(ConcurrencyTest, RulesOverSeveralResourcesHold) {
  // Each wants to supervise the next, all around: one link at least must be refused, whoever is last.
  constexpr int kWorkers = 8;
  for (int i = 0; i < kWorkers; ++i) OVERSIGHT_ASSERT_OK(CreateWorker(absl::StrCat("w", i)));
  std::atomic<int> made = 0;
  std::atomic<int> refused = 0;
  InParallel(kWorkers, [&](int i) {
    absl::Status status;
    do {
      status = CreateLink(absl::StrCat("w", i), absl::StrCat("w", (i + 1) % kWorkers)).status();
    } while (MayTryAgain(status));
    status.ok() ? ++made : ++refused;
    if (!status.ok()) {
      EXPECT_EQ(ReasonOf(status), "SUPERVISOR_CYCLE");
    }
  });
  EXPECT_EQ(made, kWorkers - 1);
  EXPECT_EQ(refused, 1);
  // Posts in one team that would overlap.
  OVERSIGHT_ASSERT_OK(CreateTeam("t"));
  made = 0;
  InParallel(kWorkers, [&](int i) {
    absl::Status status;
    do {
      status = CreatePost("w0", absl::StrCat("p", i),
                          "start_date { year: 2024 month: 1 day: 1 } team: '$/teams/t'")
                   .status();
    } while (MayTryAgain(status));
    made += status.ok();
  });
  EXPECT_EQ(made, 1);
}

TEST_F(ConcurrencyTest, ManyKindsOfWritesAtOnce) {
  constexpr int kWorkers = 4;
  for (int i = 0; i < kWorkers; ++i) OVERSIGHT_ASSERT_OK(CreateWorker(absl::StrCat("w", i)));
  OVERSIGHT_ASSERT_OK(CreateTeam("t"));
  std::atomic<int> again = 0;
  std::atomic<int> done = 0;
  InParallel(16, [&](int thread) {
    absl::BitGen random;
    for (int i = 0; i < 15; ++i) {
      const std::string id = absl::StrCat("x", thread, "-", i);
      const std::string worker = absl::StrCat("w", absl::Uniform(random, 0, kWorkers));
      absl::Status status;
      do {
        switch (thread % 4) {
          case 0:
            status = CreatePost(worker, id, "start_date { year: 2024 month: 1 day: 1 }").status();
            break;
          case 1:
            status = CreateLink(absl::StrCat("w", i % 2), absl::StrCat("w", 2 + i % 2), id).status();
            break;
          case 2:
            status =
                Import(absl::StrCat("records { worker { name: '$/workers/", id,
                                    "' } } records { absence { name: '$/workers/", worker, "/absences/", id,
                                    "' first_date { year: 2025 month: 1 day: 1 } } } records { team { name: "
                                    "'$/teams/",
                                    id, "' display_name: 'T' parent_team: '$/teams/t' } }"))
                    .status();
            break;
          default:
            status = Send<Worker>("UpdateWorker",
                                  absl::StrCat("worker { name: '$/workers/", worker,
                                               "' external_ids { system: 's' id: '", id, "' } }"),
                                  workforce::v1::UpdateWorkerRequest())
                         .status();
        }
        again += !status.ok();
        ASSERT_TRUE(status.ok() || MayTryAgain(status)) << status;
      } while (!status.ok());
      ++done;
    }
  });
  EXPECT_EQ(done, 16 * 15);
  // The transactions rerun themselves; callers are bothered rarely.
  EXPECT_LT(again, done / 20);
}

// Who was answered can rely on it, whatever happens to the database.
TEST(LostDatabaseTest, WhatWasAcknowledgedIsThereOnce) {
  PrivateMariaDb database;
  OVERSIGHT_ASSERT_OK(database.Start());
  const auto schema = database.CreateSchema();
  OVERSIGHT_ASSERT_OK(schema);
  InProcessService service(workforce::Definition(), {.database = *schema});
  OVERSIGHT_ASSERT_OK(service.Call<workforce::v1::Authority>(
      "CreateAuthority",
      Parse<workforce::v1::CreateAuthorityRequest>("authority_id: 'a' authority { display_name: 'A' }")));

  // Whoever watches misses nothing. InnoDB without a binary log shows a commit just before it is durable;
  // when the database dies in between, the watch ends with LEDGER_DIVERGED, and the watcher begins anew.
  std::atomic<bool> watching = true;
  std::atomic<int64_t> watched = 0;
  std::thread watcher([&] {
    ledger::pb::WatchRequest request;
    request.add_authorities("authorities/a");
    ledger::pb::WatchResponse message;
    while (watching) {
      watched = 0;
      auto watch = service.client().Stream(InProcessService::LedgerMethod("Watch"), request,
                                           {.deadline = absl::Now() + absl::Seconds(120)});
      bool ended = false;
      while (watching && !(ended = !watch->Read(&message))) {
        for (const auto& entry : message.entries()) {
          EXPECT_EQ(entry.revision(), watched + 1);
          watched = entry.revision();
        }
      }
      if (!ended) watch->Cancel();
      const absl::Status end = watch->Finish();
      if (watching) {
        EXPECT_EQ(ReasonOf(end), "LEDGER_DIVERGED") << end;
      }
    }
  });
  std::atomic<bool> stop = false;
  std::atomic<int> acknowledged = 0;
  absl::Mutex mutex;
  std::set<std::string> names;
  std::map<std::string, int> outcomes;
  std::thread writers([&] {
    InParallel(8, [&](int writer) {
      for (int i = 0; !stop; ++i) {
        const std::string id = absl::StrCat("w", writer, "-", i);
        absl::Status status;
        do {
          if (writer % 2 == 0) {
            // The service chooses the id: only the request id keeps it from being done twice.
            const auto created = service.Call<Worker>(
                "CreateWorker", Parse<workforce::v1::CreateWorkerRequest>(absl::StrCat(
                                    "parent: 'authorities/a' worker {} request_id: '", id, "'")));
            status = created.status();
            if (created.ok()) {
              absl::MutexLock lock(&mutex);
              names.insert(created->name());
            }
          } else {
            const auto imported = service.Call<ImportResponse>(
                "Import", Parse<workforce::v1::ImportRequest>(absl::StrCat(
                              "parent: 'authorities/a' records { worker { name: 'authorities/a/workers/", id,
                              "' } }")));
            status = imported.status();
            if (imported.ok()) {
              absl::MutexLock lock(&mutex);
              names.insert(absl::StrCat("authorities/a/workers/", id));
            }
          }
          if (!status.ok()) {
            absl::MutexLock lock(&mutex);
            ++outcomes[absl::StrCat(absl::StatusCodeToString(status.code()), " ", ReasonOf(status))];
          }
          ASSERT_TRUE(status.ok() || MayTryAgain(status) ||
                      status.code() == absl::StatusCode::kDeadlineExceeded)
              << status;
        } while (!status.ok());
        ++acknowledged;
      }
    });
  });
  for (int kill = 0; kill < 5; ++kill) {
    const int before = acknowledged;
    while (acknowledged < before + 50) absl::SleepFor(absl::Milliseconds(2));
    OVERSIGHT_EXPECT_OK(database.Kill());
    OVERSIGHT_EXPECT_OK(database.Start());
  }
  stop = true;
  writers.join();

  const auto report = service.Verify("a");
  EXPECT_THAT(report, IsOk());
  EXPECT_TRUE(report.ok() && report->intact());
  std::set<std::string> stored;
  int64_t expected = 1;
  for (const auto& entry : service.Entries("a")) {
    EXPECT_EQ(entry.revision(), expected++) << "no gaps";
    if (entry.revision() == 1) continue;
    EXPECT_TRUE(stored.insert(entry.resource_name()).second) << "written twice";
    EXPECT_EQ(entry.change(), ledger::pb::CHANGE_CREATED);
  }
  const absl::Time patience = absl::Now() + absl::Seconds(30);
  while (watched < expected - 1 && absl::Now() < patience) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(watched, expected - 1);
  watching = false;
  service.tailer().Stop();
  watcher.join();
  EXPECT_EQ(stored, names);
  EXPECT_EQ(static_cast<int>(names.size()), acknowledged);
  EXPECT_FALSE(outcomes.empty()) << "the database was never missed";
  for (const auto& [outcome, count] : outcomes) RecordProperty(outcome, count);
}

}  // namespace
}  // namespace oversight::resource

#include "services/oversightctl/import/sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "oversight/workforce/v1/workforce_service.pb.h"
#include "services/oversightctl/testing/fake_services.h"

namespace oversight::ctl {
namespace {

using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using workforce::v1::ImportRequest;
using workforce::v1::ImportResponse;

constexpr char kImport[] = "/oversight.workforce.v1.WorkforceService/Import";

class SilentObserver final : public SendObserver {
 public:
  void OnChunk(const ImportKind&, int64_t, const Tally&) override {}
  void OnRetry(const ImportKind&, const absl::Status&, absl::Duration wait) override {
    waits.push_back(wait);
  }
  std::vector<absl::Duration> waits;
};

google::rpc::Status ToRpc(const absl::Status& status) {
  google::rpc::Status proto;
  proto.set_code(static_cast<int>(status.code()));
  proto.set_message(std::string(status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& value) {
    auto& detail = *proto.add_details();
    detail.set_type_url(std::string(url));
    detail.set_value(std::string(value));
  });
  return proto;
}

void Refuse(const absl::Status& status, ImportResponse& response) {
  auto& result = *response.add_results();
  result.set_outcome(ImportResponse::OUTCOME_REFUSED);
  *result.mutable_error() = ToRpc(status);
}

class SenderTest : public ::testing::Test {
 protected:
  SenderTest() {
    options_.authority = "authorities/a";
    options_.chunk_size = 3;
    options_.sleep = [this](absl::Duration duration) { clock_.Sleep(duration); };
    for (int i = 0; i < 10; ++i) {
      auto worker = std::make_unique<workforce::v1::Worker>();
      worker->set_name(absl::StrCat("authorities/a/workers/w", i));
      items_.push_back({std::move(worker), {"workers.csv", i + 2}});
    }
  }

  absl::StatusOr<Sender::Result> Send() {
    return Sender(services_, options_, clock_, observer_).Send(kind_, items_);
  }

  // Answers each record with `outcome` of its name, or the status when it is not OK.
  void Answer(std::function<absl::Status(const std::string& name)> answer) {
    services_.OnUnary<ImportRequest, ImportResponse>(
        kImport, [answer](const ImportRequest& request, ImportResponse& response) {
          for (const auto& record : request.records()) {
            const absl::Status status = answer(record.worker().name());
            if (status.ok()) {
              response.add_results()->set_outcome(ImportResponse::OUTCOME_CREATED);
            } else {
              Refuse(status, response);
            }
          }
          return absl::OkStatus();
        });
  }

  const ImportKind& kind_ = ImportKinds()[2];
  FakeServices services_;
  SleepingClock clock_;
  SilentObserver observer_;
  SendOptions options_;
  std::vector<Item> items_;
};

TEST_F(SenderTest, SendsEveryRecordOnceInChunks) {
  std::multiset<std::string> seen;
  std::vector<int> sizes;
  options_.parallel = 1;
  services_.OnUnary<ImportRequest, ImportResponse>(
      kImport, [&](const ImportRequest& request, ImportResponse& response) {
        EXPECT_EQ(request.parent(), "authorities/a");
        EXPECT_FALSE(request.validate_only());
        sizes.push_back(request.records_size());
        for (const auto& record : request.records()) {
          seen.insert(record.worker().name());
          EXPECT_FALSE(record.retire());
          response.add_results()->set_outcome(ImportResponse::OUTCOME_UNCHANGED);
        }
        return absl::OkStatus();
      });
  const auto result = Send();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->tally.unchanged, 10);
  EXPECT_EQ(result->tally.sent(), 10);
  EXPECT_THAT(sizes, ElementsAre(3, 3, 3, 1));
  EXPECT_THAT(seen, SizeIs(10));
}

TEST_F(SenderTest, ParallelChunksLoseNothing) {
  options_.parallel = 4;
  std::atomic<int> records = 0;
  Answer([&](const std::string&) {
    ++records;
    return absl::OkStatus();
  });
  const auto result = Send();
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->tally.created, 10);
  EXPECT_EQ(records, 10);
}

TEST_F(SenderTest, SendsAgainWhileTheServiceIsAwayAndHonoursItsHint) {
  int calls = 0;
  options_.chunk_size = 100;
  services_.OnUnary<ImportRequest, ImportResponse>(
      kImport, [&](const ImportRequest& request, ImportResponse& response) -> absl::Status {
        if (++calls == 1) return absl::UnavailableError("away");
        if (calls == 2) {
          return Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL", "busy")
              .RetryAfter(absl::Seconds(3));
        }
        for (int i = 0; i < request.records_size(); ++i) {
          response.add_results()->set_outcome(ImportResponse::OUTCOME_CREATED);
        }
        return absl::OkStatus();
      });
  const auto result = Send();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->tally.created, 10);
  ASSERT_THAT(observer_.waits, SizeIs(2));
  EXPECT_LT(observer_.waits[0], absl::Seconds(1));
  EXPECT_THAT(observer_.waits[1], ::testing::AllOf(Ge(absl::Seconds(3)), ::testing::Le(absl::Seconds(4.5))));
}

TEST_F(SenderTest, GivesUpAfterTheTimeAllowed) {
  services_.OnUnary<ImportRequest, ImportResponse>(
      kImport, [](const ImportRequest&, ImportResponse&) { return absl::UnavailableError("away"); });
  options_.retry_for = absl::Seconds(30);
  options_.parallel = 1;
  const absl::Time start = clock_.Now();
  EXPECT_EQ(Send().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_GE(clock_.Now() - start, absl::Seconds(30));
  EXPECT_LT(clock_.Now() - start, absl::Seconds(60));
}

TEST_F(SenderTest, DoesNotRepeatWhatCannotSucceed) {
  services_.OnUnary<ImportRequest, ImportResponse>(
      kImport, [](const ImportRequest&, ImportResponse&) { return absl::PermissionDeniedError("no"); });
  options_.parallel = 1;
  EXPECT_EQ(Send().status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(services_.calls(), SizeIs(1));
}

TEST_F(SenderTest, SendsSingleRecordsAgainWhoseReferencesCouldNotBeChecked) {
  std::map<std::string, int> times;
  options_.parallel = 1;
  Answer([&](const std::string& name) -> absl::Status {
    if (++times[name] == 1 && absl::EndsWith(name, "w4")) return absl::UnavailableError("cannot check");
    return absl::OkStatus();
  });
  const auto result = Send();
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->tally.created, 10);
  EXPECT_EQ(times["authorities/a/workers/w4"], 2);
  EXPECT_EQ(times["authorities/a/workers/w3"], 1);
}

TEST_F(SenderTest, GivesRecordsAnotherChanceWhenOthersAreIn) {
  // w0 waits for w1, w1 for w9; w5 can never get in.
  std::set<std::string> in;
  options_.parallel = 1;
  Answer([&](const std::string& name) -> absl::Status {
    const char last = name.back();
    if ((last == '0' && !in.contains("1")) || (last == '1' && !in.contains("9"))) {
      return Error(absl::StatusCode::kFailedPrecondition, "PERIOD_OVERLAP", "overlaps");
    }
    if (last == '5')
      return Error(absl::StatusCode::kFailedPrecondition, "REFERENCE_NOT_FOUND", "no such team");
    in.insert(std::string(1, last));
    return absl::OkStatus();
  });
  const auto result = Send();
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->tally.created, 9);
  EXPECT_EQ(result->tally.refused, 1);
  ASSERT_THAT(result->refused, SizeIs(1));
  EXPECT_EQ(result->refused[0].index, 5u);
}

TEST_F(SenderTest, ReportsARefusedRowWithFileLineReasonAndFields) {
  options_.parallel = 1;
  Answer([](const std::string& name) -> absl::Status {
    if (!absl::EndsWith(name, "w7")) return absl::OkStatus();
    return Error(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS", "some fields cannot be accepted")
        .Field("employment_end_date", "lies before employment_start_date");
  });
  const auto result = Send();
  ASSERT_TRUE(result.ok());
  ASSERT_THAT(result->refused, SizeIs(1));
  EXPECT_EQ(ToText(ToRefusal(items_[result->refused[0].index], result->refused[0].status)),
            "workers.csv:9: INVALID_FIELDS: some fields cannot be accepted (employment_end_date: lies before "
            "employment_start_date)");
  EXPECT_THAT(services_.calls(), SizeIs(4)) << "a faulty record is not sent again";
}

TEST_F(SenderTest, ADryRunDoesNotHoldMissingReferencesAgainstARecord) {
  options_.validate_only = true;
  options_.parallel = 1;
  Answer([](const std::string& name) -> absl::Status {
    if (absl::EndsWith(name, "w1"))
      return Error(absl::StatusCode::kNotFound, "PARENT_NOT_FOUND", "no such worker");
    return absl::OkStatus();
  });
  const auto result = Send();
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->tally.unchecked, 1);
  EXPECT_EQ(result->tally.refused, 0);
  EXPECT_THAT(result->refused, IsEmpty());
}

TEST_F(SenderTest, AnAnswerOfTheWrongLengthIsAFault) {
  services_.OnUnary<ImportRequest, ImportResponse>(
      kImport, [](const ImportRequest&, ImportResponse&) { return absl::OkStatus(); });
  EXPECT_EQ(Send().status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace oversight::ctl

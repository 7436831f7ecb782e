#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <thread>

#include "common/testing/child_process.h"
#include "common/testing/fake_clock.h"
#include "common/testing/private_mariadb.h"
#include "common/testing/proto_matchers.h"
#include "common/testing/status_matchers.h"
#include "google/rpc/error_details.pb.h"

namespace oversight::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

template <typename Matcher, typename Value>
std::string Explain(const Matcher& matcher, const Value& value) {
  ::testing::StringMatchResultListener listener;
  ::testing::ExplainMatchResult(matcher, value, &listener);
  return listener.str();
}

TEST(FakeClockTest, MovesOnlyWhenTold) {
  FakeClock clock(absl::UnixEpoch());
  EXPECT_EQ(clock.Now(), absl::UnixEpoch());
  clock.Advance(absl::Hours(24));
  EXPECT_EQ(clock.Now(), absl::UnixEpoch() + absl::Hours(24));
  clock.Set(absl::FromUnixSeconds(7));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(7));
}

TEST(StatusMatchersTest, TellStatusesApart) {
  const absl::Status missing = Error(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND", "no such worker");
  const absl::StatusOr<int> number = 5;
  const absl::StatusOr<int> none = missing;
  EXPECT_THAT(absl::OkStatus(), IsOk());
  EXPECT_THAT(number, IsOk());
  EXPECT_THAT(missing, Not(IsOk()));
  EXPECT_THAT(number, IsOkAndHolds(5));
  EXPECT_THAT(number, Not(IsOkAndHolds(6)));
  EXPECT_THAT(none, Not(IsOkAndHolds(5)));
  EXPECT_THAT(missing, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(none, StatusIs(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(none, StatusIs(absl::StatusCode::kNotFound, HasSubstr("NOT_FOUND")));
  EXPECT_THAT(none, Not(StatusIs(absl::StatusCode::kNotFound, "OTHER")));
  EXPECT_THAT(none, Not(StatusIs(absl::StatusCode::kAborted)));
  EXPECT_THAT(Explain(IsOk(), InvalidFields({{"post.end_date", "must not be before the start"}})),
              AllOf(HasSubstr("post.end_date"), HasSubstr("must not be before the start")));
}

TEST(EqualsProtoTest, ComparesAndTellsTheDifference) {
  google::rpc::ErrorInfo info;
  info.set_reason("A");
  info.set_domain("oversight");
  google::rpc::ErrorInfo other = info;
  other.set_reason("B");
  EXPECT_THAT(info, EqualsProto(info));
  EXPECT_THAT(info, EqualsProto("reason: 'A' domain: 'oversight'"));
  EXPECT_THAT(info, Not(EqualsProto(other)));
  EXPECT_THAT(info, Not(EqualsProto("reason: 'A'")));
  EXPECT_THAT(info, Not(EqualsProto("no_such_field: 1")));
  EXPECT_THAT(info, Not(EqualsProto(google::rpc::RetryInfo())));
  EXPECT_THAT(Explain(EqualsProto(other), info), HasSubstr("modified: reason: \"B\" -> \"A\""));
}

TEST(PrivateMariaDbTest, KeepsItsDataOverARestartAndLeavesNothingBehind) {
  std::string directory;
  {
    PrivateMariaDb server;
    absl::Status started;
    // The server must outlive the thread that started it.
    std::thread([&] { started = server.Start(); }).join();
    OVERSIGHT_ASSERT_OK(started);
    directory = server.directory();
    const int port = server.port();
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(const mysql::ConnectionOptions owner, server.CreateSchema());
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(const mysql::ConnectionOptions rows, server.CreateRowUser(owner));
    {
      OVERSIGHT_ASSERT_OK_AND_ASSIGN(auto connection, mysql::Connection::Open(owner));
      OVERSIGHT_ASSERT_OK(connection->ExecuteText("CREATE TABLE kept (id INT)"));
    }
    OVERSIGHT_ASSERT_OK(server.Kill());
    OVERSIGHT_ASSERT_OK(server.Start());
    OVERSIGHT_ASSERT_OK(server.Restart());
    EXPECT_EQ(server.port(), port);
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(auto connection, mysql::Connection::Open(rows));
    EXPECT_THAT(connection->Execute("INSERT INTO kept VALUES (1)", {}), IsOkAndHolds(1));
    EXPECT_THAT(connection->ExecuteText("DROP TABLE kept"), StatusIs(absl::StatusCode::kInternal));
  }
  EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST(PrivateMariaDbTest, TellsWhyItDidNotStart) {
  PrivateMariaDb server({.arguments = {"--no-such-option"}});
  const absl::Status status = server.Start();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(std::string(status.message()), HasSubstr("no-such-option"));
}

TEST(ChildProcessTest, IsAwaitedWithinALimit) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const pid_t pid, StartChild({"/bin/sleep", "60"}, "/dev/null"));
  EXPECT_EQ(AwaitChild(pid, absl::Milliseconds(10)), std::nullopt);
  kill(pid, SIGKILL);
  EXPECT_NE(AwaitChild(pid, absl::Seconds(30)), std::nullopt);
}

}  // namespace
}  // namespace oversight::testing

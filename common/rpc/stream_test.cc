#include <atomic>

#include "absl/synchronization/notification.h"
#include "common/rpc/test_server.h"
#include "common/status/error.h"
#include "gmock/gmock.h"

namespace oversight::rpc {
namespace {

using ledger_v1::SnapshotRequest;
using ledger_v1::SnapshotResponse;

Methods WithSnapshot(StreamHandler handler) {
  Methods methods = LedgerMethods();
  methods.Stream(kLedgerService, "Snapshot", std::move(handler));
  return methods;
}

SnapshotResponse Part(int number, size_t bytes) {
  SnapshotResponse part;
  part.add_records()->set_resource_version(number);
  part.set_token(std::string(bytes, 'x'));
  return part;
}

std::unique_ptr<StreamReader> Open(const TestServer& server, const CallOptions& options = {}) {
  return server.client->Stream(LedgerMethod("Snapshot"), SnapshotRequest(), options);
}

TEST(Stream, DeliversAllMessagesInOrderHoweverLarge) {
  for (const size_t bytes : {size_t{0}, size_t{20'000}, size_t{2'000'000}}) {
    const int count = bytes > 1'000'000 ? 8 : 300;
    const TestServer server(WithSnapshot([=](Call&, const Message&, StreamWriter& writer) {
      for (int i = 0; i < count; ++i) {
        if (!writer.Write(Part(i, bytes))) return absl::CancelledError();
      }
      return absl::OkStatus();
    }));
    const auto reader = Open(server);
    SnapshotResponse part;
    int next = 0;
    while (reader->Read(&part)) {
      ASSERT_EQ(part.records(0).resource_version(), next++);
      ASSERT_EQ(part.token().size(), bytes);
    }
    EXPECT_EQ(next, count);
    EXPECT_TRUE(reader->Finish().ok());
  }
}

TEST(Stream, ErrorComesAfterWhatWasWritten) {
  const TestServer server(WithSnapshot([](Call&, const Message&, StreamWriter& writer) {
    writer.Write(Part(1, 10));
    return Error(absl::StatusCode::kNotFound, "LEDGER_EMPTY", "nothing");
  }));
  const auto reader = Open(server);
  SnapshotResponse part;
  EXPECT_TRUE(reader->Read(&part));
  EXPECT_FALSE(reader->Read(&part));
  EXPECT_EQ(ReasonOf(reader->Finish()), "LEDGER_EMPTY");
}

TEST(Stream, HandlerThatThrowsIsAnInternalError) {
  const TestServer server(
      WithSnapshot([](Call&, const Message&, StreamWriter&) -> absl::Status { throw 1; }));
  const auto reader = Open(server);
  EXPECT_EQ(reader->Finish().code(), absl::StatusCode::kInternal);
}

// A handler that writes until it is told to stop, and says when it was.
StreamHandler Endless(absl::Notification& stopped) {
  return [&stopped](Call&, const Message&, StreamWriter& writer) {
    while (writer.Write(Part(1, 100'000))) {
    }
    stopped.Notify();
    return absl::OkStatus();
  };
}

TEST(Stream, WriteEndsWhenTheCallerCancels) {
  absl::Notification stopped;
  const TestServer server(WithSnapshot(Endless(stopped)));
  const auto reader = Open(server);
  SnapshotResponse part;
  ASSERT_TRUE(reader->Read(&part));
  reader->Cancel();
  stopped.WaitForNotification();
  while (reader->Read(&part)) {
  }
  EXPECT_EQ(reader->Finish().code(), absl::StatusCode::kCancelled);
}

TEST(Stream, WriteEndsWhenTheReaderGoes) {
  absl::Notification stopped;
  const TestServer server(WithSnapshot(Endless(stopped)));
  auto reader = Open(server);
  SnapshotResponse part;
  ASSERT_TRUE(reader->Read(&part));
  reader.reset();
  stopped.WaitForNotification();
}

TEST(Stream, WriteEndsAtTheCallersDeadline) {
  absl::Notification stopped;
  const TestServer server(WithSnapshot(Endless(stopped)));
  const auto reader = Open(server, {.deadline = absl::Now() + absl::Milliseconds(200)});
  stopped.WaitForNotification();
  SnapshotResponse part;
  while (reader->Read(&part)) {
  }
  EXPECT_EQ(reader->Finish().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(Stream, CallerThatReadsNothingDoesNotHoldAThreadForEver) {
  absl::Notification stopped;
  ServerOptions options = DemoOptions();
  options.stream_stall_limit = absl::Milliseconds(100);
  const TestServer server(WithSnapshot(Endless(stopped)), options);
  const auto reader = Open(server);
  stopped.WaitForNotification();
}

}  // namespace
}  // namespace oversight::rpc

#include "common/status/grpc_status.h"

#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

namespace oversight {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

int CountErrorInfos(const grpc::Status& status) {
  const google::rpc::Status details = DetailsOf(status);
  int count = 0;
  for (const auto& detail : details.details()) count += detail.Is<google::rpc::ErrorInfo>() ? 1 : 0;
  return count;
}

TEST(GrpcStatusTest, OkStaysOk) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_TRUE(FromGrpcStatus(grpc::Status::OK).ok());
}

TEST(GrpcStatusTest, AnErrorComesBackWhole) {
  const absl::Status status = Error(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS", "wrong fields")
                                  .With("resource_type", "Worker")
                                  .Field("post.end_date", "must come after start_date")
                                  .RetryAfter(absl::Milliseconds(1500));
  const grpc::Status sent = ToGrpcStatus(status);
  EXPECT_EQ(sent.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(sent.error_message(), "wrong fields");
  const google::rpc::Status details = DetailsOf(sent);
  EXPECT_EQ(details.code(), 3);
  EXPECT_EQ(details.message(), "wrong fields");
  EXPECT_EQ(details.details_size(), 3);
  EXPECT_EQ(FromGrpcStatus(sent), status);
}

TEST(GrpcStatusTest, EveryErrorHasExactlyOneErrorInfo) {
  const struct {
    absl::Status status;
    const char* reason;
  } kCases[] = {
      {absl::InternalError("x"), "INTERNAL_ERROR"},
      {absl::UnknownError("x"), "UNKNOWN"},
      {absl::CancelledError("x"), "CANCELLED"},
      {absl::DeadlineExceededError("x"), "DEADLINE_EXCEEDED"},
      {absl::UnauthenticatedError("x"), "UNAUTHENTICATED"},
      {absl::InvalidArgumentError("x"), "INVALID_ARGUMENT"},
      {Error(absl::StatusCode::kAborted, "STALE_ETAG", "x"), "STALE_ETAG"},
  };
  for (const auto& c : kCases) {
    const grpc::Status sent = ToGrpcStatus(c.status);
    EXPECT_EQ(static_cast<int>(sent.error_code()), static_cast<int>(c.status.code()));
    EXPECT_EQ(CountErrorInfos(sent), 1) << c.status;
    EXPECT_EQ(ReasonOf(FromGrpcStatus(sent)), c.reason);
  }
  absl::Status broken = absl::AbortedError("x");
  broken.SetPayload("type.googleapis.com/google.rpc.ErrorInfo", absl::Cord("\xFF\xFF"));
  EXPECT_EQ(CountErrorInfos(ToGrpcStatus(broken)), 1);
  EXPECT_EQ(ReasonOf(FromGrpcStatus(ToGrpcStatus(broken))), "ABORTED");
}

TEST(GrpcStatusTest, MessagesOfInternalErrorsStayInside) {
  for (const absl::Status& status :
       {absl::InternalError("row of Jane Doe"), absl::UnknownError("row of Jane Doe"),
        absl::Status(Error(absl::StatusCode::kInternal, "LEDGER_DAMAGED", "row of Jane Doe"))}) {
    const grpc::Status sent = ToGrpcStatus(status);
    EXPECT_THAT(sent.error_message(), Not(HasSubstr("Jane")));
    EXPECT_THAT(sent.error_message(), HasSubstr("internal error"));
    EXPECT_THAT(sent.error_details(), Not(HasSubstr("Jane")));
  }
  EXPECT_EQ(ReasonOf(FromGrpcStatus(ToGrpcStatus(Error(absl::StatusCode::kInternal, "LEDGER_DAMAGED", "x")))),
            "LEDGER_DAMAGED");
}

TEST(GrpcStatusTest, PayloadsOfOtherKindsStayInside) {
  absl::Status status = absl::AbortedError("x");
  status.SetPayload("oversight/mysql", absl::Cord("secret"));
  EXPECT_THAT(ToGrpcStatus(status).error_details(), Not(HasSubstr("secret")));
}

// Trailers above 8 KiB would reach the client as RESOURCE_EXHAUSTED without any detail.
size_t TrailerBytes(const grpc::Status& status) {
  return status.error_message().size() * 3 + status.error_details().size() * 4 / 3;
}

TEST(GrpcStatusTest, ManyViolationsAreCutToWhatATrailerHolds) {
  std::vector<FieldViolation> violations;
  for (int i = 0; i < 1000; ++i)
    violations.push_back({absl::StrCat("posts[", i, "].end_date"), "must come after it"});
  const grpc::Status sent = ToGrpcStatus(InvalidFields(violations));
  EXPECT_LT(TrailerBytes(sent), 7500u);
  EXPECT_EQ(CountErrorInfos(sent), 1);
  const absl::Status received = FromGrpcStatus(sent);
  EXPECT_EQ(ReasonOf(received), "INVALID_FIELDS");
  const size_t kept = ViolationsOf(received).size();
  EXPECT_GT(kept, 20u);
  EXPECT_EQ(ViolationsOf(received)[0], violations[0]);
  EXPECT_EQ(MetadataOf(received, "violations_omitted"), absl::StrCat(1000 - kept));
}

TEST(GrpcStatusTest, LongMessagesAndMetadataAreCut) {
  const grpc::Status sent =
      ToGrpcStatus(Error(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND", std::string(9000, 'm'))
                       .With("name", std::string(9000, 'n'))
                       .RetryAfter(absl::Seconds(2)));
  EXPECT_LT(TrailerBytes(sent), 7500u);
  const absl::Status received = FromGrpcStatus(sent);
  EXPECT_EQ(ReasonOf(received), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(MetadataOf(received, "metadata_omitted"), "1");
  EXPECT_EQ(RetryDelayOf(received), absl::Seconds(2));
}

TEST(GrpcStatusTest, UnreadableDetailsLeaveCodeAndMessage) {
  const absl::Status received = FromGrpcStatus(grpc::Status(grpc::StatusCode::ABORTED, "stale", "\xFF\xFF"));
  EXPECT_EQ(received, absl::AbortedError("stale"));
}

}  // namespace
}  // namespace oversight

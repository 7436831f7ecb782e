#include "common/status/error.h"

#include <string>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"

namespace oversight {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kUrl[] = "type.googleapis.com/google.rpc.";

TEST(ErrorTest, CarriesReasonDomainAndMetadata) {
  const absl::Status status = Error(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND", "no such worker")
                                  .With("resource_type", "Worker")
                                  .With("service", "first")
                                  .With("service", "workforce");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "no such worker");
  EXPECT_EQ(ReasonOf(status), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(MetadataOf(status, "resource_type"), "Worker");
  EXPECT_EQ(MetadataOf(status, "service"), "workforce");
  EXPECT_EQ(MetadataOf(status, "absent"), "");
  EXPECT_THAT(ViolationsOf(status), IsEmpty());
  EXPECT_EQ(RetryDelayOf(status), absl::ZeroDuration());

  google::rpc::ErrorInfo info;
  ASSERT_TRUE(info.ParseFromString(std::string(status.GetPayload(std::string(kUrl) + "ErrorInfo").value())));
  EXPECT_EQ(info.domain(), "oversight");
  EXPECT_FALSE(status.GetPayload(std::string(kUrl) + "BadRequest").has_value());
  EXPECT_FALSE(status.GetPayload(std::string(kUrl) + "RetryInfo").has_value());
}

TEST(ErrorTest, EqualErrorsAreEqualStatusesWhateverTheOrderOfMetadata) {
  const absl::Status one =
      Error(absl::StatusCode::kAborted, "ETAG", "stale").With("a", "1").With("b", "2").With("c", "3");
  const absl::Status two =
      Error(absl::StatusCode::kAborted, "ETAG", "stale").With("c", "3").With("b", "2").With("a", "1");
  EXPECT_EQ(one, two);
}

TEST(ErrorTest, CarriesFieldViolationsInOrder) {
  const std::vector<FieldViolation> more = {{"post.end_date", "must come after start_date"},
                                            {"post.fte", "at most 1"}};
  const absl::Status status = Error(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS", "wrong")
                                  .Field("post", "required")
                                  .Fields(more);
  EXPECT_THAT(ViolationsOf(status), ElementsAre(FieldViolation{"post", "required"}, more[0], more[1]));
}

TEST(ErrorTest, CarriesTheRetryDelay) {
  for (absl::Duration delay : {absl::Milliseconds(250), absl::Seconds(3), absl::Nanoseconds(1'500'000'001)}) {
    EXPECT_EQ(
        RetryDelayOf(Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL", "busy").RetryAfter(delay)),
        delay);
  }
  const absl::Status now = Error(absl::StatusCode::kUnavailable, "X", "x").RetryAfter(-absl::Seconds(1));
  EXPECT_EQ(RetryDelayOf(now), absl::ZeroDuration());
}

TEST(ErrorTest, ReplacesBytesThatAreNoUtf8) {
  const absl::Status status = Error(absl::StatusCode::kInvalidArgument, "CSV", "bad \xFF byte")
                                  .With("column", "na\xC3me")
                                  .Field("row\xFF", "caf\xE9");
  EXPECT_EQ(status.message(), "bad \xEF\xBF\xBD byte");
  EXPECT_EQ(MetadataOf(status, "column"), "na\xEF\xBF\xBDme");
  EXPECT_THAT(ViolationsOf(status), ElementsAre(FieldViolation{"row\xEF\xBF\xBD", "caf\xEF\xBF\xBD"}));
}

TEST(ErrorTest, InvalidFieldsNamesEveryField) {
  const std::vector<FieldViolation> violations = {{"a", "required"}, {"b.c", "at most 5"}};
  const absl::Status status = InvalidFields(violations);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELDS");
  EXPECT_EQ(status.message(), "a: required; b.c: at most 5");
  EXPECT_EQ(ViolationsOf(status), violations);
  EXPECT_TRUE(InvalidFields({}).ok());
}

TEST(ErrorTest, AStatusFromElsewhereHasNoReason) {
  absl::Status status = absl::InternalError("x");
  EXPECT_EQ(ReasonOf(status), "");
  EXPECT_EQ(MetadataOf(status, "a"), "");
  EXPECT_EQ(ReasonOf(absl::OkStatus()), "");
  status.SetPayload(std::string(kUrl) + "ErrorInfo", absl::Cord("\xFF\xFF"));
  EXPECT_EQ(ReasonOf(status), "");
}

absl::Status ReturnsEarly(const absl::Status& status, bool& reached) {
  OVERSIGHT_RETURN_IF_ERROR(status);
  reached = true;
  return absl::OkStatus();
}

absl::StatusOr<std::string> Twice(const absl::StatusOr<std::string>& input) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string first, input);
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string second, input);
  return first + second;
}

TEST(StatusMacrosTest, PassErrorsOnAndValuesThrough) {
  bool reached = false;
  EXPECT_EQ(ReturnsEarly(absl::AbortedError("x"), reached), absl::AbortedError("x"));
  EXPECT_FALSE(reached);
  EXPECT_TRUE(ReturnsEarly(absl::OkStatus(), reached).ok());
  EXPECT_TRUE(reached);
  EXPECT_EQ(Twice(std::string("ab")).value(), "abab");
  EXPECT_EQ(Twice(absl::NotFoundError("y")).status(), absl::NotFoundError("y"));
}

TEST(ErrorTest, APartOfARequestIsNamedEverywhere) {
  const absl::Status status = Error(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS", "no such day")
                                  .With("key", "value")
                                  .Field("post.start_date", "is no day")
                                  .RetryAfter(absl::Seconds(2));
  const absl::Status in_part = InPart(status, "requests[3]");
  EXPECT_EQ(in_part.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(in_part.message(), "requests[3]: no such day");
  EXPECT_EQ(ReasonOf(in_part), "INVALID_FIELDS");
  EXPECT_EQ(MetadataOf(in_part, "part"), "requests[3]");
  EXPECT_EQ(MetadataOf(in_part, "key"), "value");
  EXPECT_EQ(RetryDelayOf(in_part), absl::Seconds(2));
  ASSERT_EQ(ViolationsOf(in_part).size(), 1);
  EXPECT_EQ(ViolationsOf(in_part)[0].field, "requests[3].post.start_date");
  EXPECT_TRUE(InPart(absl::OkStatus(), "requests[3]").ok());
}

TEST(ErrorTest, MetadataCanBeAddedLater) {
  const absl::Status status =
      WithMetadata(Error(absl::StatusCode::kAborted, "R", "m").With("a", "1"), "b", "2");
  EXPECT_EQ(ReasonOf(status), "R");
  EXPECT_EQ(MetadataOf(status, "a"), "1");
  EXPECT_EQ(MetadataOf(status, "b"), "2");
}

}  // namespace
}  // namespace oversight

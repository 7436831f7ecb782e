#pragma once

#include <gmock/gmock.h>

#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace oversight::testing {
namespace internal {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// `UNAVAILABLE: message (reason DATABASE_UNAVAILABLE)` and, for bad fields, their paths.
inline std::string Describe(const absl::Status& status) {
  std::string text = status.ToString(absl::StatusToStringMode::kWithNoExtraData);
  if (const std::string reason = ReasonOf(status); !reason.empty())
    absl::StrAppend(&text, " (reason ", reason, ")");
  for (const FieldViolation& violation : ViolationsOf(status)) {
    absl::StrAppend(&text, "\n  ", violation.field, ": ", violation.description);
  }
  return text;
}

}  // namespace internal

// A Status or StatusOr that is OK.
MATCHER(IsOk, negation ? "is not OK" : "is OK") {
  const absl::Status& status = internal::StatusOf(arg);
  if (!status.ok()) *result_listener << internal::Describe(status);
  return status.ok();
}

// A StatusOr that is OK and whose value matches.
MATCHER_P(IsOkAndHolds, inner,
          "is OK and holds a value that " +
              ::testing::DescribeMatcher<typename std::decay_t<arg_type>::value_type>(inner, negation)) {
  if (!arg.ok()) {
    *result_listener << internal::Describe(arg.status());
    return false;
  }
  return ::testing::ExplainMatchResult(inner, *arg, result_listener);
}

namespace internal {

class StatusIsMatcher {
 public:
  StatusIsMatcher(absl::StatusCode code, ::testing::Matcher<std::string> reason)
      : code_(code), reason_(std::move(reason)) {}

  template <typename T>
  operator ::testing::Matcher<T>() const {  // NOLINT: a matcher is used where Matcher<T> is expected
    return ::testing::Matcher<T>(new Implementation<T>(code_, reason_));
  }

 private:
  template <typename T>
  class Implementation final : public ::testing::MatcherInterface<T> {
   public:
    Implementation(absl::StatusCode code, ::testing::Matcher<std::string> reason)
        : code_(code), reason_(std::move(reason)) {}

    bool MatchAndExplain(T value, ::testing::MatchResultListener* listener) const override {
      const absl::Status& status = StatusOf(value);
      *listener << Describe(status);
      return status.code() == code_ && reason_.Matches(ReasonOf(status));
    }
    void DescribeTo(std::ostream* out) const override {
      *out << "has code " << absl::StatusCodeToString(code_) << " and a reason that ";
      reason_.DescribeTo(out);
    }

   private:
    absl::StatusCode code_;
    ::testing::Matcher<std::string> reason_;
  };

  absl::StatusCode code_;
  ::testing::Matcher<std::string> reason_;
};

}  // namespace internal

// A Status or StatusOr with this code and, when given, this reason in its ErrorInfo (text or matcher).
inline internal::StatusIsMatcher StatusIs(absl::StatusCode code) { return {code, ::testing::_}; }
template <typename Reason>
internal::StatusIsMatcher StatusIs(absl::StatusCode code, Reason reason) {
  return {code, ::testing::SafeMatcherCast<std::string>(reason)};
}

}  // namespace oversight::testing

#define OVERSIGHT_EXPECT_OK(expr) EXPECT_THAT((expr), ::oversight::testing::IsOk())
#define OVERSIGHT_ASSERT_OK(expr) ASSERT_THAT((expr), ::oversight::testing::IsOk())
// `OVERSIGHT_ASSERT_OK_AND_ASSIGN(auto lease, pool.Acquire(deadline));`
#define OVERSIGHT_ASSERT_OK_AND_ASSIGN(lhs, expr)                                              \
  auto OVERSIGHT_STATUS_CONCAT(oversight_or_, __LINE__) = (expr);                              \
  ASSERT_THAT(OVERSIGHT_STATUS_CONCAT(oversight_or_, __LINE__), ::oversight::testing::IsOk()); \
  lhs = *std::move(OVERSIGHT_STATUS_CONCAT(oversight_or_, __LINE__))

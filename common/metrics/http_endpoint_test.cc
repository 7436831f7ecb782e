#include "common/metrics/http_endpoint.h"

#include "absl/strings/str_cat.h"
#include "common/testing/loopback.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight::metrics {
namespace {

using ::oversight::testing::HttpGet;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(HttpEndpointTest, ServesWhatTheRegistryHolds) {
  Registry registry;
  auto& counter = registry.Counter("oversight_sessions_total", "Sessions held.").Add({});
  counter.Increment();
  auto endpoint = HttpEndpoint::Start("127.0.0.1:0", registry);
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  const int port = (*endpoint)->port();
  EXPECT_GT(port, 0);
  EXPECT_THAT(HttpGet(port, "/metrics"),
              AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("oversight_sessions_total 1")));
  counter.Increment();
  EXPECT_THAT(HttpGet(port, "/metrics"), HasSubstr("oversight_sessions_total 2"));
  EXPECT_THAT(HttpGet(port, "/etc/passwd"), HasSubstr(" 404 "));
  endpoint->reset();
  EXPECT_EQ(HttpGet(port, "/metrics"), "");
}

TEST(HttpEndpointTest, SaysWhenItCannotBind) {
  Registry registry;
  auto first = HttpEndpoint::Start("127.0.0.1:0", registry);
  ASSERT_TRUE(first.ok());
  const std::string taken = absl::StrCat("127.0.0.1:", (*first)->port());
  for (const std::string& address : {taken, std::string("nonsense")}) {
    const auto second = HttpEndpoint::Start(address, registry);
    EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(second.status().message()), HasSubstr(address));
  }
}

}  // namespace
}  // namespace oversight::metrics

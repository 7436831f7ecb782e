#include "common/metrics/http_endpoint.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight::metrics {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// The whole answer to a GET on the loopback interface, or nothing when no one listens.
std::string Get(int port, absl::string_view path) {
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request = absl::StrCat("GET ", path, " HTTP/1.0\r\n\r\n");
    EXPECT_EQ(send(descriptor, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
    char buffer[4096];
    for (ssize_t n; (n = recv(descriptor, buffer, sizeof(buffer), 0)) > 0;) answer.append(buffer, n);
  }
  close(descriptor);
  return answer;
}

TEST(HttpEndpointTest, ServesWhatTheRegistryHolds) {
  Registry registry;
  auto& counter = registry.Counter("oversight_sessions_total", "Sessions held.").Add({});
  counter.Increment();
  auto endpoint = HttpEndpoint::Start("127.0.0.1:0", registry);
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  const int port = (*endpoint)->port();
  EXPECT_GT(port, 0);
  EXPECT_THAT(Get(port, "/metrics"),
              AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("oversight_sessions_total 1")));
  counter.Increment();
  EXPECT_THAT(Get(port, "/metrics"), HasSubstr("oversight_sessions_total 2"));
  EXPECT_THAT(Get(port, "/etc/passwd"), HasSubstr(" 404 "));
  endpoint->reset();
  EXPECT_EQ(Get(port, "/metrics"), "");
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

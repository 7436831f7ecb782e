#pragma once

#include <netinet/in.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// The loopback interface, for tests that start servers and look at them from outside.
namespace oversight::testing {

sockaddr_in LoopbackAddress(int port);

// A port on which nobody listens now. Another process may take it before it is used.
absl::StatusOr<int> FreePort();

// The whole answer to a GET of HTTP/1.0 with its head; empty when no one listens.
std::string HttpGet(int port, absl::string_view path);

}  // namespace oversight::testing

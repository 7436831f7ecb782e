#include "common/rpc/healthcheck.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "google/protobuf/wrappers.pb.h"

namespace oversight::rpc {

namespace {

// What the server says of its health: a value of HealthCheckResponse.ServingStatus.
absl::StatusOr<int> AskForHealth(const ClientOptions& options, const std::string& service,
                                 absl::Duration patience) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::unique_ptr<Client> client, Client::Create(options));
  // The distribution installs no C++ of the health messages. HealthCheckRequest has the text field 1 and
  // HealthCheckResponse the enum field 1, exactly as these have on the wire.
  google::protobuf::StringValue request;
  google::protobuf::Int32Value response;
  request.set_value(service);
  const absl::Status asked =
      client->Unary("/grpc.health.v1.Health/Check", request, &response, {.deadline = absl::Now() + patience});
  if (absl::IsDeadlineExceeded(asked)) {
    return absl::UnavailableError(absl::StrCat("no answer from ", options.target));
  }
  OVERSIGHT_RETURN_IF_ERROR(asked);
  return response.value();
}

}  // namespace

absl::Status CheckHealth(const ClientOptions& options, const std::string& service, absl::Duration patience) {
  OVERSIGHT_ASSIGN_OR_RETURN(const int health, AskForHealth(options, service, patience));
  constexpr int kServing = 1;
  if (health == kServing) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(options.target, " answers, but is not serving"));
}

absl::Status CheckAlive(const ClientOptions& options, absl::Duration patience) {
  return AskForHealth(options, "", patience).status();
}

}  // namespace oversight::rpc

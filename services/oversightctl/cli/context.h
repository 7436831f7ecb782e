#pragma once

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/time/civil_day.h"
#include "common/time/clock.h"
#include "google/type/date.pb.h"
#include "services/oversightctl/cli/console.h"
#include "services/oversightctl/cli/services.h"

namespace oversight::ctl {

// What all commands have in common.
struct GlobalOptions {
  // By ServiceId.
  std::array<std::string, 4> targets;
  std::string authority;
  std::string token_file;
  std::string tls_ca_file;
  std::string tls_certificate_file;
  std::string tls_key_file;
  std::string tls_server_name;
  std::string demo_user;
  absl::Duration timeout = absl::Seconds(30);
};

// One run of the program. Commands keep a pointer to it and set the exit code.
struct Context {
  GlobalOptions options;
  Console console;
  const Clock* clock = nullptr;
  std::unique_ptr<Services> services;
  ExitCode exit_code = kAllWell;

  absl::Time Deadline() const { return clock->Now() + options.timeout; }
  // `authorities/{authority}` of --authority, which may be given either way.
  // Throws CLI::RequiredError when it was not given.
  std::string Authority() const;
  // A name within the authority: `cases/C1` or `authorities/a/cases/C1`.
  std::string NameOf(const std::string& text) const;
  // The same where the collection may be left out: `W1` for `workers/W1`. Empty stays empty.
  std::string NameIn(const std::string& collection, const std::string& text) const;
  // Sets the exit code.
  void Fail(absl::string_view what, const absl::Status& status) {
    exit_code = ReportError(console, what, status);
  }
};

// Options of the program itself; see GlobalOptions.
void AddGlobalOptions(CLI::App& app, Context& context);
// Connects as the options say, when first used.
std::unique_ptr<Services> MakeServices(const GlobalOptions& options);

// An option that holds a duration, `90s` or `2m`.
void AddDuration(CLI::App& app, const std::string& name, absl::Duration& value, const std::string& help);
// An option that holds a day, YYYY-MM-DD; left unset otherwise.
CLI::Option* AddDay(CLI::App& app, const std::string& name, google::type::Date& value,
                    const std::string& help);

// Calls a unary method within the timeout.
template <typename Response>
absl::StatusOr<Response> Call(Context& context, ServiceId service, const std::string& method,
                              const google::protobuf::Message& request) {
  auto client = context.services->Get(service);
  if (!client.ok()) return client.status();
  rpc::CallOptions options;
  options.deadline = context.Deadline();
  Response response;
  const absl::Status status = (*client)->Unary(MethodOf(service, method), request, &response, options);
  if (!status.ok()) return status;
  return response;
}

// The JSON of the API (ProtoJSON, lowerCamelCase, fields without a value included), in one line or indented.
std::string ToJson(const google::protobuf::Message& message, bool indented = true);

// `YYYY-MM-DD`, empty when not set.
std::string ToText(const google::type::Date& date);

}  // namespace oversight::ctl

#include "tests/records/running_service.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "common/testing/child_process.h"
#include "common/testing/loopback.h"
#include "common/testing/private_mariadb.h"

namespace oversight::testing {
namespace {

std::string TemporaryDirectory() {
  std::string path = (std::filesystem::temp_directory_path() / "oversight-records-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) abort();
  return path;
}

std::string Capitalised(std::string text) {
  text[0] = absl::ascii_toupper(static_cast<unsigned char>(text[0]));
  return text;
}

std::string TextOf(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

RunningService::RunningService(std::string program, std::string service,
                               std::vector<std::pair<std::string, std::string>> targets)
    : program_(std::move(program)),
      service_(std::move(service)),
      targets_(std::move(targets)),
      port_(FreePort().value()),
      metrics_port_(FreePort().value()),
      directory_(TemporaryDirectory()),
      schema_(NewSchema()) {
  const std::string password_file = absl::StrCat(directory_, "/password");
  std::ofstream(password_file) << schema_.password;
  chmod(password_file.c_str(), 0400);
}

RunningService::~RunningService() {
  Kill();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string RunningService::target() const { return absl::StrCat("127.0.0.1:", port_); }

absl::Status RunningService::Start() {
  const std::string password_file = absl::StrCat(directory_, "/password");
  const std::string log = absl::StrCat(directory_, "/log");
  std::vector<std::string> settings = {"--demo-mode=true",
                                       absl::StrCat("--listen=", target()),
                                       absl::StrCat("--metrics-listen=127.0.0.1:", metrics_port_),
                                       absl::StrCat("--db-host=", schema_.host),
                                       absl::StrCat("--db-port=", schema_.port),
                                       absl::StrCat("--db-schema=", schema_.schema),
                                       absl::StrCat("--db-user=", schema_.user),
                                       absl::StrCat("--db-password-file=", password_file)};
  for (const auto& [name, address] : targets_)
    settings.push_back(absl::StrCat("--", name, "-target=", address));
  const auto command = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program_);
    arguments.insert(arguments.end(), settings.begin(), settings.end());
    return arguments;
  };
  OVERSIGHT_ASSIGN_OR_RETURN(const pid_t migration, StartChild(command({"migrate", "up"}), log));
  if (AwaitChild(migration, absl::Minutes(2)) != 0) {
    return absl::InternalError(absl::StrCat("migrate up failed: ", TextOf(log)));
  }
  OVERSIGHT_ASSIGN_OR_RETURN(pid_, StartChild(command({"serve"}), log));
  OVERSIGHT_ASSIGN_OR_RETURN(client_, rpc::Client::Create({.target = target(), .demo_user = "tester"}));

  const absl::Time give_up = absl::Now() + absl::Minutes(1);
  while (absl::Now() < give_up) {
    OVERSIGHT_ASSIGN_OR_RETURN(const pid_t check, StartChild(command({"healthcheck"}), log));
    if (AwaitChild(check, absl::Seconds(20)) == 0) return absl::OkStatus();
    if (AwaitChild(pid_, absl::ZeroDuration()).has_value()) break;
    absl::SleepFor(absl::Milliseconds(50));
  }
  return absl::InternalError(absl::StrCat(service_, " does not serve: ", TextOf(log)));
}

void RunningService::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  AwaitChild(pid_, absl::Seconds(30));
  pid_ = -1;
}

absl::Status RunningService::Call(const std::string& method, const google::protobuf::Message& request,
                                  google::protobuf::Message* response) {
  const std::string full_name =
      absl::StrCat("/oversight.", service_, ".v1.", Capitalised(service_), "Service/", method);
  return client_->Unary(full_name, request, response, {.deadline = absl::Now() + absl::Minutes(1)});
}

}  // namespace oversight::testing

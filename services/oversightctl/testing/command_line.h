#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "services/oversightctl/cli/commands.h"
#include "services/oversightctl/testing/fake_services.h"

namespace oversight::ctl {

// Runs the program's commands against services that a test fakes.
class CommandLine : public ::testing::Test {
 protected:
  CommandLine() {
    context_.clock = &clock_;
    context_.console = {.out = &out_, .err = &err_};
    auto services = std::make_unique<FakeServices>();
    services_ = services.get();
    context_.services = std::move(services);
  }

  // What the program would return.
  ExitCode Run(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    context_.exit_code = kAllWell;
    context_.console.json = false;
    context_.options = {};
    CLI::App app("test");
    app.require_subcommand(1);
    AddGlobalOptions(app, context_);
    AddImportCommand(app, context_);
    AddReportCommand(app, context_);
    AddWorklistCommand(app, context_);
    AddHistoryCommands(app, context_);
    AddHealthCheckCommand(app, context_);
    AddPolicyCommands(app, context_);
    AddLedgerCommands(app, context_);
    AddResourceCommands(app, context_, arguments);
    AddCallCommands(app, context_, arguments);
    AddCompletionCommands(app, context_);
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    try {
      app.parse(arguments);
    } catch (const CLI::ParseError& error) {
      return app.exit(error, out_, err_) == 0 ? kAllWell : kUsage;
    }
    return context_.exit_code;
  }

  template <typename Request, typename Response>
  void On(ServiceId service, const std::string& method,
          std::function<absl::Status(const Request&, Response&)> handler) {
    services_->OnUnary<Request, Response>(MethodOf(service, method), std::move(handler));
  }

  SleepingClock clock_;
  std::ostringstream out_;
  std::ostringstream err_;
  Context context_;
  FakeServices* services_;
};

}  // namespace oversight::ctl

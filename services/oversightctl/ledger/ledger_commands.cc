#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "oversight/ledger/v1/ledger.pb.h"
#include "services/oversightctl/cli/commands.h"
#include "services/oversightctl/cli/text_table.h"
#include "services/oversightctl/cli/tokens.h"

namespace oversight::ctl {
namespace {

using Json = nlohmann::ordered_json;
using ledger::v1::VerifyLedgerResponse;

void PrintHeads(Context& context) {
  TextTable table({{"ledger"}, {"revision", TextTable::Align::kRight}, {"time (UTC)"}, {"token"}});
  Json json = Json::object();
  for (const ServiceId service : kAllServices) {
    auto client = context.services->Get(service);
    ledger::v1::GetHeadRequest request;
    request.set_name(context.Authority());
    ledger::v1::Head head;
    rpc::CallOptions options;
    options.deadline = context.Deadline();
    const absl::Status status =
        client.ok() ? (*client)->Unary(LedgerMethod("GetHead"), request, &head, options) : client.status();
    const std::string& name = InfoOf(service).name;
    if (status.code() == absl::StatusCode::kNotFound) {
      table.Add({name, "0", "", "(nothing was written yet)"});
      continue;
    }
    if (!status.ok()) {
      context.Fail(absl::StrCat("cannot read the head of ", name), status);
      continue;
    }
    table.Add({name, Thousands(head.revision()),
               google::protobuf::util::TimeUtil::ToString(head.time()).substr(0, 19), head.token()});
    json[name] = Json::parse(ToJson(head, false), nullptr, false);
  }
  if (context.console.json) {
    *context.console.out << json.dump(2) << "\n";
  } else {
    table.Print(*context.console.out);
  }
}

struct VerifyArguments {
  std::vector<std::string> services;
  std::string tokens_file;
};

// Reads the progress of one verification to its end.
absl::StatusOr<VerifyLedgerResponse> Verify(Context& context, ServiceId service, const Tokens& known) {
  auto client = context.services->Get(service);
  if (!client.ok()) return client.status();
  ledger::v1::VerifyLedgerRequest request;
  request.set_name(context.Authority());
  const auto token = known.find(InfoOf(service).name);
  if (token != known.end()) request.add_known_tokens(token->second);
  const auto stream = (*client)->Stream(LedgerMethod("VerifyLedger"), request, rpc::CallOptions());
  VerifyLedgerResponse last;
  VerifyLedgerResponse message;
  const bool live = context.console.err_is_terminal;
  while (stream->Read(&message)) {
    if (live) {
      *context.console.err << "\r  " << InfoOf(service).name << ": " << Thousands(message.entries_checked())
                           << " entries checked" << std::flush;
    }
    auto faults = std::move(*last.mutable_faults());
    last = message;
    if (last.faults().empty()) *last.mutable_faults() = std::move(faults);
  }
  if (live) *context.console.err << "\r\x1b[K";
  const absl::Status status = stream->Finish();
  if (!status.ok()) return status;
  if (!last.complete()) return absl::DataLossError("the verification ended without a verdict");
  return last;
}

std::string FaultText(const VerifyLedgerResponse::Fault& fault) {
  const std::string kind =
      absl::AsciiStrToLower(absl::StripPrefix(VerifyLedgerResponse::Fault::Kind_Name(fault.kind()), "KIND_"));
  std::string text = kind;
  if (fault.revision() > 0) absl::StrAppend(&text, " at revision ", fault.revision());
  if (!fault.resource_name().empty()) absl::StrAppend(&text, " of ", fault.resource_name());
  return absl::StrCat(text, ": ", fault.description());
}

void RunVerify(Context& context, const VerifyArguments& arguments) {
  Tokens known;
  if (!arguments.tokens_file.empty()) {
    auto loaded = LoadTokens(arguments.tokens_file);
    if (!loaded.ok()) throw CLI::ValidationError("--known", std::string(loaded.status().message()));
    known = *std::move(loaded);
  }
  Json json = Json::object();
  for (const ServiceId service : kAllServices) {
    const std::string& name = InfoOf(service).name;
    const auto& wanted = arguments.services;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), name) == wanted.end()) continue;
    const auto verdict = Verify(context, service, known);
    if (!verdict.ok()) {
      context.Fail(absl::StrCat("cannot verify the ledger of ", name), verdict.status());
      continue;
    }
    if (!verdict->intact() && context.exit_code == kAllWell) context.exit_code = kRefused;
    json[name] = Json::parse(ToJson(*verdict, false), nullptr, false);
    if (context.console.json) continue;
    *context.console.out << name << ": " << (verdict->intact() ? "intact" : "NOT INTACT") << ", "
                         << Thousands(verdict->entries_checked()) << " entries and "
                         << Thousands(verdict->resources_checked()) << " records checked\n";
    for (const auto& fault : verdict->faults()) *context.console.out << "  " << FaultText(fault) << "\n";
  }
  if (context.console.json) *context.console.out << json.dump(2) << "\n";
}

struct WaitArguments {
  std::string tokens_file;
  absl::Duration wait_for = absl::Minutes(5);
};

void RunWait(Context& context, const WaitArguments& arguments) {
  const auto tokens = arguments.tokens_file.empty()
                          ? FetchTokens(*context.services, context.Authority(), context.Deadline())
                          : LoadTokens(arguments.tokens_file);
  if (!tokens.ok()) return context.Fail("cannot tell what to wait for", tokens.status());
  const auto progress = WaitUntilJudged(
      *context.services, context.Authority(), FactTokens(*tokens), context.clock->Now() + arguments.wait_for,
      context.options.timeout, *context.clock, [](absl::Duration duration) { absl::SleepFor(duration); });
  if (!progress.ok()) return context.Fail("compliance has not caught up", progress.status());
  if (context.console.json) {
    *context.console.out << ToJson(*progress);
    return;
  }
  TextTable table({{"ledger"}, {"applied revision", TextTable::Align::kRight}});
  for (const auto& ledger : progress->ledgers())
    table.Add({ledger.ledger(), Thousands(ledger.applied_revision())});
  table.Print(*context.console.out);
  *context.console.out << "judged up to " << ToText(progress->judged_date()) << "\n";
}

}  // namespace

void AddLedgerCommands(CLI::App& app, Context& context) {
  CLI::App* head = app.add_subcommand("head", "The newest entry of each service's ledger");
  head->fallthrough();
  head->callback([&context] { PrintHeads(context); });

  auto verify_arguments = std::make_shared<VerifyArguments>();
  CLI::App* verify = app.add_subcommand("verify", "Prove that no ledger was edited, cut or reordered");
  verify->fallthrough();
  verify->add_option("--service", verify_arguments->services, "Only this service; may be repeated")
      ->check(CLI::IsMember({"workforce", "caseload", "supervision", "compliance"}));
  verify->add_option("--known", verify_arguments->tokens_file,
                     "File of tokens noted earlier (import --tokens-out); each must lie on the chain");
  verify->callback([&context, verify_arguments] { RunVerify(context, *verify_arguments); });

  auto wait_arguments = std::make_shared<WaitArguments>();
  CLI::App* wait = app.add_subcommand("wait", "Wait until compliance has judged all that was written");
  wait->fallthrough();
  wait->add_option("--after", wait_arguments->tokens_file,
                   "File of tokens (import --tokens-out); the ledgers' heads when left out");
  AddDuration(*wait, "--wait-for", wait_arguments->wait_for, "How long to wait");
  wait->callback([&context, wait_arguments] { RunWait(context, *wait_arguments); });
}

}  // namespace oversight::ctl

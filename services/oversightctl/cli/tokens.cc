#include "services/oversightctl/cli/tokens.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "oversight/ledger/v1/ledger.pb.h"

namespace oversight::ctl {
namespace {

constexpr absl::Duration kPollInterval = absl::Milliseconds(250);

bool IsPassing(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kDeadlineExceeded ||
         status.code() == absl::StatusCode::kResourceExhausted;
}

}  // namespace

absl::StatusOr<Tokens> FetchTokens(Services& services, const std::string& authority, absl::Time deadline) {
  Tokens tokens;
  for (const ServiceId service : kAllServices) {
    auto client = services.Get(service);
    if (!client.ok()) return client.status();
    ledger::v1::GetHeadRequest request;
    request.set_name(authority);
    ledger::v1::Head head;
    rpc::CallOptions options;
    options.deadline = deadline;
    const absl::Status status = (*client)->Unary(LedgerMethod("GetHead"), request, &head, options);
    if (status.ok()) {
      tokens[InfoOf(service).name] = head.token();
    } else if (status.code() != absl::StatusCode::kNotFound) {
      return status;
    }
  }
  return tokens;
}

absl::Status SaveTokens(const Tokens& tokens, const std::string& path) {
  std::ofstream out(path, std::ios::trunc);
  out << nlohmann::json(tokens).dump(2) << "\n";
  out.close();
  return out ? absl::OkStatus() : absl::InvalidArgumentError(absl::StrCat("cannot write ", path));
}

absl::StatusOr<Tokens> LoadTokens(const std::string& path) {
  std::ifstream in(path);
  if (!in) return absl::InvalidArgumentError(absl::StrCat("cannot open ", path));
  const auto json = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  Tokens tokens;
  bool good = json.is_object();
  for (const auto& [service, token] : json.items()) {
    good = good && token.is_string();
    if (good) tokens[service] = token.get<std::string>();
  }
  if (!good) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is not a file of tokens as --tokens-out writes it"));
  }
  return tokens;
}

std::vector<std::string> FactTokens(const Tokens& tokens) {
  std::vector<std::string> texts;
  for (const auto& [service, token] : tokens) {
    if (service != InfoOf(ServiceId::kCompliance).name) texts.push_back(token);
  }
  return texts;
}

absl::StatusOr<compliance::v1::Progress> WaitUntilJudged(Services& services, const std::string& authority,
                                                         const std::vector<std::string>& tokens,
                                                         absl::Time give_up, absl::Duration call_timeout,
                                                         const Clock& clock,
                                                         const std::function<void(absl::Duration)>& sleep) {
  auto client = services.Get(ServiceId::kCompliance);
  if (!client.ok()) return client.status();
  compliance::v1::GetProgressRequest request;
  request.set_parent(authority);
  for (const std::string& token : tokens) request.add_after_tokens(token);
  while (true) {
    compliance::v1::Progress progress;
    rpc::CallOptions options;
    options.deadline = std::min(clock.Now() + call_timeout, give_up);
    const absl::Status status =
        (*client)->Unary(MethodOf(ServiceId::kCompliance, "GetProgress"), request, &progress, options);
    if (status.ok() && progress.judged()) return progress;
    if (!status.ok() && !IsPassing(status)) return status;
    if (clock.Now() >= give_up) {
      return status.ok() ? absl::DeadlineExceededError("compliance has not judged everything yet") : status;
    }
    sleep(kPollInterval);
  }
}

}  // namespace oversight::ctl

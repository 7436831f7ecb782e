#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/time/clock.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "services/oversightctl/cli/services.h"

namespace oversight::ctl {

// The newest token of each service's ledger, by the service's name.
using Tokens = std::map<std::string, std::string>;

// Asks every service for the head of an authority's ledger (`authorities/{authority}`). Services in which
// nothing was written for it yet are left out.
absl::StatusOr<Tokens> FetchTokens(Services& services, const std::string& authority, absl::Time deadline);

// A JSON object, service name to token.
absl::Status SaveTokens(const Tokens& tokens, const std::string& path);
absl::StatusOr<Tokens> LoadTokens(const std::string& path);

// The tokens of the ledgers that compliance follows.
std::vector<std::string> FactTokens(const Tokens& tokens);

// Waits until compliance has applied these tokens and judged all that it has applied.
// Errors: DEADLINE_EXCEEDED when `give_up` comes first; others are the service's.
absl::StatusOr<compliance::v1::Progress> WaitUntilJudged(Services& services, const std::string& authority,
                                                         const std::vector<std::string>& tokens,
                                                         absl::Time give_up, absl::Duration call_timeout,
                                                         const Clock& clock,
                                                         const std::function<void(absl::Duration)>& sleep);

}  // namespace oversight::ctl

#include "services/compliance/judgement/ledger_source.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ledger/store.h"
#include "common/ledger/token.h"
#include "common/status/error.h"
#include "services/compliance/judgement/apply_entry.h"

namespace oversight::compliance {
namespace {

constexpr char kWatch[] = "/oversight.ledger.v1.LedgerService/Watch";

absl::Status LedgerEnds() {
  return Error(absl::StatusCode::kOutOfRange, "LEDGER_ENDS", "the ledger has no more entries");
}

}  // namespace

ServiceLedgers::ServiceLedgers(std::map<std::string, std::shared_ptr<rpc::Client>> clients, mysql::Pool* pool)
    : clients_(std::move(clients)), pool_(pool) {}

absl::Status ServiceLedgers::Read(const std::string& ledger, const std::string& authority,
                                  const std::string& after_token, absl::Time deadline,
                                  absl::FunctionRef<bool(const ledger::v1::Entry&)> take) {
  if (ledger == kOwnLedger) return ReadOwn(authority, after_token, deadline, take);
  const auto client = clients_.find(ledger);
  if (client == clients_.end()) {
    return Error(absl::StatusCode::kFailedPrecondition, "LEDGER_UNKNOWN",
                 absl::StrCat("the ledger `", ledger, "` is not among those that compliance follows"));
  }
  ledger::v1::WatchRequest request;
  if (after_token.empty()) {
    request.add_authorities(absl::StrCat("authorities/", authority));
  } else {
    request.add_after(after_token);
  }
  const std::unique_ptr<rpc::StreamReader> reader =
      client->second->Stream(kWatch, request, {.deadline = deadline});
  ledger::v1::WatchResponse message;
  while (reader->Read(&message)) {
    // A heartbeat: all there is has been sent.
    const bool at_end = message.entries().empty();
    for (const ledger::v1::Entry& entry : message.entries()) {
      if (take(entry)) continue;
      reader->Cancel();
      static_cast<void>(reader->Finish());
      return absl::OkStatus();
    }
    if (at_end) {
      reader->Cancel();
      static_cast<void>(reader->Finish());
      return LedgerEnds();
    }
  }
  return reader->Finish();
}

absl::Status ServiceLedgers::ReadOwn(const std::string& authority, const std::string& after_token,
                                     absl::Time deadline,
                                     absl::FunctionRef<bool(const ledger::v1::Entry&)> take) {
  uint64_t next = 1;
  if (!after_token.empty()) {
    OVERSIGHT_ASSIGN_OR_RETURN(const ledger::v1::Token token, ledger::DecodeToken(after_token));
    next = static_cast<uint64_t>(token.revision()) + 1;
  }
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, pool_->Acquire(deadline));
  for (bool wanted = true; wanted;) {
    if (absl::Now() >= deadline) return absl::DeadlineExceededError("the ledger was not read in time");
    int read = 0;
    OVERSIGHT_RETURN_IF_ERROR(ledger::ReadEntries(
        *connection, authority, next, ledger::kEntriesPerRead, [&](ledger::StoredEntry entry) {
          ++read;
          next = entry.revision + 1;
          if (wanted) wanted = take(ledger::ToProto(kOwnLedger, entry, entry.incarnation));
          return absl::OkStatus();
        }));
    if (read == 0) return LedgerEnds();
  }
  return absl::OkStatus();
}

}  // namespace oversight::compliance

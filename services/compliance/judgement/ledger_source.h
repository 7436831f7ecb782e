#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/mysql/pool.h"
#include "common/rpc/client.h"
#include "oversight/ledger/v1/ledger.pb.h"

namespace oversight::compliance {

// Reads the ledgers again from any point, beside those who follow them.
class LedgerSource {
 public:
  virtual ~LedgerSource() = default;
  // Hands the entries of one authority's ledger after revision `after` (whose token is `after_token`, empty
  // for none) to `take`, in order, until that returns false. Errors: FAILED_PRECONDITION (LEDGER_DIVERGED)
  // when the ledger does not go on from that token, OUT_OF_RANGE (LEDGER_ENDS) when there are no more
  // entries, DEADLINE_EXCEEDED, UNAVAILABLE.
  virtual absl::Status Read(const std::string& ledger, const std::string& authority,
                            const std::string& after_token, absl::Time deadline,
                            absl::FunctionRef<bool(const ledger::v1::Entry&)> take) = 0;
};

// The real ones: of the other services through their LedgerService, of compliance from its own tables.
class ServiceLedgers final : public LedgerSource {
 public:
  // `pool` must outlive it.
  ServiceLedgers(std::map<std::string, std::shared_ptr<rpc::Client>> clients, mysql::Pool* pool);
  absl::Status Read(const std::string& ledger, const std::string& authority, const std::string& after_token,
                    absl::Time deadline, absl::FunctionRef<bool(const ledger::v1::Entry&)> take) override;

 private:
  absl::Status ReadOwn(const std::string& authority, const std::string& after_token, absl::Time deadline,
                       absl::FunctionRef<bool(const ledger::v1::Entry&)> take);

  const std::map<std::string, std::shared_ptr<rpc::Client>> clients_;
  mysql::Pool* const pool_;
};

}  // namespace oversight::compliance

#pragma once

#include "common/access/access_log.h"
#include "common/metrics/metrics.h"
#include "common/mysql/pool.h"
#include "common/rpc/methods.h"
#include "common/time/clock.h"

namespace oversight::access {

// Keeps the access log in the service's own schema (migrations/) and serves AccessService over it.
class MysqlAccessLog final : public AccessLog {
 public:
  MysqlAccessLog(mysql::Pool* pool, metrics::Registry* metrics, const Clock* clock);

  absl::Status Write(const AccessEvent& event, absl::Time deadline) override;
  void Register(rpc::Methods& methods);

 private:
  absl::Status List(rpc::Call& call, const v1::ListAccessRecordsRequest& request,
                    v1::ListAccessRecordsResponse& response);

  mysql::Pool* const pool_;
  const Clock* const clock_;
  prometheus::Counter& denied_;
  prometheus::Counter& read_;
  prometheus::Counter& failures_;
};

}  // namespace oversight::access

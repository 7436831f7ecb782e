#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/metrics/metrics.h"
#include "services/compliance/judgement/authority_judge.h"

namespace oversight::compliance {

// The days between consecutive formal one-to-one sessions of a worker, by the career stage of the worker's
// post on the day of the later one: all that are on record now. Used by one thread.
class SessionGaps {
 public:
  explicit SessionGaps(metrics::Registry* registry);

  void Refresh(const AuthorityJudge& judge);
  void Withdraw(const std::string& authority);

 private:
  struct Figures {
    prometheus::Histogram* histogram = nullptr;
    std::vector<double> counts;
    double sum = 0;
  };
  struct Counted {
    std::vector<double> counts;
    double sum = 0;
  };
  static std::map<std::string, Counted> Count(const engine::AuthorityFacts& facts);
  void Show(const std::string& authority, const std::string& stage, const Counted& counted, Figures& figures);

  prometheus::Family<prometheus::Histogram>& family_;
  std::map<std::string, std::map<std::string, Figures>> figures_;  // by authority, then stage
};

}  // namespace oversight::compliance

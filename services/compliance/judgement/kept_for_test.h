#pragma once

#include <atomic>
#include <climits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/testing/fake_clock.h"
#include "google/protobuf/message.h"
#include "oversight/ledger/v1/ledger.pb.h"
#include "services/compliance/judgement/judgement_metrics.h"
#include "services/compliance/judgement/keeper.h"
#include "services/compliance/judgement/ledger_source.h"

namespace oversight::compliance::testing {

// The ledgers of the four services as a Keeper hears of them, for one authority, `example`; they can be read
// again.
class ToldLedgers : public LedgerSource {
 public:
  static constexpr char kAuthority[] = "example";

  // The entry that says `resource` (a message with a name) was written, or deleted.
  ledger::v1::Entry Put(const std::string& ledger, const google::protobuf::Message& resource,
                        std::vector<std::string> depends_on = {});
  ledger::v1::Entry Deleted(const std::string& ledger, const std::string& name);
  // Deleted with a last state, which says why: `withdrawal { merged_into: ... }`.
  ledger::v1::Entry Withdrawn(const std::string& ledger, const google::protobuf::Message& resource);
  ledger::v1::Entry Erased(const std::string& ledger, const std::string& name);
  // The token that the entry after the next `ahead` ones will have.
  std::string TokenAhead(const std::string& ledger, int ahead);
  absl::Status Read(const std::string& ledger, const std::string& authority, const std::string& after_token,
                    absl::Time deadline, absl::FunctionRef<bool(const ledger::v1::Entry&)> take) override;
  // After so many more entries every reading ends with DEADLINE_EXCEEDED, until this is set anew.
  void set_patience(int entries) { patience_ = entries; }
  int entries_read() const { return entries_read_; }
  // From now on the ledger lives in another database, and begins anew.
  void Restore(const std::string& ledger);

 private:
  struct Ledger {
    int64_t revision = 0;
    int life = 1;
    std::vector<ledger::v1::Entry> entries;
  };
  ledger::v1::Entry Keep(const std::string& ledger, ledger::v1::Entry entry);
  ledger::v1::Entry Next(const std::string& ledger, ledger::v1::Change change, const std::string& name);
  std::map<std::string, Ledger> ledgers_;
  int patience_ = INT_MAX;
  int entries_read_ = 0;
};

// One replica: a Keeper with what it needs, over the given database.
class Replica {
 public:
  Replica(mysql::ConnectionOptions database, const std::vector<engine::Policy>* policies, const Clock* clock);
  ~Replica() { keeper_.Stop(); }

  Keeper& keeper() { return keeper_; }
  metrics::Registry& registry() { return registry_; }
  // How often it has been told of data erased by law.
  int erasures() const { return erasures_; }
  void Start() { keeper_.Start(); }
  void Tell(const std::string& ledger, std::vector<ledger::v1::Entry> entries);
  // Says of each of the ledgers, or all, that everything has been sent.
  void TellHead(const std::string& ledger);
  void TellHeads();
  void TellDiverged(const std::string& ledger);
  // Asks the keeper as a call does, which waits aside for its tokens.
  absl::Status Ask(const std::string& authority, const std::vector<std::string>& after_tokens,
                   absl::Time deadline,
                   absl::FunctionRef<absl::Status(const AuthorityJudge&, const LedgerPositions&)> question);
  // Once the tokens have been judged, every finding of today: `subject rule STATUS base due`. Ends with the
  // error otherwise.
  absl::StatusOr<std::vector<std::string>> Findings(const std::vector<std::string>& after_tokens,
                                                    CivilDay today);
  // Waits until the day has been judged.
  void AwaitJudged(CivilDay day);

 private:
  std::atomic<int> erasures_ = 0;
  metrics::Registry registry_;
  JudgementMetrics metrics_{&registry_};
  Keeper keeper_;
};

// Anna and Ben, whom Mona supervises, in posts since 2020 under Knowsley's policy; Anna's last session was on
// 2 March 2026, Ben's on 1 April.
std::vector<std::pair<std::string, ledger::v1::Entry>> AnnaAndBen(ToldLedgers& ledgers);
ledger::v1::Entry SessionOf(ToldLedgers& ledgers, const std::string& id, const std::string& worker,
                            CivilDay day, std::vector<std::string> depends_on = {});
void TellAll(Replica& replica, const std::vector<std::pair<std::string, ledger::v1::Entry>>& told);

}  // namespace oversight::compliance::testing

#include "services/compliance/judgement/extension.h"

#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/service/program_directory.h"
#include "common/status/error.h"
#include "services/compliance/judgement/checkpointer.h"
#include "services/compliance/judgement/keeper.h"
#include "services/compliance/judgement/ledger_source.h"
#include "services/compliance/judgement/replays.h"
#include "services/compliance/questions/questions.h"

namespace oversight::compliance {
namespace {

std::string PolicyDirectory(const config::Settings& settings) {
  return settings.Has("policy-dir") ? settings.Text("policy-dir")
                                    : service::BesideProgram("compliance", "policies");
}

absl::StatusOr<WorkingDays> LoadCalendar(const config::Settings& settings) {
  if (!settings.Has("bank-holidays-file")) return WorkingDays::EnglandAndWales();
  return WorkingDays::Load(settings.Text("bank-holidays-file"));
}

class ComplianceExtension final : public service::Extension {
 public:
  ComplianceExtension(const service::Runtime& runtime, std::shared_ptr<const PolicyLibrary> library,
                      WorkingDays calendar)
      : runtime_(runtime),
        library_(std::move(library)),
        calendar_(std::move(calendar)),
        metrics_(runtime.metrics),
        ledgers_(runtime.clients, runtime.pool),
        replays_({.policies = &library_->policies,
                  .working_days = &calendar_,
                  .pool = runtime.pool,
                  .ledgers = &ledgers_}),
        keeper_({.policies = &library_->policies,
                 .working_days = &calendar_,
                 .clock = runtime.clock,
                 .metrics = &metrics_,
                 .database = runtime.pool->options(),
                 .ledgers = {"workforce", "caseload", "supervision", "compliance"},
                 .on_erased =
                     [this](const std::string& authority) {
                       replays_.Drop();
                       checkpointer_.Erased(authority);
                     }}),
        checkpointer_({.ledgers = {"workforce", "caseload", "supervision"},
                       .snapshots = ServiceSnapshots(runtime.clients),
                       .database = runtime.pool->options(),
                       .keeper = &keeper_,
                       .clock = runtime.clock,
                       .entries = runtime.settings->Integer("checkpoint-entries")}),
        feeds_(runtime.pool),
        questions_({.library = library_.get(),
                    .keeper = &keeper_,
                    .replays = &replays_,
                    .feeds = &feeds_,
                    .pool = runtime.pool,
                    .clock = runtime.clock}) {}

  void Register(rpc::Methods& methods) override { questions_.Register(methods); }

  absl::Status Start() override {
    OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection,
                               runtime_.pool->Acquire(absl::Now() + absl::Seconds(10)));
    for (const policy::LoadedPolicy& policy : library_->loaded) {
      OVERSIGHT_RETURN_IF_ERROR(KeepPolicyText(*connection, policy, runtime_.clock->Now()));
    }
    keeper_.Start();
    feeds_.Start();
    const ledger::LedgerSink sink = [this](ledger::LedgerMessage message) {
      return keeper_.Take(std::move(message));
    };
    Checkpointer::Positions positions = checkpointer_.Restore();
    OVERSIGHT_RETURN_IF_ERROR(WatchOwnLedger());
    for (const auto& [service, client] : runtime_.clients) {
      followers_.push_back(
          std::make_unique<ledger::LedgerFollower>(service, client, sink, std::move(positions[service])));
      followers_.back()->Start();
    }
    checkpointer_.Start();
    return absl::OkStatus();
  }

  bool CaughtUp() const override { return keeper_.serving(); }

  void Stop() override {
    feeds_.Stop();
    checkpointer_.Stop();
    keeper_.Stop();
    for (const auto& follower : followers_) follower->Stop();
  }

 private:
  absl::Status WatchOwnLedger() {
    ledger::pb::WatchRequest all;
    all.set_all_authorities(true);
    return runtime_.tailer->Watch(
        all,
        std::make_shared<ledger::OwnLedgerFeed>(
            "compliance", [this](ledger::LedgerMessage message) { return keeper_.Take(std::move(message)); },
            // It fails only while the service stops.
            [this] { static_cast<void>(WatchOwnLedger()); }));
  }

  const service::Runtime runtime_;
  const std::shared_ptr<const PolicyLibrary> library_;
  const WorkingDays calendar_;
  JudgementMetrics metrics_;
  ServiceLedgers ledgers_;
  Replays replays_;
  Keeper keeper_;
  Checkpointer checkpointer_;
  FindingFeeds feeds_;
  Questions questions_;
  std::vector<std::unique_ptr<ledger::LedgerFollower>> followers_;
};

}  // namespace

void DeclareComplianceSettings(config::Settings& settings) {
  settings.Section("Compliance");
  settings
      .AddDirectory("policy-dir",
                    "Folder of the policy text files (*.txtpb); `policies` beside the program when not set.")
      .Optional();
  settings
      .AddFile(
          "bank-holidays-file",
          "Bank holidays of England and Wales, a date and a name on each line, instead of those built in.")
      .Optional();
  settings
      .AddInteger("checkpoint-entries",
                  "After so many entries in a ledger since its last checkpoint another is written, from "
                  "which a start "
                  "reads on; 0: never.",
                  0, 1000000000)
      .Default("5000");
}

absl::StatusOr<std::unique_ptr<service::Extension>> MakeCompliance(const service::Runtime& runtime,
                                                                   std::shared_ptr<PolicyLibrary> library) {
  OVERSIGHT_ASSIGN_OR_RETURN(library->loaded, policy::LoadDirectory(PolicyDirectory(*runtime.settings)));
  for (const policy::LoadedPolicy& loaded : library->loaded) library->policies.push_back(loaded.policy);
  OVERSIGHT_ASSIGN_OR_RETURN(WorkingDays calendar, LoadCalendar(*runtime.settings));
  return std::make_unique<ComplianceExtension>(runtime, std::move(library), std::move(calendar));
}

}  // namespace oversight::compliance

#include "tests/load/engine_start.h"

#include <array>
#include <map>
#include <ostream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/ledger/token.h"
#include "common/metrics/metrics.h"
#include "common/migrate/migrate.h"
#include "common/status/macros.h"
#include "common/testing/private_mariadb.h"
#include "common/time/clock.h"
#include "common/time/working_days.h"
#include "oversight/compliance/v1/compliance.pb.h"
#include "services/compliance/judgement/checkpoint_store.h"
#include "services/compliance/judgement/checkpointer.h"
#include "services/compliance/judgement/keeper.h"
#include "services/compliance/policy/load.h"
#include "services/compliance/policy/record_schema.h"
#include "tests/load/engine_time.h"

namespace oversight::load {
namespace {

using compliance::Checkpoint;
using compliance::Checkpointer;
using compliance::Keeper;

const std::array<std::string, 3> kCheckpointed = {"workforce", "caseload", "supervision"};
constexpr char kOwn[] = "compliance";
constexpr size_t kMessageBytes = 1 << 20;  // as LedgerService.Snapshot sends
constexpr EnglandSize kOneAuthority{.authorities = 1, .workers = 260, .cases = 3000};

class NoonOfTheLastDay final : public Clock {
 public:
  absl::Time Now() const override { return EnglandToday().Midnight() + absl::Hours(12); }
};

std::string IdOf(int number) { return absl::StrCat("made-up-", number); }

std::string TokenOf(const std::string& ledger, const std::string& authority) {
  ledger::v1::Token token;
  token.set_ledger(ledger);
  token.set_authority(absl::StrCat("authorities/", authority));
  token.set_incarnation(std::string(16, 'i'));
  token.set_hash(std::string(32, 'h'));
  token.set_revision(1);
  return ledger::EncodeToken(token);
}

// Writes the checkpoints of one authority, as a Checkpointer does with what the services send.
class CheckpointWriter {
 public:
  CheckpointWriter(mysql::Connection& connection, std::string authority)
      : connection_(connection), authority_(std::move(authority)) {
    for (const std::string& ledger : kCheckpointed)
      parts_[ledger].checkpoint = {
          .authority = authority_, .ledger = ledger, .token = TokenOf(ledger, authority_), .revision = 1};
  }

  absl::Status Begin() {
    for (const std::string& ledger : kCheckpointed)
      OVERSIGHT_RETURN_IF_ERROR(compliance::BeginCheckpoint(connection_, authority_, ledger));
    return absl::OkStatus();
  }
  void Add(const std::string& name, const google::protobuf::Message& resource) {
    const auto kind = policy::KindOfName(name);
    Part& part = parts_.at(std::string(policy::LedgerOf(kind.value_or(engine::FactKind::kAuthority))));
    ledger::v1::SnapshotResponse::Record& record = *part.chunk.add_records();
    record.set_resource_name(absl::StrCat("authorities/", authority_, name.empty() ? "" : "/", name));
    record.mutable_resource()->PackFrom(resource);
    part.bytes += record.ByteSizeLong();
    if (part.bytes >= kMessageBytes) Send(part);
  }
  absl::Status Finish(absl::Time now) {
    for (auto& [ledger, part] : parts_) {
      Send(part);
      OVERSIGHT_RETURN_IF_ERROR(status_);
      OVERSIGHT_RETURN_IF_ERROR(compliance::FinishCheckpoint(connection_, part.checkpoint, now));
    }
    return absl::OkStatus();
  }

 private:
  struct Part {
    Checkpoint checkpoint;
    ledger::v1::SnapshotResponse chunk;
    size_t bytes = 0;
  };
  void Send(Part& part) {
    if (part.chunk.records().empty()) return;
    status_.Update(compliance::AddChunk(connection_, authority_, part.checkpoint.ledger,
                                        part.checkpoint.chunks++, part.chunk));
    part.chunk.Clear();
    part.bytes = 0;
  }

  mysql::Connection& connection_;
  const std::string authority_;
  std::map<std::string, Part> parts_;
  absl::Status status_;
};

class StartBenchmark {
 public:
  StartBenchmark(const StartOptions& options, const EnglandSize& size, std::ostream& out)
      : options_(options), size_(size), out_(out) {}

  absl::Status Run() {
    OVERSIGHT_RETURN_IF_ERROR(Prepare());
    out_ << absl::StrFormat(
        "\n%d authorities, %d workers, %d open cases, %d case discussions, %d records in all; policy %s\n\n"
        "| start | ready after, wall s | checkpoints read after | CPU s until ready | of it reading | "
        "history stored after, wall s | facts and findings, MiB | findings |\n"
        "|---|---:|---:|---:|---:|---:|---:|---:|\n",
        size_.authorities, counts_.workers, counts_.open_cases, counts_.discussions, counts_.records,
        options_.policy);
    // A process beside one that writes the history; then that one itself, the first time and again.
    {
      OVERSIGHT_ASSIGN_OR_RETURN(const auto writer, mysql::Connection::Open(database_));
      OVERSIGHT_RETURN_IF_ERROR(
          writer->ExecuteText("DO GET_LOCK(CONCAT('oversight-judgement-', DATABASE()), 0)"));
      OVERSIGHT_RETURN_IF_ERROR(StartOnce("beside the process that writes the history", false));
    }
    // Storing all findings of a country for the first time would take longer than all the rest.
    if (size_.authorities > 1 && !options_.store) return absl::OkStatus();
    OVERSIGHT_RETURN_IF_ERROR(StartOnce("first of all: every finding is stored", true));
    return StartOnce("again: compared with what is stored", true);
  }

 private:
  absl::Status Prepare() {
    OVERSIGHT_RETURN_IF_ERROR(server_.Start());
    OVERSIGHT_ASSIGN_OR_RETURN(database_, server_.CreateSchema());
    OVERSIGHT_ASSIGN_OR_RETURN(const auto migrations,
                               migrate::LoadMigrations(absl::StrCat(options_.policies, "/../migrations")));
    OVERSIGHT_ASSIGN_OR_RETURN(const auto migrating,
                               mysql::Connection::Open(migrate::ForMigrating(database_)));
    OVERSIGHT_RETURN_IF_ERROR(migrate::Up(*migrating, migrations).status());
    OVERSIGHT_ASSIGN_OR_RETURN(const auto connection, mysql::Connection::Open(database_));
    for (int i = 0; i < size_.authorities; ++i) {
      CheckpointWriter writer(*connection, IdOf(i));
      OVERSIGHT_RETURN_IF_ERROR(connection->ExecuteText("START TRANSACTION"));
      OVERSIGHT_RETURN_IF_ERROR(writer.Begin());
      MakeUpAuthority(SizeOf(size_, i), i, "", counts_,
                      [&](const std::string& name, const google::protobuf::Message& resource) {
                        writer.Add(name, resource);
                      });
      OVERSIGHT_RETURN_IF_ERROR(writer.Finish(clock_.Now()));
      OVERSIGHT_RETURN_IF_ERROR(connection->ExecuteText("COMMIT"));
    }
    return absl::OkStatus();
  }

  // The assignments, and that no ledger has more to tell.
  void TellTheRest(Keeper& keeper) const {
    ledger::LedgerMessage own{.ledger = kOwn};
    for (int i = 0; i < size_.authorities; ++i) {
      compliance::v1::PolicyAssignment assignment;
      assignment.set_name(absl::StrCat("authorities/", IdOf(i), "/policyAssignments/p"));
      assignment.set_policy(absl::StrCat("policies/", options_.policy));
      assignment.mutable_start_date()->set_year(2021);
      assignment.mutable_start_date()->set_month(12);
      assignment.mutable_start_date()->set_day(1);
      ledger::v1::Entry& entry = *own.content.add_entries();
      entry.set_authority(absl::StrCat("authorities/", IdOf(i)));
      entry.set_revision(1);
      entry.set_change(ledger::v1::CHANGE_CREATED);
      entry.set_resource_name(assignment.name());
      entry.mutable_resource()->PackFrom(assignment);
      entry.set_token(TokenOf(kOwn, IdOf(i)));
    }
    keeper.Take(std::move(own));
    for (const std::string& ledger : kCheckpointed) keeper.Take({.ledger = ledger});
    keeper.Take({.ledger = kOwn});
  }

  static bool Answers(Keeper& keeper, const std::string& authority, int64_t& findings) {
    const absl::Status status = keeper.Ask(
        authority, {}, absl::InfiniteFuture(), []() { return absl::UnavailableError("it has no tokens"); },
        [&](const compliance::AuthorityJudge& judge, const compliance::LedgerPositions&) {
          judge.ForEachFinding(EnglandToday(), [&](const compliance::AssignedRule&, engine::Subject,
                                                   const engine::Finding&) { ++findings; });
          return absl::OkStatus();
        });
    return status.ok();
  }

  // The figures of an authority are exported once its findings have been compared and stored.
  bool IsStored(const metrics::Registry& registry) const {
    const std::string exported = registry.Render();
    int authorities = 0;
    for (size_t at = 0; (at = exported.find("\noversight_caseload_open_cases{", at)) != std::string::npos;
         ++at)
      ++authorities;
    return authorities == size_.authorities;
  }

  absl::Status StartOnce(const char* what, bool writer) {
    const size_t before = AllocatedBytes();
    const Stopwatch watch;
    // From here on as the service starts (judgement/extension.cc).
    OVERSIGHT_ASSIGN_OR_RETURN(const std::vector<policy::LoadedPolicy> packs,
                               policy::LoadDirectory(options_.policies));
    std::vector<engine::Policy> policies;
    for (const policy::LoadedPolicy& pack : packs) policies.push_back(pack.policy);
    metrics::Registry registry;
    compliance::JudgementMetrics metrics(&registry);
    Keeper keeper({.policies = &policies,
                   .working_days = &WorkingDays::EnglandAndWales(),
                   .clock = &clock_,
                   .metrics = &metrics,
                   .database = database_,
                   .ledgers = {"workforce", "caseload", "supervision", kOwn}});
    keeper.Start();
    Checkpointer checkpointer({.ledgers = {kCheckpointed.begin(), kCheckpointed.end()},
                               .database = database_,
                               .keeper = &keeper,
                               .clock = &clock_});
    const double prepared = watch.Cpu();
    const Checkpointer::Positions positions = checkpointer.Restore();
    const double reading = watch.Cpu() - prepared;
    const double read = watch.Wall();
    if (positions.size() != kCheckpointed.size()) return absl::InternalError("the checkpoints were not read");
    TellTheRest(keeper);
    int64_t findings = 0;
    while (!Answers(keeper, IdOf(0), findings)) absl::SleepFor(absl::Milliseconds(2));
    const double cpu = watch.Cpu();
    const double wall = watch.Wall();
    while (writer && !IsStored(registry)) absl::SleepFor(absl::Milliseconds(20));
    const std::string stored = writer ? absl::StrFormat("%.2f", watch.Wall()) : "";
    for (int i = 1; i < size_.authorities; ++i) Answers(keeper, IdOf(i), findings);
    out_ << absl::StrFormat("| %s | %.2f | %.2f | %.2f | %.2f | %s | %.0f | %d |\n", what, wall, read, cpu,
                            reading, stored, static_cast<double>(AllocatedBytes() - before) / (1 << 20),
                            findings);
    out_.flush();
    return absl::OkStatus();
  }

  const StartOptions& options_;
  const EnglandSize size_;
  std::ostream& out_;
  const NoonOfTheLastDay clock_;
  testing::PrivateMariaDb server_{testing::PrivateMariaDb::Options{
      .arguments = {"--innodb-buffer-pool-size=1G", "--innodb-log-file-size=512M"}}};
  mysql::ConnectionOptions database_;
  FactCounts counts_;
};

}  // namespace

absl::Status MeasureStart(const StartOptions& options, std::ostream& out) {
  out << "\n### From the start to the first answer, from checkpoints\n";
  OVERSIGHT_RETURN_IF_ERROR(StartBenchmark(options, kOneAuthority, out).Run());
  return StartBenchmark(options, options.size, out).Run();
}

}  // namespace oversight::load

#include "tests/load/unary.h"

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/rpc/wire.h"
#include "common/status/macros.h"
#include "oversight/workforce/v1/workforce_service.pb.h"
#include "tests/load/bare_session.h"

namespace oversight::load {
namespace {

namespace v1 = workforce::v1;

constexpr int kAuthorities = 16;
constexpr int kWorkersEach = 250;
constexpr std::array<int, 3> kInFlight = {1, 16, 64};

enum Side { kOurs, kBare, kConnector, kSides };

std::string AuthorityName(uint64_t i) { return absl::StrFormat("authorities/load-%02d", i % kAuthorities); }

// Neighbouring calls go to different authorities, and to different workers of each.
std::string WorkerName(uint64_t n, uint64_t authorities) {
  return absl::StrFormat("%s/workers/w%03d", AuthorityName(n % authorities),
                         (n / authorities) % kWorkersEach);
}

// Another day for every pass over the workers, so that each update changes its row.
google::type::Date DayOfPass(uint64_t n, uint64_t authorities) {
  const uint64_t pass = n / (authorities * kWorkersEach);
  google::type::Date date;
  date.set_year(static_cast<int>(2000 + pass / 336 % 25));
  date.set_month(static_cast<int>(1 + pass / 28 % 12));
  date.set_day(static_cast<int>(1 + pass % 28));
  return date;
}

v1::UpdateWorkerRequest Update(uint64_t n, uint64_t authorities) {
  v1::UpdateWorkerRequest request;
  request.mutable_worker()->set_name(WorkerName(n, authorities));
  *request.mutable_worker()->mutable_employment_start_date() = DayOfPass(n, authorities);
  request.mutable_update_mask()->add_paths("employment_start_date");
  return request;
}

v1::CreateAbsenceRequest NewAbsence(uint64_t n, uint64_t authorities) {
  v1::CreateAbsenceRequest request;
  request.set_parent(WorkerName(n, authorities));
  request.set_absence_id(absl::StrCat("a", n));
  v1::Absence& absence = *request.mutable_absence();
  absence.set_kind(v1::Absence::KIND_SICKNESS);
  *absence.mutable_first_date() = DayOfPass(n, authorities);
  *absence.mutable_last_date() = absence.first_date();
  return request;
}

// One kind of call, as each side is asked for it.
struct Operation {
  std::string method;
  std::function<grpc::ByteBuffer(uint64_t n)> request;
  std::function<absl::Status(BareSession&, uint64_t n)> bare;
};

Operation Reading() {
  return {"GetWorker",
          [](uint64_t n) {
            v1::GetWorkerRequest request;
            request.set_name(WorkerName(n, kAuthorities));
            return rpc::SerializeBytes(request);
          },
          [](BareSession& session, uint64_t n) {
            v1::Worker reply;
            return session.ReadWorker(WorkerName(n, kAuthorities), reply);
          }};
}

Operation Updating(uint64_t authorities) {
  return {"UpdateWorker", [=](uint64_t n) { return rpc::SerializeBytes(Update(n, authorities)); },
          [=](BareSession& session, uint64_t n) {
            v1::Worker reply;
            return session.UpdateWorker(Update(n, authorities).worker(), reply);
          }};
}

Operation Creating(uint64_t authorities) {
  return {"CreateAbsence", [=](uint64_t n) { return rpc::SerializeBytes(NewAbsence(n, authorities)); },
          [=](BareSession& session, uint64_t n) {
            const v1::CreateAbsenceRequest request = NewAbsence(n, authorities);
            v1::Absence reply;
            return session.CreateAbsence(request.parent(), request.absence_id(), request.absence(), reply);
          }};
}

std::string Milliseconds(absl::Duration duration) {
  return absl::StrFormat("%.2f", absl::ToDoubleMilliseconds(duration));
}

using Series = std::array<std::vector<Sample>, kSides>;

}  // namespace

struct UnaryBenchmark::Parts {
  Suite& suite;
  const Settings& settings;
  std::ostream& out;
  std::vector<std::unique_ptr<BareSession>> sessions;
  // Each side has data of its own; no call is ever made twice on one side.
  std::array<uint64_t, kSides> next = {};

  absl::Status FillAuthority(rpc::Client& client, int i);
  absl::Status CheckThatRepliesAgree();
  absl::StatusOr<Sample> Measure(Side side, const Operation& operation, int in_flight);
  absl::StatusOr<Series> MeasureRounds(const Operation& operation, int in_flight);
  // Says beneath the table how 16 in flight compare with one bare connection, when that is asked for.
  absl::Status MeasureTable(const std::string& title, const Operation& operation,
                            bool beside_one_connection = false);
  void PrintRow(int in_flight, const Series& series);
};

absl::Status UnaryBenchmark::Parts::FillAuthority(rpc::Client& client, int i) {
  v1::CreateAuthorityRequest create;
  create.set_authority_id(absl::StrFormat("load-%02d", i));
  create.mutable_authority()->set_display_name("Synthetic");
  v1::Authority authority;
  OVERSIGHT_RETURN_IF_ERROR(
      client.Unary(Suite::Method("workforce", "CreateAuthority"), create, &authority, {}));
  v1::ImportRequest import;
  import.set_parent(authority.name());
  for (int worker = 0; worker < kWorkersEach; ++worker) {
    v1::Worker& record = *import.add_records()->mutable_worker();
    record.set_name(absl::StrFormat("%s/workers/w%03d", authority.name(), worker));
    record.mutable_employment_start_date()->set_year(1999);
    record.mutable_employment_start_date()->set_month(1);
    record.mutable_employment_start_date()->set_day(1);
    auto& id = *record.add_external_ids();
    id.set_system("hr");
    id.set_id(absl::StrCat("E", 100000 + worker));
  }
  v1::ImportResponse response;
  OVERSIGHT_RETURN_IF_ERROR(client.Unary(Suite::Method("workforce", "Import"), import, &response, {}));
  for (const auto& result : response.results()) {
    if (result.outcome() != v1::ImportResponse::OUTCOME_CREATED) {
      return absl::InternalError("a worker was not imported");
    }
  }
  return absl::OkStatus();
}

absl::Status UnaryBenchmark::Parts::CheckThatRepliesAgree() {
  OVERSIGHT_ASSIGN_OR_RETURN(const auto ours, suite.ClientOf("workforce"));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto bare, suite.ClientOf("bare"));
  v1::GetWorkerRequest request;
  request.set_name(WorkerName(4711, kAuthorities));
  v1::Worker from_ours;
  v1::Worker from_bare;
  OVERSIGHT_RETURN_IF_ERROR(ours->Unary(Suite::Method("workforce", "GetWorker"), request, &from_ours, {}));
  OVERSIGHT_RETURN_IF_ERROR(bare->Unary(Suite::Method("bare", "GetWorker"), request, &from_bare, {}));
  if (from_ours.SerializeAsString() == from_bare.SerializeAsString()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("the sides do not reply alike:\n", from_ours.DebugString(), "\n",
                                          from_bare.DebugString()));
}

absl::StatusOr<Sample> UnaryBenchmark::Parts::Measure(Side side, const Operation& operation, int in_flight) {
  std::atomic<uint64_t> calls{0};
  const uint64_t first = next[side];
  const std::string server = side == kOurs ? "workforce" : side == kBare ? "bare" : "";
  OVERSIGHT_ASSIGN_OR_RETURN(const int64_t statements_before, suite.Statements());
  const absl::Duration cpu_before = suite.CpuOf(server);
  absl::StatusOr<Sample> sample;
  if (side == kConnector) {
    const int threads = std::min(in_flight, suite.options().workers);
    sample = RunThreads(threads, settings.stretch, [&](int thread, uint64_t n) {
      ++calls;
      return operation.bare(*sessions[static_cast<size_t>(thread)], first + n);
    });
  } else {
    const auto channels = Connect(suite.TargetOf(server), in_flight);
    sample = RunCalls(channels, Suite::Method(server, operation.method), in_flight, settings.stretch,
                      [&](uint64_t n) {
                        ++calls;
                        return operation.request(first + n);
                      });
  }
  OVERSIGHT_RETURN_IF_ERROR(sample.status());
  OVERSIGHT_ASSIGN_OR_RETURN(const int64_t statements_after, suite.Statements());
  next[side] += calls;
  sample->cpu_per_call = (suite.CpuOf(server) - cpu_before) / static_cast<double>(calls);
  sample->statements_per_call =
      static_cast<double>(statements_after - statements_before) / static_cast<double>(calls);
  return sample;
}

absl::StatusOr<Series> UnaryBenchmark::Parts::MeasureRounds(const Operation& operation, int in_flight) {
  Series series;
  for (int round = 0; round < settings.rounds; ++round) {
    for (int turn = 0; turn < kSides; ++turn) {
      const auto side = static_cast<Side>((round + turn) % kSides);
      OVERSIGHT_ASSIGN_OR_RETURN(Sample sample, Measure(side, operation, in_flight));
      series[side].push_back(sample);
    }
  }
  return series;
}

void UnaryBenchmark::Parts::PrintRow(int in_flight, const Series& series) {
  const auto& ours = series[kOurs];
  const auto& bare = series[kBare];
  const auto& connector = series[kConnector];
  const auto micros = [](const std::vector<Sample>& side) {
    return absl::ToDoubleMicroseconds(MedianOf(side, &Sample::cpu_per_call));
  };
  out << absl::StrFormat("| %d | %.0f | %.0f | %.0f | **%.0f %%** | %.0f %% ", in_flight,
                         MedianOf(ours, &Sample::per_second), MedianOf(bare, &Sample::per_second),
                         MedianOf(connector, &Sample::per_second), 100 * MedianRatio(ours, bare),
                         100 * MedianRatio(ours, connector))
      << absl::StrFormat("| %s / %s | %s / %s ", Milliseconds(MedianOf(ours, &Sample::p50)),
                         Milliseconds(MedianOf(ours, &Sample::p99)),
                         Milliseconds(MedianOf(bare, &Sample::p50)),
                         Milliseconds(MedianOf(bare, &Sample::p99)))
      << absl::StrFormat("| %.0f / %.0f | %.1f / %.1f |\n", micros(ours), micros(bare),
                         MedianOf(ours, &Sample::statements_per_call),
                         MedianOf(bare, &Sample::statements_per_call))
      << std::flush;
}

absl::Status UnaryBenchmark::Parts::MeasureTable(const std::string& title, const Operation& operation,
                                                 bool beside_one_connection) {
  out << "\n### " << title << "\n\n"
      << "| in flight | Oversight /s | bare gRPC /s | connector /s | of bare gRPC | of connector | Oversight "
         "p50 / p99 "
         "ms | bare p50 / p99 ms | server CPU µs a call, Oversight / bare | statements a call, Oversight / "
         "bare |\n"
      << "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n";
  double one_connection = 0;
  double ours_at_16 = 0;
  for (const int in_flight : kInFlight) {
    OVERSIGHT_ASSIGN_OR_RETURN(const Series series, MeasureRounds(operation, in_flight));
    PrintRow(in_flight, series);
    if (in_flight == 1) one_connection = MedianOf(series[kConnector], &Sample::per_second);
    if (in_flight == 16) ours_at_16 = MedianOf(series[kOurs], &Sample::per_second);
  }
  if (!beside_one_connection) return absl::OkStatus();
  out << absl::StrFormat("\n16 in flight reach %.0f %% of what one bare connection does.\n",
                         100 * ours_at_16 / one_connection);
  return absl::OkStatus();
}

UnaryBenchmark::UnaryBenchmark(Suite& suite, const Settings& settings, std::ostream& out)
    : parts_(new Parts{.suite = suite, .settings = settings, .out = out}) {}

UnaryBenchmark::~UnaryBenchmark() = default;

absl::Status UnaryBenchmark::Prepare() {
  OVERSIGHT_ASSIGN_OR_RETURN(const auto client, parts_->suite.ClientOf("workforce"));
  for (int i = 0; i < kAuthorities; ++i) OVERSIGHT_RETURN_IF_ERROR(parts_->FillAuthority(*client, i));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto for_bare, parts_->suite.CopySchema("workforce"));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto for_connector, parts_->suite.CopySchema("workforce"));
  OVERSIGHT_RETURN_IF_ERROR(parts_->suite.StartBareServer(for_bare));
  for (int i = 0; i < parts_->suite.options().workers; ++i) {
    OVERSIGHT_ASSIGN_OR_RETURN(auto session, BareSession::Open(for_connector));
    parts_->sessions.push_back(std::move(session));
  }
  return parts_->CheckThatRepliesAgree();
}

absl::Status UnaryBenchmark::MeasureReads() {
  return parts_->MeasureTable("Read of one resource (GetWorker)", Reading());
}

absl::Status UnaryBenchmark::MeasureWrites() {
  OVERSIGHT_RETURN_IF_ERROR(
      parts_->MeasureTable("Durable update (UpdateWorker) over 16 authorities", Updating(kAuthorities)));
  OVERSIGHT_RETURN_IF_ERROR(
      parts_->MeasureTable("Durable creation (CreateAbsence) over 16 authorities", Creating(kAuthorities)));
  OVERSIGHT_RETURN_IF_ERROR(
      parts_->MeasureTable("Durable update (UpdateWorker) in one authority", Updating(1), true));
  return parts_->MeasureTable("Durable creation (CreateAbsence) in one authority", Creating(1), true);
}

}  // namespace oversight::load

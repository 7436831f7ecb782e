#include "tests/load/imports.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "oversight/caseload/v1/caseload_service.pb.h"
#include "oversight/supervision/v1/supervision_service.pb.h"
#include "oversight/workforce/v1/workforce_service.pb.h"
#include "tests/load/load_loop.h"

namespace oversight::load {
namespace {

namespace caseload_v1 = caseload::v1;
namespace supervision_v1 = supervision::v1;
namespace workforce_v1 = workforce::v1;

constexpr char kImportAuthority[] = "authorities/import";
constexpr int kWorkers = 260;
constexpr int kCases = 3000;
constexpr int kDiscussionsPerSession = 10;
constexpr int kImportChunk = 1000;
constexpr int kChunksPerRound = 20;
// As `oversightctl import` sends them.
constexpr int kParallelChunks = 2;
constexpr int kReaders = 8;
constexpr double kReadsPerSecond = 200;

std::string WorkerName(int i) { return absl::StrCat(kImportAuthority, "/workers/w", i % kWorkers); }
std::string CaseName(int i) { return absl::StrCat(kImportAuthority, "/cases/c", i % kCases); }
std::string SessionName(int i) { return absl::StrCat(kImportAuthority, "/sessions/s", i); }

google::type::Date Day(int i) {
  google::type::Date date;
  date.set_year(2024 + i / 336 % 2);
  date.set_month(1 + i / 28 % 12);
  date.set_day(1 + i % 28);
  return date;
}

// Sends records in chunks; all must be accepted with the same outcome.
template <typename Request, typename Response>
absl::Status ImportAll(rpc::Client& client, const std::string& service, int count,
                       const std::function<void(int, typename Request::Record&)>& fill) {
  for (int begin = 0; begin < count; begin += kImportChunk) {
    Request request;
    request.set_parent(kImportAuthority);
    for (int i = begin; i < std::min(count, begin + kImportChunk); ++i) fill(i, *request.add_records());
    Response response;
    OVERSIGHT_RETURN_IF_ERROR(client.Unary(Suite::Method(service, "Import"), request, &response, {}));
    for (const auto& result : response.results()) {
      if (result.outcome() != Response::OUTCOME_CREATED) {
        return absl::InternalError(absl::StrCat(service, " refused a record: ", result.error().message()));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status FillWorkforce(Suite& suite) {
  OVERSIGHT_ASSIGN_OR_RETURN(const auto client, suite.ClientOf("workforce"));
  workforce_v1::CreateAuthorityRequest create;
  create.set_authority_id("import");
  create.mutable_authority()->set_display_name("Synthetic");
  workforce_v1::Authority authority;
  OVERSIGHT_RETURN_IF_ERROR(
      client->Unary(Suite::Method("workforce", "CreateAuthority"), create, &authority, {}));
  return ImportAll<workforce_v1::ImportRequest, workforce_v1::ImportResponse>(
      *client, "workforce", kWorkers,
      [](int i, auto& record) { record.mutable_worker()->set_name(WorkerName(i)); });
}

absl::Status FillCaseload(Suite& suite) {
  OVERSIGHT_ASSIGN_OR_RETURN(const auto client, suite.ClientOf("caseload"));
  return ImportAll<caseload_v1::ImportRequest, caseload_v1::ImportResponse>(
      *client, "caseload", kCases, [](int i, auto& record) {
        record.mutable_case_()->set_name(CaseName(i));
        record.mutable_case_()->set_kind(caseload_v1::Case::KIND_CHILD);
        *record.mutable_case_()->add_open_periods()->mutable_start_date() = Day(0);
      });
}

absl::Status FillSessions(rpc::Client& client, int count) {
  return ImportAll<supervision_v1::ImportRequest, supervision_v1::ImportResponse>(
      client, "supervision", count, [](int i, auto& record) {
        supervision_v1::Session& session = *record.mutable_session();
        session.set_name(SessionName(i));
        session.set_supervisee(WorkerName(i));
        session.set_supervisor(WorkerName(i + 1));
        session.set_kind(supervision_v1::Session::KIND_FORMAL_ONE_TO_ONE);
        session.set_state(supervision_v1::Session::STATE_HELD);
        *session.mutable_date() = Day(i / kWorkers);
      });
}

supervision_v1::ImportRequest DiscussionChunk(int first) {
  supervision_v1::ImportRequest request;
  request.set_parent(kImportAuthority);
  for (int i = first; i < first + kImportChunk; ++i) {
    supervision_v1::CaseDiscussion& discussion = *request.add_records()->mutable_case_discussion();
    discussion.set_name(absl::StrCat(SessionName(i / kDiscussionsPerSession), "/caseDiscussions/d", i));
    discussion.set_case_(CaseName(i));
    discussion.set_depth(supervision_v1::CaseDiscussion::DEPTH_IN_DEPTH);
  }
  return request;
}

class ImportBenchmark {
 public:
  ImportBenchmark(rpc::Client& client, int sessions) : client_(client), sessions_(sessions) {}

  struct Import {
    double records_per_second = 0;
    Sample reads;
  };

  // Sends the chunks of a round and reads meanwhile.
  absl::StatusOr<Import> Send(const std::vector<supervision_v1::ImportRequest>& chunks,
                              supervision_v1::ImportResponse::Outcome expected) {
    std::atomic<size_t> next{0};
    std::atomic<bool> sending{true};
    absl::StatusOr<Sample> reads;
    std::thread reader([&] { reads = Read([&](uint64_t) { return sending.load(); }); });
    const absl::Time begin = absl::Now();
    std::vector<absl::Status> statuses(kParallelChunks);
    std::vector<std::thread> senders;
    for (absl::Status& status : statuses) {
      senders.emplace_back([&] {
        for (size_t i = next++; i < chunks.size() && status.ok(); i = next++)
          status = SendOne(chunks[i], expected);
      });
    }
    for (std::thread& sender : senders) sender.join();
    const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
    sending = false;
    reader.join();
    for (const absl::Status& status : statuses) OVERSIGHT_RETURN_IF_ERROR(status);
    OVERSIGHT_RETURN_IF_ERROR(reads.status());
    return Import{static_cast<double>(chunks.size() * kImportChunk) / seconds, *reads};
  }

  // Reads sessions at a steady, modest rate.
  absl::StatusOr<Sample> Read(const std::function<bool(uint64_t n)>& go_on) {
    return RunPaced(kReaders, kReadsPerSecond, go_on, [&](int, uint64_t n) {
      supervision_v1::GetSessionRequest request;
      request.set_name(SessionName(static_cast<int>(n * 7919 % static_cast<uint64_t>(sessions_))));
      supervision_v1::Session session;
      return client_.Unary(Suite::Method("supervision", "GetSession"), request, &session, {});
    });
  }

 private:
  absl::Status SendOne(const supervision_v1::ImportRequest& chunk,
                       supervision_v1::ImportResponse::Outcome expected) {
    supervision_v1::ImportResponse response;
    OVERSIGHT_RETURN_IF_ERROR(client_.Unary(Suite::Method("supervision", "Import"), chunk, &response, {}));
    for (const auto& result : response.results()) {
      if (result.outcome() != expected) {
        return absl::InternalError(
            absl::StrCat("a discussion came out otherwise: ", result.ShortDebugString()));
      }
    }
    return absl::OkStatus();
  }

  rpc::Client& client_;
  const int sessions_;
};

double P99(const Sample& sample) { return absl::ToDoubleMilliseconds(sample.p99); }

}  // namespace

absl::Status MeasureImports(Suite& suite, const Settings& settings, std::ostream& out) {
  const int discussions = settings.rounds * kChunksPerRound * kImportChunk;
  const int sessions = discussions / kDiscussionsPerSession;
  OVERSIGHT_RETURN_IF_ERROR(FillWorkforce(suite));
  OVERSIGHT_RETURN_IF_ERROR(FillCaseload(suite));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto client, suite.ClientOf("supervision"));
  const absl::Time begin = absl::Now();
  OVERSIGHT_RETURN_IF_ERROR(FillSessions(*client, sessions));
  const double sessions_per_second = sessions / absl::ToDoubleSeconds(absl::Now() - begin);

  ImportBenchmark benchmark(*client, sessions);
  std::vector<double> fresh, unchanged, quiet_p99, fresh_p99, unchanged_p99;
  for (int round = 0; round < settings.rounds; ++round) {
    const absl::Time quiet_end = absl::Now() + settings.stretch.measured;
    OVERSIGHT_ASSIGN_OR_RETURN(const Sample quiet,
                               benchmark.Read([&](uint64_t) { return absl::Now() < quiet_end; }));
    std::vector<supervision_v1::ImportRequest> chunks;
    for (int i = 0; i < kChunksPerRound; ++i) {
      chunks.push_back(DiscussionChunk((round * kChunksPerRound + i) * kImportChunk));
    }
    OVERSIGHT_ASSIGN_OR_RETURN(const auto first,
                               benchmark.Send(chunks, supervision_v1::ImportResponse::OUTCOME_CREATED));
    OVERSIGHT_ASSIGN_OR_RETURN(const auto again,
                               benchmark.Send(chunks, supervision_v1::ImportResponse::OUTCOME_UNCHANGED));
    fresh.push_back(first.records_per_second);
    unchanged.push_back(again.records_per_second);
    quiet_p99.push_back(P99(quiet));
    fresh_p99.push_back(P99(first.reads));
    unchanged_p99.push_back(P99(again.reads));
  }
  const double quiet = Median(quiet_p99);
  out << absl::StrFormat(
             "\n### Import of case discussions, %d a call, %d calls at a time, one authority\n\n"
             "| | records /s | p99 of GetSession at %.0f /s, ms | times quiet |\n|---|---:|---:|---:|\n"
             "| quiet | | %.2f | |\n| new discussions | %.0f | %.2f | %.1f |\n"
             "| the same again (unchanged) | %.0f | %.2f | %.1f |\n"
             "| new sessions, one call at a time | %.0f | | |\n",
             kImportChunk, kParallelChunks, kReadsPerSecond, quiet, Median(fresh), Median(fresh_p99),
             Median(fresh_p99) / quiet, Median(unchanged), Median(unchanged_p99),
             Median(unchanged_p99) / quiet, sessions_per_second)
      << std::flush;
  return absl::OkStatus();
}

}  // namespace oversight::load

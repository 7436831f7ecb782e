#include "tests/load/findings.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/resource/dates.h"
#include "common/status/macros.h"
#include "common/time/civil_day.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "oversight/supervision/v1/supervision_service.pb.h"
#include "oversight/workforce/v1/workforce_service.pb.h"
#include "tests/load/changed_metric.h"
#include "tests/load/load_loop.h"

namespace oversight::load {
namespace {

namespace compliance_v1 = compliance::v1;
namespace supervision_v1 = supervision::v1;
namespace workforce_v1 = workforce::v1;

constexpr char kAuthorityId[] = "findings";
constexpr char kAuthority[] = "authorities/findings";
constexpr char kRule[] = "knowsley.supervision-frequency";
constexpr double kWritesPerSecond = 200;
// The other writes ask nothing: compliance lets few questions wait at once, and it is not asking that is
// measured.
constexpr uint64_t kAskAfterEvery = 4;
constexpr int kThreads = 32;
constexpr int kChunk = 1000;

int64_t Ordinal(const google::type::Date& date) {
  return date.year() * 10000 + date.month() * 100 + date.day();
}

// A session that is scheduled and about to be held.
struct Planned {
  std::string name;
  std::string supervisee;
  google::type::Date date;
};

class FindingsBenchmark {
 public:
  FindingsBenchmark(Suite& suite, std::unique_ptr<rpc::Client> supervision,
                    std::unique_ptr<rpc::Client> compliance)
      : suite_(suite), supervision_(std::move(supervision)), compliance_(std::move(compliance)) {}

  absl::Status ImportAuthority() {
    const std::string files = suite_.database().directory() + "/sample";
    const std::string ctl = suite_.options().programs + "/oversightctl/oversightctl";
    const std::string today = CivilDay::Of(absl::Now()).ToString();
    OVERSIGHT_RETURN_IF_ERROR(suite_.Run({suite_.options().programs + "/../deploy/sample/oversight-sample",
                                          "--seed", "1", "--end-day", today, "--out", files}));
    OVERSIGHT_RETURN_IF_ERROR(suite_.Run({ctl, "import", files, "--authority", kAuthorityId}));
    return suite_.Run({ctl, "wait", "--authority", kAuthorityId});
  }

  // Who supervises each worker whom the rule judges; those who are overdue for ChangedMetric, which needs
  // their number for itself.
  absl::Status FindPairs() {
    OVERSIGHT_ASSIGN_OR_RETURN(const auto workforce, suite_.ClientOf("workforce"));
    std::map<std::string, std::string> supervisors;
    workforce_v1::ListSupervisorLinksRequest list;
    list.set_parent(absl::StrCat(kAuthority, "/workers/-"));
    list.set_page_size(1000);
    workforce_v1::ListSupervisorLinksResponse page;
    do {
      page.Clear();
      OVERSIGHT_RETURN_IF_ERROR(
          workforce->Unary(Suite::Method("workforce", "ListSupervisorLinks"), list, &page, {}));
      for (const auto& link : page.supervisor_links()) {
        if (link.function() != workforce_v1::SupervisorLink::FUNCTION_LINE_MANAGEMENT ||
            link.has_end_date() || !link.cover_for().empty()) {
          continue;
        }
        supervisors[link.name().substr(0, link.name().find("/supervisorLinks/"))] = link.supervisor();
      }
      list.set_page_token(page.next_page_token());
    } while (!page.next_page_token().empty());
    compliance_v1::ListFindingsRequest findings;
    findings.set_parent(kAuthority);
    findings.add_rules(kRule);
    findings.set_page_size(1000);
    compliance_v1::ListFindingsResponse found;
    OVERSIGHT_RETURN_IF_ERROR(
        compliance_->Unary(Suite::Method("compliance", "ListFindings"), findings, &found, {}));
    for (const auto& finding : found.findings()) {
      const auto pair = supervisors.find(finding.subject());
      if (pair == supervisors.end()) continue;
      if (finding.status() == compliance_v1::Finding::STATUS_OVERDUE) {
        overdue_.push_back({pair->first, pair->second});
      } else {
        pairs_.emplace_back(*pair);
      }
    }
    return pairs_.empty() || overdue_.empty()
               ? absl::FailedPreconditionError("no worker is judged, or none is overdue")
               : absl::OkStatus();
  }

  // Schedules sessions round by round over the workers, so that the later ones of a worker are on later days.
  absl::Status Schedule(int count) {
    planned_.clear();
    const CivilDay today = CivilDay::Of(absl::Now());
    const int passes = (count + static_cast<int>(pairs_.size()) - 1) / static_cast<int>(pairs_.size());
    supervision_v1::ImportRequest request;
    for (int i = 0; i < count; ++i) {
      const auto& [supervisee, supervisor] = pairs_[static_cast<size_t>(i) % pairs_.size()];
      const int pass = i / static_cast<int>(pairs_.size());
      planned_.push_back({absl::StrCat(kAuthority, "/sessions/load-", next_id_++), supervisee,
                          resource::ToDate(today - (passes - 1 - pass))});
      supervision_v1::Session& session = *request.add_records()->mutable_session();
      session.set_name(planned_.back().name);
      session.set_supervisee(supervisee);
      session.set_supervisor(supervisor);
      session.set_kind(supervision_v1::Session::KIND_FORMAL_ONE_TO_ONE);
      session.set_state(supervision_v1::Session::STATE_SCHEDULED);
      *session.mutable_date() = planned_.back().date;
      if (request.records_size() == kChunk || i + 1 == count) OVERSIGHT_RETURN_IF_ERROR(SendChunk(request));
    }
    return WaitFor(last_token_);
  }

  // Holds the planned sessions at a steady rate and asks for the finding that each changes.
  absl::StatusOr<Sample> HoldAll() {
    return RunPaced(
        kThreads, kWritesPerSecond, [&](uint64_t n) { return n < planned_.size(); },
        [&](int, uint64_t n) { return HoldOne(planned_[n], n % kAskAfterEvery == 0); });
  }

  // A year of the authority month by month, by all rules assigned, as SummarizeMonths answers it.
  absl::Status MeasureMonths(int rounds, std::ostream& out) {
    const CivilDay today = CivilDay::Of(absl::Now());
    compliance_v1::SummarizeMonthsRequest request;
    request.set_parent(kAuthority);
    *request.mutable_first_month() = resource::ToDate(AddMonths(today, -11));
    *request.mutable_last_month() = resource::ToDate(today);
    compliance_v1::SummarizeMonthsResponse months;
    std::vector<int64_t> latencies;
    const absl::Duration cpu_before = suite_.CpuOf("compliance");
    for (int i = 0; i < rounds; ++i) {
      months.Clear();
      const absl::Time sent = absl::Now();
      OVERSIGHT_RETURN_IF_ERROR(
          compliance_->Unary(Suite::Method("compliance", "SummarizeMonths"), request, &months, {}));
      latencies.push_back(absl::ToInt64Nanoseconds(absl::Now() - sent));
    }
    const absl::Duration cpu = (suite_.CpuOf("compliance") - cpu_before) / rounds;
    const Sample sample = Summarise(latencies, absl::Seconds(1));
    out << absl::StrFormat(
               "\nA year of this authority by month through SummarizeMonths, %d months of rules, %d times: "
               "p50 %.0f ms, "
               "longest %.0f ms; %.0f ms of processor time of compliance a call.\n",
               months.months_size(), rounds, absl::ToDoubleMilliseconds(sample.p50),
               absl::ToDoubleMilliseconds(sample.longest), absl::ToDoubleMilliseconds(cpu))
        << std::flush;
    return absl::OkStatus();
  }

  std::vector<int64_t> TakeFromWrite() { return std::exchange(from_write_, {}); }
  std::vector<int64_t> TakeFromReply() { return std::exchange(from_reply_, {}); }
  const std::vector<ChangedMetric::Overdue>& overdue() const { return overdue_; }
  size_t pairs() const { return pairs_.size(); }
  size_t changed() const { return changed_; }

 private:
  absl::Status SendChunk(supervision_v1::ImportRequest& request) {
    request.set_parent(kAuthority);
    supervision_v1::ImportResponse response;
    OVERSIGHT_RETURN_IF_ERROR(
        supervision_->Unary(Suite::Method("supervision", "Import"), request, &response, {}));
    for (const auto& result : response.results()) {
      if (result.outcome() == supervision_v1::ImportResponse::OUTCOME_CREATED) continue;
      return absl::InternalError(absl::StrCat("a session was refused: ", result.ShortDebugString()));
    }
    last_token_ = response.token();
    request.Clear();
    return absl::OkStatus();
  }

  absl::Status WaitFor(const std::string& token) {
    compliance_v1::GetProgressRequest request;
    request.set_parent(kAuthority);
    request.add_after_tokens(token);
    compliance_v1::Progress progress;
    return compliance_->Unary(Suite::Method("compliance", "GetProgress"), request, &progress,
                              {.deadline = absl::Now() + absl::Seconds(60)});
  }

  absl::Status HoldOne(const Planned& planned, bool ask) {
    const absl::Time sent = absl::Now();
    supervision_v1::HoldSessionRequest hold;
    hold.set_name(planned.name);
    supervision_v1::Session session;
    std::vector<std::pair<std::string, std::string>> trailers;
    OVERSIGHT_RETURN_IF_ERROR(
        supervision_->Unary(Suite::Method("supervision", "HoldSession"), hold, &session, {}, &trailers));
    if (!ask) return absl::OkStatus();
    const absl::Time replied = absl::Now();
    for (const auto& [key, value] : trailers) {
      if (key != "oversight-token") continue;
      OVERSIGHT_ASSIGN_OR_RETURN(const auto found, AskAfter(value, planned.supervisee));
      return Note(planned, found, absl::Now() - sent, absl::Now() - replied);
    }
    return absl::InternalError("a write came without its token");
  }

  // The worker's finding once it rests on the write. A refusal for too many questions counts as waiting.
  absl::StatusOr<compliance_v1::ListFindingsResponse> AskAfter(const std::string& token,
                                                               const std::string& worker) {
    compliance_v1::ListFindingsRequest request;
    request.set_parent(kAuthority);
    request.add_rules(kRule);
    request.set_subject(worker);
    request.add_after_tokens(token);
    const absl::Time deadline = absl::Now() + absl::Seconds(10);
    while (true) {
      compliance_v1::ListFindingsResponse found;
      const absl::Status status = compliance_->Unary(Suite::Method("compliance", "ListFindings"), request,
                                                     &found, {.deadline = deadline});
      if (status.ok()) return found;
      if (!absl::IsResourceExhausted(status) || absl::Now() > deadline) return status;
      absl::SleepFor(absl::Milliseconds(2));
    }
  }

  absl::Status Note(const Planned& planned, const compliance_v1::ListFindingsResponse& found,
                    absl::Duration from_write, absl::Duration from_reply) {
    const std::lock_guard lock(mutex_);
    from_write_.push_back(absl::ToInt64Nanoseconds(from_write));
    from_reply_.push_back(absl::ToInt64Nanoseconds(from_reply));
    for (const auto& finding : found.findings()) {
      if (Ordinal(finding.base_date()) >= Ordinal(planned.date)) ++changed_;
    }
    return absl::OkStatus();
  }

  Suite& suite_;
  const std::unique_ptr<rpc::Client> supervision_;
  const std::unique_ptr<rpc::Client> compliance_;
  // Supervisee and supervisor.
  std::vector<std::pair<std::string, std::string>> pairs_;
  std::vector<ChangedMetric::Overdue> overdue_;
  std::vector<Planned> planned_;
  std::string last_token_;
  int next_id_ = 0;
  std::mutex mutex_;
  std::vector<int64_t> from_write_;
  std::vector<int64_t> from_reply_;
  size_t changed_ = 0;
};

}  // namespace

absl::Status MeasureFindings(Suite& suite, const Settings& settings, std::ostream& out) {
  out << "\n### From a held session to the changed finding, " << kWritesPerSecond << " a second\n\n";
  if (!suite.Has("compliance")) {
    out << "Not measured: the compliance service has not been built.\n";
    return absl::OkStatus();
  }
  OVERSIGHT_RETURN_IF_ERROR(suite.StartService("compliance"));
  OVERSIGHT_ASSIGN_OR_RETURN(auto supervision, suite.ClientOf("supervision"));
  OVERSIGHT_ASSIGN_OR_RETURN(auto compliance, suite.ClientOf("compliance"));
  FindingsBenchmark benchmark(suite, std::move(supervision), std::move(compliance));
  OVERSIGHT_RETURN_IF_ERROR(benchmark.ImportAuthority());
  OVERSIGHT_RETURN_IF_ERROR(benchmark.FindPairs());
  const int writes =
      static_cast<int>(kWritesPerSecond * absl::ToDoubleSeconds(settings.stretch.measured) * settings.rounds);
  OVERSIGHT_RETURN_IF_ERROR(benchmark.Schedule(writes));
  OVERSIGHT_ASSIGN_OR_RETURN(auto for_metric, suite.ClientOf("supervision"));
  ChangedMetric changed_metric(suite, std::move(for_metric), kAuthorityId, kRule, benchmark.overdue());
  std::atomic<bool> writing = true;
  absl::Status metric_status;
  std::thread metric([&] { metric_status = changed_metric.Run([&] { return writing.load(); }); });
  const absl::StatusOr<Sample> held = benchmark.HoldAll();
  writing = false;
  metric.join();
  OVERSIGHT_RETURN_IF_ERROR(metric_status);
  OVERSIGHT_ASSIGN_OR_RETURN(const Sample paced, held);
  std::vector<int64_t> write_latencies = benchmark.TakeFromWrite();
  std::vector<int64_t> reply_latencies = benchmark.TakeFromReply();
  const absl::Duration took = absl::Seconds(static_cast<double>(paced.calls) / paced.per_second);
  const Sample from_write = Summarise(write_latencies, took);
  const Sample from_reply = Summarise(reply_latencies, took);
  const auto row = [&](const char* what, const Sample& sample) {
    out << absl::StrFormat("| %s | %.1f | %.1f | %.1f |\n", what, absl::ToDoubleMilliseconds(sample.p50),
                           absl::ToDoubleMilliseconds(sample.p99),
                           absl::ToDoubleMilliseconds(sample.longest));
  };
  out << "| | p50 ms | p99 ms | longest ms |\n|---|---:|---:|---:|\n";
  row("from the reply to HoldSession, which follows its commit, to the answer of ListFindings with it",
      from_reply);
  row("from sending HoldSession to that answer", from_write);
  std::vector<int64_t> metric_latencies = changed_metric.TakeLatencies();
  const Sample to_metric = Summarise(metric_latencies, took);
  row("from the reply to another HoldSession or VoidSession, beside those, to a metrics page with the "
      "changed number of "
      "overdue findings",
      to_metric);
  out << absl::StrFormat(
             "\n%d writes at %.0f a second over %d workers; %d were asked about, of which %d had moved their "
             "finding. The metrics page was watched for %d writes.\n",
             paced.calls, paced.per_second, benchmark.pairs(), from_write.calls, benchmark.changed(),
             to_metric.calls)
      << std::flush;
  return benchmark.MeasureMonths(settings.rounds, out);
}

}  // namespace oversight::load

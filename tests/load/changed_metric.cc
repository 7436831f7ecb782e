#include "tests/load/changed_metric.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/resource/dates.h"
#include "common/status/macros.h"
#include "oversight/supervision/v1/supervision_batch.pb.h"
#include "oversight/supervision/v1/supervision_service.pb.h"

namespace oversight::load {
namespace {

namespace supervision_v1 = supervision::v1;

// Between two readings of the page, and between two writes.
constexpr absl::Duration kPause = absl::Milliseconds(2);
constexpr absl::Duration kRest = absl::Milliseconds(50);
constexpr absl::Duration kPatience = absl::Seconds(30);

}  // namespace

ChangedMetric::ChangedMetric(Suite& suite, std::unique_ptr<rpc::Client> supervision, std::string authority,
                             std::string rule, std::vector<Overdue> overdue)
    : suite_(suite),
      supervision_(std::move(supervision)),
      authority_(std::move(authority)),
      rule_(std::move(rule)),
      overdue_(std::move(overdue)) {}

double ChangedMetric::OverdueNow() const {
  const std::string page = suite_.MetricsOf("compliance");
  for (const absl::string_view line : absl::StrSplit(page, '\n')) {
    double value = -1;
    if (absl::StartsWith(line, "oversight_compliance_findings{") &&
        absl::StrContains(line, absl::StrCat("rule=\"", rule_, "\"")) &&
        absl::StrContains(line, "status=\"OVERDUE\"") &&
        absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value)) {
      return value;
    }
  }
  return -1;
}

absl::StatusOr<std::string> ChangedMetric::Schedule(const Overdue& overdue) {
  supervision_v1::ImportRequest request;
  request.set_parent(absl::StrCat("authorities/", authority_));
  supervision_v1::Session& session = *request.add_records()->mutable_session();
  session.set_name(absl::StrCat(request.parent(), "/sessions/metric-", next_id_++));
  session.set_supervisee(overdue.worker);
  session.set_supervisor(overdue.supervisor);
  session.set_kind(supervision_v1::Session::KIND_FORMAL_ONE_TO_ONE);
  session.set_state(supervision_v1::Session::STATE_SCHEDULED);
  *session.mutable_date() = resource::ToDate(CivilDay::Of(absl::Now()));
  supervision_v1::ImportResponse response;
  OVERSIGHT_RETURN_IF_ERROR(
      supervision_->Unary(Suite::Method("supervision", "Import"), request, &response, {}));
  return session.name();
}

absl::Status ChangedMetric::Hold(const std::string& session) {
  supervision_v1::HoldSessionRequest request;
  request.set_name(session);
  supervision_v1::Session reply;
  return supervision_->Unary(Suite::Method("supervision", "HoldSession"), request, &reply, {});
}

absl::Status ChangedMetric::Void(const std::string& session) {
  supervision_v1::VoidSessionRequest request;
  request.set_name(session);
  request.set_reason("entered to measure");
  supervision_v1::Session reply;
  return supervision_->Unary(Suite::Method("supervision", "VoidSession"), request, &reply, {});
}

absl::Status ChangedMetric::Await(double overdue) {
  const absl::Time replied = absl::Now();
  double now = OverdueNow();
  for (; now != overdue; now = OverdueNow()) {
    if (absl::Now() - replied > kPatience) {
      return absl::DeadlineExceededError(
          absl::StrCat("the metrics page says ", now, " overdue by ", rule_, ", not ", overdue));
    }
    absl::SleepFor(kPause);
  }
  latencies_.push_back(absl::ToInt64Nanoseconds(absl::Now() - replied));
  return absl::OkStatus();
}

absl::Status ChangedMetric::Run(const std::function<bool()>& go_on) {
  for (size_t i = 0; go_on(); ++i) {
    OVERSIGHT_ASSIGN_OR_RETURN(const std::string session, Schedule(overdue_[i % overdue_.size()]));
    const double before = OverdueNow();
    OVERSIGHT_RETURN_IF_ERROR(Hold(session));
    OVERSIGHT_RETURN_IF_ERROR(Await(before - 1));
    absl::SleepFor(kRest);
    OVERSIGHT_RETURN_IF_ERROR(Void(session));
    OVERSIGHT_RETURN_IF_ERROR(Await(before));
    absl::SleepFor(kRest);
  }
  return absl::OkStatus();
}

}  // namespace oversight::load

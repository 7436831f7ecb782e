#include "services/oversightctl/import/import_run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "oversight/workforce/v1/workforce_service.pb.h"
#include "services/oversightctl/import/directory.h"
#include "services/oversightctl/import/progress.h"

namespace oversight::ctl {
namespace {

// All that a service holds of one authority.
constexpr absl::Duration kLongestSnapshot = absl::Minutes(10);

// One import from reading to waiting; each step stops it with the first error.
class ImportRun {
 public:
  ImportRun(Services& services, const ImportSettings& settings, const Console& console, const Clock& clock,
            const std::function<void(absl::Duration)>& sleep)
      : services_(services),
        settings_(settings),
        console_(console),
        clock_(clock),
        sleep_(sleep),
        authority_(absl::StrCat("authorities/", settings.authority)),
        progress_(console, clock),
        sender_(services, Options(), clock, progress_) {}

  absl::Status Plan() {
    OVERSIGHT_RETURN_IF_ERROR(
        PlanDirectory(settings_.directory, settings_.authority, settings_.source, plan_));
    report_.notes = plan_.notes();
    for (const std::string& note : plan_.notes()) *console_.err << "note: " << note << "\n";
    Refuse(plan_.refusals());
    return absl::OkStatus();
  }

  absl::Status Send() {
    OVERSIGHT_RETURN_IF_ERROR(CheckAuthority());
    *console_.err << (settings_.dry_run ? "checking" : "importing") << " " << settings_.directory << " for "
                  << authority_ << "\n";
    for (const auto& kind : plan_.kinds()) {
      if (!kind.items.empty()) OVERSIGHT_RETURN_IF_ERROR(SendKind(kind));
    }
    return absl::OkStatus();
  }

  absl::Status HandleVanished() {
    *console_.err << "comparing with what the services hold\n";
    OVERSIGHT_ASSIGN_OR_RETURN(report_.vanished, FindVanished(services_, authority_, settings_.source, plan_,
                                                              clock_.Now() + kLongestSnapshot));
    if (!settings_.retire_vanished || settings_.dry_run || report_.vanished.empty()) return absl::OkStatus();
    *console_.err << "retiring what has vanished\n";
    // What lies beneath first.
    for (auto kind = report_.vanished.rbegin(); kind != report_.vanished.rend(); ++kind) {
      progress_.Begin(*kind->kind, static_cast<int64_t>(kind->items.size()));
      OVERSIGHT_ASSIGN_OR_RETURN(const Sender::Result result, sender_.Retire(*kind->kind, kind->items));
      progress_.End(*kind->kind, static_cast<int64_t>(kind->items.size()), result.tally);
      report_.retired += result.tally;
      std::vector<Refusal> refusals;
      for (const auto& refused : result.refused)
        refusals.push_back(ToRefusal(kind->items[refused.index], refused.status));
      Refuse(refusals);
    }
    return SendRefusedAgain();
  }

  absl::Status Finish() {
    if (settings_.dry_run) return absl::OkStatus();
    OVERSIGHT_ASSIGN_OR_RETURN(report_.tokens,
                               FetchTokens(services_, authority_, clock_.Now() + settings_.call_timeout));
    if (!settings_.tokens_out.empty())
      OVERSIGHT_RETURN_IF_ERROR(SaveTokens(report_.tokens, settings_.tokens_out));
    if (!settings_.wait) return absl::OkStatus();
    *console_.err << "waiting until compliance has judged it\n";
    OVERSIGHT_RETURN_IF_ERROR(WaitUntilJudged(services_, authority_, FactTokens(report_.tokens),
                                              clock_.Now() + settings_.wait_for, settings_.call_timeout,
                                              clock_, sleep_)
                                  .status());
    report_.waited = true;
    return absl::OkStatus();
  }

  const ImportReport& report() const { return report_; }

 private:
  SendOptions Options() const {
    return {authority_,
            settings_.chunk_size,
            settings_.parallel,
            settings_.call_timeout,
            settings_.retry_for,
            settings_.dry_run,
            sleep_};
  }

  // Without an authority every row would be refused, each with the same reason.
  absl::Status CheckAuthority() {
    for (const auto& kind : plan_.kinds()) {
      if (kind.kind->type == workforce::v1::Authority::descriptor() && !kind.items.empty())
        return absl::OkStatus();
    }
    OVERSIGHT_ASSIGN_OR_RETURN(rpc::Client * client, services_.Get(ServiceId::kWorkforce));
    workforce::v1::GetAuthorityRequest request;
    request.set_name(authority_);
    workforce::v1::Authority authority;
    rpc::CallOptions options;
    options.deadline = clock_.Now() + settings_.call_timeout;
    absl::Status status =
        client->Unary(MethodOf(ServiceId::kWorkforce, "GetAuthority"), request, &authority, options);
    if (status.code() == absl::StatusCode::kNotFound) {
      return absl::NotFoundError(absl::StrCat(
          "there is no ", authority_, " yet, and the directory has no authority.csv that would make it"));
    }
    return status;
  }

  absl::Status SendKind(const oversight::ctl::Plan::KindItems& kind) {
    const auto total = static_cast<int64_t>(kind.items.size());
    const absl::Time begun = clock_.Now();
    progress_.Begin(*kind.kind, total);
    OVERSIGHT_ASSIGN_OR_RETURN(const Sender::Result result, sender_.Send(*kind.kind, kind.items));
    progress_.End(*kind.kind, total, result.tally);
    report_.kinds.push_back({kind.kind, result.tally, absl::ToDoubleSeconds(clock_.Now() - begun)});
    std::vector<Refusal> refusals;
    for (const auto& refused : result.refused) {
      refusals.push_back(ToRefusal(kind.items[refused.index], refused.status));
      refused_[&kind].push_back(refused.index);
    }
    Refuse(refusals);
    return absl::OkStatus();
  }

  // A vanished record may have stood in the way of the one that takes its place.
  absl::Status SendRefusedAgain() {
    for (auto& kind : plan_.kinds()) {
      const auto found = refused_.find(&kind);
      if (found == refused_.end()) continue;
      std::vector<Item> items;
      for (const size_t index : found->second) items.push_back(std::move(kind.items[index]));
      OVERSIGHT_ASSIGN_OR_RETURN(const Sender::Result result, sender_.Send(*kind.kind, items));
      for (auto& kind_report : report_.kinds) {
        if (kind_report.kind != kind.kind) continue;
        kind_report.tally.refused -= static_cast<int64_t>(items.size());
        kind_report.tally += result.tally;
      }
      const int64_t in = static_cast<int64_t>(items.size()) - result.tally.refused;
      if (in > 0) {
        *console_.err << "  " << Thousands(in) << " of the refused " << kind.kind->label
                      << " got in now that what stood in their way is retired\n";
      }
      DropRefusals(items, result);
    }
    return absl::OkStatus();
  }

  void DropRefusals(const std::vector<Item>& items, const Sender::Result& result) {
    for (size_t i = 0; i < items.size(); ++i) {
      const bool still = std::any_of(result.refused.begin(), result.refused.end(),
                                     [&](const Sender::Refused& refused) { return refused.index == i; });
      if (still) continue;
      const auto dropped =
          std::find_if(report_.refusals.begin(), report_.refusals.end(), [&](const Refusal& refusal) {
            return refusal.origin.file == items[i].origin.file && refusal.origin.line == items[i].origin.line;
          });
      if (dropped != report_.refusals.end()) report_.refusals.erase(dropped);
    }
  }

  void Refuse(const std::vector<Refusal>& refusals) {
    for (const Refusal& refusal : refusals) {
      *console_.err << ToText(refusal) << "\n";
      report_.refusals.push_back(refusal);
    }
  }

  Services& services_;
  const ImportSettings& settings_;
  const Console& console_;
  const Clock& clock_;
  const std::function<void(absl::Duration)>& sleep_;
  const std::string authority_;
  ConsoleProgress progress_;
  Sender sender_;
  oversight::ctl::Plan plan_;
  ImportReport report_;
  std::map<const oversight::ctl::Plan::KindItems*, std::vector<size_t>> refused_;
};

}  // namespace

ExitCode RunImport(Services& services, const ImportSettings& settings, const Console& console,
                   const Clock& clock, const std::function<void(absl::Duration)>& sleep) {
  ImportRun run(services, settings, console, clock, sleep);
  if (const absl::Status status = run.Plan(); !status.ok()) {
    ReportError(console, "cannot read the extract", status);
    return kUsage;
  }
  absl::Status status = run.Send();
  if (status.ok()) status = run.HandleVanished();
  if (status.ok()) status = run.Finish();
  PrintSummary(settings, run.report(), console);
  if (!status.ok()) {
    ReportError(console, "the import is not complete; run it again, what is in already stays as it is",
                status);
    return kServiceFailed;
  }
  return run.report().refusals.empty() ? kAllWell : kRefused;
}

}  // namespace oversight::ctl

#include "services/compliance/judgement/session_gaps.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "services/compliance/judgement/authority_figures.h"

namespace oversight::compliance {
namespace {

// Days between two sessions: a week, a fortnight, a month and what goes beyond.
const prometheus::Histogram::BucketBoundaries& Buckets() {
  static const auto& buckets =
      *new prometheus::Histogram::BucketBoundaries{7, 10, 14, 21, 28, 31, 35, 42, 62, 92, 183};
  return buckets;
}

std::string StageOn(const engine::WorkerRecord& worker, CivilDay day) {
  for (const engine::Post& post : worker.posts) {
    if (post.period.Contains(day)) return NameOf(post.career_stage);
  }
  return NameOf(engine::CareerStage::kUnspecified);
}

}  // namespace

SessionGaps::SessionGaps(metrics::Registry* registry)
    : family_(registry->Histogram(
          "oversight_supervision_session_gap_days",
          "Days between consecutive formal one-to-one sessions of a worker, by career stage.")) {}

std::map<std::string, SessionGaps::Counted> SessionGaps::Count(const engine::AuthorityFacts& facts) {
  std::map<std::string, Counted> counted;
  for (uint32_t i = 0; i < facts.worker_count(); ++i) {
    std::optional<CivilDay> last;
    for (const engine::EventRef& event : facts.worker(i).sessions) {
      const engine::Session& session = facts.session(event.id);
      if (session.kind != engine::SessionKind::kFormalOneToOne ||
          session.state != engine::SessionState::kHeld)
        continue;
      if (last.has_value()) {
        Counted& of_stage = counted[StageOn(facts.worker(i), event.day)];
        of_stage.counts.resize(Buckets().size() + 1);
        const int gap = event.day - *last;
        ++of_stage.counts[static_cast<size_t>(std::lower_bound(Buckets().begin(), Buckets().end(), gap) -
                                              Buckets().begin())];
        of_stage.sum += gap;
      }
      last = event.day;
    }
  }
  return counted;
}

void SessionGaps::Refresh(const AuthorityJudge& judge) {
  std::map<std::string, Figures>& figures = figures_[judge.authority()];
  std::map<std::string, Counted> counted = Count(judge.facts());
  // A stage that has none any more shows none.
  for (const auto& [stage, of_stage] : figures) counted[stage].counts.resize(Buckets().size() + 1);
  for (const auto& [stage, of_stage] : counted) Show(judge.authority(), stage, of_stage, figures[stage]);
}

void SessionGaps::Show(const std::string& authority, const std::string& stage, const Counted& counted,
                       Figures& figures) {
  std::vector<double> more(counted.counts.size());
  figures.counts.resize(counted.counts.size());
  std::transform(counted.counts.begin(), counted.counts.end(), figures.counts.begin(), more.begin(),
                 std::minus<>());
  // Where a correction took some away the histogram is made anew.
  if (std::any_of(more.begin(), more.end(), [](double count) { return count < 0; })) {
    family_.Remove(figures.histogram);
    figures = {};
    more = counted.counts;
  }
  if (figures.histogram == nullptr) {
    figures.histogram = &family_.Add({{"authority", authority}, {"career_stage", stage}}, Buckets());
  }
  figures.histogram->ObserveMultiple(more, counted.sum - figures.sum);
  figures.counts = counted.counts;
  figures.sum = counted.sum;
}

void SessionGaps::Withdraw(const std::string& authority) {
  const auto found = figures_.find(authority);
  if (found == figures_.end()) return;
  for (const auto& [stage, figures] : found->second) family_.Remove(figures.histogram);
  figures_.erase(found);
}

}  // namespace oversight::compliance

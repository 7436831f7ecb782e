// What a rule says of all its subjects on one day. Rules whose subjects are records, of which mostly dates
// are compared, are gone through by blocks of records and column by column; whatever is not settled that way,
// for want of an input or because it is asked of other records, goes the way of every single question.

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "services/compliance/engine/block.h"
#include "services/compliance/engine/deadline_step.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/engine/field_tests.h"
#include "services/compliance/engine/remembered.h"
#include "services/compliance/engine/short_list.h"

namespace oversight::engine {
namespace {

template <typename Visit>
void ForEach(uint64_t among, Visit&& visit) {
  for (; among != 0; among &= among - 1) visit(static_cast<size_t>(std::countr_zero(among)));
}

// Moments of a block, as MomentOf finds them.
class Moments {
 public:
  Moments(const Block& block, const Path& day_path, const Path& time_path) {
    if (!day_path.Given() && !time_path.Given()) return;
    Block::Days days;
    std::array<int64_t, Block::kMost> instants;
    if (day_path.Given()) set_ = block.DayAt(day_path, days);
    uint64_t timed = block.InstantAt(day_path, instants);
    timed |= block.InstantAt(time_path, instants);  // the one that counts where both are
    ForEach(set_ & ~timed, [&](size_t i) { moments_[i].day = days[i]; });
    ForEach(timed, [&](size_t i) {
      // Records side by side often name the same one.
      const bool as_before = i > 0 && moments_[i - 1].timed && moments_[i - 1].instant == instants[i];
      moments_[i].day = as_before ? moments_[i - 1].day : CivilDay::Of(absl::FromUnixMicros(instants[i]));
      moments_[i].timed = true;
      moments_[i].instant = instants[i];
    });
    set_ |= timed;
  }

  uint64_t set() const { return set_; }
  // Null where it is not set.
  const Moment* At(size_t i) const { return (set_ >> i & 1) != 0 ? &moments_[i] : nullptr; }
  Block::Days Days() const {
    Block::Days days;
    ForEach(set_, [&](size_t i) { days[i] = moments_[i].day; });
    return days;
  }

 private:
  uint64_t set_ = 0;
  std::array<Moment, Block::kMost> moments_;
};

// Conditions that hold from some day on, when they hold at all: the dates that must have come stand apart.
struct HoldsFrom {
  std::vector<Condition> timeless;
  std::vector<FieldCondition> reached;

  // None where the days are more tangled than that.
  static std::optional<HoldsFrom> Of(const std::vector<Condition>& conditions) {
    HoldsFrom from{.timeless = conditions};
    for (Condition& condition : from.timeless) {
      const auto comes = [](const FieldCondition& test) {
        return test.test == FieldCondition::Test::kReached && test.flag;
      };
      std::copy_if(condition.fields.begin(), condition.fields.end(), std::back_inserter(from.reached), comes);
      std::erase_if(condition.fields, comes);
    }
    if (!Timeless(from.timeless)) return std::nullopt;
    return from;
  }
};

// One step of a deadline whose trigger is a date of the subject, for a block of subjects, `scope` being those
// in scope on any day of `window`.
class StepColumns {
 public:
  // `done_from`: of the step's `done`.
  StepColumns(const Block& block, const Deadline& deadline, size_t step,
              const std::optional<HoldsFrom>& done_from, Truths scope, Period window)
      : deadline_(deadline),
        step_(deadline.steps[step]),
        row_(static_cast<int16_t>(step)),
        trigger_(block, step_.on, step_.trigger_time),
        until_(block, step_.until, step_.until_time),
        done_(block, step_.done_on, step_.done_time) {
    const Block::Days days = trigger_.Days();
    uint64_t in_window = trigger_.set() & scope.maybe;
    ForEach(in_window, [&](size_t i) {
      if (!window.Contains(days[i])) in_window &= ~(uint64_t{1} << i);
    });
    const Truths when = scope & block.HoldsOn(step_.when, days, in_window);
    triggered_ = when.sure;
    open_ = when.maybe & ~when.sure;
    for (const DeadlineStep::Stricter& stricter : step_.stricter) {
      const Truths holds = block.HoldsOn(stricter.when, days, triggered_);
      stricter_.push_back(holds.sure);
      open_ |= holds.maybe & ~holds.sure;
    }
    until_day_.fill(CivilDay::Max());
    if (step_.limit != DeadlineStep::Limit::kWithin) block.DayAt(step_.until, until_day_);
    if (!step_.done.empty()) FindDone(block, days, done_from);
  }

  // Those of which single questions must be asked.
  uint64_t open() const { return open_; }
  bool IsTriggered(size_t i) const { return (triggered_ >> i & 1) != 0; }

  // Of one that is triggered and not open: what StepJudge says of it, into a new instance.
  void Fill(size_t i, const WorkingDays& working_days, Instance& instance) const {
    const Moment& trigger = *trigger_.At(i);
    instance.base = trigger.day;
    instance.row = row_;
    instance.final = deadline_.final;
    TimeAllowed time = step_.time;
    for (size_t s = 0; s < stricter_.size(); ++s) {
      if ((stricter_[s] >> i & 1) == 0) continue;
      time = Stricter(trigger.day, time, step_.stricter[s].time, working_days);
    }
    instance.due = LastInTime(step_, trigger, time, until_day_[i], working_days);
    if (!step_.done.empty()) {
      if ((has_done_day_ >> i & 1) != 0) instance.done = done_day_[i];
    } else if (const Moment* done = done_.At(i)) {
      SetDone(step_, trigger, time, *done, until_.At(i), instance);
    }
  }

 private:
  void FindDone(const Block& block, const Block::Days& days, const std::optional<HoldsFrom>& from) {
    if (!from) {
      open_ |= triggered_;
      return;
    }
    const Truths holds = block.HoldsOn(from->timeless, days, triggered_);
    open_ |= holds.maybe & ~holds.sure;
    has_done_day_ = holds.sure;
    done_day_ = days;
    for (const FieldCondition& test : from->reached) {
      Block::Days dates;
      has_done_day_ &= block.DayAt(test.field, dates);
      ForEach(has_done_day_,
              [&](size_t i) { done_day_[i] = std::max(done_day_[i], Plus(dates[i], test.interval)); });
    }
  }

  const Deadline& deadline_;
  const DeadlineStep& step_;
  const int16_t row_;
  const Moments trigger_;
  const Moments until_;
  const Moments done_;
  uint64_t triggered_ = 0;
  uint64_t open_ = 0;
  ShortList<uint64_t, 2> stricter_;
  Block::Days until_day_;
  uint64_t has_done_day_ = 0;
  Block::Days done_day_;
};

}  // namespace

class BlockSweep {
 public:
  using Visit = absl::FunctionRef<void(uint32_t, const Finding&)>;

  BlockSweep(const Evaluator& evaluator, const AuthorityFacts& facts, CivilDay as_of, Visit visit)
      : evaluator_(evaluator),
        rule_(evaluator.rule()),
        asking_(rule_, facts, evaluator.working_days(), nullptr, &remembered_),
        as_of_(as_of),
        window_(Window(evaluator.assignment(), facts)),
        visit_(visit) {
    if (const auto* deadline = rule_.As<Deadline>(); deadline != nullptr && Fits(*deadline)) {
      deadline_ = deadline;
      for (const DeadlineStep& step : deadline->steps) done_from_.push_back(HoldsFrom::Of(step.done));
    }
    if (const auto* standing = rule_.As<Standing>(); standing != nullptr && standing->on.Given())
      standing_ = standing;
  }

  // Whether the subjects are records of which it does not depend on the day whether they are in scope.
  static bool Fits(const Evaluator& evaluator) {
    const Rule& rule = evaluator.rule();
    return evaluator.timeless_ && rule.subject != SubjectKind::kWorker &&
           rule.subject != SubjectKind::kCase && rule.As<Recurring>() == nullptr;
  }

  void Run() {
    const uint32_t count = asking_.facts().SubjectCount(rule_.subject);
    for (uint32_t first = 0; first < count; first += Block::kMost)
      RunBlock(Block(asking_, first, std::min(Block::kMost, count - first)));
  }

 private:
  static bool Fits(const Deadline& deadline) {
    return std::all_of(deadline.steps.begin(), deadline.steps.end(),
                       [](const DeadlineStep& step) { return !step.each && step.start_of.empty(); });
  }

  void RunBlock(const Block& block) {
    Block::Days any_day;
    any_day.fill(window_.start);
    const Truths scope = block.HoldsOn(rule_.when, any_day, block.Known());
    if (scope.maybe == 0) return;
    if (deadline_ != nullptr) return RunDeadline(block, scope);
    if (standing_ != nullptr) return RunStanding(block, scope);
    ForEach(scope.maybe, [&](size_t i) { AskAlone(block, i); });
  }

  void AskAlone(const Block& block, size_t i) {
    const uint32_t subject = block.first() + static_cast<uint32_t>(i);
    const std::optional<Finding> finding = evaluator_.Verdict(asking_, subject, as_of_);
    if (finding) visit_(subject, *finding);
  }

  void Settle(const Block& block, size_t i, std::span<const Instance> instances) {
    const uint32_t subject = block.first() + static_cast<uint32_t>(i);
    const Subjected s(asking_, {rule_.subject, subject}, window_, true);
    CivilDay next;
    Finding finding;
    if (evaluator_.Choose(s, instances, as_of_, finding, next) != nullptr) visit_(subject, finding);
  }

  void RunDeadline(const Block& block, Truths scope) {
    absl::InlinedVector<StepColumns, 2> steps;
    uint64_t open = 0;
    for (size_t step = 0; step < deadline_->steps.size(); ++step) {
      open |= steps.emplace_back(block, *deadline_, step, done_from_[step], scope, window_).open();
    }
    ForEach(scope.maybe, [&](size_t i) {
      if ((open >> i & 1) != 0) return AskAlone(block, i);
      InstanceList instances;
      for (const StepColumns& step : steps) {
        if (step.IsTriggered(i)) step.Fill(i, evaluator_.working_days(), instances.Append());
      }
      Settle(block, i, {instances.data(), instances.size()});
    });
  }

  void RunStanding(const Block& block, Truths scope) {
    Block::Days days;
    uint64_t asked = scope.maybe & block.DayAt(standing_->on, days);
    ForEach(asked, [&](size_t i) {
      if (!window_.Contains(days[i])) asked &= ~(uint64_t{1} << i);
    });
    const Truths held = block.HoldsOn(standing_->must, days, asked);
    ForEach(asked, [&](size_t i) {
      Instance instance{.base = days[i], .course = Instance::Course::kHolds};
      if (!held.IsSure(i)) {
        if (held.MayBe(i) || !scope.IsSure(i)) return AskAlone(block, i);
        instance = NotHeldOn(days[i], standing_->can_be_mended, standing_->grace, evaluator_.working_days());
      }
      Settle(block, i, {&instance, 1});
    });
  }

  const Evaluator& evaluator_;
  const Rule& rule_;
  Remembered remembered_;
  const Asking asking_;
  const CivilDay as_of_;
  const Period window_;
  Visit visit_;
  const Deadline* deadline_ = nullptr;
  std::vector<std::optional<HoldsFrom>> done_from_;  // by step
  const Standing* standing_ = nullptr;
};

void Evaluator::Sweep(const AuthorityFacts& facts, CivilDay as_of,
                      absl::FunctionRef<void(uint32_t, const Finding&)> visit) const {
  if (BlockSweep::Fits(*this)) return BlockSweep(*this, facts, as_of, visit).Run();
  Remembered remembered;
  const Asking asking(rule_, facts, working_days_, nullptr, &remembered);
  for (uint32_t subject = 0; subject < facts.SubjectCount(rule_.subject); ++subject) {
    const std::optional<Finding> finding = Verdict(asking, subject, as_of);
    if (finding) visit(subject, *finding);
  }
}

void Evaluator::Sweep(const AuthorityFacts& facts, const TimelineStore& timelines, CivilDay as_of,
                      absl::FunctionRef<void(uint32_t, const Finding&)> visit) const {
  Remembered remembered;
  const Asking asking(rule_, facts, working_days_, nullptr, &remembered);
  for (uint32_t subject = 0; subject < facts.SubjectCount(rule_.subject); ++subject) {
    const std::optional<Finding> finding =
        timelines.Has(subject) ? EvaluateClocks(asking, subject, timelines.Get(subject), as_of, nullptr)
                               : Verdict(asking, subject, as_of);
    if (finding) visit(subject, *finding);
  }
}

}  // namespace oversight::engine

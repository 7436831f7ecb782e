#include "services/compliance/engine/reach.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace oversight::engine {
namespace {

using Step = Reach::Step;
using Steps = std::vector<Step>;

// A record of which conditions ask, with the way from it back to the subject.
struct At {
  FactKind kind;
  Steps back;
  const At* outer = nullptr;
};

class Collector {
 public:
  // `to`: where the ways lead.
  Collector(const Rule& rule, SubjectKind to) : rule_(rule), to_(to) {}

  // To the rule's subjects.
  std::vector<Reach> OfRule() {
    const At subject{to_, {}, nullptr};
    Conditions(rule_.when, subject);
    // Its team, which is shown with the finding.
    if (rule_.answerable.Given()) {
      const At answerable = Named(rule_.answerable, subject);
      if (answerable.kind == FactKind::kWorker) Records(FactKind::kPost, kParentColumn, Path{}, answerable);
      if (answerable.kind == FactKind::kCase)
        Records(FactKind::kAllocation, kParentColumn, Path{}, answerable);
    }
    for (const Row& row : rule_.rows) {
      Condition_(row.when, subject);
      if (!row.every_of) continue;
      const At record = RecordPart(row.every_of->records, subject);
      for (const Path* path : {&row.every_of->days, &row.every_of->months}) {
        if (path->Given()) FollowPath(*path, record);
      }
    }
    if (rule_.event) {
      const At record = Event(*rule_.event, subject);
      for (const Row& row : rule_.rows) Conditions(row.event, record);
    } else {
      LineEvents(subject);
    }
    std::visit([&](const auto& kind) { Kind(kind, subject); }, rule_.obligation);
    return std::move(reaches_);
  }

  // To the records of a measure. None where something is asked of the subject from a record.
  std::optional<std::vector<Reach>> OfRecords(const Measure& measure) {
    const At record{to_, {}, nullptr};
    if (measure.records->on.Given()) FollowPath(measure.records->on, record);
    Conditions(measure.records->where, record);
    Conditions(measure.share, record);
    if (leaves_) return std::nullopt;
    return std::move(reaches_);
  }

 private:
  void Add(FactKind kind, const Steps& back) {
    if (!back.empty() || kind != to_) reaches_.push_back({kind, back, to_});
  }

  // The record in which the path's field stands; each record on the way counts.
  At FollowPath(const Path& path, const At& from) {
    const At* start = &from;
    leaves_ = leaves_ || path.start == Path::Start::kSubject ||
              (path.start == Path::Start::kOuter && from.outer == nullptr);
    if (path.start == Path::Start::kOuter && from.outer != nullptr) start = from.outer;
    if (path.start == Path::Start::kSubject) {
      while (start->outer != nullptr) start = start->outer;
    }
    At at = *start;
    for (size_t i = 0; i < path.hops.size(); ++i) {
      const Path::Hop& hop = path.hops[i];
      Steps back{{Step::Kind::kNaming, hop.kind, hop.column}};
      back.insert(back.end(), at.back.begin(), at.back.end());
      at = {i + 1 < path.hops.size() ? path.hops[i + 1].kind : path.kind, std::move(back), at.outer};
      Add(at.kind, at.back);
    }
    return at;
  }

  // The record that a path names.
  At Named(const Path& path, const At& from) {
    At at = FollowPath(path, from);
    if (path.column == kNoColumn) return at;
    Steps back{{Step::Kind::kNaming, path.kind, path.column}};
    back.insert(back.end(), at.back.begin(), at.back.end());
    at = {path.target, std::move(back), &from};
    Add(at.kind, at.back);
    return at;
  }

  At Records(FactKind of, uint16_t via, const Path& from, const At& at) {
    const At owner = from.Given() ? Named(from, at) : at;
    Steps back{via == kNoColumn ? Step{Step::Kind::kAll, owner.kind, kNoColumn}
                                : Step{Step::Kind::kNamed, owner.kind, via}};
    back.insert(back.end(), owner.back.begin(), owner.back.end());
    Add(of, back);
    return {of, std::move(back), &at};
  }

  At Event(const RecordEvent& event, const At& at) {
    const At record = Records(event.of, event.via, event.from, at);
    FollowPath(event.on, record);
    Conditions(event.where, record);
    return record;
  }

  At RecordPart(const RecordCondition& records, const At& at) {
    const At record = Records(records.of, records.via, records.from, at);
    if (records.on.Given()) FollowPath(records.on, record);
    Conditions(records.where, record);
    return record;
  }

  void Conditions(const std::vector<Condition>& conditions, const At& at) {
    for (const Condition& condition : conditions) Condition_(condition, at);
  }

  void Condition_(const Condition& condition, const At& at) {
    if (!at.back.empty()) KnownFacts(condition, at);
    for (const FieldCondition& field : condition.fields) {
      FollowPath(field.field, at);
      if (field.other.Given()) FollowPath(field.other, at);
    }
    for (const RecordCondition& records : condition.records) RecordPart(records, at);
    for (const ReferenceCondition& reference : condition.references) {
      const At named = Named(reference.path, at);
      Conditions(reference.is, {named.kind, named.back, &at});
    }
    for (const Measure& measure : condition.measures) Measured(measure, at);
    Conditions(condition.any_of, at);
    Conditions(condition.none_of, at);
  }

  void Measured(const Measure& measure, const At& at) {
    if (measure.own.Given()) FollowPath(measure.own, at);
    if (measure.bound_field.Given()) FollowPath(measure.bound_field, at);
    if (measure.records) {
      const At record = RecordPart(*measure.records, at);
      if (measure.field.Given()) FollowPath(measure.field, record);
      Conditions(measure.share, record);
    }
    for (const Measure::Where& where : measure.percent_where) Conditions(where.when, at);
  }

  // The facts that conditions about workers and cases know by heart. Those of the subject itself touch it
  // anyway.
  void KnownFacts(const Condition& condition, const At& at) {
    const auto child = [&](FactKind kind) {
      Steps back{{Step::Kind::kNamed, at.kind, kParentColumn}};
      back.insert(back.end(), at.back.begin(), at.back.end());
      Add(kind, back);
    };
    if (at.kind == FactKind::kWorker) {
      if (condition.post) child(FactKind::kPost);
      if (condition.on_asye) child(FactKind::kAsye);
      if (condition.weeks_of_employment || condition.student_placement) {
        Add(FactKind::kWorker, at.back);
        child(FactKind::kAbsence);
        child(FactKind::kStudentPlacement);
      }
    }
    if (at.kind == FactKind::kCase) {
      if (condition.case_statuses != 0) child(FactKind::kStatusPeriod);
      if (condition.placement) child(FactKind::kPlacement);
      if (condition.keyworker_team_areas != 0) child(FactKind::kAllocation);
      if (condition.reduced_frequency_agreement) child(FactKind::kAgreement);
    }
  }

  // Sessions and discussions touch those whose events they are by themselves; what a line asks of them may
  // lie further off.
  void LineEvents(const At& subject) {
    const FactKind kind = rule_.subject == SubjectKind::kCase ? FactKind::kDiscussion : FactKind::kSession;
    for (const Row& row : rule_.rows) {
      // By way of the session's supervisee or the discussion's case, which the schema puts where
      // `event_owner` says.
      if (row.event.empty() || rule_.event_owner == kNoColumn) continue;
      const At record{kind, {{Step::Kind::kNamed, rule_.subject, rule_.event_owner}}, &subject};
      Add(kind, record.back);
      Conditions(row.event, record);
    }
  }

  void Kind(const Recurring&, const At&) {}
  void Kind(const CalendarMonth&, const At&) {}
  void Kind(const Deadline& deadline, const At& subject) {
    for (const DeadlineStep& step : deadline.steps) {
      Conditions(step.start_of, subject);
      const At at = step.each ? Event(*step.each, subject) : subject;
      for (const Path* path :
           {&step.on, &step.trigger_time, &step.until, &step.until_time, &step.done_on, &step.done_time}) {
        if (path->Given()) FollowPath(*path, at);
      }
      for (const DeadlineStep::Stricter& stricter : step.stricter) Conditions(stricter.when, at);
      Conditions(step.done, at);
      Conditions(step.when, at);
    }
  }
  void Kind(const FollowUp& follow_up, const At& subject) {
    FollowPath(follow_up.after, subject);
    if (follow_up.until.Given()) FollowPath(follow_up.until, subject);
    const At whose = Named(follow_up.whose, subject);
    // From the sessions of the worker, or of all who hold the case, and what makes them count.
    const auto sessions_of = [&](const At& worker) {
      const At session = Records(FactKind::kSession, follow_up.supervisee, Path{}, worker);
      Conditions(follow_up.followed_up, {session.kind, session.back, &subject});
      Records(FactKind::kSupervisorLink, kParentColumn, Path{}, worker);
    };
    if (!follow_up.holder_of_case) return sessions_of(whose);
    const At allocation = Records(FactKind::kAllocation, kParentColumn, Path{}, whose);
    Steps back{{Step::Kind::kNaming, FactKind::kAllocation, follow_up.allocated_worker}};
    back.insert(back.end(), allocation.back.begin(), allocation.back.end());
    sessions_of({FactKind::kWorker, std::move(back), &subject});
  }
  void Kind(const Coverage& coverage, const At& subject) {
    std::vector<At> chain;
    chain.reserve(coverage.records.size());
    const At* at = &subject;
    for (const RecordCondition& records : coverage.records) {
      chain.push_back(RecordPart(records, *at));
      chain.back().outer = at;
      at = &chain.back();
    }
    // Whether a case is open.
    if (coverage.case_of_record.Given()) Named(coverage.case_of_record, *at);
  }
  void Kind(const Standing& standing, const At& subject) {
    if (standing.on.Given()) FollowPath(standing.on, subject);
    Conditions(standing.must, subject);
  }
  void Kind(const Sequence& sequence, const At& subject) {
    const At record = Event(sequence.each, subject);
    for (const Sequence::Step& step : sequence.steps) Conditions(step.must, record);
  }
  void Kind(const Minimum& minimum, const At& subject) {
    if (minimum.day.Given()) FollowPath(minimum.day, subject);
    Conditions(minimum.measure, subject);
  }

  const Rule& rule_;
  const SubjectKind to_;
  std::vector<Reach> reaches_;
  // Something is asked of where the ways lead that a record there does not say of itself.
  bool leaves_ = false;
};

// Of all records of a kind, each as one, whatever is asked of them.
const Measure* MeasureOfAll(const Rule& rule) {
  const auto* minimum = rule.As<Minimum>();
  if (minimum == nullptr || minimum->judged == Minimum::Judged::kEachMonth) return nullptr;
  const Measure& measure = minimum->measure.front().measures.front();
  const bool of_all = measure.records && measure.records->via == kNoColumn && !measure.field.Given();
  return of_all ? &measure : nullptr;
}

std::optional<std::vector<Reach>> ReachesOfRecords(const Rule& rule, const Measure* measure) {
  if (measure == nullptr) return std::nullopt;
  return Collector(rule, measure->records->of).OfRecords(*measure);
}

}  // namespace

const Measure* CountedMeasure(const Rule& rule) {
  const Measure* measure = MeasureOfAll(rule);
  return ReachesOfRecords(rule, measure) ? measure : nullptr;
}

std::vector<Reach> ReachesOf(const Rule& rule) {
  std::vector<Reach> reaches = Collector(rule, rule.subject).OfRule();
  if (auto of_records = ReachesOfRecords(rule, MeasureOfAll(rule)))
    reaches.insert(reaches.end(), of_records->begin(), of_records->end());
  std::sort(reaches.begin(), reaches.end());
  reaches.erase(std::unique(reaches.begin(), reaches.end()), reaches.end());
  return reaches;
}

}  // namespace oversight::engine

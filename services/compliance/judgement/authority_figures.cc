#include "services/compliance/judgement/authority_figures.h"

#include <algorithm>
#include <set>

#include "oversight/supervision/v1/supervision.pb.h"
#include "services/compliance/policy/record_schema.h"

namespace oversight::compliance {
namespace {

using engine::AuthorityFacts;
using engine::FactKind;

constexpr int64_t kMicrosADay = int64_t{24} * 60 * 60 * 1000000;
constexpr int kWorkingDaysToFile = 5;
constexpr int kMonthsOfYear = 12;

// A kind of record and its fields, by their names in the message.
template <typename Message>
struct RecordsOf {
  FactKind kind = policy::ColumnsOf(Message::descriptor())->kind;
  uint16_t Column(absl::string_view field) const { return policy::RecordSchema().Of(kind).FindColumn(field); }
};

bool Holds(const std::vector<Period>& periods, CivilDay day) {
  return std::any_of(periods.begin(), periods.end(),
                     [&](const Period& period) { return period.Contains(day); });
}

bool IsSupervised(const engine::WorkerRecord& worker, CivilDay day) {
  return std::any_of(worker.links.begin(), worker.links.end(),
                     [&](const engine::SupervisorLink& link) { return link.period.Contains(day); });
}

Filed FiledOf(const AuthorityFacts& facts, const WorkingDays& working_days, const engine::Session& session,
              uint32_t session_id, uint32_t discussion) {
  static const auto& discussions = *new RecordsOf<supervision::v1::CaseDiscussion>;
  static const auto& sessions = *new RecordsOf<supervision::v1::Session>;
  static const uint16_t filed_date = discussions.Column("filed_date");
  static const uint16_t filed_time = discussions.Column("filed_time");
  static const uint16_t start_time = sessions.Column("start_time");
  const engine::Table& records = facts.table(discussions.kind);
  const std::optional<CivilDay> day = records.Day(discussion, filed_date);
  if (!day.has_value()) return Filed::kNotFiled;
  const std::optional<int64_t> filed = records.Instant(discussion, filed_time);
  const std::optional<int64_t> held = facts.table(sessions.kind).Instant(session_id, start_time);
  const bool within_a_day =
      filed.has_value() && held.has_value() ? *filed - *held <= kMicrosADay : *day <= session.day;
  if (within_a_day) return Filed::kWithin24Hours;
  return *day <= working_days.AddWorkingDays(session.day, kWorkingDaysToFile) ? Filed::kWithin5WorkingDays
                                                                              : Filed::kLater;
}

}  // namespace

bool IsOpen(const engine::CaseRecord& record, CivilDay day) {
  return record.known && Holds(record.open, day);
}

const engine::Post* PostOn(const engine::WorkerRecord& record, CivilDay day) {
  const engine::Post* latest = nullptr;
  for (const engine::Post& post : record.posts) {
    if (!post.period.Contains(day)) continue;
    if (latest == nullptr || post.period.start > latest->period.start) latest = &post;
  }
  return latest;
}

bool IsWorking(const engine::WorkerRecord& record, CivilDay day) {
  const bool on_placement =
      std::any_of(record.student_placements.begin(), record.student_placements.end(),
                  [&](const engine::StudentPlacement& placement) { return placement.period.Contains(day); });
  return record.known && (on_placement || PostOn(record, day) != nullptr);
}

const char* NameOf(engine::CareerStage stage) {
  using engine::CareerStage;
  switch (stage) {
    case CareerStage::kPointOfEntry:
      return "point_of_entry";
    case CareerStage::kReadinessForPractice:
      return "readiness_for_practice";
    case CareerStage::kEndOfFirstPlacement:
      return "end_of_first_placement";
    case CareerStage::kEndOfLastPlacement:
      return "end_of_last_placement";
    case CareerStage::kNewlyQualified:
      return "newly_qualified";
    case CareerStage::kSocialWorker:
      return "social_worker";
    case CareerStage::kExperiencedSocialWorker:
      return "experienced_social_worker";
    case CareerStage::kAdvanced:
      return "advanced";
    case CareerStage::kStrategic:
      return "strategic";
    case CareerStage::kUnregisteredPractitioner:
      return "unregistered_practitioner";
    case CareerStage::kVolunteer:
      return "volunteer";
    case CareerStage::kUnspecified:
      break;
  }
  return "none";
}

CaseCounts CountCases(const AuthorityFacts& facts, CivilDay day) {
  CaseCounts counts;
  for (uint32_t i = 0; i < facts.case_count(); ++i) {
    if (!IsOpen(facts.case_record(i), day)) continue;
    ++counts.open;
    counts.unallocated += facts.HolderOf(i, day) == nullptr;
  }
  return counts;
}

int CountWorkers(const AuthorityFacts& facts, CivilDay day) {
  int workers = 0;
  for (uint32_t i = 0; i < facts.worker_count(); ++i) workers += IsWorking(facts.worker(i), day);
  return workers;
}

std::vector<int> CasesHeld(const AuthorityFacts& facts, CivilDay day) {
  std::vector<int> held(facts.worker_count());
  for (uint32_t i = 0; i < facts.case_count(); ++i) {
    if (!IsOpen(facts.case_record(i), day)) continue;
    const engine::Allocation* holder = facts.HolderOf(i, day);
    if (holder != nullptr && holder->worker != engine::kNobody) ++held[holder->worker];
  }
  return held;
}

std::map<uint32_t, int> CountSupervised(const AuthorityFacts& facts, CivilDay day) {
  std::map<uint32_t, int> supervised;
  for (uint32_t i = 0; i < facts.worker_count(); ++i) {
    if (!facts.worker(i).known) continue;
    std::set<uint32_t> supervisors;
    for (const engine::SupervisorLink& link : facts.worker(i).links) {
      if (link.period.Contains(day) && link.supervisor != engine::kNobody)
        supervisors.insert(link.supervisor);
    }
    for (const uint32_t supervisor : supervisors) ++supervised[supervisor];
  }
  return supervised;
}

AgreementCounts CountAgreements(const AuthorityFacts& facts, CivilDay day) {
  static const auto& agreements = *new RecordsOf<supervision::v1::Agreement>;
  static const uint16_t state = agreements.Column("state");
  static const uint16_t start_date = agreements.Column("start_date");
  static const uint16_t end_date = agreements.Column("end_date");
  static const uint16_t supervisee = agreements.Column("supervisee");
  const engine::Table& table = facts.table(agreements.kind);
  AgreementCounts counts;
  std::set<uint32_t> with_agreement;
  for (uint32_t row = 0; row < table.size(); ++row) {
    const Period period = {table.Day(row, start_date).value_or(CivilDay::Max()),
                           table.Day(row, end_date).value_or(CivilDay::Max())};
    if (table.Enum(row, state) != supervision::v1::Agreement::STATE_IN_FORCE || !period.Contains(day))
      continue;
    ++counts.in_force;
    with_agreement.insert(table.Reference(row, supervisee));
  }
  for (uint32_t i = 0; i < facts.worker_count(); ++i) {
    if (!IsWorking(facts.worker(i), day)) continue;
    if (!IsSupervised(facts.worker(i), day)) {
      ++counts.without_supervisor;
    } else if (!with_agreement.contains(i)) {
      ++counts.workers_without;
    }
  }
  return counts;
}

Window TwelveMonthsTo(CivilDay day) { return {AddMonths(day + 1, -kMonthsOfYear), day + 1}; }

DiscussionCounts CountDiscussions(const AuthorityFacts& facts, const WorkingDays& working_days,
                                  Window window) {
  DiscussionCounts counts;
  for (uint32_t id = 0; id < facts.NameCount(FactKind::kDiscussion); ++id) {
    const engine::Discussion& discussion = facts.discussion(id);
    if (discussion.session == engine::kNobody || discussion.case_index == engine::kNobody) continue;
    const engine::Session& session = facts.session(discussion.session);
    if (!session.known || !session.dated || session.state != engine::SessionState::kHeld ||
        !window.Contains(session.day)) {
      continue;
    }
    ++counts.all;
    std::set<engine::CaseStatus> statuses;
    for (const engine::StatusPeriod& status : facts.case_record(discussion.case_index).statuses) {
      if (status.period.Contains(session.day)) statuses.insert(status.status);
    }
    if (statuses.empty()) statuses.insert(engine::CaseStatus::kUnspecified);
    for (const engine::CaseStatus status : statuses) ++counts.by_status[status];
    ++counts.by_filed[static_cast<size_t>(FiledOf(facts, working_days, session, discussion.session, id))];
  }
  return counts;
}

SessionCounts CountSessions(const AuthorityFacts& facts, Window window) {
  static const auto& records = *new RecordsOf<supervision::v1::Session>;
  static const uint16_t uninterrupted_minutes = records.Column("uninterrupted_minutes");
  static const uint16_t continues = records.Column("continues");
  const engine::Table& table = facts.table(records.kind);
  using engine::SessionState;
  SessionCounts counts;
  // By the session that the others continue; none where a part has no length on record.
  std::map<uint32_t, std::optional<double>> lengths;
  for (uint32_t id = 0; id < facts.NameCount(FactKind::kSession); ++id) {
    const engine::Session& session = facts.session(id);
    if (!session.known || !session.dated || !window.Contains(session.day)) continue;
    if (session.kind != engine::SessionKind::kFormalOneToOne) {
      counts.other_held += session.state == SessionState::kHeld;
      continue;
    }
    counts.formal_cancelled += session.state == SessionState::kCancelled;
    counts.formal_missed += session.state == SessionState::kMissed;
    if (session.state != SessionState::kHeld) continue;
    const uint32_t first = table.Reference(id, continues);
    const uint32_t whole = first == engine::kNobody ? id : first;
    counts.formal_held += whole == id;
    const std::optional<double> minutes = table.Number(id, uninterrupted_minutes);
    const auto [length, is_new] = lengths.try_emplace(whole, minutes);
    if (is_new) continue;
    length->second = length->second.has_value() && minutes.has_value()
                         ? std::optional(*length->second + *minutes)
                         : std::nullopt;
  }
  for (const auto& [session, minutes] : lengths) {
    if (minutes.has_value()) counts.minutes.push_back(static_cast<int>(*minutes));
  }
  std::sort(counts.minutes.begin(), counts.minutes.end());
  return counts;
}

}  // namespace oversight::compliance

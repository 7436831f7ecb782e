#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "deploy/sample/fact_files.h"
#include "deploy/sample/session_practice.h"
#include "deploy/sample/texts.h"

namespace oversight::sample {
namespace {

// From there on an absence leaves a gap that the next session notes.
constexpr int kDaysOfGap = 24;
constexpr int kAuditedOneIn = 7;

const char* StateText(SessionState state) {
  switch (state) {
    case SessionState::kScheduled:
      return "scheduled";
    case SessionState::kHeld:
      return "held";
    case SessionState::kCancelled:
      return "cancelled";
  }
  return "";
}

bool IsFormalHeld(const Session& session) {
  return session.state == SessionState::kHeld && session.kind == "formal_one_to_one";
}

class SessionFileBuilder {
 public:
  explicit SessionFileBuilder(const Authority& authority)
      : authority_(authority),
        today_(authority.today()),
        random_(authority.options.seed, "session files"),
        practice_(authority),
        formal_(authority.workers.size()) {
    for (const Session& session : authority.sessions) {
      if (IsFormalHeld(session)) formal_[session.supervisee].push_back(&session);
    }
    for (auto& sessions : formal_) {
      std::sort(sessions.begin(), sessions.end(),
                [](const Session* a, const Session* b) { return a->date < b->date; });
    }
    audits_from_ = authority.history.start + std::min(120, (today_ - authority.history.start) / 3);
  }

  std::vector<CsvFile> Build() {
    for (const Session& session : authority_.sessions) {
      AddSession(session);
      if (IsFormalHeld(session)) {
        AddRecord(session);
        AddAction(session);
        AddAudit(session);
      }
    }
    std::vector<CsvFile> files;
    for (CsvFile* file : {&sessions_, &discussions_, &records_, &actions_, &audits_}) {
      files.push_back(std::move(*file));
    }
    return files;
  }

 private:
  const std::string& IdOf(int worker) const { return authority_.workers[worker].id; }

  // The next formal session of the supervisee; null for none yet.
  const Session* Next(const Session& session) const {
    for (const Session* other : formal_[session.supervisee]) {
      if (other->date > session.date) return other;
    }
    return nullptr;
  }

  // The long absences that ended before this session and after the one before.
  std::string AbsencesNoted(const Session& session) {
    std::vector<std::string> noted;
    const Worker& worker = authority_.workers[session.supervisee];
    CivilDay before = CivilDay::Min();
    for (const Session* other : formal_[session.supervisee]) {
      if (other->date < session.date) before = other->date;
    }
    for (size_t i = 0; i < worker.absences.size(); ++i) {
      const Absence& absence = worker.absences[i];
      const bool gap = absence.last != CivilDay::Max() && absence.last - absence.first >= kDaysOfGap;
      if (!gap || absence.last >= session.date || absence.last < before || gap_forgotten_.Next()) continue;
      noted.push_back(absl::StrCat(worker.id, "/", WorkerRecordId("ABS", worker, static_cast<int>(i) + 1)));
    }
    return absl::StrJoin(noted, ";");
  }

  void AddSession(const Session& session) {
    const SessionPractice practice = practice_.Of(session);
    const bool held = session.state == SessionState::kHeld;
    sessions_.AddRow({session.id,
                      IdOf(session.supervisee),
                      IdOf(session.supervisor),
                      std::string(session.kind),
                      StateText(session.state),
                      DateText(session.date),
                      session.start_minute < 0 ? "" : InstantText(session.date, session.start_minute),
                      session.minutes == 0 ? "" : absl::StrCat(session.minutes),
                      std::string(session.cancellation_reason),
                      session.replacement_id,
                      held ? Flag(practice.agenda_set) : "",
                      practice.agenda_shared_date,
                      practice.preparation_sent_date,
                      practice.elements,
                      held ? Flag(practice.reflective) : "",
                      practice.reflective_tool,
                      Flag(practice.threshold_decisions),
                      Flag(practice.stressor_noted),
                      practice.stressor_plan_date,
                      Flag(practice.safeguarding_raised),
                      practice.safeguarding_initiated_date,
                      Flag(practice.learning_discussed),
                      IsFormalHeld(session) ? AbsencesNoted(session) : ""});
    for (const CaseDiscussion& discussion : session.discussions) {
      const DiscussionPractice done = practice_.Of(session, discussion);
      discussions_.AddRow({discussion.id, session.id, authority_.cases[discussion.case_index].id,
                           discussion.in_depth ? "in_depth" : "check_in", Flag(discussion.significant),
                           Flag(done.urgent), Flag(done.chosen_by_both),
                           absl::StrJoin(discussion.matters, ";"), done.template_sent_date,
                           done.actions_filed_date, done.filed_date, done.filed_time, done.filed_by,
                           done.filed_place, done.filed_heading});
    }
  }

  // Sent and signed within two weeks each, mostly. The text itself is not for files.
  void AddRecord(const Session& session) {
    if (no_record_.Next()) return;
    const CivilDay sent =
        WorkingDaysAfter(session.date, sent_late_.Next() ? random_.Between(11, 18) : random_.Between(0, 6));
    const bool is_sent = sent <= today_;
    const CivilDay answered =
        WorkingDaysAfter(sent, signed_late_.Next() ? random_.Between(11, 25) : random_.Between(0, 8));
    const bool is_signed = answered <= today_ && !unsigned_.Next();
    const CivilDay filed =
        WorkingDaysAfter(session.date, filed_late_.Next() ? random_.Between(6, 12) : random_.Between(0, 4));
    const bool is_filed = filed <= today_;
    records_.AddRow({absl::StrCat("R", session.id.substr(1)), session.id,
                     is_signed ? "signed"
                     : is_sent ? "sent"
                               : "draft",
                     is_sent ? DateText(sent) : "", is_sent ? DateText(sent) : "",
                     is_signed ? DateText(answered) : "", is_signed ? DateText(answered) : "",
                     is_filed ? DateText(filed) : "", is_filed ? IdOf(session.supervisor) : "",
                     is_filed ? "supervision_site" : ""});
  }

  // Something to do about one of the cases, checked in the next session.
  void AddAction(const Session& session) {
    if (session.discussions.empty() || random_.Percent(35)) return;
    const Case& subject = authority_.cases[random_.Pick(session.discussions).case_index];
    const CivilDay filed = WorkingDaysAfter(
        session.date, action_filed_late_.Next() ? random_.Between(6, 12) : random_.Between(0, 4));
    const Session* next = Next(session);
    const bool checked = next != nullptr && !unchecked_.Next();
    const bool done = !undone_.Next();
    actions_.AddRow({absl::StrCat("A", session.id.substr(1)), session.id, subject.id,
                     IdOf(session.supervisee), "next step of the plan",
                     DateText(session.date + random_.Between(7, 28)),
                     !checked ? ""
                     : done   ? "done"
                              : "not_done",
                     checked ? DateText(next->date) : "", checked && !done ? "waits for another service" : "",
                     checked ? next->id : "", PastDate(filed, today_),
                     filed <= today_ ? IdOf(session.supervisee) : "", filed <= today_ ? "case_record" : ""});
  }

  void AddAudit(const Session& session) {
    if (session.date < audits_from_ || !audited_.Next()) return;
    const CivilDay audited = WorkingDaysAfter(session.date, random_.Between(5, 20));
    if (audited > today_) return;
    const int rating = random_.Between(0, 9);
    audits_.AddRow({absl::StrCat("Q", session.id.substr(1)), session.id, DateText(audited),
                    rating == 0  ? "outstanding"
                    : rating < 7 ? "good"
                                 : "requires_improvement",
                    "Y", Flag(rating % 2 == 0)});
  }

  const Authority& authority_;
  const CivilDay today_;
  Random random_;
  PracticeDraw practice_;
  CivilDay audits_from_;
  std::vector<std::vector<const Session*>> formal_;  // held, by supervisee, in order
  Slips gap_forgotten_{6}, no_record_{30}, sent_late_{15}, signed_late_{18}, unsigned_{35}, filed_late_{20};
  Slips action_filed_late_{14}, unchecked_{15}, undone_{6}, audited_{kAuditedOneIn};
  CsvFile sessions_{"sessions.csv",
                    "",
                    {"session_id",
                     "supervisee_id",
                     "supervisor_id",
                     "kind",
                     "state",
                     "date",
                     "start_time",
                     "uninterrupted_minutes",
                     "cancellation_reason",
                     "replacement_id",
                     "agenda_set",
                     "agenda_shared_date",
                     "preparation_sent_date",
                     "elements",
                     "reflective",
                     "reflective_tool",
                     "threshold_decisions",
                     "stressor_noted",
                     "stressor_plan_date",
                     "safeguarding_raised",
                     "safeguarding_initiated_date",
                     "learning_discussed",
                     "absences_noted_ids"}};
  CsvFile discussions_{"case_discussions.csv",
                       "",
                       {"case_discussion_id", "session_id", "person_id", "depth", "significant_decision",
                        "urgent", "chosen_by_both", "matter_ids", "template_sent_date", "actions_filed_date",
                        "filed_date", "filed_time", "filed_by_id", "filed_place", "filed_heading"}};
  CsvFile records_{"session_records.csv",
                   "",
                   {"session_record_id", "session_id", "state", "first_sent_date", "sent_date",
                    "first_answered_date", "signed_date", "filed_date", "filed_by_id", "filed_place"}};
  CsvFile actions_{"actions.csv",
                   "",
                   {"action_id", "session_id", "person_id", "owner_id", "summary", "due_date", "outcome",
                    "outcome_date", "reason", "checked_in_id", "filed_date", "filed_by_id", "filed_place"}};
  CsvFile audits_{
      "quality_audits.csv",
      "",
      {"quality_audit_id", "session_id", "audited_date", "rating", "quality_audited", "frequency_audited"}};
};

}  // namespace

std::vector<CsvFile> SessionFiles(const Authority& authority) {
  return SessionFileBuilder(authority).Build();
}

}  // namespace oversight::sample

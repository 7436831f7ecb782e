#include "deploy/sample/session_practice.h"

#include <vector>

#include "absl/strings/str_join.h"
#include "deploy/sample/texts.h"

namespace oversight::sample {

PracticeDraw::PracticeDraw(const Authority& authority)
    : authority_(authority), today_(authority.today()), random_(authority.options.seed, "practice") {}

// Cases come up in almost every session, the rest by turns.
std::string PracticeDraw::DrawElements() {
  std::vector<absl::string_view> elements;
  if (random_.Percent(97)) elements.push_back("decisions_and_interventions");
  if (random_.Percent(75)) elements.push_back("line_management");
  if (random_.Percent(95)) elements.push_back("caseload_and_workload");
  if (random_.Percent(60)) elements.push_back("learning_and_career");
  return absl::StrJoin(elements, ";");
}

SessionPractice PracticeDraw::Of(const Session& session) {
  SessionPractice practice;
  if (session.state != SessionState::kHeld) return practice;
  const bool formal = session.kind == "formal_one_to_one";
  const CivilDay day = session.date;
  if (session.kind != "group" && session.kind != "informal") practice.elements = DrawElements();
  if (!formal) return practice;
  practice.agenda_set = !no_agenda_.Next();
  const CivilDay before = WorkingDayBefore(day);
  if (!agenda_late_.Next()) practice.agenda_shared_date = DateText(random_.Percent(60) ? before : before - 2);
  if (!unprepared_.Next()) practice.preparation_sent_date = DateText(before);
  practice.reflective = !not_reflective_.Next();
  if (practice.reflective) {
    practice.reflective_tool = std::string(random_.Pick<absl::string_view>(
        {"supervision_cycle", "supervision_cycle", "gibbs", "signs_of_safety", "genogram_or_ecomap"}));
  }
  const Post* post = PostOn(authority_.workers[session.supervisee], day);
  if (post != nullptr && !post->case_holding) practice.threshold_decisions = !no_thresholds_.Next();
  practice.stressor_noted = stressor_.Next();
  if (practice.stressor_noted && !no_plan_.Next()) {
    practice.stressor_plan_date = PastDate(WorkingDaysAfter(day, random_.Between(0, 4)), today_);
  }
  practice.safeguarding_raised = safeguarding_.Next();
  if (practice.safeguarding_raised && !not_initiated_.Next()) {
    practice.safeguarding_initiated_date = PastDate(WorkingDaysAfter(day, random_.Between(0, 1)), today_);
  }
  practice.learning_discussed = random_.Percent(20);
  return practice;
}

DiscussionPractice PracticeDraw::Of(const Session& session, const CaseDiscussion& discussion) {
  DiscussionPractice practice;
  const bool formal = session.kind == "formal_one_to_one";
  const CivilDay day = session.date;
  practice.chosen_by_both = discussion.in_depth && !one_sided_.Next();
  practice.urgent = formal && urgent_.Next();
  if (formal && !no_template_.Next()) practice.template_sent_date = DateText(WorkingDayBefore(day));
  if (!formal && !discussion.significant) return practice;
  if (not_filed_.Next()) return practice;
  const bool hurry = discussion.significant || practice.urgent;
  const bool late = (formal ? filed_late_ : aside_filed_late_).Next();
  const CivilDay filed = late    ? WorkingDaysAfter(day, random_.Between(6, 12))
                         : hurry ? day
                                 : WorkingDaysAfter(day, random_.Between(0, 4));
  if (filed > today_) return practice;
  practice.filed_date = DateText(filed);
  // Where hours count, the hour is on record, if that of the session is.
  if (hurry && !late && session.start_minute >= 0) {
    practice.filed_time = InstantText(filed, session.start_minute + 180);
  }
  practice.filed_by = authority_.workers[session.supervisor].id;
  practice.filed_place = "case_record";
  practice.filed_heading = "supervision";
  practice.actions_filed_date = practice.filed_date;
  return practice;
}

}  // namespace oversight::sample

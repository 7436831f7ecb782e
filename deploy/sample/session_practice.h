#pragma once

#include <string>

#include "deploy/sample/model.h"
#include "deploy/sample/random.h"
#include "deploy/sample/slips.h"

namespace oversight::sample {

// What was done around a session besides holding it, as the files write it.
struct SessionPractice {
  bool agenda_set = false;
  std::string agenda_shared_date;
  std::string preparation_sent_date;
  std::string elements;
  bool reflective = false;
  std::string reflective_tool;
  bool threshold_decisions = false;
  bool stressor_noted = false;
  std::string stressor_plan_date;
  bool safeguarding_raised = false;
  std::string safeguarding_initiated_date;
  bool learning_discussed = false;
};

// What was done about one case discussed.
struct DiscussionPractice {
  bool urgent = false;
  bool chosen_by_both = false;
  std::string template_sent_date;
  std::string actions_filed_date;
  std::string filed_date;
  std::string filed_time;
  std::string filed_by;
  std::string filed_place;
  std::string filed_heading;
};

// Draws the practice of sessions one after the other.
class PracticeDraw {
 public:
  explicit PracticeDraw(const Authority& authority);

  SessionPractice Of(const Session& session);
  DiscussionPractice Of(const Session& session, const CaseDiscussion& discussion);

 private:
  std::string DrawElements();

  const Authority& authority_;
  const CivilDay today_;
  Random random_;
  Slips no_agenda_{17}, agenda_late_{11}, unprepared_{10}, not_reflective_{9}, no_thresholds_{8},
      stressor_{18};
  Slips no_plan_{6}, safeguarding_{60}, not_initiated_{6}, no_template_{19}, filed_late_{13}, not_filed_{60};
  // Of what came up outside formal supervision.
  Slips aside_filed_late_{9};
  Slips one_sided_{12}, urgent_{70};
};

}  // namespace oversight::sample

#pragma once

#include <vector>

#include "oversight/compliance/v1/policy.pb.h"
#include "services/compliance/policy_words/names.h"
#include "services/compliance/policy_words/phrase.h"

namespace oversight::policy_words {

// A condition in words: all of the phrases hold.
std::vector<Phrase> Say(const compliance::v1::Condition& condition, const Around& around);
// `a session (its supervisee the worker), ...` with what must hold of it beneath.
Phrase Say(const compliance::v1::RecordCondition& records, const Around& around);
Phrase Say(const compliance::v1::RecordEvent& event, const Around& around);
Phrase Say(const compliance::v1::Measure& measure, const Around& around);
Phrase Say(const compliance::v1::SupervisionSession& session);
Phrase Say(const compliance::v1::DiscussionOfCase& discussion);

}  // namespace oversight::policy_words

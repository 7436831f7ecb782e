#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/time/civil_day.h"
#include "common/time/clock.h"
#include "google/type/date.pb.h"
#include "oversight/compliance/v1/compliance.pb.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "services/compliance/judgement/authority_judge.h"
#include "services/compliance/judgement/finding_store.h"

namespace oversight::compliance {

// The API's form of what the engine says.
v1::Finding ToProto(const AuthorityJudge& judge, const AssignedRule& rule, engine::Subject subject,
                    const engine::Finding& finding, CivilDay as_of);
// One gap of a history, with the status that it has, or ended with.
v1::Finding ToProto(const AuthorityJudge& judge, const AssignedRule& rule, engine::Subject subject,
                    const engine::Gap& gap, CivilDay as_of);
// The status that a gap has, or ended with; EXCUSED where a waiver held on the day on which it fell due, or
// while it is open on `as_of`.
v1::Finding::Status StatusOf(const AuthorityJudge& judge, const AssignedRule& rule, engine::Subject subject,
                             const engine::Gap& gap, CivilDay as_of);
// The day on which a gap fell due, or where nothing was due the day on which it began.
CivilDay FellDue(const engine::Gap& gap);
v1::FindingChange ToProto(const std::string& authority, const RecordedChange& change);
v1::Clause ToProto(const engine::Clause& clause);
void SetDate(CivilDay day, google::type::Date& date);

// The full name of what a finding is about.
std::string SubjectNameOf(const AuthorityJudge& judge, engine::Subject subject);
// The worker, or who holds the case, by full name; empty when nobody does.
std::string WorkerNameOf(const AuthorityJudge& judge, engine::Subject subject, CivilDay day);
// The team answerable for it, by full name; empty when there is none.
std::string TeamNameOf(const AuthorityJudge& judge, engine::Subject subject, CivilDay day);

// The day that a request asks about: the given one, or today. INVALID_FIELDS for a date that does not exist.
absl::StatusOr<CivilDay> AsOf(const google::type::Date& date, bool given, const Clock& clock);
// The id in `authorities/{id}`. INVALID_FIELDS otherwise.
absl::StatusOr<std::string> AuthorityIn(const std::string& parent);
// The subject of a rule by its full name. NOT_FOUND (NO_FINDING).
absl::StatusOr<engine::Subject> SubjectIn(const AuthorityJudge& judge, const AssignedRule& rule,
                                          const std::string& name);
// NOT_FOUND (NO_FINDING) when no assigned policy has such a rule.
absl::StatusOr<const AssignedRule*> RuleIn(const AuthorityJudge& judge, const std::string& rule);
absl::Status NoFinding(absl::string_view why);

}  // namespace oversight::compliance

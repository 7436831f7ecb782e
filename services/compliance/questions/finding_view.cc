#include "services/compliance/questions/finding_view.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/ledger/hash_chain.h"
#include "common/resource/name.h"
#include "common/status/error.h"
#include "common/time/timestamp.h"
#include "services/compliance/engine/explain.h"
#include "services/compliance/facts/fact_reader.h"

namespace oversight::compliance {
namespace {

constexpr size_t kNameBytes = 16;

// The same finding has the same name every time, and the name reveals nothing of the subject.
std::string NameOf(const AuthorityJudge& judge, const v1::Finding& finding, absl::string_view which) {
  const std::string digest = ledger::Sha256(absl::StrCat(
      finding.rule(), "\n", finding.subject(), "\n", finding.instance(), which.empty() ? "" : "\n", which));
  return absl::StrCat("authorities/", judge.authority(), "/findings/",
                      absl::BytesToHexString(digest.substr(0, kNameBytes)));
}

// What a finding and a gap have in common.
template <typename Said>
v1::Finding Common(const AuthorityJudge& judge, const AssignedRule& rule, engine::Subject subject,
                   const Said& said, CivilDay as_of) {
  v1::Finding out;
  out.set_rule(rule.rule().id);
  out.set_subject(SubjectNameOf(judge, subject));
  out.set_instance(said.base.ToString());
  out.set_name(NameOf(judge, out, engine::WhichOfItsDay(rule.rule(), judge.facts(), said)));
  SetDate(said.base, *out.mutable_base_date());
  if (said.due != CivilDay::Max()) SetDate(said.due, *out.mutable_due_date());
  out.set_policy(absl::StrCat("policies/", rule.policy().id));
  out.set_policy_version(rule.PolicyOn(as_of).VersionText());
  SetDate(as_of, *out.mutable_as_of_date());
  const engine::Subject answerable = engine::AnswerableFor(rule.rule(), judge.facts(), subject);
  out.set_team(TeamNameOf(judge, answerable, as_of));
  out.set_worker(WorkerNameOf(judge, answerable, as_of));
  if (said.row >= 0) out.set_row(rule.rule().rows[static_cast<size_t>(said.row)].id);
  out.set_days_overdue(said.days_overdue);
  return out;
}

v1::Finding::Status StatusOf(engine::Outcome outcome, int days_overdue) {
  switch (outcome) {
    case engine::Outcome::kMet:
      return v1::Finding::STATUS_MET;
    case engine::Outcome::kLate:
      return v1::Finding::STATUS_LATE;
    case engine::Outcome::kUnknown:
      return v1::Finding::STATUS_UNKNOWN;
    case engine::Outcome::kBroken:
      return v1::Finding::STATUS_BREACHED;
    case engine::Outcome::kExcused:
      return v1::Finding::STATUS_EXCUSED;
    case engine::Outcome::kOpen:
    case engine::Outcome::kLapsed:
      return days_overdue > 0 ? v1::Finding::STATUS_OVERDUE : v1::Finding::STATUS_PENDING;
  }
  return v1::Finding::STATUS_UNSPECIFIED;
}

// The day that decides whether a waiver excuses a gap.
CivilDay DayOfWaiver(const engine::Gap& gap, CivilDay as_of) {
  return gap.outcome == engine::Outcome::kOpen ? as_of : FellDue(gap);
}

}  // namespace

CivilDay FellDue(const engine::Gap& gap) { return gap.due == CivilDay::Max() ? gap.base : gap.due; }

v1::Finding::Status StatusOf(const AuthorityJudge& judge, const AssignedRule& rule, engine::Subject subject,
                             const engine::Gap& gap, CivilDay as_of) {
  if (!judge.WaiverOf(rule, subject, DayOfWaiver(gap, as_of)).empty()) return v1::Finding::STATUS_EXCUSED;
  return StatusOf(gap.outcome, gap.days_overdue);
}

v1::FindingChange ToProto(const std::string& authority, const RecordedChange& change) {
  v1::FindingChange out;
  out.set_rule(change.rule);
  out.set_subject(change.subject.empty() ? absl::StrCat("authorities/", authority)
                                         : FullName(authority, change.subject));
  out.set_instance(change.instance.ToString());
  out.set_from_status(static_cast<v1::Finding::Status>(change.from_status));
  out.set_to_status(static_cast<v1::Finding::Status>(change.to_status));
  if (change.due != CivilDay::Max()) SetDate(change.due, *out.mutable_due_date());
  SetDate(change.judged_day, *out.mutable_judged_date());
  *out.mutable_record_time() = ToTimestamp(change.record_time);
  out.set_policy_version(change.policy_version);
  out.set_evaluator_version(change.evaluator_version);
  for (const std::string& token : change.tokens) out.add_tokens(token);
  out.set_lease_epoch(static_cast<int64_t>(change.lease_epoch));
  for (const engine::Override& override : change.overrides) {
    auto& own = *out.add_overrides();
    own.set_rule(override.rule);
    own.set_field(override.field);
    own.set_value(override.value);
  }
  return out;
}

void SetDate(CivilDay day, google::type::Date& date) {
  const absl::CivilDay civil = day.civil();
  date.set_year(static_cast<int32_t>(civil.year()));
  date.set_month(civil.month());
  date.set_day(civil.day());
}

v1::Clause ToProto(const engine::Clause& clause) {
  v1::Clause out;
  out.set_document(clause.document);
  out.set_section(clause.section);
  out.set_paraphrase(clause.paraphrase);
  return out;
}

std::string SubjectNameOf(const AuthorityJudge& judge, engine::Subject subject) {
  if (subject.kind == engine::SubjectKind::kAuthority) return absl::StrCat("authorities/", judge.authority());
  return FullName(judge.authority(), judge.facts().Name(subject));
}

std::string WorkerNameOf(const AuthorityJudge& judge, engine::Subject subject, CivilDay day) {
  if (subject.kind == engine::SubjectKind::kWorker)
    return FullName(judge.authority(), judge.facts().Name(subject));
  if (subject.kind != engine::SubjectKind::kCase) return "";
  const engine::Allocation* holder = judge.facts().HolderOf(subject.index, day);
  if (holder == nullptr) return "";
  return FullName(judge.authority(), judge.facts().Name({engine::SubjectKind::kWorker, holder->worker}));
}

std::string TeamNameOf(const AuthorityJudge& judge, engine::Subject subject, CivilDay day) {
  return FullName(judge.authority(), judge.facts().TeamOf(subject, day));
}

v1::Finding ToProto(const AuthorityJudge& judge, const AssignedRule& rule, engine::Subject subject,
                    const engine::Finding& finding, CivilDay as_of) {
  v1::Finding out = Common(judge, rule, subject, finding, as_of);
  out.set_status(static_cast<v1::Finding::Status>(finding.status));
  out.set_waiver(std::string(judge.WaiverOf(rule, subject, as_of)));
  if (finding.status == engine::Status::kUnknown) {
    if (std::string missing = engine::WhatIsMissing(rule.rule(), finding); !missing.empty())
      out.add_missing_inputs(std::move(missing));
  }
  return out;
}

v1::Finding ToProto(const AuthorityJudge& judge, const AssignedRule& rule, engine::Subject subject,
                    const engine::Gap& gap, CivilDay as_of) {
  v1::Finding out = Common(judge, rule, subject, gap, as_of);
  out.set_policy_version(rule.PolicyOn(DecidedOn(gap, as_of)).VersionText());
  out.set_status(StatusOf(judge, rule, subject, gap, as_of));
  out.set_waiver(std::string(judge.WaiverOf(rule, subject, DayOfWaiver(gap, as_of))));
  out.set_lapsed(gap.outcome == engine::Outcome::kLapsed);
  if (gap.closed != CivilDay::Max()) SetDate(gap.closed, *out.mutable_closed_date());
  return out;
}

absl::StatusOr<CivilDay> AsOf(const google::type::Date& date, bool given, const Clock& clock) {
  if (!given) return CivilDay::Of(clock.Now());
  auto day = CivilDay::FromParts(date.year(), date.month(), date.day());
  if (!day.ok()) return InvalidFields({{"as_of_date", std::string(day.status().message())}});
  return *day;
}

absl::StatusOr<std::string> AuthorityIn(const std::string& parent) {
  absl::string_view id = parent;
  if (absl::ConsumePrefix(&id, "authorities/") && resource::IsValidId(id)) return std::string(id);
  return InvalidFields({{"parent", "must be a name like authorities/example"}});
}

absl::Status NoFinding(absl::string_view why) {
  return Error(absl::StatusCode::kNotFound, "NO_FINDING", why);
}

absl::StatusOr<const AssignedRule*> RuleIn(const AuthorityJudge& judge, const std::string& rule) {
  const AssignedRule* found = judge.FindRule(rule);
  if (found != nullptr) return found;
  std::string known;
  for (const AssignedRule& candidate : judge.rules()) {
    absl::StrAppend(&known, known.empty() ? "" : ", ", candidate.rule().id);
  }
  return NoFinding(known.empty() ? "no policy is assigned to this authority"
                                 : absl::StrCat("no assigned policy has this rule; there are ", known));
}

absl::StatusOr<engine::Subject> SubjectIn(const AuthorityJudge& judge, const AssignedRule& rule,
                                          const std::string& name) {
  const std::string relative = RelativeName(name);
  const auto subject = judge.FindSubject(rule.subject_kind(), relative);
  if (subject.has_value() && resource::AuthorityOf(name) == judge.authority()) return *subject;
  if (rule.subject_kind() == engine::SubjectKind::kWorker) {
    return NoFinding("this rule is about workers, and no such worker is known in the authority");
  }
  if (rule.subject_kind() == engine::SubjectKind::kCase) {
    return NoFinding("this rule is about cases, and no such case is known in the authority");
  }
  return NoFinding("no such subject of this rule is known in the authority");
}

}  // namespace oversight::compliance

// What other policies would say of the same facts: a draft in place of an assigned one, and two side by side.

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/resource/page_token.h"
#include "common/status/error.h"
#include "services/compliance/questions/finding_view.h"
#include "services/compliance/questions/questions.h"
#include "services/compliance/questions/suppositions.h"
#include "services/compliance/questions/tally.h"

namespace oversight::compliance {
namespace {

// One finding of one judge.
struct Said {
  const AssignedRule* rule;
  engine::Subject subject;
  engine::Finding finding;
};

// Every finding of one policy as of a day, by rule and subject, and the counts of each rule.
struct Side {
  const AuthorityJudge* judge;
  std::map<std::pair<std::string, std::string>, Said> findings;
  std::map<const AssignedRule*, Tally> by_rule;
  Tally all;
};

Side SideOf(const AuthorityJudge& judge, absl::string_view policy_id, CivilDay as_of) {
  Side side{.judge = &judge};
  for (const AssignedRule& rule : judge.rules()) {
    if (rule.policy().id != policy_id) continue;
    Tally& tally = side.by_rule[&rule];
    judge.ForEachFindingOf(rule, as_of, [&](engine::Subject subject, const engine::Finding& finding) {
      tally.Add(finding);
      side.all.Add(finding);
      side.findings.insert(
          {{rule.rule().id, std::string(judge.facts().Name(subject))}, {&rule, subject, finding}});
    });
  }
  return side;
}

template <typename Summaries>
void AddRules(const Side& side, Summaries& out) {
  for (const AssignedRule& rule : side.judge->rules()) {
    const auto tally = side.by_rule.find(&rule);
    if (tally == side.by_rule.end()) continue;
    auto& summary = *out.Add();
    summary.set_rule(rule.rule().id);
    summary.set_title(rule.rule().title);
    *summary.mutable_counts() = tally->second.ToProto();
    summary.set_longest_days_overdue(tally->second.longest_days_overdue());
  }
}

v1::Finding ToProto(const Side& side, const Said& said, CivilDay as_of) {
  return ToProto(*side.judge, *said.rule, said.subject, said.finding, as_of);
}

// A place in a list by rule and subject, as text and back.
std::string PlaceOf(const std::pair<std::string, std::string>& key) {
  return absl::StrCat(key.first, "\n", key.second);
}

void Count(const std::optional<Said>& before, const std::optional<Said>& after,
           v1::PreviewPolicyResponse& response) {
  if (!before.has_value()) {
    response.set_appearing(response.appearing() + 1);
  } else if (!after.has_value()) {
    response.set_going(response.going() + 1);
  } else if (before->finding.status != after->finding.status) {
    response.set_changing_status(response.changing_status() + 1);
  } else if (before->finding.due != after->finding.due) {
    response.set_changing_due_date(response.changing_due_date() + 1);
  } else {
    response.set_unchanged(response.unchanged() + 1);
  }
}

bool Differ(const std::optional<Said>& before, const std::optional<Said>& after) {
  return !before.has_value() || !after.has_value() || before->finding.status != after->finding.status ||
         before->finding.due != after->finding.due;
}

std::optional<Said> Find(const Side& side, const std::pair<std::string, std::string>& key) {
  const auto found = side.findings.find(key);
  return found == side.findings.end() ? std::nullopt : std::optional(found->second);
}

void Preview(const Side& before, const Side& after, CivilDay as_of, const std::string& query,
             const std::string& last, int page_size, v1::PreviewPolicyResponse& response) {
  std::set<std::pair<std::string, std::string>> keys;
  for (const auto& [key, said] : before.findings) keys.insert(key);
  for (const auto& [key, said] : after.findings) keys.insert(key);
  std::string place_before;
  for (const auto& key : keys) {
    const std::optional<Said> from = Find(before, key);
    const std::optional<Said> to = Find(after, key);
    Count(from, to, response);
    if (!Differ(from, to)) continue;
    response.set_total_size(response.total_size() + 1);
    const std::string place = PlaceOf(key);
    if (!last.empty() && place <= last) continue;
    if (response.changes_size() == page_size) {
      if (response.next_page_token().empty()) {
        response.set_next_page_token(resource::EncodePageToken(query, place_before));
      }
      continue;
    }
    place_before = place;
    auto& change = *response.add_changes();
    change.set_rule(key.first);
    if (from.has_value()) *change.mutable_before() = ToProto(before, *from, as_of);
    if (to.has_value()) *change.mutable_after() = ToProto(after, *to, as_of);
    change.set_subject(to.has_value() ? change.after().subject() : change.before().subject());
  }
}

std::vector<Assignment> Everyday() { return {{.period = {CivilDay::Min(), CivilDay::Max()}}}; }

// How a policy stands in a comparison: as it is assigned, else on the days of the other, else on all.
std::vector<Assignment> StandingOf(const AuthorityJudge& judge, absl::string_view policy,
                                   absl::string_view other) {
  std::vector<Assignment> assigned = judge.AssignmentsOf(policy);
  if (!assigned.empty()) return assigned;
  assigned = judge.AssignmentsOf(other);
  // Its numbers are those of other rules.
  for (Assignment& assignment : assigned) assignment.overrides.clear();
  return assigned.empty() ? Everyday() : assigned;
}

// How a draft would stand in a policy's place. A policy of the same id keeps the authority's own numbers but
// for those that the request settles.
std::vector<Assignment> InPlaceOf(const AuthorityJudge& judge, absl::string_view replaced,
                                  const Draft& draft) {
  std::vector<Assignment> assigned = judge.AssignmentsOf(replaced);
  if (assigned.empty()) assigned = Everyday();
  for (Assignment& assignment : assigned) {
    if (draft.policy.id != replaced) assignment.overrides.clear();
    for (const engine::Override& parameter : draft.parameters) {
      std::erase_if(assignment.overrides, [&](const engine::Override& own) {
        return own.rule == parameter.rule && own.field == parameter.field;
      });
      assignment.overrides.push_back(parameter);
    }
  }
  return assigned;
}

// The findings of a side by whom they are about.
std::map<std::string, std::vector<Said>> BySubject(const Side& side) {
  std::map<std::string, std::vector<Said>> by_subject;
  for (const auto& [key, said] : side.findings) by_subject[key.second].push_back(said);
  return by_subject;
}

bool InTime(const std::vector<Said>& findings) {
  return std::none_of(findings.begin(), findings.end(),
                      [](const Said& said) { return IsFailing(said.finding.status); });
}

void Compare(const Side& left, const Side& right, CivilDay as_of, const std::string& query,
             const std::string& last, int page_size, v1::ComparePoliciesResponse& response) {
  std::map<std::string, std::vector<Said>> lefts = BySubject(left);
  std::map<std::string, std::vector<Said>> rights = BySubject(right);
  std::set<std::string> subjects;
  for (const auto& [subject, findings] : lefts) subjects.insert(subject);
  for (const auto& [subject, findings] : rights) subjects.insert(subject);
  response.set_total_size(static_cast<int32_t>(subjects.size()));
  std::string subject_before;
  for (const std::string& subject : subjects) {
    const bool left_in_time = InTime(lefts[subject]);
    const bool right_in_time = InTime(rights[subject]);
    if (left_in_time && right_in_time) {
      response.set_in_time_both(response.in_time_both() + 1);
    } else if (left_in_time) {
      response.set_in_time_left_only(response.in_time_left_only() + 1);
    } else if (right_in_time) {
      response.set_in_time_right_only(response.in_time_right_only() + 1);
    } else {
      response.set_in_time_neither(response.in_time_neither() + 1);
    }
    if (!last.empty() && subject <= last) continue;
    if (response.subjects_size() == page_size) {
      if (response.next_page_token().empty()) {
        response.set_next_page_token(resource::EncodePageToken(query, subject_before));
      }
      continue;
    }
    subject_before = subject;
    auto& out = *response.add_subjects();
    for (const Said& said : lefts[subject]) *out.add_left() = ToProto(left, said, as_of);
    for (const Said& said : rights[subject]) *out.add_right() = ToProto(right, said, as_of);
    out.set_subject(out.left().empty() ? out.right(0).subject() : out.left(0).subject());
  }
}

// The version that judges on a day, the authority's own numbers in place.
std::string VersionOf(const AuthorityJudge& judge, const engine::Policy& policy, CivilDay day) {
  for (const AssignedRule& rule : judge.rules()) {
    if (rule.policy().id == policy.id) return rule.PolicyOn(day).VersionText();
  }
  return policy.VersionText();
}

void Describe(const Side& side, const engine::Policy& policy, CivilDay as_of,
              v1::ComparePoliciesResponse::Side& out) {
  out.set_policy(absl::StrCat("policies/", policy.id));
  out.set_policy_version(VersionOf(*side.judge, policy, as_of));
  *out.mutable_counts() = side.all.ToProto();
  out.set_longest_days_overdue(side.all.longest_days_overdue());
  AddRules(side, *out.mutable_rules());
}

}  // namespace

absl::Status Questions::PreviewPolicy(rpc::Call& call, const v1::PreviewPolicyRequest& request,
                                      v1::PreviewPolicyResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityIn(request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay as_of, AsOfDay(request));
  OVERSIGHT_ASSIGN_OR_RETURN(const int page_size, resource::PageSize(request.page_size()));
  OVERSIGHT_ASSIGN_OR_RETURN(const Draft draft, DraftIn(*library_, request));
  const std::string& id = draft.policy.id;
  std::string replaced = id;
  if (!request.in_place_of().empty()) {
    OVERSIGHT_ASSIGN_OR_RETURN(const policy::LoadedPolicy* known,
                               KnownPolicy(*library_, request.in_place_of()));
    replaced = known->policy.id;
  }
  // A page never goes on in another draft.
  const std::string query = absl::StrJoin(
      {std::string(call.method()), authority, as_of.ToString(), id, draft.policy.content_hash,
       absl::StrJoin(draft.parameters, "\n",
                     [](std::string* out, const engine::Override& parameter) {
                       absl::StrAppend(out, parameter.rule, " ", parameter.field, " ", parameter.value);
                     }),
       replaced},
      "\n");
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string last, resource::DecodePageToken(query, request.page_token()));
  return Ask(call, authority, request,
             [&](const AuthorityJudge& judge, const std::vector<std::string>& tokens) -> absl::Status {
               Supposition supposition(judge, {{draft.policy, InPlaceOf(judge, replaced, draft)}});
               supposition.judge().Prepare();
               const Side before = SideOf(judge, replaced, as_of);
               const Side after = SideOf(supposition.judge(), id, as_of);
               SetDate(as_of, *response.mutable_as_of_date());
               response.set_policy(absl::StrCat("policies/", id));
               response.set_policy_version(VersionOf(supposition.judge(), draft.policy, as_of));
               AddRules(before, *response.mutable_before());
               AddRules(after, *response.mutable_after());
               Preview(before, after, as_of, query, last, page_size, response);
               response.mutable_tokens()->Assign(tokens.begin(), tokens.end());
               return absl::OkStatus();
             });
}

absl::Status Questions::ComparePolicies(rpc::Call& call, const v1::ComparePoliciesRequest& request,
                                        v1::ComparePoliciesResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityIn(request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay as_of, AsOfDay(request));
  OVERSIGHT_ASSIGN_OR_RETURN(const int page_size, resource::PageSize(request.page_size()));
  OVERSIGHT_ASSIGN_OR_RETURN(const policy::LoadedPolicy* left, KnownPolicy(*library_, request.left_policy()));
  OVERSIGHT_ASSIGN_OR_RETURN(const policy::LoadedPolicy* right,
                             KnownPolicy(*library_, request.right_policy()));
  if (left == right) return InvalidFields({{"right_policy", "must be another than left_policy"}});
  const std::string query = absl::StrJoin(
      {std::string(call.method()), authority, as_of.ToString(), left->policy.id, right->policy.id}, "\n");
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string last, resource::DecodePageToken(query, request.page_token()));
  return Ask(call, authority, request,
             [&](const AuthorityJudge& judge, const std::vector<std::string>& tokens) -> absl::Status {
               const std::string& l = left->policy.id;
               const std::string& r = right->policy.id;
               Supposition supposition(judge, {{left->policy, StandingOf(judge, l, r)},
                                               {right->policy, StandingOf(judge, r, l)}});
               supposition.judge().Prepare();
               const Side left_side = SideOf(supposition.judge(), l, as_of);
               const Side right_side = SideOf(supposition.judge(), r, as_of);
               SetDate(as_of, *response.mutable_as_of_date());
               Describe(left_side, left->policy, as_of, *response.mutable_left());
               Describe(right_side, right->policy, as_of, *response.mutable_right());
               Compare(left_side, right_side, as_of, query, last, page_size, response);
               response.mutable_tokens()->Assign(tokens.begin(), tokens.end());
               return absl::OkStatus();
             });
}

}  // namespace oversight::compliance

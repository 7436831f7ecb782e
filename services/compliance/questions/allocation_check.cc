// May this worker take this case? Judged over a copy of the facts to which the allocation has been added.

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/name.h"
#include "common/status/error.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "services/compliance/facts/fact_reader.h"
#include "services/compliance/judgement/authority_figures.h"
#include "services/compliance/questions/finding_view.h"
#include "services/compliance/questions/people.h"
#include "services/compliance/questions/questions.h"
#include "services/compliance/questions/suppositions.h"
#include "services/compliance/questions/tally.h"

namespace oversight::compliance {
namespace {

using engine::Subject;
using engine::SubjectKind;

struct Asked {
  CivilDay day;
  Subject worker;
  Subject the_case;
  // As the caseload service would write it. Its id is none that a resource can have.
  std::string name;
  caseload::v1::Allocation allocation;
};

absl::Status NotKnown(const char* field) {
  return InvalidFields({{field,
                         "is not known to compliance in this authority; if it was written just now, send "
                         "the token of that write in after_tokens"}});
}

absl::StatusOr<Asked> Read(const AuthorityJudge& judge, const v1::CheckAllocationRequest& request,
                           CivilDay day) {
  const auto find = [&](SubjectKind kind, const std::string& name) -> std::optional<Subject> {
    if (resource::AuthorityOf(name) != judge.authority()) return std::nullopt;
    return judge.FindSubject(kind, RelativeName(name));
  };
  const std::optional<Subject> worker = find(SubjectKind::kWorker, request.worker());
  if (!worker.has_value() || !judge.facts().worker(worker->index).known) return NotKnown("worker");
  const std::optional<Subject> the_case = find(SubjectKind::kCase, request.case_());
  if (!the_case.has_value() || !judge.facts().case_record(the_case->index).known) return NotKnown("case");
  Asked asked{.day = day,
              .worker = *worker,
              .the_case = *the_case,
              .name = absl::StrCat(request.case_(), "/allocations/+")};
  asked.allocation.set_name(asked.name);
  asked.allocation.set_worker(request.worker());
  asked.allocation.set_role(request.role());
  asked.allocation.set_team(FullName(judge.authority(), judge.facts().TeamOf(*worker, day)));
  *asked.allocation.mutable_start_date() = request.date();
  return asked;
}

// Whether a finding is one that the allocation brings about.
bool Broken(const std::optional<engine::Finding>& before, const std::optional<engine::Finding>& after) {
  return after.has_value() && IsFailing(after->status) && !SameVerdict(before, after);
}

void AddBroken(const AuthorityJudge& supposed, const AssignedRule& rule, Subject subject,
               const engine::Finding& finding, CivilDay day, type::v1::AllocationCheck& response) {
  const v1::Finding said = ToProto(supposed, rule, subject, finding, day);
  auto& out = *response.add_findings();
  out.set_rule(rule.rule().id);
  out.set_clause(absl::StrCat(rule.rule().clause.document, " ", rule.rule().clause.section, ": ",
                              rule.rule().clause.paraphrase));
  // Where an input is missing nobody can tell, and the work with the child goes on.
  out.set_blocks(rule.rule().severity == engine::Severity::kBlock &&
                 finding.status != engine::Status::kUnknown);
  out.set_subject(said.subject());
  out.set_status(static_cast<type::v1::AllocationCheck::Broken::Status>(said.status()));
  *out.mutable_missing_inputs() = said.missing_inputs();
}

void Describe(const AuthorityJudge& supposed, const Asked& asked, type::v1::AllocationCheck::Load& load) {
  const std::vector<int> held = CasesHeld(supposed.facts(), asked.day);
  load.set_cases_held(held[asked.worker.index]);
  const engine::WorkerRecord& worker = supposed.facts().worker(asked.worker.index);
  load.set_on_asye(std::any_of(worker.asye.begin(), worker.asye.end(), [&](const engine::Asye& programme) {
    return programme.period.Contains(asked.day);
  }));
  const std::vector<uint32_t> supervisors = SupervisorsOf(supposed, asked.worker.index, asked.day);
  if (supervisors.empty()) return;
  load.set_supervisor(
      FullName(supposed.authority(), supposed.facts().Name(Subject::Worker(supervisors.front()))));
  for (uint32_t i = 0; i < supposed.facts().worker_count(); ++i) {
    const std::vector<uint32_t> his = SupervisorsOf(supposed, i, asked.day);
    if (std::find(his.begin(), his.end(), supervisors.front()) == his.end()) continue;
    load.set_supervisor_workers(load.supervisor_workers() + 1);
    load.set_supervisor_cases(load.supervisor_cases() + held[i]);
  }
}

// Those of whom the allocation may say something: whom it touches, and the allocation itself.
std::set<Subject> Touched(const AuthorityJudge& supposed, const Asked& asked, const engine::DirtySet& dirty) {
  const std::vector<Subject> all = dirty.All();
  std::set<Subject> touched(all.begin(), all.end());
  touched.insert(asked.worker);
  touched.insert(asked.the_case);
  const auto itself = supposed.FindSubject(SubjectKind::kAllocation, RelativeName(asked.name));
  if (itself.has_value()) touched.insert(*itself);
  return touched;
}

}  // namespace

absl::Status Questions::CheckAllocation(rpc::Call& call, const v1::CheckAllocationRequest& request,
                                        type::v1::AllocationCheck& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityIn(request.parent()));
  const auto day = CivilDay::FromParts(request.date().year(), request.date().month(), request.date().day());
  if (!day.ok()) return InvalidFields({{"date", std::string(day.status().message())}});
  if (request.role() == caseload::v1::ALLOCATION_ROLE_UNSPECIFIED) {
    return InvalidFields({{"role", "must be set"}});
  }
  return Ask(call, authority, request,
             [&](const AuthorityJudge& judge, const std::vector<std::string>& tokens) -> absl::Status {
               OVERSIGHT_ASSIGN_OR_RETURN(const Asked asked, Read(judge, request, *day));
               Supposition supposition(judge);
               AuthorityJudge& supposed = supposition.judge();
               supposed.Prepare();
               google::protobuf::Any any;
               any.PackFrom(asked.allocation);
               OVERSIGHT_ASSIGN_OR_RETURN(const engine::DirtySet dirty,
                                          PutResource(supposed.facts(), asked.name, any));
               for (const Subject& subject : Touched(supposed, asked, dirty)) {
                 for (const AssignedRule& rule : supposed.rules()) {
                   if (rule.subject_kind() != subject.kind) continue;
                   const AssignedRule* same = judge.FindRule(rule.rule().id);
                   const bool is_new = subject.index >= judge.SubjectCount(subject.kind);
                   const auto before =
                       same == nullptr || is_new ? std::nullopt : judge.Evaluate(*same, subject, asked.day);
                   const auto after = supposed.Evaluate(rule, subject, asked.day);
                   if (Broken(before, after)) AddBroken(supposed, rule, subject, *after, asked.day, response);
                 }
               }
               const bool blocked = std::any_of(response.findings().begin(), response.findings().end(),
                                                [](const auto& broken) { return broken.blocks(); });
               response.set_verdict(blocked ? type::v1::AllocationCheck::VERDICT_BLOCKED
                                            : type::v1::AllocationCheck::VERDICT_ALLOWED);
               Describe(supposed, asked, *response.mutable_load());
               response.mutable_tokens()->Assign(tokens.begin(), tokens.end());
               return absl::OkStatus();
             });
}

}  // namespace oversight::compliance

#include "services/compliance/policy/compile.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <openssl/evp.h>

#include <map>
#include <string>

#include "absl/strings/escaping.h"
#include "common/time/civil_day.h"
#include "services/compliance/policy/bind_impl.h"

namespace oversight::policy {
namespace {

namespace v1 = ::oversight::compliance::v1;
using engine::Mask;

// The engine's numbers are the API's, so that conditions are plain bit masks.
static_assert(int{workforce::v1::SERVICE_AREA_ADULTS} == static_cast<int>(engine::ServiceArea::kAdults));
static_assert(int{workforce::v1::CAREER_STAGE_VOLUNTEER} ==
              static_cast<int>(engine::CareerStage::kVolunteer));
static_assert(int{workforce::v1::CAREER_STAGE_NEWLY_QUALIFIED} ==
              static_cast<int>(engine::CareerStage::kNewlyQualified));
static_assert(int{workforce::v1::EMPLOYMENT_BASIS_STUDENT} ==
              static_cast<int>(engine::EmploymentBasis::kStudent));
static_assert(int{workforce::v1::StudentPlacement::ROUTE_APPRENTICE} ==
              static_cast<int>(engine::StudentRoute::kApprentice));
static_assert(int{workforce::v1::SupervisorLink::FUNCTION_PRACTICE_EDUCATION} ==
              static_cast<int>(engine::SupervisorFunction::kPracticeEducation));
static_assert(int{caseload::v1::CASE_STATUS_FAMILY_PLACEMENT} ==
              static_cast<int>(engine::CaseStatus::kFamilyPlacement));
static_assert(int{caseload::v1::CASE_STATUS_LOOKED_AFTER} ==
              static_cast<int>(engine::CaseStatus::kLookedAfter));
static_assert(int{caseload::v1::PLACEMENT_TYPE_OTHER} == static_cast<int>(engine::PlacementType::kOther));
static_assert(int{caseload::v1::ReducedFrequencyAgreement::GROUND_DIRECT_PAYMENTS_ONLY} ==
              static_cast<int>(engine::AgreementGround::kDirectPaymentsOnly));
static_assert(int{caseload::v1::ALLOCATION_ROLE_SUPERVISING_SOCIAL_WORKER} ==
              static_cast<int>(engine::AllocationRole::kSupervisingSocialWorker));
static_assert(int{supervision::v1::Session::KIND_INFORMAL} ==
              static_cast<int>(engine::SessionKind::kInformal));
static_assert(int{supervision::v1::Session::STATE_HELD} == static_cast<int>(engine::SessionState::kHeld));

engine::Range Compile(const v1::Range& range) {
  return {range.from(), range.has_to() ? range.to() : engine::Range::kNoEnd};
}

}  // namespace

engine::Condition BindKnown(const v1::Condition& condition) {
  engine::Condition result;
  if (condition.has_post()) {
    const v1::PostCondition& post = condition.post();
    result.post.emplace();
    result.post->career_stages = MaskOf(post.career_stage());
    result.post->team_areas = MaskOf(post.team_area());
    result.post->employment_bases = MaskOf(post.employment_basis());
    if (post.has_case_holding()) result.post->case_holding = post.case_holding();
  }
  if (condition.has_on_asye()) result.on_asye = condition.on_asye();
  if (condition.has_weeks_of_employment()) {
    result.weeks_of_employment = Compile(condition.weeks_of_employment());
  }
  if (condition.has_student_placement()) {
    const v1::StudentCondition& student = condition.student_placement();
    result.student_placement = {MaskOf(student.route()), Compile(student.weeks())};
  }
  result.case_statuses = MaskOf(condition.case_status());
  if (condition.has_placement()) {
    const v1::PlacementCondition& placement = condition.placement();
    result.placement = {MaskOf(placement.type()), Compile(placement.months()), std::nullopt};
    if (placement.has_permanence_implemented()) {
      result.placement->permanence_implemented = placement.permanence_implemented();
    }
  }
  result.keyworker_team_areas = MaskOf(condition.keyworker_team_area());
  if (condition.has_reduced_frequency_agreement()) {
    result.reduced_frequency_agreement = condition.reduced_frequency_agreement();
  }
  return result;
}

namespace {

class Compiler {
 public:
  explicit Compiler(const v1::PolicyDefinition& definition) : definition_(definition) {
    for (const auto& document : definition.documents()) titles_[document.id()] = document.title();
  }

  engine::Policy Run() const {
    engine::Policy policy;
    policy.id = definition_.id();
    policy.version = definition_.version();
    policy.content_hash = ContentHash();
    policy.title = definition_.title();
    policy.authority = definition_.authority();
    const auto& from = definition_.effective_from();
    policy.effective_from = CivilDay(from.year(), from.month(), from.day());
    for (const v1::RuleDefinition& rule : definition_.rules()) policy.rules.push_back(CompileRule(rule));
    return policy;
  }

 private:
  // Comments and spaces do not count: the hash covers what is evaluated and shown.
  std::string ContentHash() const {
    std::string bytes;
    {
      google::protobuf::io::StringOutputStream stream(&bytes);
      google::protobuf::io::CodedOutputStream coded(&stream);
      coded.SetSerializationDeterministic(true);
      definition_.SerializeToCodedStream(&coded);
    }
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
    return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), size));
  }

  engine::Clause CompileClause(const v1::PolicyClause& clause) const {
    return {titles_.at(clause.document()), clause.section(), clause.paraphrase()};
  }

  engine::Rule CompileRule(const v1::RuleDefinition& definition) const {
    engine::Rule rule;
    rule.id = definition.id();
    rule.title = definition.title();
    rule.clause = CompileClause(definition.clause());
    rule.severity = static_cast<engine::Severity>(definition.severity());
    if (definition.has_notice_days()) rule.notice_days = definition.notice_days();

    std::vector<Fault> none;
    BindRule(Placed<v1::RuleDefinition>(definition, nullptr, 1, 1), rule, none);
    if (definition.has_recurring()) CompileRecurring(definition.recurring(), rule);
    const auto set_clause = [&](int row, const auto& line) {
      if (line.has_clause()) rule.rows[row].clause = CompileClause(line.clause());
    };
    for (int i = 0; i < definition.calendar_month().rows_size(); ++i)
      set_clause(i, definition.calendar_month().rows(i));
    for (int i = 0; i < definition.deadline().steps_size(); ++i)
      set_clause(i, definition.deadline().steps(i));
    for (int i = 0; i < definition.sequence().steps_size(); ++i)
      set_clause(i, definition.sequence().steps(i));
    return rule;
  }

  void CompileRecurring(const v1::RecurringObligation& recurring, engine::Rule& rule) const {
    if (recurring.has_bridge_working_days()) rule.bridge_working_days = recurring.bridge_working_days();
    if (recurring.has_long_absence_working_days()) {
      rule.long_absence_working_days = recurring.long_absence_working_days();
    }
    if (recurring.has_return_working_days()) rule.return_working_days = recurring.return_working_days();
    if (recurring.has_clock_pause_days()) rule.clock_pause_days = recurring.clock_pause_days();
    std::map<std::string, int> by_id;
    for (int i = 0; i < recurring.rows_size(); ++i) by_id[recurring.rows(i).id()] = i;
    for (int i = 0; i < recurring.rows_size(); ++i) CompileRow(recurring.rows(i), by_id, rule.rows[i]);
  }

  // Its condition is bound already.
  void CompileRow(const v1::RowDefinition& definition, const std::map<std::string, int>& by_id,
                  engine::Row& row) const {
    row.id = definition.id();
    row.title = definition.title();
    row.every = BindInterval(definition.every());
    if (!definition.in_place_of().empty()) row.in_place_of = by_id.at(definition.in_place_of());
    row.unknown_input = definition.unknown_input();
    row.restarts_with_next_placement = definition.restarts_with_next_placement();
    if (definition.has_clause()) row.clause = CompileClause(definition.clause());
  }

  const v1::PolicyDefinition& definition_;
  std::map<std::string, std::string> titles_;
};

}  // namespace

engine::Policy Compile(const v1::PolicyDefinition& definition) { return Compiler(definition).Run(); }

}  // namespace oversight::policy

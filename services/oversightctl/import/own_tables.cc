#include "services/oversightctl/import/own_tables.h"

#include <map>

#include "google/protobuf/descriptor.h"
#include "oversight/type/v1/annotations.pb.h"

namespace oversight::ctl {
namespace {

TableSpec MakeSpec(const OwnTable& table) {
  TableSpec spec{
      .file = table.file, .columns = {{table.id_column, true}}, .only_these = true, .key = table.id_column};
  if (!table.parent_column.empty()) spec.columns.push_back({table.parent_column, true});
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(table.type);
  for (const OwnColumn& column : table.columns) {
    const auto* field = type->FindFieldByName(column.field.empty() ? column.column : column.field);
    spec.columns.push_back({column.column, field->options().GetExtension(type::v1::rules).required()});
  }
  return spec;
}

}  // namespace

const std::vector<OwnTable>& OwnTables() {
  using enum FieldKind;
  static const auto& tables = *new std::vector<OwnTable>{
      {.file = "posts",
       .type = "oversight.workforce.v1.Post",
       .id_column = "post_id",
       .parent_column = "worker_id",
       .columns = {{"role_title"},
                   {"career_stage"},
                   {"employment_basis"},
                   {"full_time_equivalent"},
                   {"team_id", "team", kTeam},
                   {"case_holding"},
                   {"start_date"},
                   {"end_date"}}},
      {.file = "asye_programmes",
       .type = "oversight.workforce.v1.AsyeProgramme",
       .id_column = "asye_programme_id",
       .parent_column = "worker_id",
       .columns = {{"start_date"}, {"planned_end_date"}, {"completed_date"}}},
      {.file = "student_placements",
       .type = "oversight.workforce.v1.StudentPlacement",
       .id_column = "student_placement_id",
       .parent_column = "worker_id",
       .columns = {{"route"}, {"sequence"}, {"university"}, {"start_date"}, {"end_date"}}},
      {.file = "supervisor_links",
       .type = "oversight.workforce.v1.SupervisorLink",
       .id_column = "supervisor_link_id",
       .parent_column = "worker_id",
       .columns = {{"supervisor_id", "supervisor", kWorker},
                   {"function"},
                   {"elements"},
                   {"cover_for_id", "cover_for", kWorker},
                   {"start_date"},
                   {"end_date"}}},
      {.file = "absences",
       .type = "oversight.workforce.v1.Absence",
       .id_column = "absence_id",
       .parent_column = "worker_id",
       .columns = {{"kind"}, {"first_date"}, {"last_date"}}},
      {.file = "reduced_frequency_agreements",
       .type = "oversight.caseload.v1.ReducedFrequencyAgreement",
       .id_column = "agreement_id",
       .parent_column = "person_id",
       .columns = {{"ground"},
                   {"low_risk"},
                   {"no_carer_deficits"},
                   {"agreed_by_id", "agreed_by", kWorker},
                   {"agreed_date"},
                   {"start_date"},
                   {"end_date"}}},
      {.file = "sessions",
       .type = "oversight.supervision.v1.Session",
       .id_column = "session_id",
       .parent_column = "",
       .columns = {{"supervisee_id", "supervisee", kWorker},
                   {"supervisor_id", "supervisor", kWorker},
                   {"kind"},
                   {"state"},
                   {"date"},
                   {"start_time"},
                   {"uninterrupted_minutes"},
                   {"cancellation_reason"},
                   {"replacement_id", "replacement", kSession}}},
      {.file = "case_discussions",
       .type = "oversight.supervision.v1.CaseDiscussion",
       .id_column = "case_discussion_id",
       .parent_column = "session_id",
       .columns = {{"person_id", "case", kCase}, {"depth"}, {"significant_decision"}}},
  };
  return tables;
}

const TableSpec& SpecOf(const OwnTable& table) {
  static const auto& specs = *[] {
    auto* made = new std::map<std::string, TableSpec>;
    for (const OwnTable& own : OwnTables()) made->emplace(own.file, MakeSpec(own));
    return made;
  }();
  return specs.at(table.file);
}

const std::vector<TableSpec>& MappedTables() {
  static const auto& tables = *new std::vector<TableSpec>{
      // The suite's own.
      {.file = "authority",
       .columns = {{"display_name", true}, {"records_complete_from_date"}},
       .only_these = true},
      {.file = "policy_assignments",
       .columns = {{"policy", true}, {"start_date", true}, {"end_date"}},
       .only_these = true},
      {.file = "teams",
       .columns = {{"team_id", true}, {"service_area", true}},
       .only_these = true,
       .key = "team_id"},
      {.file = "workers",
       .columns = {{"worker_id", true}, {"employment_start_date"}, {"employment_end_date"}},
       .only_these = true,
       .key = "worker_id"},
      {.file = "placement_details",
       .columns =
           {{"cla_placement_id", true}, {"carer_or_home"}, {"respite"}, {"permanence_implemented_date"}},
       .only_these = true,
       .key = "cla_placement_id"},
      // The extract's. The date of birth serves one purpose: the looked-after status ends on the 18th
      // birthday.
      {.file = "ssd_person", .columns = {{"pers_person_id", true}, {"pers_dob"}}, .key = "pers_person_id"},
      {.file = "ssd_professionals",
       .columns = {{"prof_professional_id", true}},
       .key = "prof_professional_id"},
      {.file = "ssd_department",
       .columns =
           {{"dept_team_id", true}, {"dept_team_name"}, {"dept_team_parent_id"}, {"dept_team_parent_name"}},
       .key = "dept_team_id"},
      {.file = "ssd_involvements",
       .columns = {{"invo_involvements_id", true},
                   {"invo_professional_id", true},
                   {"invo_professional_role_id", true},
                   {"invo_professional_team"},
                   {"invo_person_id", true},
                   {"invo_involvement_start_date", true},
                   {"invo_involvement_end_date"},
                   {"invo_worker_change_reason"}},
       .key = "invo_involvements_id"},
      {.file = "ssd_cin_episodes",
       .columns = {{"cine_referral_id", true},
                   {"cine_person_id", true},
                   {"cine_referral_date", true},
                   {"cine_referral_nfa"},
                   {"cine_close_date"}},
       .key = "cine_referral_id"},
      {.file = "ssd_cin_plans",
       .columns = {{"cinp_cin_plan_id", true},
                   {"cinp_person_id", true},
                   {"cinp_cin_plan_start_date", true},
                   {"cinp_cin_plan_end_date"}},
       .key = "cinp_cin_plan_id"},
      {.file = "ssd_cp_plans",
       .columns = {{"cppl_cp_plan_id", true},
                   {"cppl_person_id", true},
                   {"cppl_cp_plan_start_date", true},
                   {"cppl_cp_plan_end_date"}},
       .key = "cppl_cp_plan_id"},
      {.file = "ssd_legal_status",
       .columns = {{"lega_legal_status_id", true},
                   {"lega_person_id", true},
                   {"lega_legal_status", true},
                   {"lega_legal_status_start_date", true},
                   {"lega_legal_status_end_date"}},
       .key = "lega_legal_status_id"},
      {.file = "ssd_cla_placement",
       .columns = {{"clap_cla_placement_id", true},
                   {"clap_person_id", true},
                   {"clap_cla_placement_start_date", true},
                   {"clap_cla_placement_type", true},
                   {"clap_cla_placement_urn"},
                   {"clap_cla_placement_end_date"},
                   {"clap_cla_placement_change_reason"}},
       .key = "clap_cla_placement_id"},
      {.file = "ssd_pre_proceedings",
       .columns = {{"prep_table_id", true},
                   {"prep_person_id", true},
                   {"prep_pre_pro_decision_date"},
                   {"prep_pre_pro_letter_date"},
                   {"prep_agree_stepdown_issue_date"},
                   {"prep_care_pro_letter_date"}},
       .key = "prep_table_id"},
      {.file = "ssd_care_leavers",
       .columns = {{"clea_table_id", true}, {"clea_person_id", true}, {"clea_care_leaver_latest_contact"}},
       .key = "clea_table_id"},
  };
  return tables;
}

}  // namespace oversight::ctl

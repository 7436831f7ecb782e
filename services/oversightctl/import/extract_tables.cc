#include "services/oversightctl/import/own_tables.h"

namespace oversight::ctl {

const std::vector<TableSpec>& ExtractTables() {
  static const auto& tables = *new std::vector<TableSpec>{
      // Of the suite, but about the rows of the extract's file.
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

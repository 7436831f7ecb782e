#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/time/civil_day.h"
#include "services/oversightctl/import/mapping.h"
#include "services/oversightctl/import/statuses.h"
#include "services/oversightctl/import/values.h"

namespace oversight::ctl {
namespace {

constexpr int kMonthsToEighteen = 18 * 12;
// A case is made of rows of several files, so it has an id of its own kind.
constexpr char kCaseTable[] = "ssd_person";
// Without one of these, a case that is not mentioned may be one that only the missing file mentions.
constexpr const char* kCaseFiles[] = {"ssd_cin_episodes", "ssd_cin_plans",       "ssd_cp_plans",
                                      "ssd_legal_status", "ssd_pre_proceedings", "ssd_care_leavers"};

// Collects the rows of all files by child.
class CaseCollector {
 public:
  explicit CaseCollector(Mapping& mapping) : mapping_(mapping) {}

  // By person id.
  std::map<std::string, CaseRows> Collect() {
    CollectDated("ssd_cin_episodes", "cine_referral_id", "cine_person_id", "cine_referral_date",
                 "cine_close_date", [](RowView& row, CaseRows& rows, DatedRow dated) {
                   // A referral without further action never became a case.
                   if (!row.Flag("cine_referral_nfa")) rows.episodes.push_back(std::move(dated));
                 });
    CollectDated("ssd_cin_plans", "cinp_cin_plan_id", "cinp_person_id", "cinp_cin_plan_start_date",
                 "cinp_cin_plan_end_date", [](RowView&, CaseRows& rows, DatedRow dated) {
                   rows.cin_plans.push_back(std::move(dated));
                 });
    CollectDated("ssd_cp_plans", "cppl_cp_plan_id", "cppl_person_id", "cppl_cp_plan_start_date",
                 "cppl_cp_plan_end_date",
                 [](RowView&, CaseRows& rows, DatedRow dated) { rows.cp_plans.push_back(std::move(dated)); });
    CollectDated("ssd_legal_status", "lega_legal_status_id", "lega_person_id", "lega_legal_status_start_date",
                 "lega_legal_status_end_date", [](RowView& row, CaseRows& rows, DatedRow dated) {
                   const std::string& text = row.Required("lega_legal_status");
                   const auto code = FindLegalStatusCode(text);
                   if (code) {
                     rows.legal_statuses.push_back({std::move(dated), *code});
                   } else if (!text.empty()) {
                     row.Fault("lega_legal_status", absl::StrCat("is \"", text, "\" (expected one of ",
                                                                 AcceptedLegalStatusCodes(), ")"));
                   }
                 });
    CollectPreProceedings();
    CollectCareLeavers();
    CollectBirthdays();
    return std::move(cases_);
  }

 private:
  // Gives each readable row of a file to `take`, which may still find fault with it.
  template <typename Read>
  void ForEach(const char* file, const char* id_column, const char* person_column, Read read) {
    const Table* table = mapping_.Find(file);
    if (table == nullptr) return;
    for (const TableRow& table_row : table->rows) {
      RowView row(*table, table_row);
      const std::string& id = row.Required(id_column);
      const std::string& person = row.Required(person_column);
      // Rows of a person are looked at together, so a faulty one must not leave half of them behind.
      if (row.ok()) read(row, cases_[person], DatedRow{file, id, row.origin(), {}});
      if (!row.ok()) mapping_.RefuseRow(row, file, id, person);
    }
  }

  template <typename Take>
  void CollectDated(const char* file, const char* id_column, const char* person_column,
                    const char* start_column, const char* end_column, Take take) {
    ForEach(file, id_column, person_column, [&](RowView& row, CaseRows& rows, DatedRow dated) {
      const auto period = row.Dates(start_column, end_column);
      if (!period) return;
      dated.period = *period;
      take(row, rows, std::move(dated));
    });
  }

  void CollectPreProceedings() {
    ForEach("ssd_pre_proceedings", "prep_table_id", "prep_person_id",
            [](RowView& row, CaseRows& rows, DatedRow dated) {
              const auto letter = row.Day("prep_pre_pro_letter_date");
              const auto decision = row.Day("prep_pre_pro_decision_date");
              const auto step_down = row.Day("prep_agree_stepdown_issue_date");
              const auto care_proceedings = row.Day("prep_care_pro_letter_date");
              const auto start = letter ? letter : decision;
              if (!start)
                row.Fault("prep_pre_pro_letter_date", "is empty, and so is prep_pre_pro_decision_date");
              if (start && step_down && *step_down < *start) {
                row.Fault("prep_agree_stepdown_issue_date", "lies before the start of pre-proceedings");
              }
              if (!row.ok()) return;
              dated.period = {*start, step_down.value_or(CivilDay::Max())};
              rows.pre_proceedings.push_back({std::move(dated), care_proceedings});
            });
  }

  void CollectCareLeavers() {
    ForEach("ssd_care_leavers", "clea_table_id", "clea_person_id",
            [](RowView& row, CaseRows& rows, DatedRow dated) {
              const auto contact = row.Day("clea_care_leaver_latest_contact");
              if (row.ok()) rows.care_leaver.push_back({std::move(dated), contact});
            });
  }

  // The only use of a date of birth; nothing of it is kept but where the looked-after status ends.
  void CollectBirthdays() {
    const Table* table = mapping_.Find("ssd_person");
    if (table == nullptr) {
      if (mapping_.Find("ssd_legal_status") != nullptr) {
        mapping_.plan().Note("ssd_person.csv is not there: no looked-after status ends on the 18th birthday");
      }
      return;
    }
    for (const TableRow& table_row : table->rows) {
      RowView row(*table, table_row);
      const auto found = cases_.find(row.Text("pers_person_id"));
      if (found == cases_.end()) continue;
      const auto birth = row.Day("pers_dob");
      if (!row.ok()) mapping_.RefuseRow(row, kCaseTable, found->first, found->first);
      if (birth) found->second.eighteenth_birthday = AddMonths(*birth, kMonthsToEighteen);
    }
  }

  Mapping& mapping_;
  std::map<std::string, CaseRows> cases_;
};

std::unique_ptr<caseload::v1::StatusPeriod> ToResource(const Mapping& mapping, const std::string& person,
                                                       const DerivedStatus& status) {
  auto resource = std::make_unique<caseload::v1::StatusPeriod>();
  resource->set_name(mapping.names().Of(*resource->GetDescriptor(), person, status.id));
  resource->set_status(status.status);
  *resource->mutable_start_date() = ToDate(status.period.start);
  if (!status.period.Open()) *resource->mutable_end_date() = ToDate(status.period.end);
  for (const DatedRow& row : status.rows) mapping.SetExternalId(*resource, row.table, row.id);
  return resource;
}

void AddCase(Mapping& mapping, const std::string& person, const CaseRows& rows) {
  const DerivedCase derived = DeriveStatuses(rows);
  for (const DatedRow& undated : derived.undated) {
    mapping.plan().Refuse(
        {undated.origin,
         "INVALID_ROW",
         "nothing tells since when this is a care leaver",
         {"clea_care_leaver_latest_contact: is empty, and no legal status or episode of the "
          "person is in the extract"}});
    mapping.plan().Shield(absl::StrCat(undated.table, "/", undated.id));
    mapping.plan().ShieldBeneath(mapping.names().Case(person));
  }
  if (derived.open.empty()) return;  // never open: referrals without further action, only short breaks
  auto resource = std::make_unique<caseload::v1::Case>();
  resource->set_name(mapping.names().Case(person));
  resource->set_kind(derived.kind);
  for (const Period& period : derived.open) {
    auto& open = *resource->add_open_periods();
    *open.mutable_start_date() = ToDate(period.start);
    if (!period.Open()) *open.mutable_end_date() = ToDate(period.end);
  }
  mapping.SetExternalId(*resource, kCaseTable, person);
  const Origin origin =
      !rows.episodes.empty() ? rows.episodes.front().origin : derived.statuses.front().rows.front().origin;
  mapping.plan().Add(std::move(resource), origin);
  for (const DerivedStatus& status : derived.statuses) {
    mapping.plan().Add(ToResource(mapping, person, status), status.rows.front().origin);
  }
}

}  // namespace

void MapCases(Mapping& mapping) {
  const auto cases = CaseCollector(mapping).Collect();
  for (const auto& [person, rows] : cases) AddCase(mapping, person, rows);

  // Which cases have vanished can be told from all the files together only.
  bool any = false;
  bool all = true;
  for (const char* file : kCaseFiles) {
    any = any || mapping.Find(file) != nullptr;
    all = all && mapping.plan().IsComplete(file);
  }
  if (all) {
    mapping.plan().MarkComplete(kCaseTable);
  } else {
    mapping.plan().MarkIncomplete(kCaseTable);
    if (any)
      mapping.plan().Note("not every file that mentions cases is there in full: no case counts as vanished");
  }
}

}  // namespace oversight::ctl

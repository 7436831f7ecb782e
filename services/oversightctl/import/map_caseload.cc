#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/oversightctl/import/codes.h"
#include "services/oversightctl/import/mapping.h"
#include "services/oversightctl/import/values.h"

namespace oversight::ctl {
namespace {

// Reason for change of placement: only the status of the placement changed, the child stays where it is.
// Recorded with the placement that ended.
constexpr char kStatusChangeOnly[] = "PLACE";

struct PlacementRow {
  std::string id;
  Origin origin;
  Period period;
  PlacementCode code;
  std::string urn;
  std::string change_reason;
};

class PlacementMap {
 public:
  PlacementMap(Mapping& mapping, const Table& table) : mapping_(mapping), table_(table) {}

  void Run() {
    if (const Table* details = mapping_.Find("placement_details")) ReadDetails(*details);
    for (const TableRow& table_row : table_.rows) Read(table_row);
    for (auto& [person, placements] : by_person_) AddAll(person, placements);
    ReportUnused();
  }

 private:
  struct Details {
    Origin origin;
    std::string carer_or_home;
    bool respite = false;
    std::optional<CivilDay> permanence_implemented;
    bool used = false;
  };

  void ReadDetails(const Table& table) {
    for (const TableRow& table_row : table.rows) {
      RowView row(table, table_row);
      const std::string& id = row.Required("cla_placement_id");
      Details details{row.origin(), row.Text("carer_or_home"), row.Flag("respite"),
                      row.Day("permanence_implemented_date")};
      if (row.ok()) {
        details_.emplace(id, std::move(details));
      } else {
        faulty_details_.insert(id);
        mapping_.RefuseRow(row, "ssd_cla_placement", id, "");
      }
    }
  }

  void Read(const TableRow& table_row) {
    RowView row(table_, table_row);
    const std::string& id = row.Required("clap_cla_placement_id");
    const std::string& person = row.Required("clap_person_id");
    const auto period = row.Dates("clap_cla_placement_start_date", "clap_cla_placement_end_date");
    const std::string& type = row.Required("clap_cla_placement_type");
    const auto code = FindPlacementCode(type);
    if (!code && !type.empty()) {
      row.Fault("clap_cla_placement_type",
                absl::StrCat("is \"", type, "\" (expected one of ", AcceptedPlacementCodes(), ")"));
    }
    if (!row.ok()) return mapping_.RefuseRow(row, "ssd_cla_placement", id, "");
    // Reported with the details; without what they say it is better left out.
    if (faulty_details_.contains(id)) return;
    by_person_[person].push_back({id, row.origin(), *period, *code, row.Text("clap_cla_placement_urn"),
                                  absl::AsciiStrToUpper(row.Text("clap_cla_placement_change_reason"))});
  }

  void AddAll(const std::string& person, std::vector<PlacementRow>& placements) {
    std::sort(placements.begin(), placements.end(), [](const PlacementRow& a, const PlacementRow& b) {
      return std::tie(a.period.start, a.id) < std::tie(b.period.start, b.id);
    });
    const PlacementRow* previous = nullptr;
    std::string previous_carer;
    for (const PlacementRow& row : placements) {
      const auto found = details_.find(row.id);
      Details* details = found == details_.end() ? nullptr : &found->second;
      auto placement = std::make_unique<caseload::v1::Placement>();
      placement->set_name(mapping_.names().Of(*placement->GetDescriptor(), person, row.id));
      placement->set_type(row.code.type);
      placement->set_respite(row.code.respite || (details != nullptr && details->respite));
      std::string carer = Carer(row, details, previous, previous_carer);
      placement->set_carer_or_home(carer);
      *placement->mutable_start_date() = ToDate(row.period.start);
      if (!row.period.Open()) *placement->mutable_end_date() = ToDate(row.period.end);
      if (details != nullptr) {
        details->used = true;
        if (details->permanence_implemented) {
          *placement->mutable_permanence_implemented_date() = ToDate(*details->permanence_implemented);
        }
      }
      if (!placement->respite()) {
        previous = &row;
        previous_carer = std::move(carer);
      }
      mapping_.SetExternalId(*placement, "ssd_cla_placement", row.id);
      mapping_.plan().Add(std::move(placement), row.origin);
    }
  }

  // The extract names no carers: a place is told from the next by the home's number or by the reason for the
  // change.
  static std::string Carer(const PlacementRow& row, const Details* details, const PlacementRow* previous,
                           const std::string& previous_carer) {
    if (details != nullptr && !details->carer_or_home.empty()) return details->carer_or_home;
    if (previous != nullptr && previous->period.end == row.period.start &&
        previous->change_reason == kStatusChangeOnly) {
      return previous_carer;
    }
    if (row.code.urn_names_home && !row.urn.empty()) return absl::StrCat("urn:", row.urn);
    return absl::StrCat("placement:", row.id);
  }

  void ReportUnused() {
    for (const auto& [id, details] : details_) {
      if (details.used) continue;
      mapping_.plan().Refuse(
          {details.origin,
           "INVALID_ROW",
           "no placement takes these details",
           {"cla_placement_id: is not among the rows of ssd_cla_placement.csv that can be taken"}});
    }
  }

  Mapping& mapping_;
  const Table& table_;
  std::map<std::string, Details> details_;
  std::set<std::string> faulty_details_;
  std::map<std::string, std::vector<PlacementRow>> by_person_;
};

}  // namespace

void MapPlacements(Mapping& mapping) {
  const Table* table = mapping.Find("ssd_cla_placement");
  if (table == nullptr) return;
  if (mapping.Find("placement_details") == nullptr) {
    mapping.plan().Note(
        "placement_details.csv is not there: carers are told apart by home number and reason for change "
        "only, and "
        "no permanence plan counts as implemented");
  }
  PlacementMap(mapping, *table).Run();
}

void MapAllocations(Mapping& mapping) {
  const Table* table = mapping.Find("ssd_involvements");
  if (table == nullptr) return;
  std::map<std::string, int> unknown_teams;
  for (const TableRow& table_row : table->rows) {
    RowView row(*table, table_row);
    const std::string& id = row.Required("invo_involvements_id");
    const std::string& person = row.Required("invo_person_id");
    auto allocation = std::make_unique<caseload::v1::Allocation>();
    allocation->set_name(mapping.names().Of(*allocation->GetDescriptor(), person, id));
    allocation->set_worker(mapping.names().Worker(row.Required("invo_professional_id")));
    const std::string& role_text = row.Required("invo_professional_role_id");
    if (const auto role = FindAllocationRole(role_text)) {
      allocation->set_role(*role);
    } else if (!role_text.empty()) {
      row.Fault("invo_professional_role_id", absl::StrCat("is \"", role_text.substr(0, 60), "\" (known are ",
                                                          AcceptedAllocationRoles(), ")"));
    }
    if (const std::string& team = row.Text("invo_professional_team"); !team.empty()) {
      if (const auto team_id = mapping.TeamId(team)) {
        allocation->set_team(mapping.names().Team(*team_id));
      } else {
        ++unknown_teams[team];
      }
    }
    if (const auto dates = row.Dates("invo_involvement_start_date", "invo_involvement_end_date")) {
      *allocation->mutable_start_date() = ToDate(dates->start);
      if (!dates->Open()) {
        *allocation->mutable_end_date() = ToDate(dates->end);
        allocation->set_end_reason(row.Text("invo_worker_change_reason"));
      }
    }
    mapping.AddFromRow(row, "ssd_involvements", id, std::move(allocation));
  }
  for (const auto& [team, rows] : unknown_teams) {
    mapping.plan().Note(
        absl::StrCat("ssd_involvements.csv: team \"", team.substr(0, 60), "\" of ", rows,
                     " row(s) is neither the id nor the unmistakable name of a team; they are imported "
                     "without it"));
  }
}

}  // namespace oversight::ctl

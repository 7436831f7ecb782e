#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "oversight/compliance/v1/compliance.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/oversightctl/import/mapping.h"
#include "services/oversightctl/import/values.h"

namespace oversight::ctl {
namespace {

// The rows of a file that adds to another one, by their key.
std::map<std::string, const TableRow*> RowsByKey(const Table* table) {
  std::map<std::string, const TableRow*> rows;
  if (table == nullptr) return rows;
  for (const TableRow& row : table->rows) rows.emplace(row.values[table->IndexOf(table->spec->key)], &row);
  return rows;
}

void SetEmployment(RowView& row, workforce::v1::Worker& worker) {
  const auto start = row.Day("employment_start_date");
  const auto end = row.Day("employment_end_date");
  if (start) *worker.mutable_employment_start_date() = ToDate(*start);
  if (end) *worker.mutable_employment_end_date() = ToDate(*end);
}

void SetServiceArea(RowView& row, workforce::v1::Team& team) {
  const std::string& text = row.Text("service_area");
  if (text.empty()) return;
  const auto area = ParseEnum(*workforce::v1::ServiceArea_descriptor(), text);
  if (area.ok()) {
    team.set_service_area(static_cast<workforce::v1::ServiceArea>(*area));
  } else {
    row.Fault("service_area", area.status().message());
  }
}

// A row of the suite's own file that adds to a record of the extract; a faulty one is reported, and the
// record is left out, so that it is not stored without what the row says.
template <typename Resource, typename Set>
bool Complete(Mapping& mapping, const Table* table, const TableRow* row, absl::string_view shielded,
              Resource& resource, Set set) {
  if (row == nullptr) return true;
  RowView view(*table, *row);
  set(view, resource);
  if (view.ok()) return true;
  mapping.RefuseRow(view, shielded.substr(0, shielded.find('/')), shielded.substr(shielded.find('/') + 1),
                    "");
  return false;
}

class TeamMap {
 public:
  explicit TeamMap(Mapping& mapping)
      : mapping_(mapping), details_(mapping.Find("teams")), detail_rows_(RowsByKey(details_)) {}

  void Run() {
    if (const Table* departments = mapping_.Find("ssd_department")) MapDepartments(*departments);
    for (const auto& [id, row] : detail_rows_) {
      if (done_.contains(id) || id.empty()) continue;
      RowView view(*details_, *row);
      Add("teams", id, id, "", view.origin());
    }
  }

 private:
  void MapDepartments(const Table& table) {
    // A parent may have no row of its own.
    std::map<std::string, std::string> names;
    for (const TableRow& table_row : table.rows) {
      RowView row(table, table_row);
      names[row.Text("dept_team_id")] = row.Text("dept_team_name");
    }
    for (const TableRow& table_row : table.rows) {
      RowView row(table, table_row);
      const std::string& id = row.Required("dept_team_id");
      if (!row.ok()) {
        mapping_.RefuseRow(row, "ssd_department", id, "");
        continue;
      }
      const std::string& parent = row.Text("dept_team_parent_id");
      if (!parent.empty() && !names.contains(parent) && !done_.contains(parent)) {
        Add("ssd_department", parent, row.Text("dept_team_parent_name"), "", row.origin());
      }
      Add("ssd_department", id, row.Text("dept_team_name"), parent, row.origin());
    }
  }

  void Add(const std::string& table, const std::string& id, const std::string& display_name,
           const std::string& parent, Origin origin) {
    done_.emplace(id, true);
    auto team = std::make_unique<workforce::v1::Team>();
    team->set_name(mapping_.names().Team(id));
    team->set_display_name(display_name.empty() ? id : display_name);
    if (!parent.empty() && parent != id) team->set_parent_team(mapping_.names().Team(parent));
    mapping_.AddTeam(id, display_name);
    const auto detail = detail_rows_.find(id);
    if (!Complete(mapping_, details_, detail == detail_rows_.end() ? nullptr : detail->second,
                  absl::StrCat(table, "/", id), *team, SetServiceArea)) {
      return;
    }
    mapping_.SetExternalId(*team, table, id);
    mapping_.plan().Add(std::move(team), std::move(origin));
  }

  Mapping& mapping_;
  const Table* details_;
  std::map<std::string, const TableRow*> detail_rows_;
  std::map<std::string, bool> done_;
};

}  // namespace

void MapAuthority(Mapping& mapping) {
  const Table* table = mapping.Find("authority");
  if (table == nullptr) return;
  bool first = true;
  for (const TableRow& table_row : table->rows) {
    RowView row(*table, table_row);
    auto authority = std::make_unique<workforce::v1::Authority>();
    authority->set_name(mapping.names().authority());
    authority->set_display_name(row.Required("display_name"));
    const auto complete_from = row.Day("records_complete_from_date");
    if (complete_from) *authority->mutable_records_complete_from_date() = ToDate(*complete_from);
    if (!first) row.Fault("display_name", "is a second row; the file describes one authority");
    first = false;
    mapping.AddFromRow(row, "authority", "1", std::move(authority));
  }
}

void MapTeams(Mapping& mapping) { TeamMap(mapping).Run(); }

void MapWorkers(Mapping& mapping) {
  const Table* details = mapping.Find("workers");
  auto detail_rows = RowsByKey(details);
  const auto add = [&](RowView& row, const std::string& table, const std::string& id,
                       const TableRow* detail) {
    auto worker = std::make_unique<workforce::v1::Worker>();
    worker->set_name(mapping.names().Worker(id));
    const std::string external_id = absl::StrCat(table, "/", id);
    if (!Complete(mapping, details, detail, external_id, *worker, SetEmployment)) return;
    mapping.AddFromRow(row, table, id, std::move(worker));
  };
  if (const Table* professionals = mapping.Find("ssd_professionals")) {
    if (details == nullptr) {
      mapping.plan().Note(
          "workers.csv is not there: workers are stored without the dates of their employment");
    }
    for (const TableRow& table_row : professionals->rows) {
      RowView row(*professionals, table_row);
      const std::string& id = row.Required("prof_professional_id");
      const auto detail = detail_rows.find(id);
      add(row, "ssd_professionals", id, detail == detail_rows.end() ? nullptr : detail->second);
      if (detail != detail_rows.end()) detail_rows.erase(detail);
    }
  }
  if (details == nullptr) return;
  // In the order of the file.
  for (const TableRow& table_row : details->rows) {
    RowView row(*details, table_row);
    const std::string& id = row.Required("worker_id");
    if (id.empty() || detail_rows.contains(id)) add(row, "workers", id, id.empty() ? nullptr : &table_row);
  }
}

void MapPolicyAssignments(Mapping& mapping) {
  const Table* table = mapping.Find("policy_assignments");
  if (table == nullptr) return;
  for (const TableRow& table_row : table->rows) {
    RowView row(*table, table_row);
    const std::string& policy = row.Required("policy");
    const auto dates = row.Dates("start_date", "end_date");
    auto assignment = std::make_unique<compliance::v1::PolicyAssignment>();
    const std::string id = absl::StrCat(policy, "-", dates ? dates->start.ToString() : "");
    assignment->set_name(mapping.names().Of(*assignment->GetDescriptor(), "", id));
    assignment->set_policy(absl::StrCat("policies/", policy));
    if (dates) {
      *assignment->mutable_start_date() = ToDate(dates->start);
      if (!dates->Open()) *assignment->mutable_end_date() = ToDate(dates->end);
    }
    mapping.AddFromRow(row, "policy_assignments", id, std::move(assignment));
  }
}

}  // namespace oversight::ctl

#include <map>
#include <memory>
#include <string>

#include "oversight/workforce/v1/workforce.pb.h"
#include "services/oversightctl/import/mapping.h"

namespace oversight::ctl {
namespace {

class TeamMap {
 public:
  TeamMap(Mapping& mapping, const Table& table) : mapping_(mapping), table_(table) {}

  void Run() {
    // A parent may have no row of its own.
    std::map<std::string, bool> listed;
    for (const TableRow& table_row : table_.rows) {
      listed[RowView(table_, table_row).Text("dept_team_id")] = true;
    }
    for (const TableRow& table_row : table_.rows) {
      RowView row(table_, table_row);
      const std::string& id = row.Required("dept_team_id");
      if (!row.ok()) {
        mapping_.RefuseRow(row, "ssd_department", id, "");
        continue;
      }
      const std::string& parent = row.Text("dept_team_parent_id");
      if (!parent.empty() && listed.emplace(parent, true).second) {
        Add(parent, row.Text("dept_team_parent_name"), "", row.origin());
      }
      Add(id, row.Text("dept_team_name"), parent, row.origin());
    }
  }

 private:
  void Add(const std::string& id, const std::string& display_name, const std::string& parent, Origin origin) {
    auto team = std::make_unique<workforce::v1::Team>();
    team->set_name(mapping_.names().Team(id));
    team->set_display_name(display_name.empty() ? id : display_name);
    if (!parent.empty() && parent != id) team->set_parent_team(mapping_.names().Team(parent));
    mapping_.AddTeam(id, display_name);
    mapping_.SetExternalId(*team, "ssd_department", id);
    mapping_.plan().Add(std::move(team), std::move(origin));
  }

  Mapping& mapping_;
  const Table& table_;
};

}  // namespace

void MapTeams(Mapping& mapping) {
  if (const Table* table = mapping.Find("ssd_department")) TeamMap(mapping, *table).Run();
}

void MapWorkers(Mapping& mapping) {
  const Table* professionals = mapping.Find("ssd_professionals");
  if (professionals == nullptr) return;
  if (mapping.Find("workers") == nullptr) {
    mapping.plan().Note("workers.csv is not there: workers are stored without the dates of their employment");
  }
  for (const TableRow& table_row : professionals->rows) {
    RowView row(*professionals, table_row);
    const std::string& id = row.Required("prof_professional_id");
    auto worker = std::make_unique<workforce::v1::Worker>();
    worker->set_name(mapping.names().Worker(id));
    mapping.AddFromRow(row, "ssd_professionals", id, std::move(worker));
  }
}

}  // namespace oversight::ctl

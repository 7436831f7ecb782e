#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "services/oversightctl/csv/table.h"
#include "services/oversightctl/import/names.h"
#include "services/oversightctl/import/plan.h"
#include "services/oversightctl/import/row_view.h"

namespace oversight::ctl {

// What the maps from rows to resources share: the tables read, the names, the plan they fill.
class Mapping {
 public:
  // `source` is the system of the external ids, `ssd`.
  Mapping(absl::string_view authority, absl::string_view source, Plan& plan)
      : names_(authority), source_(source), plan_(plan) {}

  // Takes a table that was read; what is wrong with it goes into the plan.
  void AddTable(Table table);
  // Null when the directory has no such file.
  const Table* Find(absl::string_view file) const;

  const Names& names() const { return names_; }
  const std::string& source() const { return source_; }
  Plan& plan() { return plan_; }

  // Adds the external id `{table}/{id}`.
  void SetExternalId(google::protobuf::Message& resource, absl::string_view table,
                     absl::string_view id) const;
  // Puts the resource of a row into the plan, or, when the row has faults, their report.
  void AddFromRow(const RowView& row, absl::string_view table, absl::string_view id,
                  std::unique_ptr<google::protobuf::Message> resource);
  // Reports a row that cannot be used. What its record, and the case it is about, hold already stays
  // untouched.
  void RefuseRow(const RowView& row, absl::string_view table, absl::string_view id,
                 absl::string_view person_id);

  // Makes a team known by its id and, as extracts use either, by its name.
  void AddTeam(absl::string_view id, absl::string_view display_name);
  // The id of the team that a field means. Nothing when it is unknown, or a name that several teams share.
  // Where the extract lists no teams, every text counts as an id.
  std::optional<std::string> TeamId(absl::string_view id_or_name) const;

 private:
  Names names_;
  std::string source_;
  Plan& plan_;
  // Table::spec outlives the mapping; see the tables' definitions.
  std::map<std::string, Table, std::less<>> tables_;
  absl::flat_hash_map<std::string, int> team_ids_;
  // An empty id: several teams have this name.
  absl::flat_hash_map<std::string, std::string> team_names_;
};

// A text by which names and codes of different systems can be compared: lower case, anything else than
// letters and digits turned into single blanks.
std::string Folded(absl::string_view text);

// The maps of the extract, in the order in which they must run.
void MapTeams(Mapping& mapping);
void MapWorkers(Mapping& mapping);
void MapCases(Mapping& mapping);
void MapPlacements(Mapping& mapping);
void MapAllocations(Mapping& mapping);
// The suite's own files of a service's records, once the extract's are in the plan; see own_tables.h.
void MapOwnTables(Mapping& mapping, ServiceId service);
void MapAll(Mapping& mapping);

}  // namespace oversight::ctl

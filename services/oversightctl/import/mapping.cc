#include "services/oversightctl/import/mapping.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "oversight/type/v1/external_id.pb.h"

namespace oversight::ctl {

void Mapping::AddTable(Table table) {
  const std::string file = absl::StrCat(table.spec->file, ".csv");
  for (const RowFault& fault : table.refused) {
    plan_.Refuse({{file, fault.line}, "INVALID_ROW", fault.text, {}});
  }
  if (table.broken) {
    plan_.Refuse({{file, table.broken->line},
                  "BROKEN_FILE",
                  absl::StrCat(table.broken->text, "; rows from here on are not imported"),
                  {}});
  } else if (!table.ends_with_line_end) {
    plan_.Note(
        absl::StrCat(file, ": the last line has no line end; if the file was cut off there, send it again"));
  }
  if (table.complete) plan_.MarkComplete(table.spec->file);
  tables_.insert_or_assign(table.spec->file, std::move(table));
}

const Table* Mapping::Find(absl::string_view file) const {
  const auto found = tables_.find(std::string(file));
  return found == tables_.end() ? nullptr : &found->second;
}

void Mapping::SetExternalId(google::protobuf::Message& resource, absl::string_view table,
                            absl::string_view id) const {
  const auto* field = resource.GetDescriptor()->FindFieldByName("external_ids");
  type::v1::ExternalId external_id;
  external_id.set_system(source_);
  external_id.set_id(absl::StrCat(table, "/", id));
  resource.GetReflection()->AddMessage(&resource, field)->CopyFrom(external_id);
}

void Mapping::AddFromRow(const RowView& row, absl::string_view table, absl::string_view id,
                         std::unique_ptr<google::protobuf::Message> resource) {
  if (!row.ok()) return RefuseRow(row, table, id, "");
  SetExternalId(*resource, table, id);
  plan_.Add(std::move(resource), row.origin());
}

void Mapping::RefuseRow(const RowView& row, absl::string_view table, absl::string_view id,
                        absl::string_view person_id) {
  plan_.Refuse(row.ToRefusal());
  plan_.Shield(absl::StrCat(table, "/", id));
  if (!person_id.empty()) plan_.ShieldBeneath(names_.Case(person_id));
}

void Mapping::AddTeam(absl::string_view id, absl::string_view display_name) {
  team_ids_.emplace(id, 0);
  const std::string folded = Folded(display_name);
  if (folded.empty()) return;
  const auto [known, added] = team_names_.try_emplace(folded, id);
  if (!added && known->second != id) known->second.clear();
}

std::optional<std::string> Mapping::TeamId(absl::string_view id_or_name) const {
  if (team_ids_.empty() || team_ids_.contains(id_or_name)) return std::string(id_or_name);
  const auto named = team_names_.find(Folded(id_or_name));
  if (named == team_names_.end() || named->second.empty()) return std::nullopt;
  return named->second;
}

std::string Folded(absl::string_view text) {
  std::string folded;
  for (const unsigned char c : text) {
    // Bytes of letters beyond ASCII stay as they are.
    if (absl::ascii_isalnum(c) || c >= 0x80) {
      folded.push_back(absl::ascii_tolower(c));
    } else if (!folded.empty() && folded.back() != ' ') {
      folded.push_back(' ');
    }
  }
  if (!folded.empty() && folded.back() == ' ') folded.pop_back();
  return folded;
}

void MapAll(Mapping& mapping) {
  MapTeams(mapping);
  MapWorkers(mapping);
  MapOwnTables(mapping, ServiceId::kWorkforce);
  MapCases(mapping);
  MapPlacements(mapping);
  MapAllocations(mapping);
  MapOwnTables(mapping, ServiceId::kCaseload);
  MapOwnTables(mapping, ServiceId::kSupervision);
  MapOwnTables(mapping, ServiceId::kCompliance);
  mapping.plan().Seal();
}

}  // namespace oversight::ctl

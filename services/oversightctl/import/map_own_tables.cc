#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "oversight/compliance/v1/compliance.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/oversightctl/import/mapping.h"
#include "services/oversightctl/import/own_tables.h"
#include "services/oversightctl/import/own_values.h"

namespace oversight::ctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;

std::unique_ptr<Message> NewMessage(const Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

void SetName(Message& resource, const std::string& name) {
  resource.GetReflection()->SetString(&resource, resource.GetDescriptor()->FindFieldByName("name"), name);
}

// Maps one of the suite's own files.
class OwnTableMap {
 public:
  OwnTableMap(Mapping& mapping, const OwnTable& own, const Table& table)
      : mapping_(mapping), own_(own), table_(table) {}

  void Run() {
    for (const TableRow& row : table_.rows) Map(row);
  }

 private:
  void Map(const TableRow& table_row) {
    RowView row(table_, table_row);
    std::string id = own_.id_column.empty() ? "" : row.Required(own_.id_column);
    const std::string parent = own_.parent_column.empty() ? "" : ParentOf(row);
    const Descriptor& type = *own_.kind->type;
    std::string name = own_.id_column.empty() ? "" : mapping_.names().Of(type, parent, id);
    if (Message* known = IsMadeByExtract(type) ? mapping_.plan().Find(name) : nullptr) {
      SetColumns(row, parent, /*complete=*/false, *known);
      if (row.ok()) return;
      mapping_.plan().Refuse(row.ToRefusal());
      mapping_.plan().LeaveOut(std::move(name));
      return;
    }
    auto resource = NewMessage(&type);
    SetColumns(row, parent, /*complete=*/true, *resource);
    Complete(row, id, *resource);
    SetName(*resource, own_.id_column.empty() ? mapping_.names().Of(type, parent, id) : name);
    mapping_.AddFromRow(row, own_.kind->file, id, std::move(resource));
  }

  // A team may be given by its name.
  std::string ParentOf(RowView& row) {
    const std::string& text = row.Required(own_.parent_column);
    if (text.empty() || PatternParts(*own_.kind->type)[2] != "teams") return text;
    const auto team = mapping_.TeamId(text);
    if (!team) row.Fault(own_.parent_column, kNoTeam);
    return team.value_or(text);
  }

  // `complete`: the row must say all that a record needs.
  void SetColumns(RowView& row, const std::string& parent, bool complete, Message& resource) {
    for (size_t i = 0; i < own_.columns.size(); ++i) {
      const OwnColumn& column = own_.columns[i];
      const std::string& text = row.TextAt(own_.first_column() + i);
      absl::Status status;
      if (!text.empty()) {
        status = SetColumn(resource, column, text, [&](absl::string_view id) {
          return NameOfReference(*column.reference, parent, id);
        });
      } else if (column.required && complete && !HasDefault(column)) {
        status = absl::InvalidArgumentError("is empty");
      }
      if (!status.ok()) row.Fault(column.name, status.message());
    }
  }

  absl::StatusOr<std::string> NameOfReference(const Descriptor& target, const std::string& parent,
                                              absl::string_view id) const {
    if (&target == workforce::v1::Team::descriptor()) {
      const auto team = mapping_.TeamId(id);
      if (!team) return absl::InvalidArgumentError(kNoTeam);
      return mapping_.names().Team(*team);
    }
    const std::vector<std::string> parts = PatternParts(target);
    if (parts.size() < 6) return mapping_.names().Of(target, "", id);
    const size_t slash = id.find('/');
    if (slash != absl::string_view::npos) {
      return mapping_.names().Of(target, id.substr(0, slash), id.substr(slash + 1));
    }
    // Of the same worker, case or session as the record itself.
    const std::vector<std::string> own = PatternParts(*own_.kind->type);
    if (own.size() == parts.size() && own[2] == parts[2]) return mapping_.names().Of(target, parent, id);
    return absl::InvalidArgumentError(absl::StrCat(
        "needs the id of its ", parts[3].substr(1, parts[3].size() - 2), " before it, and a slash: W1/A1"));
  }

  // A team without a name is called by its id.
  bool HasDefault(const OwnColumn& column) const {
    return own_.kind->type == workforce::v1::Team::descriptor() && column.name == "display_name";
  }

  // What a row leaves to be worked out.
  void Complete(RowView& row, std::string& id, Message& resource) {
    if (own_.kind->type == workforce::v1::Authority::descriptor()) {
      // Not an assigned literal: GCC 12, optimising, warns of an overlap in it (its bug 105651).
      id = absl::StrCat(1);
      if (table_.rows.front().line != row.origin().line) {
        row.Fault("display_name", "is a second row; the file describes one authority");
      }
    } else if (own_.kind->type == workforce::v1::Team::descriptor()) {
      auto& team = static_cast<workforce::v1::Team&>(resource);
      mapping_.AddTeam(id, team.display_name());
      if (team.display_name().empty()) team.set_display_name(id);
    } else if (own_.kind->type == compliance::v1::PolicyAssignment::descriptor()) {
      auto& assignment = static_cast<compliance::v1::PolicyAssignment&>(resource);
      const auto start = row.Day("start_date");
      id = absl::StrCat(assignment.policy(), "-", start ? start->ToString() : "");
      assignment.set_policy(absl::StrCat("policies/", assignment.policy()));
    }
  }

  static constexpr char kNoTeam[] = "is neither the id nor the unmistakable name of a team";

  Mapping& mapping_;
  const OwnTable& own_;
  const Table& table_;
};

}  // namespace

void MapOwnTables(Mapping& mapping, ServiceId service) {
  for (const OwnTable& own : OwnTables()) {
    if (own.kind->service != service) continue;
    if (const Table* table = mapping.Find(own.kind->file)) OwnTableMap(mapping, own, *table).Run();
  }
}

}  // namespace oversight::ctl

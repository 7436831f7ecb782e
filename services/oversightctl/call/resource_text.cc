#include "services/oversightctl/call/resource_text.h"

#include <set>
#include <string>

#include "google/protobuf/descriptor.h"
#include "services/oversightctl/call/fields.h"
#include "services/oversightctl/cli/text_table.h"

namespace oversight::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kWidestCell = 40;

// What a table leaves out: it says little about a resource among others.
bool IsAside(const FieldDescriptor& field) {
  static const auto& aside =
      *new std::set<std::string>{"create_time", "update_time", "etag", "external_ids", "withdrawal"};
  return aside.contains(field.name());
}

// `workers/W1` of `authorities/a/workers/W1`.
std::string ShortName(const std::string& name) {
  constexpr char kAuthorities[] = "authorities/";
  if (name.rfind(kAuthorities, 0) != 0) return name;
  const size_t slash = name.find('/', sizeof(kAuthorities) - 1);
  return slash == std::string::npos ? name : name.substr(slash + 1);
}

}  // namespace

void PrintResource(std::ostream& out, const Message& resource) {
  TextTable table({{"field"}, {"value"}});
  for (int i = 0; i < resource.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *resource.GetDescriptor()->field(i);
    const std::string text = FieldText(resource, field);
    if (!text.empty()) table.Add({field.name(), text});
  }
  table.Print(out);
}

void PrintResources(std::ostream& out, const std::vector<const Message*>& resources) {
  if (resources.empty()) return;
  std::vector<const FieldDescriptor*> fields;
  std::vector<TextTable::Column> columns;
  const auto* type = resources.front()->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor& field = *type->field(i);
    bool any = false;
    for (const Message* resource : resources) any = any || !FieldText(*resource, field).empty();
    if (!any || IsAside(field)) continue;
    fields.push_back(&field);
    columns.push_back({.title = field.name(), .max_width = field.name() == "name" ? 0 : kWidestCell});
  }
  TextTable table(columns);
  for (const Message* resource : resources) {
    std::vector<std::string> cells;
    for (const FieldDescriptor* field : fields) cells.push_back(ShortName(FieldText(*resource, *field)));
    table.Add(std::move(cells));
  }
  table.Print(out);
}

}  // namespace oversight::ctl

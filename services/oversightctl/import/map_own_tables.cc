#include <memory>
#include <string>

#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "oversight/type/v1/annotations.pb.h"
#include "services/oversightctl/import/mapping.h"
#include "services/oversightctl/import/own_tables.h"
#include "services/oversightctl/import/values.h"

namespace oversight::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

google::protobuf::Timestamp ToTimestamp(absl::Time instant) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(instant));
  timestamp.set_nanos(
      static_cast<int32_t>((instant - absl::FromUnixSeconds(timestamp.seconds())) / absl::Nanoseconds(1)));
  return timestamp;
}

// Runs `set` with the value, or returns why there is none.
template <typename T, typename Set>
absl::Status Take(const absl::StatusOr<T>& value, Set set) {
  if (value.ok()) set(*value);
  return value.status();
}

absl::Status SetEnum(Message& message, const FieldDescriptor* field, absl::string_view text) {
  const auto* reflection = message.GetReflection();
  if (!field->is_repeated()) {
    return Take(ParseEnum(*field->enum_type(), text),
                [&](int value) { reflection->SetEnumValue(&message, field, value); });
  }
  for (const absl::string_view part : absl::StrSplit(text, ';', absl::SkipWhitespace())) {
    const auto value = ParseEnum(*field->enum_type(), absl::StripAsciiWhitespace(part));
    if (!value.ok()) return value.status();
    reflection->AddEnumValue(&message, field, *value);
  }
  return absl::OkStatus();
}

// Reads a text by the field's type and sets the field.
absl::Status SetValue(Message& message, const FieldDescriptor* field, absl::string_view text) {
  const auto* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      reflection->SetString(&message, field, std::string(text));
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_BOOL:
      return Take(ParseFlag(text), [&](bool value) { reflection->SetBool(&message, field, value); });
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Take(ParseNumber(text), [&](double value) { reflection->SetDouble(&message, field, value); });
    case FieldDescriptor::CPPTYPE_INT32:
      return Take(ParseWholeNumber(text),
                  [&](int32_t value) { reflection->SetInt32(&message, field, value); });
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(message, field, text);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field->message_type() == google::type::Date::descriptor()) {
        return Take(ParseDay(text), [&](CivilDay day) {
          reflection->MutableMessage(&message, field)->CopyFrom(ToDate(day));
        });
      }
      if (field->message_type() == google::protobuf::Timestamp::descriptor()) {
        return Take(ParseInstant(text), [&](absl::Time instant) {
          reflection->MutableMessage(&message, field)->CopyFrom(ToTimestamp(instant));
        });
      }
      break;
    default:
      break;
  }
  return absl::InternalError("has a type that this program cannot read");
}

absl::StatusOr<std::string> ReferenceName(const Mapping& mapping, FieldKind kind, absl::string_view id) {
  switch (kind) {
    case FieldKind::kTeam: {
      const auto team = mapping.TeamId(id);
      if (!team) return absl::InvalidArgumentError("is neither the id nor the unmistakable name of a team");
      return mapping.names().Team(*team);
    }
    case FieldKind::kWorker:
      return mapping.names().Worker(id);
    case FieldKind::kCase:
      return mapping.names().Case(id);
    case FieldKind::kSession:
      return mapping.names().Session(id);
    case FieldKind::kValue:
      break;
  }
  return absl::InternalError("is no reference");
}

void SetField(const Mapping& mapping, const OwnColumn& column, RowView& row, Message& resource) {
  const auto* field =
      resource.GetDescriptor()->FindFieldByName(column.field.empty() ? column.column : column.field);
  const bool required = field->options().GetExtension(type::v1::rules).required();
  const std::string& text = required ? row.Required(column.column) : row.Text(column.column);
  if (text.empty()) return;
  absl::Status status;
  if (column.kind == FieldKind::kValue) {
    status = SetValue(resource, field, text);
  } else {
    const auto name = ReferenceName(mapping, column.kind, text);
    if (name.ok()) resource.GetReflection()->SetString(&resource, field, *name);
    status = name.status();
  }
  if (!status.ok()) row.Fault(column.column, status.message());
}

std::unique_ptr<Message> NewMessage(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

void MapOwnTable(Mapping& mapping, const OwnTable& own) {
  const Table* table = mapping.Find(own.file);
  if (table == nullptr) return;
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(own.type);
  const auto* name = type->FindFieldByName("name");
  for (const TableRow& table_row : table->rows) {
    RowView row(*table, table_row);
    const std::string& id = row.Required(own.id_column);
    const std::string parent = own.parent_column.empty() ? "" : row.Required(own.parent_column);
    auto resource = NewMessage(type);
    resource->GetReflection()->SetString(resource.get(), name, mapping.names().Of(*type, parent, id));
    for (const OwnColumn& column : own.columns) SetField(mapping, column, row, *resource);
    mapping.AddFromRow(row, own.file, id, std::move(resource));
  }
}

}  // namespace

void MapOwnTables(Mapping& mapping) {
  for (const OwnTable& own : OwnTables()) MapOwnTable(mapping, own);
}

}  // namespace oversight::ctl

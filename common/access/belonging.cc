#include "common/access/belonging.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"

namespace oversight::access {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::RepeatedPtrField;

// The first four segments of a name in this collection of the authority.
std::string InCollection(absl::string_view name, absl::string_view collection) {
  std::vector<absl::string_view> segments = absl::StrSplit(name, '/');
  if (segments.size() < 4 || segments[0] != "authorities" || segments[2] != collection) return {};
  segments.resize(4);
  return absl::StrJoin(segments, "/");
}

bool Lists(const RepeatedPtrField<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void AddNames(const Message& message, const FieldDescriptor& field, std::set<std::string>& names) {
  const auto* reflection = message.GetReflection();
  const int count = field.is_repeated() ? reflection->FieldSize(message, &field) : 1;
  for (int i = 0; i < count; ++i) {
    const std::string name = field.is_repeated() ? reflection->GetRepeatedString(message, &field, i)
                                                 : reflection->GetString(message, &field);
    if (!name.empty()) names.insert(name);
  }
}

bool Meet(const std::set<std::string>& some, const std::set<std::string>& others) {
  return std::any_of(some.begin(), some.end(),
                     [&](const std::string& name) { return others.contains(name); });
}

}  // namespace

void Owners::Add(const Owners& other) {
  subjects.insert(other.subjects.begin(), other.subjects.end());
  participants.insert(other.participants.begin(), other.participants.end());
  teams.insert(other.teams.begin(), other.teams.end());
}

bool Reach::Holds(const Owners& owners) const {
  return Meet(owners.subjects, workers) || Meet(owners.participants, workers) || Meet(owners.teams, teams);
}

bool NamesPeople(const FieldDescriptor& field, const pb::Belonging& belonging) {
  return Lists(belonging.subject_field(), field.name()) ||
         Lists(belonging.participant_field(), field.name()) || Lists(belonging.team_field(), field.name());
}

Owners OwnersIn(const Message& message, const pb::Belonging& belonging) {
  Owners owners;
  const auto* descriptor = message.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor& field = *descriptor->field(i);
    if (field.type() != FieldDescriptor::TYPE_STRING) continue;
    if (Lists(belonging.subject_field(), field.name())) AddNames(message, field, owners.subjects);
    if (Lists(belonging.participant_field(), field.name())) AddNames(message, field, owners.participants);
    if (Lists(belonging.team_field(), field.name())) AddNames(message, field, owners.teams);
  }
  if (!owners.empty()) return owners;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor& field = *descriptor->field(i);
    if (field.is_repeated() || field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!message.GetReflection()->HasField(message, &field)) continue;
    owners.Add(OwnersIn(message.GetReflection()->GetMessage(message, &field), belonging));
  }
  return owners;
}

Owners OwnersByName(absl::string_view name) {
  Owners owners;
  if (const std::string worker = WorkerIn(name); !worker.empty()) owners.subjects.insert(worker);
  if (const std::string team = InCollection(name, "teams"); !team.empty()) owners.teams.insert(team);
  return owners;
}

std::string WorkerIn(absl::string_view name) { return InCollection(name, "workers"); }

}  // namespace oversight::access

#include "common/access/asked.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/access/belonging.h"
#include "common/ledger/token.h"
#include "google/protobuf/descriptor.h"

namespace oversight::access {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;

constexpr absl::string_view kPrefix = "authorities/";

bool HoldsLedgerTokens(const FieldDescriptor& field) {
  return field.name() == "after" || absl::EndsWith(field.name(), "_tokens") || field.name() == "token";
}

void AddText(const FieldDescriptor& field, const std::string& text, Asked& asked) {
  if (absl::StartsWith(text, kPrefix)) {
    const std::vector<absl::string_view> segments = absl::StrSplit(text, '/');
    asked.authorities.insert(std::string(segments[1]));
  } else if (field.name() == "authority_id") {
    asked.authorities.insert(text);
  } else if (HoldsLedgerTokens(field)) {
    const auto token = ledger::DecodeToken(text);
    // Whoever makes up a token may leave the collection out.
    if (token.ok()) asked.authorities.insert(std::string(absl::StripPrefix(token->authority(), kPrefix)));
  }
}

void AddAuthorities(const Message& message, Asked& asked) {
  const Reflection* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      std::string scratch;
      if (field->type() == FieldDescriptor::TYPE_STRING) {
        AddText(*field,
                field->is_repeated() ? reflection->GetRepeatedStringReference(message, field, i, &scratch)
                                     : reflection->GetStringReference(message, field, &scratch),
                asked);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        AddAuthorities(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                            : reflection->GetMessage(message, field),
                       asked);
      } else if (field->name() == "all_authorities") {
        asked.all_authorities = true;
      }
    }
  }
}

std::string TextOf(const Message& message, const char* name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->is_repeated() || field->type() != FieldDescriptor::TYPE_STRING) return {};
  return message.GetReflection()->GetString(message, field);
}

bool IsAuthorityOnly(absl::string_view name) {
  return absl::StartsWith(name, kPrefix) && name.find('/', kPrefix.size()) == absl::string_view::npos;
}

void AddTargets(const Message& request, const pb::Belonging& belonging, Asked& asked) {
  const Reflection* reflection = request.GetReflection();
  const std::string name = TextOf(request, "name");
  if (!name.empty()) asked.targets.insert(name);
  const std::string parent = TextOf(request, "parent");
  // Of all parents: what belongs to nobody in scope is left out of the answer.
  if (!parent.empty() && !IsAuthorityOnly(parent) && !absl::EndsWith(parent, "/-"))
    asked.targets.insert(parent);
  const auto add_people = [&](const Message& message) {
    const Owners people = OwnersIn(message, belonging);
    asked.subjects.insert(people.subjects.begin(), people.subjects.end());
    asked.participants.insert(people.participants.begin(), people.participants.end());
    asked.teams.insert(people.teams.begin(), people.teams.end());
  };
  add_people(request);
  const std::string subject = TextOf(request, "subject");
  if (const std::string worker = WorkerIn(subject); !worker.empty()) asked.subjects.insert(worker);

  const google::protobuf::Descriptor* descriptor = request.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    // What a verb refers to besides: into which a duplicate is merged, by which a session is replaced.
    if (field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated() && field->name() != "parent" &&
        field->name() != "subject" && !NamesPeople(*field, belonging)) {
      const std::string other = reflection->GetString(request, field);
      if (absl::StartsWith(other, kPrefix)) asked.targets.insert(other);
    }
    const int count = field->is_repeated()                   ? reflection->FieldSize(request, field)
                      : reflection->HasField(request, field) ? 1
                                                             : 0;
    if (field->name() == "names" && field->is_repeated() && field->type() == FieldDescriptor::TYPE_STRING) {
      for (int j = 0; j < count; ++j) asked.targets.insert(reflection->GetRepeatedString(request, field, j));
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && count > 0) {
      if (field->is_repeated() && field->name() == "requests") {
        for (int j = 0; j < count; ++j) {
          AddTargets(reflection->GetRepeatedMessage(request, field, j), belonging, asked);
        }
      } else if (field->is_repeated()) {
        for (int j = 0; j < count; ++j) add_people(reflection->GetRepeatedMessage(request, field, j));
      } else {
        // The resource to be written, which bears its own name when it is to be changed.
        const Message& resource = reflection->GetMessage(request, field);
        const std::string own = TextOf(resource, "name");
        if (!own.empty() && parent.empty()) asked.targets.insert(own);
        add_people(resource);
      }
    }
  }
}

}  // namespace

Asked AuthoritiesAskedIn(const Message& request) {
  Asked asked;
  AddAuthorities(request, asked);
  return asked;
}

Asked AskedIn(const Message& request, const pb::Belonging& belonging) {
  Asked asked = AuthoritiesAskedIn(request);
  AddTargets(request, belonging, asked);
  return asked;
}

}  // namespace oversight::access

#include "services/compliance/facts/record_world_for_test.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/type/v1/annotations.pb.h"
#include "services/compliance/engine/reach.h"
#include "services/compliance/facts/fact_reader.h"
#include "services/compliance/policy/record_schema.h"

namespace oversight::compliance::testing {

using engine::FactKind;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace {

constexpr absl::string_view kAuthority = "authorities/example";

const Message* PrototypeOf(FactKind kind) {
  const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      policy::RecordSchema().Of(kind).type_name);
  return google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor);
}

int PeopleOf(FactKind kind) {
  if (kind == FactKind::kWorker) return 3;
  if (kind == FactKind::kCase || kind == FactKind::kTeam) return 2;
  if (kind == FactKind::kSession || kind == FactKind::kDiscussion) return 7;
  return 4;
}

}  // namespace

void Fill(engine::AuthorityFacts& facts, const RecordWorld& world) {
  for (const auto& [name, record] : world.records) PutMessage(facts, name, *record);
}

RecordGenerator::RecordGenerator(uint32_t seed, const v1::RuleDefinition& definition,
                                 const engine::Rule& rule)
    : random_(seed), rule_text_(definition.ShortDebugString()) {
  for (int i = 0; i < 6; ++i) busy_days_.push_back(first_day() + Number(0, last_day() - first_day()));
  AddKind(rule.subject, rule);
  for (const engine::Reach& reach : engine::ReachesOf(rule)) AddKind(reach.from, rule);
  const bool sessions = rule.session_kinds != 0;
  if (sessions) {
    for (const FactKind kind :
         {FactKind::kWorker, FactKind::kSession, FactKind::kSupervisorLink, FactKind::kAbsence,
          FactKind::kCase, FactKind::kDiscussion, FactKind::kAllocation}) {
      AddKind(kind, rule);
    }
  }
  const auto speaks_of = [&](absl::string_view part) { return absl::StrContains(rule_text_, part); };
  if (speaks_of("post {")) {
    AddKind(FactKind::kPost, rule);
    AddKind(FactKind::kTeam, rule);
  }
  if (speaks_of("student_placement {")) AddKind(FactKind::kStudentPlacement, rule);
  if (speaks_of("on_asye:")) AddKind(FactKind::kAsye, rule);
  if (speaks_of("case_status:")) AddKind(FactKind::kStatusPeriod, rule);
  if (rule.subject == FactKind::kWorker) AddKind(FactKind::kAbsence, rule);
  subjects_ = kinds_.at(rule.subject).names;
}

int RecordGenerator::Number(int least, int most) {
  return least + static_cast<int>(random_() % static_cast<uint32_t>(most - least + 1));
}

// A kind, and all that its names hang on.
void RecordGenerator::AddKind(FactKind kind, const engine::Rule& rule) {
  if (kinds_.contains(kind)) return;
  KindPlan plan{PrototypeOf(kind), {}};
  const std::string pattern =
      plan.prototype->GetDescriptor()->options().GetExtension(type::v1::resource).pattern();
  const policy::MessageColumns& columns = *policy::ColumnsOf(plan.prototype->GetDescriptor());
  if (kind == FactKind::kAuthority) {
    plan.names = {""};
  } else {
    const size_t id = pattern.rfind('/');
    const size_t collection = pattern.rfind('/', id - 1);
    const std::string own = pattern.substr(collection + 1, id - collection - 1);
    std::vector<std::string> parents = {""};
    if (columns.parent != FactKind::kNone) {
      AddKind(columns.parent, rule);
      parents = kinds_.at(columns.parent).names;
    }
    for (int i = 0; i < PeopleOf(kind); ++i) {
      const std::string& parent = parents[static_cast<size_t>(i) % parents.size()];
      plan.names.push_back(absl::StrCat(parent, parent.empty() ? "" : "/", own, "/", own.substr(0, 1), i));
    }
  }
  kinds_.emplace(kind, std::move(plan));
}

CivilDay RecordGenerator::Day() {
  const CivilDay near = busy_days_[static_cast<size_t>(Number(0, static_cast<int>(busy_days_.size()) - 1))];
  if (Chance(60)) return near + Number(-2, 2);
  if (Chance(50)) return near + Number(-40, 40);
  if (Chance(20)) return near + Number(300, 420);
  return first_day() + Number(-30, last_day() - first_day() + 30);
}

void RecordGenerator::SetDay(Message& message, const FieldDescriptor* field, CivilDay day) {
  const absl::CivilDay civil = day.civil();
  auto& date = static_cast<google::type::Date&>(*message.GetReflection()->MutableMessage(&message, field));
  date.set_year(static_cast<int>(civil.year()));
  date.set_month(civil.month());
  date.set_day(civil.day());
}

// Mostly one that the rule names.
int RecordGenerator::EnumValue(const google::protobuf::EnumDescriptor* type) {
  std::vector<int> named;
  for (int i = 1; i < type->value_count(); ++i) {
    const std::string& name = type->value(i)->name();
    // A prefix may be left out, but not down to a single short word that fits too much.
    for (size_t at = 0; at != std::string::npos; at = name.find('_', at + 1)) {
      if (absl::StrContains(rule_text_, absl::StrCat("\"", name.substr(at == 0 ? 0 : at + 1), "\"")) ||
          (at == 0 && absl::StrContains(rule_text_, name))) {
        named.push_back(type->value(i)->number());
        break;
      }
    }
  }
  if (!named.empty() && Chance(75))
    return named[static_cast<size_t>(Number(0, static_cast<int>(named.size()) - 1))];
  return type->value(Number(0, type->value_count() - 1))->number();
}

void RecordGenerator::FillField(Message& message, const FieldDescriptor* field) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const std::string reference = field->options().GetExtension(type::v1::rules).reference();
  const int times = field->is_repeated() ? Number(0, 2) : 1;
  for (int i = 0; i < times; ++i) {
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int value = EnumValue(field->enum_type());
        field->is_repeated() ? reflection.AddEnumValue(&message, field, value)
                             : reflection.SetEnumValue(&message, field, value);
        break;
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        if (!field->is_repeated()) reflection.SetBool(&message, field, Chance(50));
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        if (!field->is_repeated()) {
          constexpr int kNumbers[] = {0, 1, 2, 30, 45, 60, 89, 90, 91, 120};
          reflection.SetInt32(&message, field, kNumbers[Number(0, 9)]);
        }
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        if (!field->is_repeated()) reflection.SetDouble(&message, field, Number(0, 6) * 0.5);
        break;
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string value = Chance(60) ? "x" : "";
        if (!reference.empty()) {
          value.clear();
          for (const auto& [kind, plan] : kinds_) {
            if (plan.prototype->GetDescriptor()->full_name() != reference || plan.names.empty() ||
                !Chance(85))
              continue;
            value = absl::StrCat(
                kAuthority, "/",
                plan.names[static_cast<size_t>(Number(0, static_cast<int>(plan.names.size()) - 1))]);
          }
        }
        if (field->is_repeated()) {
          if (!value.empty()) reflection.AddString(&message, field, value);
        } else {
          reflection.SetString(&message, field, value);
        }
        break;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (field->is_repeated()) break;
        if (field->message_type()->full_name() == "google.type.Date" && Chance(75))
          SetDay(message, field, Day());
        if (field->message_type()->full_name() == "google.protobuf.Timestamp" && Chance(60)) {
          auto& time = static_cast<google::protobuf::Timestamp&>(*reflection.MutableMessage(&message, field));
          time.set_seconds(absl::ToUnixSeconds(Day().Midnight()) + int64_t{3600} * Number(0, 23));
        }
        break;
      default:
        break;
    }
  }
}

std::shared_ptr<const Message> RecordGenerator::Make(const KindPlan& plan) {
  std::shared_ptr<Message> message(plan.prototype->New());
  const auto* descriptor = message->GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const std::string& name = descriptor->field(i)->name();
    if (name == "name" || name == "etag" || name == "create_time" || name == "update_time" ||
        name == "delete_time") {
      continue;
    }
    FillField(*message, descriptor->field(i));
  }
  // Periods that hold on no day are rare; most begin early enough to matter.
  const auto* start = descriptor->FindFieldByName("start_date");
  const auto* end = descriptor->FindFieldByName("end_date");
  if (start != nullptr && start->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    SetDay(*message, start, Chance(50) ? first_day() - Number(0, 60) : Day());
    if (end != nullptr && Chance(50)) message->GetReflection()->ClearField(message.get(), end);
  }
  if (auto* record = dynamic_cast<caseload::v1::Case*>(message.get())) {
    auto* open = record->add_open_periods();
    const CivilDay from = Chance(70) ? first_day() - 10 : Day();
    SetDay(*open, open->GetDescriptor()->FindFieldByName("start_date"), from);
    if (Chance(30)) SetDay(*open, open->GetDescriptor()->FindFieldByName("end_date"), std::max(from, Day()));
  }
  // Whichever rule it is, most that count sessions count those that were held.
  if (auto* session = dynamic_cast<supervision::v1::Session*>(message.get());
      session != nullptr && Chance(70))
    session->set_state(supervision::v1::Session::STATE_HELD);
  if (descriptor->full_name() == "oversight.workforce.v1.Worker") {
    const auto* until = descriptor->FindFieldByName("employment_end_date");
    if (Chance(70)) message->GetReflection()->ClearField(message.get(), until);
  }
  return message;
}

RecordWorld RecordGenerator::MakeWorld() {
  RecordWorld world;
  for (const auto& [kind, plan] : kinds_) {
    for (const std::string& name : plan.names) {
      if (Chance(90)) world.records[name] = Make(plan);
    }
  }
  return world;
}

std::pair<std::string, std::shared_ptr<const Message>> RecordGenerator::AnyRecord() {
  auto kind = kinds_.begin();
  std::advance(kind, Number(0, static_cast<int>(kinds_.size()) - 1));
  const std::vector<std::string>& names = kind->second.names;
  return {names[static_cast<size_t>(Number(0, static_cast<int>(names.size()) - 1))], Make(kind->second)};
}

}  // namespace oversight::compliance::testing

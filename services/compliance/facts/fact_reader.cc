#include "services/compliance/facts/fact_reader.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/resource/dates.h"
#include "common/status/error.h"
#include "google/protobuf/timestamp.pb.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/compliance/policy/record_schema.h"

namespace oversight::compliance {
namespace {

using engine::AuthorityFacts;
using engine::DirtySet;
using engine::FactKind;
using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// The name within the authority, as a part of the whole one.
absl::string_view Within(absl::string_view resource_name) {
  absl::string_view rest = resource_name;
  if (!absl::ConsumePrefix(&rest, "authorities/")) return resource_name;
  const size_t slash = rest.find('/');
  return slash == absl::string_view::npos ? absl::string_view() : rest.substr(slash + 1);
}

std::optional<CivilDay> DayIf(bool given, const google::type::Date& date) {
  return given ? resource::ToDay(date) : std::nullopt;
}

template <typename Resource>
Period PeriodOf(const Resource& resource) {
  return {DayIf(resource.has_start_date(), resource.start_date()).value_or(CivilDay::Min()),
          DayIf(resource.has_end_date(), resource.end_date()).value_or(CivilDay::Max())};
}

// `workers/w1` of `workers/w1/posts/p1`.
absl::string_view ParentOf(absl::string_view relative_name) {
  const size_t id = relative_name.rfind('/');
  return relative_name.substr(0, relative_name.rfind('/', id - 1));
}

DirtySet Put(AuthorityFacts& facts, absl::string_view, const workforce::v1::Authority& authority) {
  return facts.SetRecordsCompleteFrom(
      DayIf(authority.has_records_complete_from_date(), authority.records_complete_from_date())
          .value_or(CivilDay::Min()));
}

DirtySet Put(AuthorityFacts& facts, absl::string_view name, const workforce::v1::Team& team) {
  return facts.Upsert(name, engine::TeamFact{static_cast<engine::ServiceArea>(team.service_area())});
}

DirtySet Put(AuthorityFacts& facts, absl::string_view name, const workforce::v1::Worker& worker) {
  return facts.Upsert(
      name, engine::WorkerFact{
                .employment_start = DayIf(worker.has_employment_start_date(), worker.employment_start_date()),
                .employment_end = DayIf(worker.has_employment_end_date(), worker.employment_end_date())
                                      .value_or(CivilDay::Max())});
}

DirtySet Put(AuthorityFacts& facts, absl::string_view name, const workforce::v1::Post& post) {
  const absl::string_view worker = ParentOf(name);
  const absl::string_view team = Within(post.team());
  return facts.Upsert(
      name,
      engine::PostFact{.worker = worker,
                       .career_stage = static_cast<engine::CareerStage>(post.career_stage()),
                       .employment_basis = static_cast<engine::EmploymentBasis>(post.employment_basis()),
                       .team = team,
                       .case_holding = post.case_holding(),
                       .period = PeriodOf(post)});
}

DirtySet Put(AuthorityFacts& facts, absl::string_view name, const workforce::v1::AsyeProgramme& programme) {
  const absl::string_view worker = ParentOf(name);
  engine::AsyeFact fact{
      .worker = worker,
      .period = {
          DayIf(programme.has_start_date(), programme.start_date()).value_or(CivilDay::Min()),
          DayIf(programme.has_completed_date(), programme.completed_date()).value_or(CivilDay::Max())}};
  for (const auto& pause : programme.pauses()) fact.pauses.push_back(PeriodOf(pause));
  return facts.Upsert(name, fact);
}

DirtySet Put(AuthorityFacts& facts, absl::string_view name,
             const workforce::v1::StudentPlacement& placement) {
  const absl::string_view worker = ParentOf(name);
  return facts.Upsert(
      name, engine::StudentPlacementFact{.worker = worker,
                                         .route = static_cast<engine::StudentRoute>(placement.route()),
                                         .period = PeriodOf(placement)});
}

DirtySet Put(AuthorityFacts& facts, absl::string_view name, const workforce::v1::SupervisorLink& link) {
  const absl::string_view worker = ParentOf(name);
  const absl::string_view supervisor = Within(link.supervisor());
  return facts.Upsert(
      name, engine::SupervisorLinkFact{.worker = worker,
                                       .supervisor = supervisor,
                                       .function = static_cast<engine::SupervisorFunction>(link.function()),
                                       .cover = !link.cover_for().empty(),
                                       .period = PeriodOf(link)});
}

DirtySet Put(AuthorityFacts& facts, absl::string_view name, const workforce::v1::Absence& absence) {
  const absl::string_view worker = ParentOf(name);
  return facts.Upsert(
      name, engine::AbsenceFact{
                .worker = worker,
                .first = DayIf(absence.has_first_date(), absence.first_date()).value_or(CivilDay::Max()),
                .last = DayIf(absence.has_last_date(), absence.last_date()).value_or(CivilDay::Max())});
}

DirtySet Put(AuthorityFacts& facts, absl::string_view name, const caseload::v1::Case& record) {
  engine::CaseFact fact;
  for (const auto& period : record.open_periods()) fact.open.push_back(PeriodOf(period));
  return facts.Upsert(name, fact);
}

DirtySet Put(AuthorityFacts& facts, absl::string_view name, const caseload::v1::StatusPeriod& status) {
  const absl::string_view parent = ParentOf(name);
  return facts.Upsert(name,
                      engine::StatusPeriodFact{.case_name = parent,
                                               .status = static_cast<engine::CaseStatus>(status.status()),
                                               .period = PeriodOf(status)});
}

DirtySet Put(AuthorityFacts& facts, absl::string_view name, const caseload::v1::Placement& placement) {
  const absl::string_view parent = ParentOf(name);
  return facts.Upsert(
      name, engine::PlacementFact{.case_name = parent,
                                  .type = static_cast<engine::PlacementType>(placement.type()),
                                  .carer_or_home = placement.carer_or_home(),
                                  .respite = placement.respite(),
                                  .new_address = placement.new_address(),
                                  .permanence_implemented = DayIf(placement.has_permanence_implemented_date(),
                                                                  placement.permanence_implemented_date()),
                                  .period = PeriodOf(placement)});
}

DirtySet Put(AuthorityFacts& facts, absl::string_view name,
             const caseload::v1::ReducedFrequencyAgreement& agreement) {
  const absl::string_view parent = ParentOf(name);
  const absl::string_view agreed_by = Within(agreement.agreed_by());
  return facts.Upsert(
      name, engine::AgreementFact{.case_name = parent,
                                  .ground = static_cast<engine::AgreementGround>(agreement.ground()),
                                  .low_risk = agreement.low_risk(),
                                  .no_carer_deficits = agreement.no_carer_deficits(),
                                  .agreed_by = agreed_by,
                                  .agreed_on = DayIf(agreement.has_agreed_date(), agreement.agreed_date()),
                                  .period = PeriodOf(agreement)});
}

DirtySet Put(AuthorityFacts& facts, absl::string_view name, const caseload::v1::Allocation& allocation) {
  const absl::string_view parent = ParentOf(name);
  const absl::string_view worker = Within(allocation.worker());
  const absl::string_view team = Within(allocation.team());
  return facts.Upsert(name,
                      engine::AllocationFact{.case_name = parent,
                                             .worker = worker,
                                             .role = static_cast<engine::AllocationRole>(allocation.role()),
                                             .team = team,
                                             .covers_keyworker = allocation.covers_keyworker(),
                                             .period = PeriodOf(allocation)});
}

DirtySet Put(AuthorityFacts& facts, absl::string_view name, const supervision::v1::Session& session) {
  const absl::string_view supervisee = Within(session.supervisee());
  // Who led it, where that was somebody else than was meant to.
  const absl::string_view supervisor =
      Within(session.led_by().empty() ? session.supervisor() : session.led_by());
  return facts.Upsert(name, engine::SessionFact{.supervisee = supervisee,
                                                .supervisor = supervisor,
                                                .kind = static_cast<engine::SessionKind>(session.kind()),
                                                .state = static_cast<engine::SessionState>(session.state()),
                                                .day = DayIf(session.has_date(), session.date())});
}

DirtySet Put(AuthorityFacts& facts, absl::string_view name,
             const supervision::v1::CaseDiscussion& discussion) {
  const absl::string_view session = ParentOf(name);
  const absl::string_view case_name = Within(discussion.case_());
  return facts.Upsert(name, engine::DiscussionFact{.session = session, .case_name = case_name});
}

template <typename Resource>
DirtySet PutAs(AuthorityFacts& facts, absl::string_view name, const Message& message) {
  return Put(facts, name, static_cast<const Resource&>(message));
}

using PutMessageOfType = DirtySet (*)(AuthorityFacts&, absl::string_view name, const Message&);

template <typename... Resources>
absl::flat_hash_map<const Descriptor*, PutMessageOfType> PutsOf() {
  return {{Resources::descriptor(), &PutAs<Resources>}...};
}

// What puts resources of a type into the facts that the engine knows by heart; null where it knows none.
PutMessageOfType PutOf(const Descriptor* type) {
  static const auto* puts = new auto(
      PutsOf<workforce::v1::Authority, workforce::v1::Team, workforce::v1::Worker, workforce::v1::Post,
             workforce::v1::AsyeProgramme, workforce::v1::StudentPlacement, workforce::v1::SupervisorLink,
             workforce::v1::Absence, caseload::v1::Case, caseload::v1::StatusPeriod, caseload::v1::Placement,
             caseload::v1::ReducedFrequencyAgreement, caseload::v1::Allocation, supervision::v1::Session,
             supervision::v1::CaseDiscussion>());
  const auto found = puts->find(type);
  return found == puts->end() ? nullptr : found->second;
}

double NumberOf(const Reflection& reflection, const Message& message,
                const google::protobuf::FieldDescriptor* field) {
  switch (field->cpp_type()) {
    case google::protobuf::FieldDescriptor::CPPTYPE_INT32:
      return reflection.GetInt32(message, field);
    case google::protobuf::FieldDescriptor::CPPTYPE_INT64:
      return static_cast<double>(reflection.GetInt64(message, field));
    case google::protobuf::FieldDescriptor::CPPTYPE_UINT32:
      return reflection.GetUInt32(message, field);
    case google::protobuf::FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<double>(reflection.GetUInt64(message, field));
    case google::protobuf::FieldDescriptor::CPPTYPE_FLOAT:
      return reflection.GetFloat(message, field);
    default:
      return reflection.GetDouble(message, field);
  }
}

// What a field holds, as the engine keeps it; nothing when it is not set.
std::optional<engine::FieldValue> ValueOf(AuthorityFacts& facts, const Reflection& reflection,
                                          const Message& message, const policy::FieldColumn& column) {
  using engine::ColumnType;
  const google::protobuf::FieldDescriptor* field = column.field;
  std::string scratch;
  engine::FieldValue value{.column = column.column, .type = column.type, .target = column.target};
  if (field->is_repeated()) {
    const int size = reflection.FieldSize(message, field);
    if (size == 0) return std::nullopt;
    if (column.type == ColumnType::kText) {
      value.whole = engine::TextHash(reflection.GetRepeatedStringReference(message, field, 0, &scratch));
      return value;
    }
    for (int i = 0; i < size; ++i) {
      if (column.type == ColumnType::kSet) {
        value.whole |= int64_t{1} << reflection.GetRepeatedEnumValue(message, field, i);
      } else if (column.target != FactKind::kNone) {
        value.rows.push_back(facts.RowOf(
            column.target, Within(reflection.GetRepeatedStringReference(message, field, i, &scratch))));
      }
    }
    return value;
  }
  switch (column.type) {
    case ColumnType::kDay: {
      if (!reflection.HasField(message, field)) return std::nullopt;
      const std::optional<CivilDay> day =
          resource::ToDay(static_cast<const google::type::Date&>(reflection.GetMessage(message, field)));
      if (!day) return std::nullopt;
      value.whole = day->number();
      return value;
    }
    case ColumnType::kInstant: {
      if (!reflection.HasField(message, field)) return std::nullopt;
      const auto& time =
          static_cast<const google::protobuf::Timestamp&>(reflection.GetMessage(message, field));
      constexpr int64_t kMicros = 1000000;
      constexpr int kNanosAMicro = 1000;
      value.whole = time.seconds() * kMicros + time.nanos() / kNanosAMicro;
      return value;
    }
    case ColumnType::kEnum:
      value.whole = reflection.GetEnumValue(message, field);
      break;
    case ColumnType::kFlag:
      value.whole = reflection.GetBool(message, field) ? 1 : 0;
      break;
    case ColumnType::kNumber:
      // Without presence, 0 is what is written where nothing is known.
      if (!reflection.HasField(message, field)) return std::nullopt;
      value.number = NumberOf(reflection, message, field);
      return value;
    case ColumnType::kReference: {
      const std::string& name = reflection.GetStringReference(message, field, &scratch);
      if (name.empty() || column.target == FactKind::kNone) return std::nullopt;
      value.whole = facts.RowOf(column.target, Within(name));
      return value;
    }
    case ColumnType::kText:
      value.whole = engine::TextHash(reflection.GetStringReference(message, field, &scratch));
      break;
    default:
      return std::nullopt;
  }
  if (value.whole == 0) return std::nullopt;
  return value;
}

// Puts a resource of any kind into the columns of its kind.
DirtySet PutColumns(AuthorityFacts& facts, absl::string_view name, const Message& message,
                    const Descriptor* type) {
  const policy::MessageColumns* columns = policy::ColumnsOf(type);
  if (columns == nullptr) return {};
  std::vector<engine::FieldValue> values;
  values.reserve(columns->fields.size() + 1);
  if (columns->parent != FactKind::kNone) {
    values.push_back({.column = engine::kParentColumn,
                      .type = engine::ColumnType::kReference,
                      .whole = facts.RowOf(columns->parent, ParentOf(name))});
  }
  const Reflection& reflection = *message.GetReflection();
  for (const policy::FieldColumn& field : columns->fields) {
    std::optional<engine::FieldValue> value = ValueOf(facts, reflection, message, field);
    if (value) values.push_back(*std::move(value));
  }
  return facts.PutRecord(columns->kind, facts.RowOf(columns->kind, name), values);
}

DirtySet RemoveBoth(AuthorityFacts& facts, FactKind kind, const std::string& name) {
  const std::optional<engine::Subject> found = facts.Find(kind, name);
  if (!found) return {};
  DirtySet dirty = facts.Remove(kind, name);
  dirty.Merge(facts.RemoveRecord(kind, found->index));
  return dirty;
}

// Removes the facts of one kind whose names `condition` accepts.
template <typename Condition>
void RemoveIf(AuthorityFacts& facts, FactKind kind, Condition condition, DirtySet& dirty) {
  for (uint32_t id = 0; id < facts.NameCount(kind); ++id) {
    const std::string name = facts.Name(kind, id);
    if (condition(name)) dirty.Merge(RemoveBoth(facts, kind, name));
  }
}

template <typename Visit>
void ForEachKind(const AuthorityFacts& facts, Visit&& visit) {
  for (uint16_t kind = 0; kind < static_cast<uint16_t>(facts.kind_end()); ++kind)
    visit(static_cast<FactKind>(kind));
}

// The type of what is packed; null when it is no record that compliance holds.
const Descriptor* DescriptorOf(const google::protobuf::Any& any) {
  const Descriptor* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      std::string(absl::string_view(any.type_url()).substr(any.type_url().rfind('/') + 1)));
  return descriptor == nullptr || policy::ColumnsOf(descriptor) == nullptr ? nullptr : descriptor;
}

}  // namespace

std::string RelativeName(absl::string_view resource_name) { return std::string(Within(resource_name)); }

std::string FullName(absl::string_view authority, absl::string_view relative_name) {
  if (relative_name.empty()) return "";
  return absl::StrCat("authorities/", authority, "/", relative_name);
}

std::unique_ptr<Message> Unpacked(const google::protobuf::Any& any) {
  const Descriptor* descriptor = DescriptorOf(any);
  if (descriptor == nullptr) return nullptr;
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  if (!message->ParseFromString(any.value())) return nullptr;
  return message;
}

absl::StatusOr<DirtySet> PutResource(AuthorityFacts& facts, absl::string_view resource_name,
                                     const google::protobuf::Any& any) {
  return FactReader().Put(facts, resource_name, any);
}

Message* FactReader::MessageFor(const google::protobuf::Any& any) {
  const auto [found, is_new] = messages_.try_emplace(any.type_url());
  if (is_new) {
    if (const Descriptor* descriptor = DescriptorOf(any); descriptor != nullptr) {
      found->second.reset(
          google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
    }
  }
  return found->second.get();
}

absl::StatusOr<DirtySet> FactReader::Put(AuthorityFacts& facts, absl::string_view resource_name,
                                         const google::protobuf::Any& any) {
  Message* message = MessageFor(any);
  if (message == nullptr) return DirtySet{};
  if (!message->ParseFromString(any.value())) {
    return Error(absl::StatusCode::kDataLoss, "RESOURCE_UNREADABLE",
                 absl::StrCat("a ", message->GetDescriptor()->full_name(),
                              " in a ledger cannot be read; verify that ledger"));
  }
  return PutMessage(facts, Within(resource_name), *message);
}

DirtySet PutMessage(AuthorityFacts& facts, absl::string_view name, const Message& message) {
  const Descriptor* type = message.GetDescriptor();
  const PutMessageOfType put = PutOf(type);
  DirtySet dirty = put == nullptr ? DirtySet{} : put(facts, name, message);
  dirty.Merge(PutColumns(facts, name, message, type));
  return dirty;
}

DirtySet RemoveResource(AuthorityFacts& facts, absl::string_view resource_name) {
  const std::string name = RelativeName(resource_name);
  const std::optional<FactKind> kind = policy::KindOfName(name);
  DirtySet dirty = kind.has_value() ? RemoveBoth(facts, *kind, name) : DirtySet{};
  if (name.empty()) dirty.Merge(facts.SetRecordsCompleteFrom(CivilDay::Min()));
  return dirty;
}

DirtySet EraseResource(AuthorityFacts& facts, absl::string_view resource_name) {
  DirtySet dirty = RemoveResource(facts, resource_name);
  const std::string erased = RelativeName(resource_name);
  const std::string beneath = absl::StrCat(erased, "/");
  std::vector<engine::Subject> names;
  ForEachKind(facts, [&](FactKind kind) {
    RemoveIf(
        facts, kind, [&](const std::string& name) { return absl::StartsWith(name, beneath); }, dirty);
    for (uint32_t id = 0; id < facts.NameCount(kind); ++id) {
      const std::string name = facts.Name(kind, id);
      if (!erased.empty() && (name == erased || absl::StartsWith(name, beneath))) names.push_back({kind, id});
    }
  });
  facts.ForgetNames(names);
  dirty.Normalise();
  return dirty;
}

DirtySet RemoveAllOf(AuthorityFacts& facts, absl::string_view ledger) {
  DirtySet dirty{.everyone = true};
  if (ledger == "workforce") facts.SetRecordsCompleteFrom(CivilDay::Min());
  ForEachKind(facts, [&](FactKind kind) {
    if (policy::LedgerOf(kind) != ledger) return;
    facts.ForgetAllMeanings(kind);
    RemoveIf(
        facts, kind, [](const std::string&) { return true; }, dirty);
  });
  return dirty;
}

}  // namespace oversight::compliance

#include "services/compliance/judgement/apply_entry.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "common/resource/kind.h"
#include "common/resource/name.h"
#include "common/status/error.h"
#include "oversight/compliance/v1/compliance.pb.h"
#include "oversight/compliance/v1/waiver.pb.h"
#include "oversight/type/v1/withdrawal.pb.h"
#include "services/compliance/policy/record_schema.h"

namespace oversight::compliance {
namespace {

CivilDay DayOr(const google::protobuf::Message& message, absl::string_view field, CivilDay otherwise) {
  return resource::DayOf(message, field).value_or(otherwise);
}

absl::Status Unreadable(absl::string_view what) {
  return Error(absl::StatusCode::kDataLoss, "RESOURCE_UNREADABLE", what);
}

absl::Status SetAssignment(AuthorityJudge& judge, const ledger::v1::Entry& entry) {
  v1::PolicyAssignment assignment;
  if (!entry.resource().UnpackTo(&assignment)) return Unreadable("it is no PolicyAssignment");
  std::vector<engine::Override> overrides;
  for (const auto& override : assignment.overrides()) {
    overrides.push_back({override.rule(), override.field(), override.value()});
  }
  judge.SetAssignment(entry.resource_name(),
                      {.policy_id = assignment.policy().substr(assignment.policy().find('/') + 1),
                       .period = {DayOr(assignment, "start_date", CivilDay::Max()),
                                  DayOr(assignment, "end_date", CivilDay::Max())},
                       .overrides = std::move(overrides)});
  return absl::OkStatus();
}

absl::Status SetWaiver(AuthorityJudge& judge, const ledger::v1::Entry& entry) {
  v1::Waiver waiver;
  if (!entry.resource().UnpackTo(&waiver)) return Unreadable("it is no Waiver");
  judge.SetWaiver(entry.resource_name(), {.rules = {waiver.rules().begin(), waiver.rules().end()},
                                          .subject = RelativeName(waiver.subject()),
                                          .period = {std::max(DayOr(waiver, "start_date", CivilDay::Max()),
                                                              DayOr(waiver, "agreed_date", CivilDay::Max())),
                                                     DayOr(waiver, "end_date", CivilDay::Min())}});
  return absl::OkStatus();
}

// The name within the authority of what a withdrawn resource was merged into; empty when it was not.
std::string MergedInto(const google::protobuf::Any& resource) {
  const std::unique_ptr<google::protobuf::Message> message = Unpacked(resource);
  if (message == nullptr) return "";
  const google::protobuf::FieldDescriptor* field = message->GetDescriptor()->FindFieldByName("withdrawal");
  if (field == nullptr || field->message_type() != type::v1::Withdrawal::descriptor()) return "";
  return RelativeName(
      static_cast<const type::v1::Withdrawal&>(message->GetReflection()->GetMessage(*message, field))
          .merged_into());
}

// Whatever names a duplicate means what it was merged into, until it comes again in any other state.
void ApplyMeaning(AuthorityJudge& judge, bool deleted, const std::string& resource_name,
                  const google::protobuf::Any& resource) {
  if (!deleted && !judge.facts().HasDuplicates()) return;
  const std::string name = RelativeName(resource_name);
  const std::optional<engine::FactKind> kind = policy::KindOfName(name);
  if (!kind.has_value()) return;
  if (const std::string survivor = deleted ? MergedInto(resource) : ""; !survivor.empty()) {
    judge.SetMeaning(*kind, name, survivor);
  } else {
    judge.ForgetMeaning(*kind, name);
  }
}

bool Ends(const ledger::v1::Entry& entry) {
  return entry.change() == ledger::v1::CHANGE_DELETED || entry.change() == ledger::v1::CHANGE_ERASED;
}

absl::Status ApplyOwn(AuthorityJudge& judge, const ledger::v1::Entry& entry) {
  const bool waiver = RelativeName(entry.resource_name()).rfind("waivers/", 0) == 0;
  if (!Ends(entry)) return waiver ? SetWaiver(judge, entry) : SetAssignment(judge, entry);
  if (waiver) {
    judge.RemoveWaiver(entry.resource_name());
  } else {
    judge.RemoveAssignment(entry.resource_name());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ApplyEntry(AuthorityJudge& judge, const std::string& ledger, const ledger::v1::Entry& entry) {
  // The payload is gone by law; a tombstone further on says what to forget.
  if (entry.erased()) return absl::OkStatus();
  if (ledger == kOwnLedger) return ApplyOwn(judge, entry);
  ApplyMeaning(judge, entry.change() == ledger::v1::CHANGE_DELETED, entry.resource_name(), entry.resource());
  if (entry.change() == ledger::v1::CHANGE_ERASED) {
    judge.Touch(EraseResource(judge.facts(), entry.resource_name()));
  } else if (entry.change() == ledger::v1::CHANGE_DELETED) {
    judge.Touch(RemoveResource(judge.facts(), entry.resource_name()));
  } else {
    OVERSIGHT_ASSIGN_OR_RETURN(const engine::DirtySet dirty,
                               PutResource(judge.facts(), entry.resource_name(), entry.resource()));
    judge.Touch(dirty);
  }
  return absl::OkStatus();
}

absl::Status ApplyRecord(AuthorityJudge& judge, FactReader& reader,
                         const ledger::v1::SnapshotResponse::Record& record) {
  ApplyMeaning(judge, record.deleted(), record.resource_name(), record.resource());
  if (record.deleted()) {
    judge.Touch(RemoveResource(judge.facts(), record.resource_name()));
    return absl::OkStatus();
  }
  OVERSIGHT_ASSIGN_OR_RETURN(const engine::DirtySet dirty,
                             reader.Put(judge.facts(), record.resource_name(), record.resource()));
  judge.Touch(dirty);
  return absl::OkStatus();
}

void ForgetLedger(AuthorityJudge& judge, const std::string& ledger) {
  if (ledger == kOwnLedger) {
    judge.RemoveAllAssignments();
    judge.RemoveAllWaivers();
  } else {
    judge.Touch(RemoveAllOf(judge.facts(), ledger));
  }
}

}  // namespace oversight::compliance

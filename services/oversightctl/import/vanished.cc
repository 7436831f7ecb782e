#include "services/oversightctl/import/vanished.h"

#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "oversight/ledger/v1/ledger.pb.h"
#include "oversight/type/v1/external_id.pb.h"

namespace oversight::ctl {
namespace {

using google::protobuf::Message;

std::unique_ptr<Message> NewMessage(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

std::vector<std::string> ExternalIdsOf(const Message& resource, absl::string_view source) {
  std::vector<std::string> ids;
  const auto* field = resource.GetDescriptor()->FindFieldByName("external_ids");
  const auto* reflection = resource.GetReflection();
  for (int i = 0; i < reflection->FieldSize(resource, field); ++i) {
    const auto& id =
        static_cast<const type::v1::ExternalId&>(reflection->GetRepeatedMessage(resource, field, i));
    if (id.system() == source) ids.push_back(id.id());
  }
  return ids;
}

bool HasVanished(const std::string& name, const std::vector<std::string>& external_ids, const Plan& plan) {
  if (external_ids.empty() || plan.Contains(name)) return false;
  for (const std::string& id : external_ids) {
    if (!plan.IsComplete(absl::string_view(id).substr(0, id.find('/'))) || plan.IsShielded(id, name))
      return false;
  }
  return true;
}

class Comparison {
 public:
  Comparison(absl::string_view source, const Plan& plan) : source_(source), plan_(plan) {
    for (const ImportKind& kind : ImportKinds()) found_.push_back({&kind, {}});
    for (VanishedKind& kind : found_) by_type_.emplace(kind.kind->type->full_name(), &kind);
  }

  absl::Status TakeSnapshot(ServiceId service, rpc::Client& client, const std::string& authority,
                            absl::Time deadline) {
    ledger::v1::SnapshotRequest request;
    request.set_name(authority);
    rpc::CallOptions options;
    options.deadline = deadline;
    const auto stream = client.Stream(LedgerMethod("Snapshot"), request, options);
    ledger::v1::SnapshotResponse response;
    bool complete = false;
    while (stream->Read(&response)) {
      for (const auto& record : response.records()) Take(service, record);
      complete = complete || response.complete();
    }
    const absl::Status status = stream->Finish();
    if (!status.ok()) return status;
    return complete ? absl::OkStatus() : absl::DataLossError("the snapshot ended before it was complete");
  }

  std::vector<VanishedKind> Finish() {
    std::erase_if(found_, [](const VanishedKind& kind) { return kind.items.empty(); });
    return std::move(found_);
  }

 private:
  void Take(ServiceId service, const ledger::v1::SnapshotResponse::Record& record) {
    if (record.deleted()) return;
    const std::string& url = record.resource().type_url();
    const auto found = by_type_.find(absl::string_view(url).substr(url.rfind('/') + 1));
    if (found == by_type_.end() || found->second->kind->service != service) return;
    VanishedKind& kind = *found->second;
    auto resource = NewMessage(kind.kind->type);
    if (!resource->ParseFromString(record.resource().value())) return;
    const auto ids = ExternalIdsOf(*resource, source_);
    if (!HasVanished(record.resource_name(), ids, plan_)) return;
    auto named = NewMessage(kind.kind->type);
    named->GetReflection()->SetString(named.get(), kind.kind->type->FindFieldByName("name"),
                                      record.resource_name());
    kind.items.push_back({std::move(named), {ids.front(), 0}});
  }

  std::string source_;
  const Plan& plan_;
  std::vector<VanishedKind> found_;
  absl::flat_hash_map<std::string, VanishedKind*> by_type_;
};

}  // namespace

absl::StatusOr<std::vector<VanishedKind>> FindVanished(Services& services, const std::string& authority,
                                                       absl::string_view source, const Plan& plan,
                                                       absl::Time deadline) {
  Comparison comparison(source, plan);
  for (const ServiceId service : kAllServices) {
    auto client = services.Get(service);
    if (!client.ok()) return client.status();
    const absl::Status status = comparison.TakeSnapshot(service, **client, authority, deadline);
    if (!status.ok()) return status;
  }
  return comparison.Finish();
}

}  // namespace oversight::ctl

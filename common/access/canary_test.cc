// Personal data written through every text field of every method, well formed or not, comes out where it was
// asked for and nowhere else: not in logs, metrics, errors, or what another authority watches.
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/log/log.h"
#include "common/testing/in_process_service.h"
#include "gmock/gmock.h"
#include "oversight/type/v1/annotations.pb.h"
#include "services/caseload/resources/registry.h"
#include "services/supervision/resources/registry.h"
#include "services/workforce/resources/registry.h"

namespace oversight::access {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kCanary[] = "CANARY";
constexpr char kId[] = "CANARY-id";

class LogCapture {
 public:
  LogCapture() {
    log::Install(std::make_unique<log::Logger>(log::Options{.service = "canary",
                                                            .level = log::Severity::kDebug,
                                                            .hash_key = "key",
                                                            .sink = [this](absl::string_view line) {
                                                              const std::lock_guard lock(mutex_);
                                                              text_.append(line.data(), line.size());
                                                            }}));
  }
  ~LogCapture() { log::Install(std::make_unique<log::Logger>(log::Options{})); }
  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

std::unique_ptr<Message> New(const Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

// A name of this type in authority a, all further ids of which are the canary; empty for a message that is no
// resource.
std::string NameOf(const Descriptor* resource) {
  const std::string& pattern = resource->options().GetExtension(type::v1::resource).pattern();
  std::vector<std::string> segments = absl::StrSplit(pattern, '/');
  for (std::string& segment : segments) {
    if (segment == "{authority}") segment = "a";
    if (absl::StartsWith(segment, "{")) segment = kId;
  }
  return absl::StrJoin(segments, "/");
}

// The resource that a method is about.
const Descriptor* ResourceOf(const google::protobuf::MethodDescriptor& method) {
  std::vector<const Descriptor*> types = {method.output_type()};
  for (const Descriptor* holder : {method.output_type(), method.input_type()}) {
    for (int i = 0; i < holder->field_count(); ++i) {
      if (holder->field(i)->message_type() != nullptr) types.push_back(holder->field(i)->message_type());
    }
  }
  for (const Descriptor* type : types) {
    if (!type->options().GetExtension(type::v1::resource).pattern().empty()) return type;
  }
  return nullptr;
}

// Sets every field: texts bear the canary; ids are it; names are of resources that have it for an id;
// numbers, enums and dates are such as are accepted.
void Fill(Message& message, const Descriptor* about, int depth, int& count) {
  const auto* reflection = message.GetReflection();
  const Descriptor* type = message.GetDescriptor();
  if (!type->options().GetExtension(type::v1::resource).pattern().empty()) about = type;
  const std::string own = about == nullptr ? absl::StrCat("authorities/a/workers/", kId) : NameOf(about);
  const auto text_of = [&](const FieldDescriptor* field) -> std::string {
    const std::string& reference = field->options().GetExtension(type::v1::rules).reference();
    if (!reference.empty()) {
      return NameOf(google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(reference));
    }
    const size_t last = own.rfind('/');
    if (field->name() == "name" || field->name() == "names") return own;
    if (field->name() == "parent") return own.substr(0, own.rfind('/', last - 1));
    if (field->name() == "authority_id") return "a";
    if (absl::EndsWith(field->name(), "_id")) return kId;
    return absl::StrCat(kCanary, "-", ++count);
  };
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const bool mechanical = field->name() == "etag" || field->name() == "page_token" ||
                            field->name() == "filter" || field->name() == "request_id" ||
                            field->name() == "update_mask";
    if (mechanical || field->options().GetExtension(type::v1::rules).output_only()) continue;
    if (field->real_containing_oneof() != nullptr &&
        reflection->HasOneof(message, field->real_containing_oneof())) {
      continue;
    }
    if (field->type() == FieldDescriptor::TYPE_STRING) {
      field->is_repeated() ? reflection->AddString(&message, field, text_of(field))
                           : reflection->SetString(&message, field, text_of(field));
    } else if (field->type() == FieldDescriptor::TYPE_ENUM) {
      field->is_repeated() ? reflection->AddEnumValue(&message, field, 1)
                           : reflection->SetEnumValue(&message, field, 1);
    } else if (field->type() == FieldDescriptor::TYPE_INT32 && !field->is_repeated()) {
      // Parts of a date among them.
      reflection->SetInt32(&message, field, field->name() == "year" ? 2024 : 1);
    } else if (field->type() == FieldDescriptor::TYPE_MESSAGE && depth < 4) {
      Fill(field->is_repeated() ? *reflection->AddMessage(&message, field)
                                : *reflection->MutableMessage(&message, field),
           about, depth + 1, count);
    }
  }
}

class CanaryTest : public ::testing::Test {
 protected:
  // Calls every unary method, what creates first. Returns how many calls were accepted.
  int CallAll(testing::InProcessService& service, const std::string& rpc_service) {
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(rpc_service);
    int accepted = 0;
    for (const bool creating : {true, false}) {
      for (int i = 0; i < descriptor->method_count(); ++i) {
        const auto* method = descriptor->method(i);
        if (method->server_streaming() || absl::StartsWith(method->name(), "Create") != creating) continue;
        const auto request = New(method->input_type());
        Fill(*request, ResourceOf(*method), 0, count_);
        if (const auto* dry = method->input_type()->FindFieldByName("validate_only"); dry != nullptr) {
          request->GetReflection()->SetBool(request.get(), dry, false);
        }
        const auto response = New(method->output_type());
        const absl::Status status = service.client().Unary(
            absl::StrCat("/", rpc_service, "/", method->name()), *request, response.get(), {});
        if (status.ok()) ++accepted;
        Look(status, method->full_name());
      }
    }
    return accepted;
  }

  static void Look(const absl::Status& status, const std::string& where) {
    std::string text(status.message());
    status.ForEachPayload([&](absl::string_view, const absl::Cord& payload) {
      absl::StrAppend(&text, "\n", std::string(payload));
    });
    EXPECT_FALSE(absl::StrContains(text, kCanary)) << where << ": " << text;
  }

  int count_ = 0;
};

TEST_F(CanaryTest, ComeOutNowhereElse) {
  LogCapture logs;
  int accepted = 0;
  std::vector<service::ServiceDefinition> definitions;
  definitions.push_back(workforce::Definition());
  definitions.push_back(caseload::Definition());
  definitions.push_back(supervision::Definition());
  for (service::ServiceDefinition& definition : definitions) {
    const std::string rpc_service = definition.rpc_service;
    definition.make_extension = nullptr;
    testing::InProcessService service(std::move(definition));
    SCOPED_TRACE(rpc_service);
    accepted += CallAll(service, rpc_service);
    accepted += CallAll(service, "oversight.ledger.v1.LedgerService");
    accepted += CallAll(service, "oversight.access.v1.AccessService");
    EXPECT_FALSE(absl::StrContains(service.metrics().Render(), kCanary));
    // Who watches the authority sees it, who watches another nothing, however much there is.
    std::string seen;
    for (const auto& entry : service.Entries("a")) absl::StrAppend(&seen, entry.resource_name(), "\n");
    EXPECT_TRUE(absl::StrContains(seen, kCanary));
    EXPECT_THAT(service.Entries("b"), ::testing::IsEmpty());
  }
  EXPECT_FALSE(absl::StrContains(logs.text(), kCanary));
  EXPECT_TRUE(absl::StrContains(logs.text(), "Create")) << "calls are logged";
  EXPECT_GT(accepted, 100) << "most of it must get in";
  EXPECT_GT(count_, 200);
}

}  // namespace
}  // namespace oversight::access

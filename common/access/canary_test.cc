// Personal data written through every text field of every method, well formed or not, comes out where it was
// asked for and nowhere else: not in logs, metrics, errors, or what another authority watches.
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
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

// Sets every field: texts bear the canary, names lie in the authority and bear it in their ids; numbers,
// enums and dates are such as are accepted.
void Fill(Message& message, int depth, int& count) {
  const auto* reflection = message.GetReflection();
  const Descriptor* type = message.GetDescriptor();
  const auto add_text = [&](const FieldDescriptor* field) {
    std::string text = absl::StrCat(kCanary, "-", ++count);
    const std::string& reference = field->options().GetExtension(type::v1::rules).reference();
    if (field->name() == "parent") text = "authorities/a";
    if (field->name() == "name" || !reference.empty()) text = absl::StrCat("authorities/a/workers/", text);
    if (field->name() == "authority_id") text = "a";
    if (field->name() == "etag" || field->name() == "page_token" || field->name() == "filter") return;
    field->is_repeated() ? reflection->AddString(&message, field, text)
                         : reflection->SetString(&message, field, text);
  };
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->type() == FieldDescriptor::TYPE_STRING) {
      add_text(field);
    } else if (field->type() == FieldDescriptor::TYPE_ENUM && !field->is_repeated()) {
      reflection->SetEnumValue(&message, field, 1);
    } else if (field->type() == FieldDescriptor::TYPE_INT32 && !field->is_repeated()) {
      // Parts of a date among them.
      reflection->SetInt32(&message, field, field->name() == "year" ? 2024 : 1);
    } else if (field->type() == FieldDescriptor::TYPE_MESSAGE && depth < 4 &&
               field->name() != "update_mask") {
      Fill(field->is_repeated() ? *reflection->AddMessage(&message, field)
                                : *reflection->MutableMessage(&message, field),
           depth + 1, count);
    }
  }
}

class CanaryTest : public ::testing::Test {
 protected:
  // Calls every unary method with a filled request, and what it creates with less and less of it, so that
  // some are accepted. Returns how many were.
  int CallAll(testing::InProcessService& service, const std::string& rpc_service) {
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(rpc_service);
    int accepted = 0;
    for (int i = 0; i < descriptor->method_count(); ++i) {
      const auto* method = descriptor->method(i);
      if (method->server_streaming()) continue;
      const auto request = New(method->input_type());
      Fill(*request, 0, count_);
      if (const auto* field = method->input_type()->FindFieldByName("validate_only"); field != nullptr) {
        request->GetReflection()->SetBool(request.get(), field, false);
      }
      const auto response = New(method->output_type());
      const absl::Status status = service.client().Unary(absl::StrCat("/", rpc_service, "/", method->name()),
                                                         *request, response.get(), {});
      if (status.ok()) ++accepted;
      Look(status, method->full_name());
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
    // Its resources, each by itself: what is required and no more, so that it is accepted.
    accepted += CallAll(service, rpc_service);
    accepted += CallAll(service, "oversight.ledger.v1.LedgerService");
    accepted += CallAll(service, "oversight.access.v1.AccessService");
    EXPECT_FALSE(absl::StrContains(service.metrics().Render(), kCanary));
    // Another authority sees nothing of it, however much there is.
    EXPECT_THAT(service.Entries("b"), ::testing::IsEmpty());
  }
  EXPECT_FALSE(absl::StrContains(logs.text(), kCanary));
  EXPECT_TRUE(absl::StrContains(logs.text(), "Create")) << "calls are logged";
  EXPECT_GT(accepted, 5);
  EXPECT_GT(count_, 1000);
}

}  // namespace
}  // namespace oversight::access

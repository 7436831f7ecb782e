// Whatever a caller sends, the answer is a result or one of our errors, and the ledger stays sound.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/resource/kind.h"
#include "common/resource/testing/text.h"
#include "common/testing/in_process_service.h"
#include "common/testing/status_matchers.h"
#include "google/protobuf/dynamic_message.h"
#include "oversight/type/v1/annotations.pb.h"
#include "oversight/workforce/v1/workforce_service.pb.h"
#include "services/supervision/resources/registry.h"
#include "services/workforce/resources/registry.h"

namespace oversight::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using ::oversight::testing::InProcessService;
using ::oversight::testing::IsOk;

// Fills messages with what callers get right, get wrong, and never should send. The same for the same seed.
class AnyMessage {
 public:
  explicit AnyMessage(unsigned seed) : random_(seed) {}

  void Fill(Message& message, int depth = 0) {
    const auto* descriptor = message.GetDescriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const FieldDescriptor& field = *descriptor->field(i);
      if (OneIn(field.is_repeated() ? 2 : 8) || depth > 4) continue;
      if (OneIn(2) && !IsWanted(field)) continue;
      const int count = field.is_repeated() ? Pick(4) : 1;
      for (int n = 0; n < count; ++n) FillField(message, field, depth);
    }
  }

 private:
  int Pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }
  bool OneIn(int n) { return Pick(n) == 0; }
  // Fields without which little gets through.
  static bool IsWanted(const FieldDescriptor& field) {
    const bool is_resource = field.message_type() != nullptr && PatternOf(*field.message_type()) != nullptr;
    return is_resource || field.name() == "name" || field.name() == "parent" ||
           field.cpp_type() == FieldDescriptor::CPPTYPE_INT32 ||
           field.options().GetExtension(type::v1::rules).required();
  }

  void FillField(Message& message, const FieldDescriptor& field, int depth) {
    const auto* r = message.GetReflection();
    const bool add = field.is_repeated();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string text = AnyText(field);
        add ? r->AddString(&message, &field, text) : r->SetString(&message, &field, text);
        break;
      }
      case FieldDescriptor::CPPTYPE_INT32:
        add ? r->AddInt32(&message, &field, AnyInt(field)) : r->SetInt32(&message, &field, AnyInt(field));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        add ? r->AddInt64(&message, &field, AnyInt(field)) : r->SetInt64(&message, &field, AnyInt(field));
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE: {
        const double values[] = {0, 1, 0.5, -1, 1e308, std::numeric_limits<double>::quiet_NaN()};
        r->SetDouble(&message, &field, values[Pick(6)]);
        break;
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        r->SetBool(&message, &field, OneIn(field.name() == "allow_missing" ? 1 : 5));
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        add ? r->AddEnumValue(&message, &field, Pick(8))
            : r->SetEnumValue(&message, &field, OneIn(20) ? -7 : Pick(8));
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Fill(add ? *r->AddMessage(&message, &field) : *r->MutableMessage(&message, &field), depth + 1);
        break;
      default:
        break;
    }
  }

  int32_t AnyInt(const FieldDescriptor& field) {
    const std::string& name = field.name();
    if (!OneIn(10)) {
      if (name == "year") return 2020 + Pick(6);
      if (name == "month") return 1 + Pick(12);
      if (name == "day") return 1 + Pick(28);
    }
    const int32_t values[] = {0, 1, 2, 31, -1, 2147483647, -2147483647 - 1};
    return values[Pick(7)];
  }

  std::string AnyId() { return absl::StrCat("x", Pick(3)); }

  // A name of the kind that the message is, or that the method of the request is about: `DeletePostRequest`.
  std::string NameByPattern(const FieldDescriptor& field) {
    const auto* message = field.containing_type();
    std::shared_ptr<const Pattern> pattern = PatternOf(*message);
    for (const char* verb : {"Create", "Get", "List", "Delete", "Hold", "Cancel"}) {
      const absl::string_view about = absl::StripSuffix(absl::StripPrefix(message->name(), verb), "Request");
      for (const std::string& type : {std::string(about), std::string(absl::StripSuffix(about, "s"))}) {
        const auto* kind = message->file()->pool()->FindMessageTypeByName(
            absl::StrCat(message->file()->package(), ".", type));
        if (pattern == nullptr && kind != nullptr) pattern = PatternOf(*kind);
      }
    }
    if (pattern == nullptr) return "";
    std::vector<std::string> parts =
        absl::StrSplit(field.name() == "parent" ? pattern->ParentText() : pattern->text(), '/');
    for (size_t i = 1; i < parts.size(); i += 2) parts[i] = i == 1 ? "a" : AnyId();
    return absl::StrJoin(parts, "/");
  }

  // A name of the collection that the field's name suggests, more often than not.
  std::string AnyName(const FieldDescriptor& field) {
    const std::string& hint = field.name();
    const std::string worker = absl::StrCat("authorities/a/workers/", AnyId());
    const std::string session = absl::StrCat("authorities/a/sessions/", AnyId());
    const std::vector<std::string> names = {"authorities/a",
                                            worker,
                                            absl::StrCat("authorities/a/teams/", AnyId()),
                                            absl::StrCat(worker, "/posts/", AnyId()),
                                            absl::StrCat(worker, "/supervisorLinks/", AnyId()),
                                            absl::StrCat(worker, "/absences/", AnyId()),
                                            absl::StrCat(worker, "/asyeProgrammes/", AnyId()),
                                            absl::StrCat(worker, "/studentPlacements/", AnyId()),
                                            session,
                                            absl::StrCat(session, "/caseDiscussions/", AnyId()),
                                            absl::StrCat("authorities/a/cases/", AnyId())};
    if (!OneIn(10) && (hint == "name" || hint == "parent")) {
      if (const std::string name = NameByPattern(field); !name.empty()) return name;
    }
    if (hint == "team" || hint == "parent_team") return names[2];
    if (hint == "supervisor" || hint == "supervisee" || hint == "cover_for") return worker;
    if (hint == "case") return names[10];
    return names[static_cast<size_t>(Pick(11))];
  }

  std::string AnyText(const FieldDescriptor& field) {
    const std::string& name = field.name();
    if (OneIn(25)) {
      const std::string values[] = {"",
                                    std::string("a\0b", 3),
                                    "👩‍⚖️",
                                    std::string(5000, 'x'),
                                    "authorities/-/workers/-",
                                    "authorities/../..",
                                    "' OR 1=1 -- ",
                                    "%s%n",
                                    "\n"};
      return values[Pick(9)];
    }
    if (name == "paths") {
      const std::string paths[] = {
          "*",        "start_date", "start_date.year", "external_ids", "name", "state",
          "nonsense", "",           "external_ids.id", "supervisor"};
      return paths[Pick(10)];
    }
    if (name == "etag") return absl::StrCat("v", Pick(3));
    if (name == "page_token" && !OneIn(5)) return "";
    if (name == "request_id") return OneIn(2) ? "" : absl::StrCat("r", Pick(50));
    if (name.size() > 3 && name.substr(name.size() - 3) == "_id") return AnyId();
    return AnyName(field);
  }

  std::mt19937 random_;
};

// Calls every unary method of the service with such messages; returns how often each code came back.
std::map<absl::StatusCode, int> CallEverything(InProcessService& service, const std::string& rpc_service,
                                               unsigned seed, int rounds) {
  std::map<absl::StatusCode, int> codes;
  AnyMessage any(seed);
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  const auto* descriptor = pool->FindServiceByName(rpc_service);
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < descriptor->method_count(); ++i) {
      const auto* method = descriptor->method(i);
      if (method->server_streaming()) continue;
      const std::unique_ptr<Message> request(factory->GetPrototype(method->input_type())->New());
      const std::unique_ptr<Message> response(factory->GetPrototype(method->output_type())->New());
      any.Fill(*request);
      const absl::Status status =
          service.client().Unary(absl::StrCat("/", rpc_service, "/", method->name()), *request,
                                 response.get(), {.deadline = absl::Now() + absl::Seconds(60)});
      ++codes[status.code()];
      switch (status.code()) {
        case absl::StatusCode::kOk:
          break;
        case absl::StatusCode::kInternal:
        case absl::StatusCode::kUnknown:
        case absl::StatusCode::kDataLoss:
        case absl::StatusCode::kUnimplemented:
        case absl::StatusCode::kUnavailable:
        case absl::StatusCode::kDeadlineExceeded:
          ADD_FAILURE() << method->name() << " " << status << "\n"
                        << request->ShortDebugString().substr(0, 1000);
          break;
        default:
          EXPECT_FALSE(ReasonOf(status).empty()) << method->name() << " " << status;
      }
      if (::testing::Test::HasFailure()) return codes;
    }
  }
  return codes;
}

TEST(AnyInputTest, Workforce) {
  InProcessService service(workforce::Definition());
  OVERSIGHT_ASSERT_OK(service.Call<workforce::v1::Authority>(
      "CreateAuthority", testing::Parse<workforce::v1::CreateAuthorityRequest>(
                             "authority_id: 'a' authority { display_name: 'A' }")));
  OVERSIGHT_ASSERT_OK(service.Call<workforce::v1::ImportResponse>(
      "Import", testing::Parse<workforce::v1::ImportRequest>(
                    "parent: 'authorities/a' records { worker { name: 'authorities/a/workers/x0' } } "
                    "records { worker { name: 'authorities/a/workers/x1' } } "
                    "records { team { name: 'authorities/a/teams/x0' display_name: 'T' } }")));
  const auto codes = CallEverything(service, "oversight.workforce.v1.WorkforceService", 1, 60);
  EXPECT_GT(codes.at(absl::StatusCode::kOk), 100) << "too little gets through to prove much";
  EXPECT_GT(codes.at(absl::StatusCode::kInvalidArgument), 100);
  CallEverything(service, "oversight.ledger.v1.LedgerService", 2, 100);
  EXPECT_TRUE(service.Verify("a")->intact());
}

TEST(AnyInputTest, Supervision) {
  InProcessService service(supervision::Definition());
  const auto codes = CallEverything(service, "oversight.supervision.v1.SupervisionService", 3, 150);
  EXPECT_GT(codes.at(absl::StatusCode::kOk), 100) << "too little gets through to prove much";
  CallEverything(service, "oversight.ledger.v1.LedgerService", 4, 100);
  EXPECT_TRUE(service.Verify("a")->intact());
}

}  // namespace
}  // namespace oversight::resource

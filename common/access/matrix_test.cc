// Every method of every service against every role: who gets to it is what roles.txtpb says, for requests
// about the caller, about somebody else, and about another authority wherever a name can stand.
#include <google/protobuf/text_format.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/access/guard.h"
#include "common/ledger/token.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "oversight/workforce/v1/workforce.pb.h"

namespace oversight::access {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

constexpr absl::Time kNow = absl::FromUnixSeconds(1'900'000'000);
constexpr char kMe[] = "authorities/a/workers/me";
constexpr char kStranger[] = "authorities/a/workers/stranger";
constexpr char kForeigner[] = "authorities/b/workers/me";

class FixedClock final : public Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Time now = kNow;
};

// Every service that a file of protos/ declares, so that a new one is in the matrix from its first day.
std::vector<std::string> AllServices() {
  std::vector<std::string> services;
  for (const auto& file : std::filesystem::recursive_directory_iterator(OVERSIGHT_PROTOS_DIRECTORY)) {
    if (file.path().extension() != ".proto") continue;
    std::ifstream stream(file.path());
    std::string package;
    for (std::string line; std::getline(stream, line);) {
      std::smatch found;
      if (std::regex_match(line, found, std::regex("package ([a-z0-9.]+);"))) package = found[1];
      if (std::regex_match(line, found, std::regex("service (\\w+) \\{.*"))) {
        services.push_back(absl::StrCat(package, ".", std::string(found[1])));
      }
    }
  }
  return services;
}

const std::vector<const MethodDescriptor*>& AllMethods() {
  static const auto& methods = *new std::vector<const MethodDescriptor*>([] {
    std::vector<const MethodDescriptor*> found;
    for (const std::string& name : AllServices()) {
      const auto* service = DescriptorPool::generated_pool()->FindServiceByName(name);
      EXPECT_NE(service, nullptr) << name;
      for (int i = 0; i < service->method_count(); ++i) found.push_back(service->method(i));
    }
    return found;
  }());
  return methods;
}

class FakeCall final : public rpc::Call {
 public:
  explicit FakeCall(rpc::Principal principal) : principal_(std::move(principal)) {}
  absl::string_view method() const override { return "/x/Y"; }
  const rpc::Principal& principal() const override { return principal_; }
  const std::string& request_id() const override { return id_; }
  absl::Time deadline() const override { return absl::InfiniteFuture(); }
  bool cancelled() const override { return false; }
  void AddTrailer(absl::string_view, absl::string_view) override {}

 private:
  const rpc::Principal principal_;
  const std::string id_ = "id";
};

class FakeFeed final : public rpc::Feed {
 public:
  bool TrySend(const Message&) override { return true; }
  void Close(absl::Status status) override { end = std::move(status); }
  bool ended() const override { return end.has_value(); }
  std::optional<absl::Status> end;
  void SetReadyCallback(std::function<void()>) override {}
};

class NoWriter final : public rpc::StreamWriter {
 public:
  bool Write(const Message&) override { return true; }
};

// Nothing is stored, so that what matters is in the request.
class NoOwners final : public OwnerSource {
 public:
  absl::StatusOr<Owners> OwnersOf(const std::string&, absl::Time) override { return Owners(); }
};

std::unique_ptr<Message> New(const Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

// What the table itself says, read another way than the guard reads it.
struct Says {
  bool authority = false;
  bool less = false;
};
Says TableSays(const pb::Role& role, const MethodDescriptor* method) {
  const std::vector<std::string> package = absl::StrSplit(method->file()->package(), '.');
  const std::string name = absl::StrCat(package[1], ".", method->name());
  const auto matches = [&](const auto& patterns) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
      const std::string expression = absl::StrReplaceAll(pattern, {{".", "\\."}, {"*", ".*"}});
      return std::regex_match(name, std::regex(expression));
    });
  };
  Says says;
  for (const pb::Permission& permission : role.allow()) {
    if (!matches(permission.method()) || matches(permission.except())) continue;
    (permission.scope() == pb::SCOPE_AUTHORITY ? says.authority : says.less) = true;
  }
  return says;
}

class MatrixTest : public ::testing::Test {
 protected:
  MatrixTest() {
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kRoleTable, &table_));
    std::string grants;
    for (const pb::Role& role : table_.role()) {
      if (role.holder() == pb::HOLDER_SERVICE) {
        absl::StrAppend(&grants, "service { name: '", role.id(), "' role: '", role.id(),
                        "' authority: 'a' }\n");
      } else {
        absl::StrAppend(&grants, "group { group: '", role.id(), "' role: '", role.id(), "' }\n");
      }
    }
    const std::string path = ::testing::TempDir() + "/matrix_grants.txtpb";
    std::ofstream(path) << grants;
    // I am in post, in a team that nobody shares; nobody is below me.
    oversight::workforce::v1::Post post;
    post.set_team("authorities/a/teams/mine");
    post.mutable_start_date()->set_year(2020);
    post.mutable_start_date()->set_month(1);
    post.mutable_start_date()->set_day(1);
    ledger::v1::WatchResponse message;
    auto& entry = *message.add_entries();
    entry.set_authority("authorities/a");
    entry.set_resource_name(absl::StrCat(kMe, "/posts/p"));
    entry.mutable_resource()->PackFrom(post);
    view_.Apply(message, kNow);
    view_.Apply({}, kNow);
    auto standings = Standings::Open({.grants_file = path}, &view_, &clock_);
    EXPECT_TRUE(standings.ok()) << standings.status();
    standings_ = *std::move(standings);
    guard_ = std::make_unique<Guard>(
        Guard::Parts{.standings = standings_.get(), .owners = &owners_, .clock = &clock_, .page_key = "key"});
    rpc::Methods methods;
    for (const MethodDescriptor* method : AllMethods()) Stub(methods, method);
    methods_ = guard_->Protect(methods);
    EXPECT_TRUE(methods_.CheckComplete().ok()) << methods_.CheckComplete();
  }

  void Stub(rpc::Methods& methods, const MethodDescriptor* method) {
    const std::string& service = method->service()->full_name();
    const auto reached = [this] {
      reached_ = true;
      return absl::OkStatus();
    };
    if (!method->server_streaming()) {
      methods.Unary(service, method->name(), [=](auto&, const auto&, auto&) { return reached(); });
    } else if (method->name() == "Watch") {
      methods.Feed(service, method->name(), [this, reached](auto&, const auto&, auto feed) {
        feed_ = std::move(feed);
        return reached();
      });
    } else {
      methods.Stream(service, method->name(), [=](auto&, const auto&, auto&) { return reached(); });
    }
  }

  static rpc::Principal Holder(const pb::Role& role, const std::string& authority = "a") {
    rpc::Principal principal{.subject = "me",
                             .actor = "user:me",
                             .authorities = {authority},
                             .groups = {role.id()},
                             .worker = "me"};
    if (role.holder() == pb::HOLDER_SERVICE) {
      principal = {
          .kind = rpc::Principal::Kind::kService, .subject = role.id(), .actor = "service:" + role.id()};
    }
    return principal;
  }

  // Whether the call gets to the method; a refusal must be the one and only.
  bool Reaches(const rpc::Principal& principal, const MethodDescriptor* method, const Message& request) {
    FakeCall call(principal);
    reached_ = false;
    const auto& handler =
        methods_.handlers().at(absl::StrCat("/", method->service()->full_name(), "/", method->name()));
    absl::Status status;
    if (handler.unary) {
      const std::unique_ptr<Message> response = New(method->output_type());
      status = handler.unary(call, request, *response);
    } else if (handler.feed) {
      status = handler.feed(call, request, std::make_shared<FakeFeed>());
    } else {
      NoWriter writer;
      status = handler.stream(call, request, writer);
    }
    if (status.ok()) {
      EXPECT_TRUE(reached_);
      return true;
    }
    // A scoped caller's question whose answer shows nothing of theirs is refused after the method was asked.
    if (!reached_ || status.code() == absl::StatusCode::kPermissionDenied) {
      if (refusal_.ok()) refusal_ = status;
      EXPECT_EQ(status, refusal_) << method->full_name();
      EXPECT_EQ(ReasonOf(status), "ACCESS_DENIED");
    }
    return false;
  }

  FixedClock clock_;
  WorkforceView view_;
  NoOwners owners_;
  pb::RoleTable table_;
  std::unique_ptr<Standings> standings_;
  std::unique_ptr<Guard> guard_;
  rpc::Methods methods_;
  bool reached_ = false;
  // What the guard gave to Watch.
  std::shared_ptr<rpc::Feed> feed_;
  absl::Status refusal_;
};

const FieldDescriptor* Text(const Descriptor* type, const char* name) {
  const FieldDescriptor* field = type->FindFieldByName(name);
  return field != nullptr && field->type() == FieldDescriptor::TYPE_STRING ? field : nullptr;
}

// A request that names this worker, or what lies beneath, wherever the AIPs put the name of what it is about.
// False when it has no such place.
bool About(absl::string_view worker, Message& request) {
  const Descriptor* type = request.GetDescriptor();
  const auto* reflection = request.GetReflection();
  bool named = false;
  for (const char* place : {"name", "parent"}) {
    if (const FieldDescriptor* field = Text(type, place); field != nullptr) {
      reflection->SetString(&request, field, std::string(worker));
      named = true;
    }
  }
  if (const FieldDescriptor* names = type->FindFieldByName("names");
      names != nullptr && names->is_repeated()) {
    reflection->AddString(&request, names, std::string(worker));
    named = true;
  }
  if (const FieldDescriptor* batch = type->FindFieldByName("requests");
      batch != nullptr && batch->is_repeated()) {
    named = About(worker, *reflection->AddMessage(&request, batch)) || named;
  }
  for (int i = 0; i < type->field_count() && Text(type, "name") == nullptr && Text(type, "parent") == nullptr;
       ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->is_repeated() || field->type() != FieldDescriptor::TYPE_MESSAGE) continue;
    if (const FieldDescriptor* name = Text(field->message_type(), "name"); name != nullptr) {
      Message* resource = reflection->MutableMessage(&request, field);
      resource->GetReflection()->SetString(resource, name, std::string(worker));
      named = true;
    }
  }
  if (const FieldDescriptor* id = Text(type, "authority_id"); id != nullptr) {
    reflection->SetString(&request, id, absl::StartsWith(worker, "authorities/b") ? "b" : "a");
    named = true;
  }
  return named;
}

TEST_F(MatrixTest, WhoGetsToAMethodIsWhatTheTableSays) {
  int allowed = 0;
  int denied = 0;
  for (const MethodDescriptor* method : AllMethods()) {
    for (const pb::Role& role : table_.role()) {
      const Says says = TableSays(role, method);
      SCOPED_TRACE(absl::StrCat(method->full_name(), " by ", role.id()));
      const auto mine = New(method->input_type());
      const bool named = About(kMe, *mine);
      // An authority that is to be created is nobody's yet.
      const bool creates_authority = Text(method->input_type(), "authority_id") != nullptr;
      const bool by_less = says.less && named && !creates_authority && !method->server_streaming();
      EXPECT_EQ(Reaches(Holder(role), method, *mine), says.authority || by_less);
      (says.authority || by_less ? allowed : denied)++;
      if (!named) continue;
      const auto others = New(method->input_type());
      About(kStranger, *others);
      EXPECT_EQ(Reaches(Holder(role), method, *others), says.authority);
      const auto foreign = New(method->input_type());
      About(kForeigner, *foreign);
      EXPECT_FALSE(Reaches(Holder(role), method, *foreign));
    }
  }
  // The table is not all one way.
  EXPECT_GT(allowed, 300);
  EXPECT_GT(denied, 300);
}

TEST_F(MatrixTest, WithoutARoleAuthorityOrPostThereIsNothing) {
  for (const MethodDescriptor* method : AllMethods()) {
    for (const pb::Role& role : table_.role()) {
      SCOPED_TRACE(absl::StrCat(method->full_name(), " by ", role.id()));
      const auto mine = New(method->input_type());
      About(kMe, *mine);
      rpc::Principal principal = Holder(role);
      principal.groups = {"other"};
      principal.subject = "other";
      EXPECT_FALSE(Reaches(principal, method, *mine)) << "no role";
      if (role.holder() == pb::HOLDER_SERVICE) continue;
      principal = Holder(role);
      principal.authorities.clear();
      EXPECT_FALSE(Reaches(principal, method, *mine)) << "no authority";
      principal = Holder(role, "b");
      principal.authorities = {"b"};
      const bool names_none = AuthoritiesAskedIn(*mine).authorities.empty();
      EXPECT_TRUE(names_none || !Reaches(principal, method, *mine)) << "another authority\'s";
      principal.authorities = {"*"};
      const bool any =
          role.holder() == pb::HOLDER_ANYBODY_OF_ANY_AUTHORITY && TableSays(role, method).authority;
      EXPECT_EQ(Reaches(principal, method, *mine), any) << "all authorities";
      if (role.holder() != pb::HOLDER_WORKER_IN_POST) continue;
      principal = Holder(role);
      principal.worker = "unknown";
      EXPECT_FALSE(Reaches(principal, method, *mine)) << "no post";
    }
  }
}

// Calls `visit` with a copy of `request` in which one text field, anywhere in it, is set; for each of them.
void ForEachText(
    const Message& request,
    const std::function<void(const std::string&, Message&, Message*, const FieldDescriptor*)>& visit) {
  struct Place {
    std::vector<const FieldDescriptor*> path;
    const FieldDescriptor* text;
  };
  std::vector<Place> places;
  const std::function<void(const Descriptor*, std::vector<const FieldDescriptor*>)> collect =
      [&](const Descriptor* type, std::vector<const FieldDescriptor*> path) {
        for (int i = 0; i < type->field_count(); ++i) {
          const FieldDescriptor* field = type->field(i);
          if (field->type() == FieldDescriptor::TYPE_STRING) places.push_back({path, field});
          if (field->type() != FieldDescriptor::TYPE_MESSAGE || path.size() >= 3) continue;
          std::vector<const FieldDescriptor*> deeper = path;
          deeper.push_back(field);
          collect(field->message_type(), std::move(deeper));
        }
      };
  collect(request.GetDescriptor(), {});
  for (const Place& place : places) {
    const std::unique_ptr<Message> copy(request.New());
    copy->CopyFrom(request);
    Message* holder = copy.get();
    std::string name;
    for (const FieldDescriptor* step : place.path) {
      holder = step->is_repeated() ? holder->GetReflection()->AddMessage(holder, step)
                                   : holder->GetReflection()->MutableMessage(holder, step);
      absl::StrAppend(&name, step->name(), ".");
    }
    visit(absl::StrCat(name, place.text->name()), *copy, holder, place.text);
  }
}

void Set(Message* holder, const FieldDescriptor* field, const std::string& text) {
  if (field->is_repeated()) {
    holder->GetReflection()->AddString(holder, field, text);
  } else {
    holder->GetReflection()->SetString(holder, field, text);
  }
}

TEST_F(MatrixTest, AnotherAuthorityNamedAnywhereIsRefused) {
  std::vector<std::string> foreign_tokens;
  for (const char* authority : {"authorities/b", "b"}) {
    ledger::pb::Token token;
    token.set_ledger("workforce");
    token.set_authority(authority);
    token.set_incarnation(std::string(16, 'i'));
    token.set_hash(std::string(32, 'h'));
    foreign_tokens.push_back(ledger::EncodeToken(token));
  }
  int places = 0;
  for (const MethodDescriptor* method : AllMethods()) {
    const auto request = New(method->input_type());
    About(kMe, *request);
    for (const pb::Role& role : table_.role()) {
      // What is refused anyway proves nothing.
      if (!TableSays(role, method).authority) continue;
      ForEachText(*request, [&](const std::string& path, Message& whole, Message* holder,
                                const FieldDescriptor* field) {
        SCOPED_TRACE(absl::StrCat(method->full_name(), " by ", role.id(), ", ", path));
        ++places;
        Set(holder, field, field->name() == "authority_id" ? "b" : "authorities/b/cases/c");
        EXPECT_FALSE(Reaches(Holder(role), method, whole));
        if (field->name() != "after" && !absl::EndsWith(field->name(), "_tokens")) return;
        for (const std::string& token : foreign_tokens) {
          holder->GetReflection()->ClearField(holder, field);
          Set(holder, field, token);
          EXPECT_FALSE(Reaches(Holder(role), method, whole));
        }
      });
    }
  }
  EXPECT_GT(places, 1000);
}

TEST_F(MatrixTest, RolesOfWorkersWaitForWorkforceAndOthersDoNot) {
  view_.Clear();
  for (const MethodDescriptor* method : AllMethods()) {
    for (const pb::Role& role : table_.role()) {
      SCOPED_TRACE(absl::StrCat(method->full_name(), " by ", role.id()));
      const Says says = TableSays(role, method);
      const auto mine = New(method->input_type());
      About(kMe, *mine);
      FakeCall call(Holder(role));
      reached_ = false;
      const auto& handler =
          methods_.handlers().at(absl::StrCat("/", method->service()->full_name(), "/", method->name()));
      if (!handler.unary) continue;
      const std::unique_ptr<Message> response = New(method->output_type());
      const absl::Status status = handler.unary(call, *mine, *response);
      if (role.holder() != pb::HOLDER_WORKER_IN_POST) {
        EXPECT_EQ(status.ok(), says.authority);
      } else if (says.authority || says.less) {
        EXPECT_EQ(ReasonOf(status), "WORKFORCE_UNKNOWN");
        EXPECT_GT(RetryDelayOf(status), absl::ZeroDuration());
        EXPECT_FALSE(reached_);
      } else {
        EXPECT_EQ(ReasonOf(status), "ACCESS_DENIED");
      }
    }
  }
}

TEST_F(MatrixTest, AnOpenWatchEndsWithItsToken) {
  rpc::Principal caller{
      .subject = "etl", .actor = "user:etl", .authorities = {"a"}, .groups = {"integration"}};
  caller.expires = kNow + absl::Seconds(10);
  ledger::v1::WatchRequest request;
  request.add_authorities("authorities/a");
  const auto feed = std::make_shared<FakeFeed>();
  FakeCall call(caller);
  ASSERT_TRUE(
      methods_.handlers().at("/oversight.ledger.v1.LedgerService/Watch").feed(call, request, feed).ok());
  // Clocks differ by as much as half a minute.
  for (const int seconds : {0, 5, 39}) {
    clock_.now = kNow + absl::Seconds(seconds);
    EXPECT_TRUE(feed_->TrySend(ledger::v1::WatchResponse())) << seconds;
  }
  clock_.now = kNow + absl::Seconds(40);
  EXPECT_FALSE(feed_->TrySend(ledger::v1::WatchResponse()));
  ASSERT_TRUE(feed->end.has_value());
  EXPECT_EQ(ReasonOf(*feed->end), "TOKEN_EXPIRED");
}

TEST_F(MatrixTest, DemoUsersMayDoEverything) {
  for (const MethodDescriptor* method : AllMethods()) {
    const auto mine = New(method->input_type());
    About(kMe, *mine);
    EXPECT_TRUE(Reaches({.kind = rpc::Principal::Kind::kDemo, .actor = "demo:x", .authorities = {"*"}},
                        method, *mine));
  }
}

}  // namespace
}  // namespace oversight::access

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "common/rpc/authority.h"
#include "common/rpc/test_server.h"
#include "common/rpc/wire.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "oversight/workforce/v1/workforce_service.pb.h"

namespace oversight::rpc {
namespace {

using ledger_v1::GetHeadRequest;
using ledger_v1::Head;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;

// A server whose GetHead is the given handler.
Methods WithGetHead(std::function<absl::Status(Call&, const GetHeadRequest&, Head&)> handler) {
  Methods methods = LedgerMethods();
  methods.Unary<GetHeadRequest, Head>(kLedgerService, "GetHead", std::move(handler));
  return methods;
}

TEST(Unary, HandlerSeesTheCallAndItsReplyAndTrailersReachTheCaller) {
  const TestServer server(WithGetHead([](Call& call, const GetHeadRequest& request, Head& head) {
                            EXPECT_EQ(call.method(), "/oversight.ledger.v1.LedgerService/GetHead");
                            EXPECT_EQ(call.actor(), "demo:ada");
                            EXPECT_EQ(call.request_id(), "r-1");
                            EXPECT_FALSE(call.cancelled());
                            EXPECT_LE(call.deadline(), absl::Now() + absl::Seconds(60));
                            call.AddTrailer("oversight-token", "t1");
                            call.AddTrailer("Not-Legal", "x");
                            call.AddTrailer("not-printable", "\n");
                            head.set_authority(request.name());
                            head.set_revision(7);
                            return absl::OkStatus();
                          }),
                          DemoOptions(), {.demo_user = "ada"});
  GetHeadRequest request;
  request.set_name("authorities/kent");
  Head head;
  std::vector<std::pair<std::string, std::string>> trailers;
  ASSERT_TRUE(
      server.client->Unary(LedgerMethod("GetHead"), request, &head, {.request_id = "r-1"}, &trailers).ok());
  EXPECT_EQ(head.authority(), "authorities/kent");
  EXPECT_EQ(head.revision(), 7);
  EXPECT_THAT(trailers, Contains(Pair("oversight-token", "t1")));
  EXPECT_THAT(trailers, Contains(Pair("oversight-request-id", "r-1")));
  EXPECT_THAT(trailers, SizeIs(2));
}

TEST(Unary, ChoosesARequestIdWhenTheCallerSendsNoneOrAWildOne) {
  std::string seen;
  const TestServer server(WithGetHead([&](Call& call, const GetHeadRequest&, Head&) {
    seen = call.request_id();
    return absl::OkStatus();
  }));
  ASSERT_TRUE(server.GetHead("x").ok());
  EXPECT_THAT(seen, SizeIs(32));
  const std::string first = seen;
  ASSERT_TRUE(server.GetHead("x", nullptr, {.request_id = "a b"}).ok());
  EXPECT_THAT(seen, SizeIs(32));
  EXPECT_NE(seen, first);
}

TEST(Unary, ErrorsTravelWithTheirDetails) {
  const TestServer server(WithGetHead([](Call& call, const GetHeadRequest&, Head&) {
    call.AddTrailer("oversight-note", "kept");
    return Error(absl::StatusCode::kNotFound, "LEDGER_EMPTY", "nothing yet")
        .With("authority", "kent")
        .Field("name", "no such ledger")
        .RetryAfter(absl::Seconds(3));
  }));
  const absl::Status status = server.GetHead("authorities/kent");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "nothing yet");
  EXPECT_EQ(ReasonOf(status), "LEDGER_EMPTY");
  EXPECT_EQ(MetadataOf(status, "authority"), "kent");
  EXPECT_THAT(ViolationsOf(status), ElementsAre(FieldViolation{"name", "no such ledger"}));
  EXPECT_EQ(RetryDelayOf(status), absl::Seconds(3));
}

TEST(Unary, HandlerThatThrowsIsAnInternalErrorAndTheServerLivesOn) {
  bool thrown = false;
  const TestServer server(WithGetHead([&](Call&, const GetHeadRequest&, Head&) -> absl::Status {
    if (std::exchange(thrown, true)) return absl::OkStatus();
    throw std::runtime_error("secret of a child");
  }));
  const absl::Status status = server.GetHead("x");
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ReasonOf(status), "INTERNAL_ERROR");
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
  EXPECT_TRUE(server.GetHead("x").ok());
}

// Calls a method with raw bytes.
grpc::Status CallRaw(const TestServer& server, const std::string& method, const grpc::ByteBuffer& request,
                     grpc::ClientContext& context) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxSendMessageSize(-1);
  grpc::GenericStub stub(
      grpc::CreateCustomChannel(server.target(), grpc::InsecureChannelCredentials(), arguments));
  grpc::ByteBuffer reply;
  grpc::Status result;
  absl::Notification done;
  stub.UnaryCall(&context, method, {}, &request, &reply, [&](grpc::Status status) {
    result = std::move(status);
    done.Notify();
  });
  done.WaitForNotification();
  return result;
}

grpc::ByteBuffer Bytes(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

TEST(Unary, MalformedBytesAreRefused) {
  const TestServer server(LedgerMethods());
  for (const std::string& bytes : {std::string("\xff\xff\xff"), std::string("\x0a\x05zz"),
                                   std::string("\x0a\x02\xc3\x28") /* text that is no UTF-8 */}) {
    grpc::ClientContext context;
    const grpc::Status status = CallRaw(server, LedgerMethod("GetHead"), Bytes(bytes), context);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("GetHeadRequest"));
  }
}

TEST(Unary, OversizedMessageIsRefused) {
  const TestServer server(LedgerMethods());
  EXPECT_EQ(server.GetHead(std::string(5 * 1024 * 1024, 'x')).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(server.GetHead(std::string(3 * 1024 * 1024, 'x')).ok());
}

TEST(Unary, CompressedMessagesAreRefused) {
  const TestServer server(LedgerMethods());
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  GetHeadRequest request;
  request.set_name(std::string(1000, 'x'));
  EXPECT_EQ(CallRaw(server, LedgerMethod("GetHead"), SerializeBytes(request), context).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST(Unary, CallWithoutAMessageIsRefused) {
  const TestServer server(LedgerMethods());
  grpc::GenericStub stub(grpc::CreateChannel(server.target(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto stream = stub.PrepareCall(&context, LedgerMethod("GetHead"), &queue);
  void* tag = nullptr;
  bool ok = false;
  stream->StartCall(nullptr);
  queue.Next(&tag, &ok);
  stream->WritesDone(nullptr);
  queue.Next(&tag, &ok);
  grpc::Status status;
  stream->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  EXPECT_FALSE(status.ok());
  EXPECT_TRUE(server.GetHead("x").ok());
}

TEST(Unary, UnknownMethodsAreUnimplemented) {
  const TestServer server(LedgerMethods());
  grpc::ClientContext context;
  EXPECT_EQ(CallRaw(server, LedgerMethod("Nothing"), Bytes(""), context).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST(Unary, CountsCallsByMethodAndCode) {
  const TestServer server(LedgerMethods());
  ASSERT_TRUE(server.GetHead("x").ok());
  ASSERT_TRUE(server.GetHead("x").ok());
  const std::string text = server.metrics.Render();
  EXPECT_THAT(text,
              HasSubstr("oversight_rpc_requests_total{code=\"OK\",method=\"GetHead\",service=\"oversight."
                        "ledger.v1.LedgerService\"} 2"));
  EXPECT_THAT(text, HasSubstr("oversight_rpc_in_flight 0"));
  EXPECT_THAT(text, HasSubstr("oversight_rpc_queue_length{pool=\"worker\"} 0"));
}

TEST(Unary, ServerThatIsAwayIsUnavailable) {
  const auto client = *Client::Create({.target = "127.0.0.1:1"});
  Head head;
  const absl::Status status = client->Unary(LedgerMethod("GetHead"), GetHeadRequest(), &head,
                                            {.deadline = absl::Now() + absl::Seconds(20)});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
}

TEST(Methods, EveryMethodNeedsAHandlerOfItsKind) {
  metrics::Registry metrics;
  SystemClock clock;
  Methods methods;
  methods.AddService(kLedgerService);
  methods.Unary(kLedgerService, "Watch", [](Call&, const Message&, Message&) { return absl::OkStatus(); });
  methods.Unary(kLedgerService, "Nothing", [](Call&, const Message&, Message&) { return absl::OkStatus(); });
  methods.AddService("oversight.unknown.Service");
  const absl::Status status = Server::Start(DemoOptions(), methods, &metrics, &clock).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  for (const char* fault :
       {"LedgerService/GetHead has no handler", "LedgerService/Watch has no handler",
        "LedgerService/Nothing does not exist", "oversight.unknown.Service is not linked in"}) {
    EXPECT_THAT(std::string(status.message()), HasSubstr(fault));
  }
}

TEST(AuthorityField, IsFoundInParentNameOrResource) {
  std::string scratch;
  workforce::v1::ListWorkersRequest list;
  workforce::v1::GetPostRequest get;
  workforce::v1::UpdateWorkerRequest update;
  struct Case {
    const char* name;
    const char* authority;
  };
  for (const auto& [name, authority] :
       {Case{"authorities/kent", "authorities/kent"}, Case{"authorities/kent/workers/w1", "authorities/kent"},
        Case{"authorities/", "authorities/"}, Case{"kent", ""}, Case{"", ""}}) {
    list.set_parent(name);
    EXPECT_EQ(AuthorityField(list.GetDescriptor()).Of(list, &scratch), authority);
    get.set_name(name);
    EXPECT_EQ(AuthorityField(get.GetDescriptor()).Of(get, &scratch), authority);
    update.mutable_worker()->set_name(name);
    EXPECT_EQ(AuthorityField(update.GetDescriptor()).Of(update, &scratch), authority);
  }
  get.set_name("authorities/" + std::string(64, 'a'));
  EXPECT_EQ(AuthorityField(get.GetDescriptor()).Of(get, &scratch), "");
}

}  // namespace
}  // namespace oversight::rpc

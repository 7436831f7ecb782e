// Who a caller is over a real connection: demo mode, tokens, certificates.
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/rpc/authenticator.h"
#include "common/rpc/healthcheck.h"
#include "common/rpc/test_keys.h"
#include "common/rpc/test_server.h"
#include "common/status/error.h"
#include "gmock/gmock.h"

namespace oversight::rpc {
namespace {

using ::testing::HasSubstr;

// Answers GetHead with the actor.
Methods WhoAmI() {
  Methods methods = LedgerMethods();
  methods.Unary<ledger_v1::GetHeadRequest, ledger_v1::Head>(
      kLedgerService, "GetHead", [](Call& call, const ledger_v1::GetHeadRequest&, ledger_v1::Head& head) {
        head.set_authority(call.actor());
        return absl::OkStatus();
      });
  return methods;
}

// The actor, or the reason of the refusal, or the code's name when there is none.
std::string ActorOf(Client& client) {
  ledger_v1::Head head;
  const absl::Status status = client.Unary(LedgerMethod("GetHead"), ledger_v1::GetHeadRequest(), &head,
                                           {.deadline = absl::Now() + absl::Seconds(10)});
  if (status.ok()) return head.authority();
  const std::string reason = ReasonOf(status);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

TEST(Demo, CallersNameThemselves) {
  const TestServer server(WhoAmI());
  struct Case {
    std::string user;
    std::string outcome;
  };
  for (const auto& [user, outcome] :
       {Case{"", "demo:anonymous"}, Case{"ada.l-1_x", "demo:ada.l-1_x"}, Case{"a b", "INVALID_DEMO_USER"},
        Case{"user:root", "INVALID_DEMO_USER"}, Case{std::string(64, 'a'), "demo:" + std::string(64, 'a')},
        Case{std::string(65, 'a'), "INVALID_DEMO_USER"}}) {
    EXPECT_EQ(ActorOf(*server.Connect({.demo_user = user})), outcome) << user;
  }
}

absl::Status StartError(const ServerOptions& options) {
  metrics::Registry metrics;
  SystemClock clock;
  return Server::Start(options, WhoAmI(), &metrics, &clock).status();
}

TEST(Demo, OnlyOnLoopback) {
  for (const char* listen : {"0.0.0.0:0", "[::]:0", "10.0.0.1:0", "localhost:0", "127.0.0.1.evil.example:0",
                             "127.0.0:0", "127.0.0.256:0", ":0", "", "dns:///x", "[::1"}) {
    EXPECT_FALSE(IsLoopback(listen)) << listen;
    ServerOptions options = DemoOptions();
    options.listen = listen;
    const absl::Status status = StartError(options);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()), HasSubstr("demo mode")) << listen;
  }
  for (const char* listen : {"127.0.0.1:0", "127.255.0.9:80", "[::1]:80", "unix:/tmp/x"}) {
    EXPECT_TRUE(IsLoopback(listen)) << listen;
  }
}

TEST(Start, RefusesToServeWithoutAnyAuthentication) {
  EXPECT_THAT(std::string(StartError({}).message()), HasSubstr("no way to know callers"));
}

// Keys and certificates of one installation, made once.
struct Installation {
  const TestKey ca{TestKey::Kind::kP256};
  const TestKey server{TestKey::Kind::kP256};
  const TestKey client{TestKey::Kind::kP256};
  const TestKey other_ca{TestKey::Kind::kP256};
  const TestKey token{TestKey::Kind::kP256};

  const std::string ca_file = WriteTestFile("ca.pem", MakeCertificate({"CA", "", true}, ca, "CA", ca));
  const std::string server_file = WriteTestFile(
      "server.pem", MakeCertificate({"server", "DNS:oversight.test,IP:127.0.0.1"}, server, "CA", ca));
  const std::string server_key_file = WriteTestFile("server.key", server.PrivatePem());
  const std::string client_key_file = WriteTestFile("client.key", client.PrivatePem());
  const std::string jwks_file = WriteTestFile("jwks", absl::StrCat(R"({"keys":[)", token.Jwk("1"), "]}"));

  std::string ClientFile(const TestCertificate& certificate) const {
    return WriteTestFile("client.pem", MakeCertificate(certificate, client, "CA", ca));
  }
  std::string TokenFile(const std::string& claims) const {
    return WriteTestFile("token", token.Token(R"({"alg":"ES256","kid":"1"})", claims) + "\n");
  }
};

const Installation& TheInstallation() {
  static const Installation* const installation = new Installation;
  return *installation;
}

std::string GoodClaims(const std::string& subject) {
  return absl::StrCat(R"({"sub":")", subject, R"(","exp":)", absl::ToUnixSeconds(absl::Now()) + 600, "}");
}

ServerOptions TlsOptions() {
  const Installation& installation = TheInstallation();
  ServerOptions options = DemoOptions();
  options.demo_mode = false;
  options.tls_certificate_file = installation.server_file;
  options.tls_key_file = installation.server_key_file;
  options.tls_client_ca_file = installation.ca_file;
  return options;
}

ClientOptions TlsClient(const std::string& certificate_file = "") {
  ClientOptions options{.tls_ca_file = TheInstallation().ca_file};
  if (!certificate_file.empty()) {
    options.tls_certificate_file = certificate_file;
    options.tls_key_file = TheInstallation().client_key_file;
  }
  return options;
}

TEST(Token, IsTheCallersIdentity) {
  ServerOptions options = DemoOptions();
  options.demo_mode = false;
  options.jwt_keys_file = TheInstallation().jwks_file;
  const TestServer server(WhoAmI(), options);
  EXPECT_EQ(ActorOf(*server.client), "TOKEN_MISSING");
  EXPECT_EQ(ActorOf(*server.Connect({.demo_user = "ada"})), "TOKEN_MISSING");
  struct Case {
    std::string claims;
    std::string outcome;
  };
  for (const auto& [claims, outcome] :
       {Case{GoodClaims("ada"), "user:ada"}, Case{GoodClaims("Zoë"), "user:Zoë"},
        Case{GoodClaims(std::string(195, 'x')), "user:" + std::string(195, 'x')},
        Case{GoodClaims(std::string(196, 'x')), "TOKEN_INVALID"}, Case{GoodClaims(""), "TOKEN_INVALID"},
        Case{GoodClaims(R"(a\nb)"), "TOKEN_INVALID"}, Case{GoodClaims(R"(a\u0000b)"), "TOKEN_INVALID"},
        Case{R"({"sub":"ada","exp":1})", "TOKEN_EXPIRED"}, Case{R"({"sub":"ada"})", "TOKEN_INVALID"}}) {
    EXPECT_EQ(ActorOf(*server.Connect({.token_file = TheInstallation().TokenFile(claims)})), outcome)
        << claims;
  }
}

TEST(Token, ItsHolderIsKeptToARate) {
  ServerOptions options = DemoOptions();
  options.demo_mode = false;
  options.jwt_keys_file = TheInstallation().jwks_file;
  options.caller_rate = 1;
  options.caller_burst = 1;
  const TestServer server(WhoAmI(), options, {.token_file = TheInstallation().TokenFile(GoodClaims("ada"))});
  int refused = 0;
  for (int i = 0; i < 100; ++i) {
    if (ActorOf(*server.client) == "CALLER_LIMIT") ++refused;
  }
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, 100);
  EXPECT_TRUE(server.Shows(absl::StrCat("oversight_rpc_limited_total ", refused)));
}

TEST(Token, StreamsAndFeedsNeedOneToo) {
  ServerOptions options = DemoOptions();
  options.demo_mode = false;
  options.jwt_keys_file = TheInstallation().jwks_file;
  const TestServer server(WhoAmI(), options);
  for (const char* method : {"Snapshot", "Watch"}) {
    const absl::Status status =
        server.client->Stream(LedgerMethod(method), ledger_v1::SnapshotRequest(), {})->Finish();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
    EXPECT_EQ(ReasonOf(status), "TOKEN_MISSING");
  }
}

TEST(Token, FileIsReadForEachCall) {
  ServerOptions options = DemoOptions();
  options.demo_mode = false;
  options.jwt_keys_file = TheInstallation().jwks_file;
  const TestServer server(WhoAmI(), options);
  const std::string path = TheInstallation().TokenFile(GoodClaims("ada"));
  const auto client = server.Connect({.token_file = path});
  EXPECT_EQ(ActorOf(*client), "user:ada");
  std::ofstream(path) << TheInstallation().token.Token(R"({"alg":"ES256","kid":"1"})", GoodClaims("bob"));
  EXPECT_EQ(ActorOf(*client), "user:bob");
  std::ofstream(path).close();
  EXPECT_EQ(ActorOf(*client), "TOKEN_FILE");
}

TEST(Certificate, NamesTheCallingService) {
  const Installation& installation = TheInstallation();
  const TestServer server(WhoAmI(), TlsOptions(), TlsClient());
  EXPECT_EQ(ActorOf(*server.client), "TOKEN_MISSING");
  struct Case {
    TestCertificate certificate;
    std::string outcome;
  };
  for (const auto& [certificate, outcome] :
       {Case{{"compliance", "DNS:other.test"}, "service:compliance"},
        Case{{"", "DNS:compliance.test,URI:spiffe://x/y"}, "service:compliance.test"},
        Case{{"", "URI:spiffe://x/y"}, "service:spiffe://x/y"}}) {
    EXPECT_EQ(ActorOf(*server.Connect(TlsClient(installation.ClientFile(certificate)))), outcome);
  }
  const std::string stranger = WriteTestFile(
      "stranger.pem", MakeCertificate({"stranger", ""}, installation.client, "Other", installation.other_ca));
  EXPECT_EQ(ActorOf(*server.Connect(TlsClient(stranger))), "UNAVAILABLE") << "signed by another CA";
  EXPECT_EQ(ActorOf(*server.Connect(TlsClient(installation.ClientFile({"late", "", false, -1})))),
            "UNAVAILABLE")
      << "expired";
}

TEST(Certificate, TokenWinsOverIt) {
  ServerOptions options = TlsOptions();
  options.jwt_keys_file = TheInstallation().jwks_file;
  const TestServer server(WhoAmI(), options, TlsClient());
  ClientOptions both = TlsClient(TheInstallation().ClientFile({"edge", ""}));
  EXPECT_EQ(ActorOf(*server.Connect(both)), "service:edge");
  both.token_file = TheInstallation().TokenFile(GoodClaims("ada"));
  EXPECT_EQ(ActorOf(*server.Connect(both)), "user:ada");
  both.token_file = TheInstallation().TokenFile(R"({"sub":"ada","exp":1})");
  EXPECT_EQ(ActorOf(*server.Connect(both)), "TOKEN_EXPIRED")
      << "a bad token is never made good by a certificate";
}

TEST(Certificate, TokensAreRefusedWhereNoKeysAreConfigured) {
  const TestServer server(WhoAmI(), TlsOptions(), TlsClient());
  ClientOptions both = TlsClient(TheInstallation().ClientFile({"edge", ""}));
  both.token_file = TheInstallation().TokenFile(GoodClaims("ada"));
  EXPECT_EQ(ActorOf(*server.Connect(both)), "TOKEN_INVALID");
}

TEST(Certificate, CanBeRequired) {
  ServerOptions options = TlsOptions();
  options.tls_require_client_certificate = true;
  const TestServer server(WhoAmI(), options, TlsClient());
  EXPECT_EQ(ActorOf(*server.client), "UNAVAILABLE");
  EXPECT_EQ(ActorOf(*server.Connect(TlsClient(TheInstallation().ClientFile({"edge", ""})))), "service:edge");
}

TEST(Tls, ClientChecksTheServersNameAndCa) {
  const Installation& installation = TheInstallation();
  const TestServer server(WhoAmI(), TlsOptions(), TlsClient());
  ClientOptions named = TlsClient(installation.ClientFile({"edge", ""}));
  named.tls_server_name = "oversight.test";
  EXPECT_EQ(ActorOf(*server.Connect(named)), "service:edge");
  named.tls_server_name = "other.test";
  EXPECT_EQ(ActorOf(*server.Connect(named)), "UNAVAILABLE");
  ClientOptions wrong_ca{
      .tls_ca_file = WriteTestFile(
          "ca2.pem", MakeCertificate({"CA", "", true}, installation.other_ca, "CA", installation.other_ca))};
  EXPECT_EQ(ActorOf(*server.Connect(wrong_ca)), "UNAVAILABLE");
  EXPECT_EQ(ActorOf(*server.Connect()), "UNAVAILABLE") << "plain text";
}

TEST(Tls, AServerWhoseCertificateHasExpiredIsNotTalkedTo) {
  const Installation& installation = TheInstallation();
  ServerOptions options = TlsOptions();
  options.tls_certificate_file = WriteTestFile(
      "late.pem",
      MakeCertificate({"server", "IP:127.0.0.1", false, -1}, installation.server, "CA", installation.ca));
  const TestServer server(WhoAmI(), options, TlsClient());
  EXPECT_EQ(ActorOf(*server.Connect(TlsClient(installation.ClientFile({"edge", ""})))), "UNAVAILABLE");
}

TEST(Tls, HealthIsOpenToProbesWithoutCredentials) {
  const TestServer server(WhoAmI(), TlsOptions(), TlsClient());
  server.server->SetServing(true);
  ClientOptions probe = TlsClient();
  probe.target = server.target();
  EXPECT_TRUE(CheckHealth(probe, "", absl::Seconds(10)).ok());
}

TEST(Tls, UnfitFilesAreNamedAtStart) {
  const Installation& installation = TheInstallation();
  const std::string nonsense = WriteTestFile("nonsense", "nonsense");
  struct Case {
    std::function<void(ServerOptions&)> change;
    std::string why;
  };
  for (const auto& [change, why] : std::vector<Case>{
           {[&](ServerOptions& o) { o.tls_certificate_file = nonsense; }, "no certificate chain"},
           {[&](ServerOptions& o) { o.tls_certificate_file = "/nowhere"; }, "/nowhere"},
           {[&](ServerOptions& o) { o.tls_key_file = installation.client_key_file; }, "fits"},
           {[&](ServerOptions& o) { o.tls_client_ca_file = nonsense; }, "no CA certificates"},
           {[&](ServerOptions& o) { o.tls_key_file.clear(); }, "belong together"},
       }) {
    ServerOptions options = TlsOptions();
    change(options);
    const absl::Status status = StartError(options);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()), HasSubstr(why));
  }
  EXPECT_FALSE(Client::Create({.target = "x", .tls_ca_file = nonsense}).ok());
  EXPECT_FALSE(Client::Create({.target = "x", .tls_certificate_file = installation.server_file}).ok());
}

}  // namespace
}  // namespace oversight::rpc

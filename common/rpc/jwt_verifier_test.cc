#include "common/rpc/jwt_verifier.h"

#include <fstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/rpc/test_keys.h"
#include "common/status/error.h"
#include "gmock/gmock.h"

namespace oversight::rpc {
namespace {

using ::testing::HasSubstr;

constexpr absl::Time kNow = absl::FromUnixSeconds(1'900'000'000);

class FixedClock final : public Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Time now = kNow;
};

std::string Jwks(const std::vector<std::string>& keys) {
  return absl::StrCat(R"({"keys":[)", absl::StrJoin(keys, ","), "]}");
}

// Claims of a good token; `more` is added.
std::string Claims(const std::string& more = "") {
  return absl::StrCat(R"({"sub":"ada","iss":"https://id.example","aud":"oversight","exp":)",
                      absl::ToUnixSeconds(kNow) + 300, more, "}");
}

// One set of keys for all tests: making RSA keys is slow.
struct Keys {
  const TestKey rsa{TestKey::Kind::kRsa2048};
  const TestKey ec{TestKey::Kind::kP256};
  const TestKey ed{TestKey::Kind::kEd25519};
  const TestKey other_rsa{TestKey::Kind::kRsa2048};
  const TestKey other_ec{TestKey::Kind::kP256};
};
const Keys& TheKeys() {
  static const Keys* const keys = new Keys;
  return *keys;
}

class JwtVerifierTest : public ::testing::Test {
 protected:
  std::unique_ptr<JwtVerifier> Make(const std::string& keys) {
    path_ = WriteTestFile("keys", keys);
    auto verifier = JwtVerifier::Create(
        {.keys_file = path_, .issuer = "https://id.example", .audience = "oversight"}, &clock_);
    EXPECT_TRUE(verifier.ok()) << verifier.status();
    return *std::move(verifier);
  }

  std::unique_ptr<JwtVerifier> MakeUsual() {
    return Make(Jwks({keys_.rsa.Jwk("rsa"), keys_.ec.Jwk("ec"), keys_.ed.Jwk("ed")}));
  }

  static std::string ReasonFor(JwtVerifier& verifier, const std::string& token) {
    const auto claims = verifier.Verify(token);
    if (claims.ok()) return "ACCEPTED";
    EXPECT_EQ(claims.status().code(), absl::StatusCode::kUnauthenticated);
    return ReasonOf(claims.status());
  }

  const Keys& keys_ = TheKeys();
  FixedClock clock_;
  std::string path_;
};

TEST_F(JwtVerifierTest, SaysForWhomTheTokenIs) {
  const auto verifier = MakeUsual();
  struct Case {
    std::string claims;
    std::vector<std::string> authorities, groups;
    std::string worker;
  };
  for (const Case& expected : std::vector<Case>{
           {"", {}, {}, ""},
           {R"(,"authority":"a","groups":["g2","g1","g2"],"worker":"w1")", {"a"}, {"g1", "g2"}, "w1"},
           {R"(,"authority":["b","a"],"groups":"g","worker":["w1","w2"])", {"a", "b"}, {"g"}, ""},
           {R"(,"authority":["a",7,null,""],"groups":{"g":1},"worker":7)", {"a"}, {}, ""}}) {
    const std::string token = keys_.ed.Token(R"({"alg":"EdDSA","kid":"ed"})", Claims(expected.claims));
    const auto claims = verifier->Verify(token);
    ASSERT_TRUE(claims.ok()) << claims.status();
    EXPECT_EQ((*claims)->authorities, expected.authorities) << expected.claims;
    EXPECT_EQ((*claims)->groups, expected.groups) << expected.claims;
    EXPECT_EQ((*claims)->worker, expected.worker) << expected.claims;
  }
}

TEST_F(JwtVerifierTest, AcceptsTheThreeAlgorithms) {
  const auto verifier = MakeUsual();
  for (const std::string& token : {keys_.rsa.Token(R"({"alg":"RS256","kid":"rsa"})", Claims()),
                                   keys_.ec.Token(R"({"alg":"ES256","kid":"ec"})", Claims()),
                                   keys_.ed.Token(R"({"alg":"EdDSA","kid":"ed"})", Claims())}) {
    for (int time = 0; time < 2; ++time) {  // the second time from the cache
      const auto claims = verifier->Verify(token);
      ASSERT_TRUE(claims.ok()) << claims.status();
      EXPECT_EQ((*claims)->subject, "ada");
    }
  }
}

TEST_F(JwtVerifierTest, ChecksTheClaims) {
  const auto verifier = MakeUsual();
  const int64_t now = absl::ToUnixSeconds(kNow);
  struct Case {
    std::string claims;
    std::string outcome;
  };
  const std::string good = R"("iss":"https://id.example","aud":"oversight")";
  const std::vector<Case> cases = {
      {absl::StrCat(R"({"sub":"ada",)", good, R"(,"exp":)", now + 1, "}"), "ACCEPTED"},
      {absl::StrCat(R"({"sub":"ada",)", good, R"(,"exp":)", now + 1, ".5}"), "ACCEPTED"},
      {absl::StrCat(R"({"sub":"ada",)", good, R"(,"exp":)", now - 29, "}"), "ACCEPTED"},
      {absl::StrCat(R"({"sub":"ada",)", good, R"(,"exp":)", now - 30, "}"), "TOKEN_EXPIRED"},
      {absl::StrCat(R"({"sub":"ada",)", good, R"(,"exp":0})"), "TOKEN_EXPIRED"},
      {absl::StrCat(R"({"sub":"ada",)", good, R"(,"exp":")", now + 1, "\"}"), "TOKEN_INVALID"},
      {absl::StrCat(R"({"sub":"ada",)", good, R"(,"exp":1e300})"), "TOKEN_INVALID"},
      {absl::StrCat(R"({"sub":"ada",)", good, "}"), "TOKEN_INVALID"},
      {absl::StrCat(R"({"sub":5,)", good, R"(,"exp":)", now + 1, "}"), "TOKEN_INVALID"},
      {absl::StrCat("{", good, R"(,"exp":)", now + 1, "}"), "TOKEN_INVALID"},
      {Claims(absl::StrCat(R"(,"nbf":)", now + 30)), "ACCEPTED"},
      {Claims(absl::StrCat(R"(,"nbf":)", now + 31)), "TOKEN_INVALID"},
      {Claims(R"(,"nbf":"soon")"), "TOKEN_INVALID"},
      {absl::StrReplaceAll(Claims(), {{"id.example", "evil.example"}}), "TOKEN_INVALID"},
      {absl::StrReplaceAll(Claims(), {{R"("iss":"https://id.example",)", ""}}), "TOKEN_INVALID"},
      {absl::StrReplaceAll(Claims(), {{R"("oversight")", R"("payroll")"}}), "TOKEN_INVALID"},
      {absl::StrReplaceAll(Claims(), {{R"("aud":"oversight",)", ""}}), "TOKEN_INVALID"},
      {absl::StrReplaceAll(Claims(), {{R"("oversight")", R"(["payroll","oversight"])"}}), "ACCEPTED"},
      {absl::StrReplaceAll(Claims(), {{R"("oversight")", R"(["payroll",5])"}}), "TOKEN_INVALID"},
      {"[1]", "TOKEN_INVALID"},
      {"nonsense", "TOKEN_INVALID"},
  };
  for (const Case& test : cases) {
    EXPECT_EQ(ReasonFor(*verifier, keys_.ec.Token(R"({"alg":"ES256","kid":"ec"})", test.claims)),
              test.outcome)
        << test.claims;
  }
}

TEST_F(JwtVerifierTest, RefusesEveryForgery) {
  const auto verifier = MakeUsual();
  const std::string claims = Claims();
  const std::string good = keys_.rsa.Token(R"({"alg":"RS256","kid":"rsa"})", claims);
  const std::string unsigned_part = absl::StrCat(Base64Url(R"({"alg":"none"})"), ".", Base64Url(claims), ".");
  const std::string own_key = keys_.other_rsa.Jwk("rsa");
  struct Case {
    const char* what;
    std::string token;
  };
  const std::vector<Case> cases = {
      {"alg none", unsigned_part},
      {"alg none with a signature", absl::StrCat(unsigned_part, "AAAA")},
      {"alg None", absl::StrCat(Base64Url(R"({"alg":"None","kid":"rsa"})"), ".", Base64Url(claims), ".")},
      {"no alg", keys_.rsa.Token(R"({"kid":"rsa"})", claims)},
      {"HS256 with the public key's PEM as secret",
       HmacToken(R"({"alg":"HS256","kid":"rsa"})", claims, keys_.rsa.PublicPem())},
      {"HS256 with the public key's JWK as secret",
       HmacToken(R"({"alg":"HS256","kid":"rsa"})", claims, keys_.rsa.Jwk("rsa"))},
      {"HS256 with an empty secret", HmacToken(R"({"alg":"HS256"})", claims, "")},
      {"RS384 announced", keys_.rsa.Token(R"({"alg":"RS384","kid":"rsa"})", claims)},
      {"PS256 announced", keys_.rsa.Token(R"({"alg":"PS256","kid":"rsa"})", claims)},
      {"ES256 announced over an RSA key", keys_.rsa.Token(R"({"alg":"ES256","kid":"rsa"})", claims)},
      {"another key", keys_.other_rsa.Token(R"({"alg":"RS256","kid":"rsa"})", claims)},
      {"another key of the set", keys_.ec.Token(R"({"alg":"ES256","kid":"ed"})", claims)},
      {"unknown id", keys_.rsa.Token(R"({"alg":"RS256","kid":"unknown"})", claims)},
      {"brings its own key",
       keys_.other_rsa.Token(absl::StrCat(R"({"alg":"RS256","kid":"rsa","jwk":)", own_key, "}"), claims)},
      {"points to its own key",
       keys_.other_rsa.Token(R"({"alg":"RS256","kid":"rsa","jku":"http://127.0.0.1:1/k"})", claims)},
      {"critical extension", keys_.rsa.Token(R"({"alg":"RS256","kid":"rsa","crit":["exp"]})", claims)},
      {"changed claims", absl::StrCat(good.substr(0, good.find('.')), ".", Base64Url(Claims(R"(,"x":1)")),
                                      good.substr(good.rfind('.')))},
      {"cut signature", good.substr(0, good.size() - 2)},
      {"no signature", good.substr(0, good.rfind('.') + 1)},
      {"two parts", good.substr(0, good.rfind('.'))},
      {"four parts", good + ".AAAA"},
      {"five parts", good + ".AAAA.AAAA"},
      {"JSON serialisation", R"({"payload":"e30","signatures":[]})"},
      {"blank inside", absl::StrCat(good.substr(0, 10), " ", good.substr(10))},
      {"empty", ""},
      {"dots", ".."},
      {"garbage", "garbage"},
      {"too long", std::string(9000, 'a')},
      {"NUL", std::string("a\0.b.c", 6)},
  };
  ASSERT_EQ(ReasonFor(*verifier, good), "ACCEPTED");
  for (const Case& test : cases) {
    EXPECT_EQ(ReasonFor(*verifier, test.token), "TOKEN_INVALID") << test.what;
  }
}

TEST_F(JwtVerifierTest, RefusalsDoNotSayMore) {
  const auto verifier = MakeUsual();
  const std::string wrong_issuer = absl::StrReplaceAll(Claims(), {{"id.example", "evil.example"}});
  EXPECT_EQ(
      verifier->Verify("garbage").status().message(),
      verifier->Verify(keys_.ec.Token(R"({"alg":"ES256","kid":"ec"})", wrong_issuer)).status().message());
}

TEST_F(JwtVerifierTest, CachedTokenExpiresAllTheSame) {
  const auto verifier = MakeUsual();
  const std::string token = keys_.ec.Token(R"({"alg":"ES256","kid":"ec"})", Claims());
  ASSERT_EQ(ReasonFor(*verifier, token), "ACCEPTED");
  clock_.now = kNow + absl::Seconds(330);
  EXPECT_EQ(ReasonFor(*verifier, token), "TOKEN_EXPIRED");
}

TEST_F(JwtVerifierTest, TokenWithoutIdNeedsASingleKeyOfItsAlgorithm) {
  const std::string token = keys_.ec.Token(R"({"alg":"ES256"})", Claims());
  EXPECT_EQ(ReasonFor(*Make(Jwks({keys_.rsa.Jwk("rsa"), keys_.ec.Jwk("ec")})), token), "ACCEPTED");
  EXPECT_EQ(ReasonFor(*Make(Jwks({keys_.other_ec.Jwk("other"), keys_.ec.Jwk("ec")})), token),
            "TOKEN_INVALID");
}

TEST_F(JwtVerifierTest, PemFilesMayHoldSeveralKeys) {
  const auto verifier = Make(absl::StrCat(keys_.rsa.PublicPem(), keys_.ec.PublicPem(), keys_.ed.PublicPem()));
  EXPECT_EQ(ReasonFor(*verifier, keys_.rsa.Token(R"({"alg":"RS256"})", Claims())), "ACCEPTED");
  EXPECT_EQ(ReasonFor(*verifier, keys_.ec.Token(R"({"alg":"ES256","kid":"any"})", Claims())), "ACCEPTED");
  EXPECT_EQ(ReasonFor(*verifier, keys_.ed.Token(R"({"alg":"EdDSA"})", Claims())), "ACCEPTED");
  EXPECT_EQ(ReasonFor(*verifier, keys_.other_ec.Token(R"({"alg":"ES256"})", Claims())), "TOKEN_INVALID");
  EXPECT_EQ(ReasonFor(*verifier, HmacToken(R"({"alg":"HS256"})", Claims(), keys_.rsa.PublicPem())),
            "TOKEN_INVALID");
}

TEST_F(JwtVerifierTest, RotatedFileReplacesKeysAndForgetsTheirTokens) {
  const auto verifier = Make(Jwks({keys_.ec.Jwk("1")}));
  const std::string old_token = keys_.ec.Token(R"({"alg":"ES256","kid":"1"})", Claims());
  const std::string new_token = keys_.other_ec.Token(R"({"alg":"ES256","kid":"2"})", Claims());
  ASSERT_EQ(ReasonFor(*verifier, old_token), "ACCEPTED");
  ASSERT_EQ(ReasonFor(*verifier, new_token), "TOKEN_INVALID");
  std::ofstream(path_) << Jwks({keys_.other_ec.Jwk("2")}) << "\n";
  EXPECT_EQ(ReasonFor(*verifier, old_token), "ACCEPTED") << "looked at again too soon";
  clock_.now += absl::Seconds(1);
  EXPECT_EQ(ReasonFor(*verifier, old_token), "TOKEN_INVALID");
  EXPECT_EQ(ReasonFor(*verifier, new_token), "ACCEPTED");

  std::ofstream(path_) << "half written";
  clock_.now += absl::Seconds(1);
  EXPECT_EQ(ReasonFor(*verifier, new_token), "ACCEPTED") << "the last good keys stay";
  ASSERT_EQ(remove(path_.c_str()), 0);
  clock_.now += absl::Seconds(1);
  EXPECT_EQ(ReasonFor(*verifier, new_token), "ACCEPTED") << "the last good keys stay";
}

TEST_F(JwtVerifierTest, UnfitKeyFilesAreRefused) {
  const TestKey small(TestKey::Kind::kRsa1024);
  const TestKey p384(TestKey::Kind::kP384);
  const std::string oct = R"({"kty":"oct","k":"c2VjcmV0","kid":"s"})";
  struct Case {
    std::string text;
    std::string why;
  };
  for (const auto& [text, why] : std::vector<Case>{
           {"", "neither"},
           {"nonsense", "neither"},
           {R"({"keys":[]})", "no usable key"},
           {Jwks({oct}), "no usable key"},
           {Jwks({small.Jwk("s")}), "no usable key"},
           {Jwks({p384.Jwk("p")}), "no usable key"},
           {small.PublicPem(), "no usable key"},
           {Jwks({absl::StrReplaceAll(keys_.ec.Jwk("e"), {{"\"kty\"", R"("use":"enc","kty")"}})}),
            "no usable key"},
           {Jwks({absl::StrReplaceAll(keys_.rsa.Jwk("e"), {{"\"kty\"", R"("alg":"RS512","kty")"}})}),
            "no usable key"},
           {keys_.ec.PrivatePem(), "private"},
           {Jwks({keys_.rsa.Jwk("r"),
                  absl::StrReplaceAll(keys_.ec.Jwk("e"), {{"\"kty\"", R"("d":"AA","kty")"}})}),
            "private"},
           {"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "holds no public key"},
       }) {
    const auto verifier = JwtVerifier::Create({WriteTestFile("keys", text), "", ""}, &clock_);
    EXPECT_EQ(verifier.status().code(), absl::StatusCode::kFailedPrecondition) << text;
    EXPECT_THAT(std::string(verifier.status().message()), HasSubstr(why)) << text;
  }
  EXPECT_FALSE(JwtVerifier::Create({"/nowhere", "", ""}, &clock_).ok());
}

TEST_F(JwtVerifierTest, KeysForOtherUsesArePassedOver) {
  const TestKey p384(TestKey::Kind::kP384);
  const auto verifier = Make(Jwks({R"({"kty":"oct","k":"c2VjcmV0","kid":"ec"})", p384.Jwk("x"),
                                   R"({"kty":"unheard-of"})", keys_.ec.Jwk("ec")}));
  EXPECT_EQ(ReasonFor(*verifier, keys_.ec.Token(R"({"alg":"ES256","kid":"ec"})", Claims())), "ACCEPTED");
  EXPECT_EQ(ReasonFor(*verifier, HmacToken(R"({"alg":"HS256","kid":"ec"})", Claims(), "secret")),
            "TOKEN_INVALID");
}

}  // namespace
}  // namespace oversight::rpc

#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "common/rpc/test_keys.h"
#include "common/testing/in_process_service.h"

namespace oversight::access {

// An identity provider of the test's own.
class TokenIssuer {
 public:
  TokenIssuer() : key_(rpc::TestKey::Kind::kEd25519) {
    keys_file_ = rpc::WriteTestFile("jwks", absl::StrCat(R"({"keys":[)", key_.Jwk("k"), "]}"));
  }

  // What a service is told of it.
  testing::InProcessAccess Trusted(AccessOptions options) const {
    return {.jwt_keys_file = keys_file_,
            .jwt_issuer = "issuer",
            .jwt_audience = "oversight",
            .options = std::move(options)};
  }

  // A caller with a token of so long, for the subject, with further claims: `"authority":"a","groups":["g"]`.
  std::unique_ptr<rpc::Client> As(const testing::InProcessService& service, const std::string& subject,
                                  absl::string_view claims, absl::Duration valid = absl::Hours(1)) const {
    const int64_t expires = absl::ToUnixSeconds(absl::Now() + valid);
    const std::string token = key_.Token(R"({"alg":"EdDSA","kid":"k"})",
                                         absl::StrCat(R"({"iss":"issuer","aud":"oversight","sub":")", subject,
                                                      R"(","exp":)", expires, ",", claims, "}"));
    return service.ConnectWithToken(rpc::WriteTestFile(absl::StrCat("token-", subject), token));
  }

 private:
  const rpc::TestKey key_;
  std::string keys_file_;
};

}  // namespace oversight::access

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/mysql/connection.h"
#include "common/testing/certificates.h"
#include "common/testing/private_mariadb.h"
#include "common/testing/status_matchers.h"

namespace oversight::mysql {
namespace {

using ::oversight::testing::Certificate;
using ::oversight::testing::CertificateAuthority;
using ::oversight::testing::IsOk;
using ::oversight::testing::PrivateMariaDb;
using ::oversight::testing::StatusIs;
using ::oversight::testing::WriteFile;

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() : directory_(::testing::TempDir() + "/tls-XXXXXX") {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
    ca_file_ = WriteFile(directory_, "ca.pem", authority_.certificate());
    other_ca_file_ =
        WriteFile(directory_, "other.pem", CertificateAuthority("another authority").certificate());
  }
  ~TlsTest() override { std::filesystem::remove_all(directory_); }

  PrivateMariaDb::Options ServerWith(const std::string& alternative_names) {
    const Certificate certificate = authority_.Issue("mariadb", alternative_names);
    return {.arguments = {"--ssl-ca=" + ca_file_,
                          "--ssl-cert=" + WriteFile(directory_, "server.pem", certificate.certificate),
                          "--ssl-key=" + WriteFile(directory_, "server.key", certificate.key)}};
  }

  CertificateAuthority authority_;
  std::string directory_;
  std::string ca_file_;
  std::string other_ca_file_;
};

TEST_F(TlsTest, ChainAndHostAreVerified) {
  PrivateMariaDb server(ServerWith("DNS:localhost"));
  OVERSIGHT_ASSERT_OK(server.Start());
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(ConnectionOptions options, server.CreateSchema());
  options.host = "localhost";
  options.ca_file = ca_file_;
  {
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(auto connection, Connection::Open(options));
    std::string cipher;
    OVERSIGHT_ASSERT_OK(connection->Query("SHOW SESSION STATUS LIKE 'Ssl_cipher'", {}, [&](const Row& row) {
      cipher = row.Bytes(1);
      return absl::OkStatus();
    }));
    EXPECT_NE(cipher, "");
  }
  const auto unavailable = StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE");
  ConnectionOptions other_host = options;
  other_host.host = "127.0.0.1";
  EXPECT_THAT(Connection::Open(other_host), unavailable) << "the certificate is for localhost only";
  ConnectionOptions other_authority = options;
  other_authority.ca_file = other_ca_file_;
  EXPECT_THAT(Connection::Open(other_authority), unavailable);
  ConnectionOptions no_such_file = options;
  no_such_file.ca_file = directory_ + "/none.pem";
  EXPECT_THAT(Connection::Open(no_such_file), unavailable);
}

TEST_F(TlsTest, AServerWithoutEncryptionIsRefused) {
  ConnectionOptions options = testing::NewSchema();
  EXPECT_THAT(Connection::Open(options), IsOk());
  options.ca_file = ca_file_;
  EXPECT_THAT(Connection::Open(options), StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"));
}

}  // namespace
}  // namespace oversight::mysql

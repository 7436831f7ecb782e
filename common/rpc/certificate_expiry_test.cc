#include "common/rpc/certificate_expiry.h"

#include <fstream>
#include <string>

#include "absl/time/clock.h"
#include "common/rpc/test_keys.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Valid for a day.
std::string Certificate() {
  const TestKey key(TestKey::Kind::kP256);
  return MakeCertificate({"workforce", "", false}, key, "workforce", key);
}

TEST(CertificateExpiryTest, IsThatOfTheFirstCertificateInTheFile) {
  const std::optional<absl::Time> end = CertificateExpiry(WriteTestFile("expiry.pem", Certificate()));
  ASSERT_TRUE(end.has_value());
  EXPECT_GT(*end, absl::Now() + absl::Hours(1));
  EXPECT_LT(*end, absl::Now() + absl::Hours(25));
}

TEST(CertificateExpiryTest, AFileWithoutOneGivesNothing) {
  EXPECT_FALSE(CertificateExpiry("/nowhere").has_value());
  EXPECT_FALSE(CertificateExpiry(WriteTestFile("nonsense.pem", "no certificate")).has_value());
}

TEST(CertificateExpiryTest, IsReadAtEachScrape) {
  metrics::Registry registry;
  const std::string file = WriteTestFile("replaced.pem", "not yet");
  AddCertificateExpiry(file, registry);
  EXPECT_THAT(registry.Render(), Not(HasSubstr("oversight_tls_certificate_expiry_seconds")));
  std::ofstream(file) << Certificate();
  EXPECT_THAT(registry.Render(), HasSubstr("oversight_tls_certificate_expiry_seconds"));
}

TEST(CertificateExpiryTest, WithoutTlsThereIsNoFigure) {
  metrics::Registry registry;
  AddCertificateExpiry("", registry);
  EXPECT_THAT(registry.MetricNames(), IsEmpty());
}

}  // namespace
}  // namespace oversight::rpc

#include "common/crypto/aes_gcm.h"

#include <set>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace oversight::crypto {
namespace {

const std::string kKey(32, 'k');

TEST(AesGcmTest, DecryptsWhatItEncrypted) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{15}, size_t{16}, size_t{17}, size_t{100000}}) {
    const std::string text(size, 't');
    const std::string encrypted = Encrypt(kKey, text, "place");
    EXPECT_EQ(encrypted.size(), size + 28);
    EXPECT_EQ(Decrypt(kKey, encrypted, "place"), text) << size;
  }
}

TEST(AesGcmTest, ReadsTheVectorOfNist) {
  // Test case 14 of the GCM specification: key, nonce and 16 bytes of text all zero.
  const std::string zero_key(32, '\0');
  const std::string encrypted = std::string(12, '\0') + absl::HexStringToBytes(
                                                            "cea7403d4d606b6e074ec5d3baf39d18"
                                                            "d0d1c8a799996bf0265b98b5d48ab919");
  EXPECT_EQ(Decrypt(zero_key, encrypted, ""), std::string(16, '\0'));
}

TEST(AesGcmTest, RefusesWhatWasAlteredCutOrBelongsElsewhere) {
  const std::string encrypted = Encrypt(kKey, "a text", "place");
  for (size_t i = 0; i < encrypted.size(); ++i) {
    std::string altered = encrypted;
    altered[i] ^= 1;
    EXPECT_EQ(Decrypt(kKey, altered, "place"), std::nullopt) << i;
    EXPECT_EQ(Decrypt(kKey, encrypted.substr(0, i), "place"), std::nullopt) << i;
  }
  EXPECT_EQ(Decrypt(kKey, encrypted, "other place"), std::nullopt);
  EXPECT_EQ(Decrypt(std::string(32, 'o'), encrypted, "place"), std::nullopt);
  EXPECT_EQ(Decrypt("short", encrypted, "place"), std::nullopt);
}

TEST(AesGcmTest, NeverGivesTheSameBytesTwice) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(Encrypt(kKey, "a text", "place"));
  EXPECT_EQ(seen.size(), 100);
  EXPECT_NE(RandomKey(), RandomKey());
}

TEST(HmacTest, ReadsTheVectorOfRfc4231) {
  EXPECT_EQ(absl::BytesToHexString(Hmac("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace
}  // namespace oversight::crypto

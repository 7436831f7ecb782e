#include "common/crypto/envelope.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/aes_gcm.h"
#include "common/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace oversight::crypto {
namespace {

using ::oversight::testing::StatusIs;

std::string Line(const std::string& id, char fill) {
  return absl::StrCat(id, " ", absl::Base64Escape(std::string(kKeyBytes, fill)));
}
Keys KeysOf(const std::string& text) {
  absl::StatusOr<Keys> keys = Keys::Parse(text);
  EXPECT_TRUE(keys.ok()) << keys.status();
  return *std::move(keys);
}

const char kText[] = "what was said in confidence";

TEST(EnvelopeTest, OpensAtItsPlaceOnly) {
  const Keys keys = KeysOf(Line("k1", 'a') + " active\n");
  const Envelope envelope = Seal(keys, kText, "record/1");
  EXPECT_EQ(envelope.key_id, "k1");
  EXPECT_FALSE(absl::StrContains(envelope.ciphertext, "confidence"));
  EXPECT_EQ(*Open(keys, envelope, "record/1"), kText);
  EXPECT_THAT(Open(keys, envelope, "record/2").status(),
              StatusIs(absl::StatusCode::kDataLoss, "TEXT_UNREADABLE"));
  // Neither half can be exchanged.
  const Envelope other = Seal(keys, "another text", "record/1");
  Envelope mixed = envelope;
  mixed.ciphertext = other.ciphertext;
  EXPECT_THAT(Open(keys, mixed, "record/1").status(),
              StatusIs(absl::StatusCode::kDataLoss, "TEXT_UNREADABLE"));
}

TEST(EnvelopeTest, AMissingKeyIsNamedAndNothingIsLost) {
  const Envelope envelope = Seal(KeysOf(Line("old", 'a') + " active"), kText, "r");
  const Keys without = KeysOf(Line("new", 'b') + " active");
  const absl::Status status = Open(without, envelope, "r").status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "RECORD_KEY_MISSING"));
  EXPECT_EQ(MetadataOf(status, "key_id"), "old");
  EXPECT_THAT(Rewrap(without, envelope, "r").status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "RECORD_KEY_MISSING"));
  const Keys back = KeysOf(Line("new", 'b') + " active\n" + Line("old", 'a'));
  EXPECT_EQ(*Open(back, envelope, "r"), kText);
}

TEST(EnvelopeTest, ANewKeyTakesOver) {
  const Keys old_only = KeysOf(Line("old", 'a') + " active");
  const Keys both = KeysOf(Line("old", 'a') + "\n" + Line("new", 'b') + " active");
  const Keys new_only = KeysOf(Line("new", 'b') + " active");
  const Envelope envelope = Seal(old_only, kText, "r");
  const absl::StatusOr<Envelope> rewrapped = Rewrap(both, envelope, "r");
  ASSERT_TRUE(rewrapped.ok()) << rewrapped.status();
  EXPECT_EQ(rewrapped->key_id, "new");
  EXPECT_EQ(rewrapped->ciphertext, envelope.ciphertext);
  EXPECT_EQ(*Open(new_only, *rewrapped, "r"), kText);
  EXPECT_EQ(*Digest(new_only, *rewrapped, kText, "r"), *Digest(old_only, envelope, kText, "r"));
}

TEST(EnvelopeTest, ADigestTellsTextsApartAndNothingElse) {
  const Keys keys = KeysOf(Line("k1", 'a') + " active");
  const Envelope envelope = Seal(keys, kText, "r");
  EXPECT_EQ(Digest(keys, envelope, kText, "r")->size(), 32);
  EXPECT_NE(*Digest(keys, envelope, kText, "r"), *Digest(keys, envelope, "another", "r"));
  // The same text elsewhere has another digest, so that nobody can see that two records are alike.
  EXPECT_NE(*Digest(keys, envelope, kText, "r"), *Digest(keys, Seal(keys, kText, "r"), kText, "r"));
}

}  // namespace
}  // namespace oversight::crypto

#include "common/crypto/key_ring.h"

#include <cstdio>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/aes_gcm.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight::crypto {
namespace {

std::string Key(char fill, size_t bytes = kKeyBytes) { return absl::Base64Escape(std::string(bytes, fill)); }

TEST(KeysTest, EachFaultNamesItsLineAndNoKey) {
  struct Case {
    const char* what;
    std::string text;
    std::string problem;
  };
  const std::string good = Key('a');
  const Case cases[] = {
      {"empty", "", "no active key"},
      {"none active", "k1 " + good, "no active key"},
      {"two active", "k1 " + good + " active\nk2 " + Key('b') + " active", "line 2"},
      {"the same id", "k1 " + good + " active\nk1 " + Key('b'), "line 2"},
      {"a byte short", "k1 " + Key('a', 31) + " active", "line 1"},
      {"a byte long", "# comment\n\nk1 " + Key('a', 33) + " active", "line 3"},
      {"no base64", "k1 ??? active", "line 1"},
      {"an id alone", "k1", "line 1"},
      {"another word", "k1 " + good + " old", "line 1"},
      {"a long id", std::string(64, 'i') + " " + good + " active", "line 1"},
  };
  for (const Case& c : cases) {
    const absl::Status status = Keys::Parse(c.text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.what;
    EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr(c.problem)) << c.what;
    EXPECT_THAT(std::string(status.message()), ::testing::Not(::testing::HasSubstr(good))) << c.what;
  }
  const absl::StatusOr<Keys> keys =
      Keys::Parse("# two\r\n  k1\t" + good + "\r\n" + std::string(63, 'i') + " " + Key('b') + " active\r\n");
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(keys->active_id(), std::string(63, 'i'));
  EXPECT_EQ(keys->active(), std::string(kKeyBytes, 'b'));
  EXPECT_EQ(*keys->Find("k1"), std::string(kKeyBytes, 'a'));
  EXPECT_EQ(keys->Find("k2"), nullptr);
}

TEST(KeyRingTest, ReadsAChangedFileAndSurvivesAnUnfitOne) {
  const std::string path = ::testing::TempDir() + "/oversight_key_ring_test";
  const auto write = [&](const std::string& text) {
    // Another file in its place, as a mounted secret changes.
    std::ofstream(path + ".new") << text;
    ASSERT_EQ(std::rename((path + ".new").c_str(), path.c_str()), 0);
  };
  testing::FakeClock clock(absl::FromUnixSeconds(1000));
  std::remove(path.c_str());
  EXPECT_EQ(KeyRing::Open(path, &clock).status().code(), absl::StatusCode::kFailedPrecondition);
  write("k1 " + Key('a') + " active\n");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const std::unique_ptr<KeyRing> ring, KeyRing::Open(path, &clock));
  const auto before = ring->Get();
  EXPECT_EQ(before->active_id(), "k1");

  write("k1 " + Key('a') + "\nk2 " + Key('b') + " active\n");
  EXPECT_EQ(ring->Get()->active_id(), "k1") << "within the second";
  clock.Advance(absl::Seconds(1));
  EXPECT_EQ(ring->Get()->active_id(), "k2");
  EXPECT_EQ(before->active_id(), "k1") << "who holds the old ones keeps them";

  write("nonsense");
  clock.Advance(absl::Seconds(1));
  EXPECT_EQ(ring->Get()->active_id(), "k2");
  std::remove(path.c_str());
  clock.Advance(absl::Seconds(1));
  EXPECT_EQ(ring->Get()->active_id(), "k2");
  write("k3 " + Key('c') + " active\n");
  clock.Advance(absl::Seconds(1));
  EXPECT_EQ(ring->Get()->active_id(), "k3");
  write("k4 " + Key('d') + " active\n");
  clock.Advance(-absl::Hours(24));
  EXPECT_EQ(ring->Get()->active_id(), "k4") << "the clock was set back";
  std::remove(path.c_str());
}

}  // namespace
}  // namespace oversight::crypto

#include "common/ledger/hash_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/escaping.h"
#include "common/ledger/state_source.h"
#include "common/ledger/token.h"
#include "common/testing/proto_matchers.h"
#include "common/testing/status_matchers.h"

namespace oversight::ledger {
namespace {

using ::oversight::testing::EqualsProto;
using ::oversight::testing::IsOkAndHolds;
using ::oversight::testing::StatusIs;

// `count` bytes that count up from `first`.
std::string Bytes(int first, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<char>(first + i));
  return bytes;
}

Payload WorkerPayload() {
  const std::string name = "authorities/knowsley/workers/w1";
  return {.resource_name = name,
          .resource_type = "oversight.workforce.v1.Worker",
          .bytes = "\x0a\x1f" + name,
          .salt = Bytes(0, 32)};
}

StoredEntry FirstEntry() {
  return {.authority = "knowsley",
          .revision = 1,
          .incarnation = Bytes(100, 16),
          .time = absl::FromUnixMicros(1767225600123456),
          .actor = "user:u1",
          .method = "/oversight.workforce.v1.WorkforceService/CreateWorker",
          .change = pb::CHANGE_CREATED,
          .resource_version = 1,
          .payload = WorkerPayload(),
          .commitment = Commitment(WorkerPayload())};
}

StoredEntry SecondEntry() {
  return {.authority = "knowsley",
          .revision = 2,
          .incarnation = Bytes(100, 16),
          .time = absl::FromUnixMicros(1767225600123457),
          .actor = "service:s",
          .method = "/oversight.ledger.v1.LedgerService/EraseResource",
          .change = pb::CHANGE_ERASED,
          .resource_version = 0,
          .commitment = Commitment(WorkerPayload()),
          .depends_on = {"token-a", "token-b"},
          .erased_revisions = {1, 7}};
}

std::string Hex(const std::string& bytes) { return absl::BytesToHexString(bytes); }

// These were computed from the description in the header by another program. They can never change: ledgers
// live for decades.
TEST(HashChainTest, GoldenHashes) {
  EXPECT_EQ(Hex(Commitment(WorkerPayload())),
            "5a26e6ecf00af89c7a6753e176b73b893d53eb2f21ebc917f0bfaeaefc5a971b");
  const std::string first = EntryHash(GenesisHash(), FirstEntry());
  EXPECT_EQ(Hex(first), "7310995cee321cc4c70fb277f7ad8e7e19ced9995057568c89d2c07cbb7504ee");
  EXPECT_EQ(Hex(EntryHash(first, SecondEntry())),
            "67d757c84cd6a03f780b47a988dabc27eb248cf614e32b3f556d67dee2714d6a");
  EXPECT_EQ(Hex(GenesisHash()), std::string(64, '0'));
}

TEST(HashChainTest, EveryFieldCounts) {
  const StoredEntry original = SecondEntry();
  const std::string hash = EntryHash(GenesisHash(), original);
  const std::vector<std::pair<std::string, std::function<void(StoredEntry&)>>> edits = {
      {"authority", [](StoredEntry& e) { e.authority = "knowslex"; }},
      {"revision", [](StoredEntry& e) { ++e.revision; }},
      {"incarnation", [](StoredEntry& e) { e.incarnation[0] ^= 1; }},
      {"time", [](StoredEntry& e) { e.time += absl::Microseconds(1); }},
      {"actor", [](StoredEntry& e) { e.actor += "x"; }},
      {"method", [](StoredEntry& e) { e.method += "x"; }},
      {"border of two fields",
       [](StoredEntry& e) {
         e.actor += "/";
         e.method = e.method.substr(1);
       }},
      {"change", [](StoredEntry& e) { e.change = pb::CHANGE_DELETED; }},
      {"resource_version", [](StoredEntry& e) { ++e.resource_version; }},
      {"commitment", [](StoredEntry& e) { e.commitment[31] ^= 1; }},
      {"depends_on", [](StoredEntry& e) { e.depends_on.pop_back(); }},
      {"border within depends_on",
       [](StoredEntry& e) {
         e.depends_on = {"token-at", "oken-b"};
       }},
      {"erased_revisions", [](StoredEntry& e) { e.erased_revisions[1] = 8; }},
  };
  for (const auto& [what, edit] : edits) {
    StoredEntry edited = original;
    edit(edited);
    EXPECT_NE(EntryHash(GenesisHash(), edited), hash) << what;
  }
  EXPECT_NE(EntryHash(Bytes(0, 32), original), hash) << "predecessor";
  StoredEntry erased = FirstEntry();
  erased.payload.reset();
  EXPECT_EQ(EntryHash(GenesisHash(), erased), EntryHash(GenesisHash(), FirstEntry()))
      << "the chain outlives the payload";
}

TEST(HashChainTest, TheCommitmentCoversThePayloadAndHidesIt) {
  const std::string commitment = Commitment(WorkerPayload());
  for (std::string Payload::*part :
       {&Payload::resource_name, &Payload::resource_type, &Payload::bytes, &Payload::salt}) {
    Payload edited = WorkerPayload();
    (edited.*part)[3] ^= 1;
    EXPECT_NE(Commitment(edited), commitment);
  }
  EXPECT_NE(RandomBytes(kSaltBytes), RandomBytes(kSaltBytes));
}

TEST(TokenTest, GoesThereAndBack) {
  pb::Token token;
  token.set_ledger("workforce");
  token.set_authority("authorities/knowsley");
  token.set_incarnation(Bytes(100, 16));
  token.set_revision(42);
  token.set_hash(Bytes(0, 32));
  const std::string text = EncodeToken(token);
  EXPECT_EQ(text,
            "Cgl3b3JrZm9yY2USFGF1dGhvcml0aWVzL2tub3dzbGV5GhBkZWZnaGlqa2xtbm9wcXJzICoqIAABAgMEBQYHCAkKCwwNDg8Q"
            "ERITFBUWFxgZ"
            "GhscHR4f");
  EXPECT_THAT(DecodeToken(text), IsOkAndHolds(EqualsProto(token)));
}

TEST(TokenTest, WhatWeDidNotGiveOutIsRefused) {
  pb::Token token;
  token.set_ledger("workforce");
  token.set_authority("authorities/knowsley");
  token.set_incarnation(Bytes(100, 16));
  token.set_revision(42);
  token.set_hash(Bytes(0, 32));
  std::vector<std::string> texts = {"", "nonsense", "!!!", EncodeToken(token).substr(0, 60)};
  for (const auto& edit : std::vector<std::function<void(pb::Token&)>>{
           [](pb::Token& t) { t.set_revision(-1); }, [](pb::Token& t) { t.clear_hash(); },
           [](pb::Token& t) { t.set_incarnation("short"); }, [](pb::Token& t) { t.clear_authority(); }}) {
    pb::Token edited = token;
    edit(edited);
    texts.push_back(EncodeToken(edited));
  }
  for (const std::string& text : texts) {
    EXPECT_THAT(DecodeToken(text), StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_TOKEN")) << text;
  }
}

TEST(BeneathTest, WholeSegmentsOnly) {
  EXPECT_TRUE(IsOrLiesBeneath("authorities/a/workers/w", "authorities/a/workers/w"));
  EXPECT_TRUE(IsOrLiesBeneath("authorities/a/workers/w/posts/p", "authorities/a/workers/w"));
  EXPECT_FALSE(IsOrLiesBeneath("authorities/a/workers/w1", "authorities/a/workers/w"));
  EXPECT_FALSE(IsOrLiesBeneath("authorities/a/workers", "authorities/a/workers/w"));
}

}  // namespace
}  // namespace oversight::ledger

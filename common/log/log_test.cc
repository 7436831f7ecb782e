#include "common/log/log.h"

#include <limits>
#include <thread>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace oversight::log {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

static_assert(!std::is_constructible_v<Message, std::string>);
static_assert(!std::is_constructible_v<Key, std::string>);

class FixedClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::FromUnixMicros(1774747800123456); }
};

class LoggerTest : public ::testing::Test {
 protected:
  Options Captured() {
    Options options;
    options.service = "workforce";
    options.hash_key = "the installation's key";
    options.sink = [this](absl::string_view line) { lines_.emplace_back(line); };
    options.clock = &clock_;
    return options;
  }
  // The value of the field `a`.
  nlohmann::json Logged(const Field& field) {
    Logger logger(Captured());
    logger.Write(Severity::kInfo, "event", {field});
    return nlohmann::json::parse(lines_.back()).at("a");
  }

  FixedClock clock_;
  std::vector<std::string> lines_;
};

TEST_F(LoggerTest, WritesOneJsonObjectALineWithFieldsInOrder) {
  Logger logger(Captured());
  logger.Write(Severity::kWarning, "ledger verified",
               {{"entries", 12}, {"authority", "knowsley"}, {"whole", true}});
  logger.Write(Severity::kInfo, "ready", {});
  EXPECT_THAT(lines_, ElementsAre("{\"time\":\"2026-03-29T01:30:00.123456Z\",\"severity\":\"warning\","
                                  "\"service\":\"workforce\",\"message\":\"ledger verified\",\"entries\":12,"
                                  "\"authority\":\"knowsley\",\"whole\":true}\n",
                                  "{\"time\":\"2026-03-29T01:30:00.123456Z\",\"severity\":\"info\","
                                  "\"service\":\"workforce\",\"message\":\"ready\"}\n"));
}

TEST_F(LoggerTest, WritesEveryTypeOfValue) {
  const std::string text = "text";
  const absl::Status aborted = absl::AbortedError("etag is stale");
  EXPECT_EQ(Logged({"a", false}), false);
  EXPECT_EQ(Logged({"a", int8_t{-5}}), -5);
  EXPECT_EQ(Logged({"a", std::numeric_limits<int64_t>::min()}), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(Logged({"a", std::numeric_limits<uint64_t>::max()}), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(Logged({"a", size_t{7}}), 7);
  EXPECT_EQ(Logged({"a", 0.25}), 0.25);
  EXPECT_EQ(Logged({"a", std::numeric_limits<double>::quiet_NaN()}), nullptr);
  EXPECT_EQ(Logged({"a", "literal"}), "literal");
  EXPECT_EQ(Logged({"a", text}), "text");
  EXPECT_EQ(Logged({"a", absl::string_view(text)}), "text");
  EXPECT_EQ(Logged({"a", absl::Milliseconds(1500)}), 1.5);
  EXPECT_EQ(Logged({"a", absl::FromUnixMicros(1)}), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(Logged({"a", CivilDay(2024, 2, 29)}), "2024-02-29");
  EXPECT_EQ(Logged({"a", aborted}), "ABORTED: etag is stale");
  EXPECT_EQ(Logged({"a", absl::OkStatus()}), "OK");
}

TEST_F(LoggerTest, TextCannotBreakOutOfItsLine) {
  EXPECT_EQ(Logged({"a", "say \"no\"\nand\tmore\\"}), "say \"no\"\nand\tmore\\");
  EXPECT_EQ(lines_.back().find('\n'), lines_.back().size() - 1);
  EXPECT_EQ(Logged({"a", std::string("a\0b", 3)}), std::string("a\0b", 3));
  EXPECT_EQ(Logged({"a", "Siân 🙂"}), "Siân 🙂");
  EXPECT_EQ(Logged({"a", "caf\xE9 \xC3"}), "caf\xEF\xBF\xBD \xEF\xBF\xBD");
  const std::string cut = Logged({"a", std::string(100'000, 'x')});
  EXPECT_EQ(cut, std::string(4096, 'x') + "...");
}

TEST_F(LoggerTest, ResourceNamesAppearOnlyAsHashes) {
  const std::string name = "authorities/knowsley/workers/SW-77";
  const std::string hash = NameHash("the installation's key").Of(name);
  EXPECT_EQ(Logged({"a", Hashed(name)}), hash);
  EXPECT_EQ(Logged({"a", name}), hash);
  EXPECT_EQ(Logged({"a", absl::NotFoundError("no such worker: " + name)}),
            "NOT_FOUND: no such worker: " + hash);
  for (const std::string& line : lines_) EXPECT_THAT(line, Not(HasSubstr("SW-77")));
}

TEST_F(LoggerTest, WritesNothingBelowItsLevel) {
  Logger logger(Captured());
  logger.Write(Severity::kDebug, "unseen", {});
  EXPECT_THAT(lines_, SizeIs(0));
  logger.SetLevel(Severity::kError);
  logger.Write(Severity::kWarning, "unseen", {});
  EXPECT_FALSE(logger.Logs(Severity::kWarning));
  EXPECT_THAT(lines_, SizeIs(0));
  logger.Write(Severity::kError, "seen", {});
  EXPECT_THAT(lines_, SizeIs(1));
  logger.SetLevel(Severity::kDebug);
  logger.Write(Severity::kDebug, "seen", {});
  EXPECT_THAT(lines_, SizeIs(2));
}

TEST_F(LoggerTest, LinesOfManyThreadsStayWhole) {
  Logger logger(Captured());
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&logger, thread] {
      for (int i = 0; i < 100; ++i) logger.Write(Severity::kInfo, "event", {{"thread", thread}, {"i", i}});
    });
  }
  for (auto& thread : threads) thread.join();
  ASSERT_THAT(lines_, SizeIs(400));
  std::vector<int> next(4, 0);
  for (const std::string& line : lines_) {
    const auto event = nlohmann::json::parse(line);
    EXPECT_EQ(event.at("i"), next[event.at("thread").get<int>()]++);
  }
}

TEST_F(LoggerTest, TheProcessLoggerCanBeInstalledAtTheStart) {
  Logger* const before = &Process();
  Options options = Captured();
  options.level = Severity::kDebug;
  Install(std::make_unique<Logger>(std::move(options)));
  Debug("one");
  Info("two", {{"n", 2}});
  Warning("three");
  Error("four");
  std::vector<std::string> seen;
  for (const std::string& line : lines_) {
    const auto event = nlohmann::json::parse(line);
    seen.push_back(
        absl::StrCat(event.at("severity").get<std::string>(), " ", event.at("message").get<std::string>()));
  }
  EXPECT_THAT(seen, ElementsAre("debug one", "info two", "warning three", "error four"));
  // A thread that still holds the logger before may go on using it.
  before->SetLevel(Severity::kError);
  before->Write(Severity::kInfo, "unseen", {});
  Install(std::make_unique<Logger>(Options()));
}

TEST(DefaultSinkTest, WritesToStandardError) {
  ::testing::internal::CaptureStderr();
  Logger(Options()).Write(Severity::kInfo, "ready", {{"size", std::string(70'000, 'x').size()}});
  const std::string output = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(nlohmann::json::parse(output).at("size"), 70'000);
}

TEST(SeverityTest, IsReadFromItsName) {
  EXPECT_EQ(ParseSeverity("debug"), Severity::kDebug);
  EXPECT_EQ(ParseSeverity("info"), Severity::kInfo);
  EXPECT_EQ(ParseSeverity("warning"), Severity::kWarning);
  EXPECT_EQ(ParseSeverity("error"), Severity::kError);
  EXPECT_EQ(ParseSeverity("INFO"), std::nullopt);
  EXPECT_EQ(ParseSeverity(""), std::nullopt);
}

}  // namespace
}  // namespace oversight::log

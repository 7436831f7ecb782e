#include "common/config/settings.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

using Variables = std::map<std::string, std::string>;

absl::Status Parse(Settings& settings, const std::vector<std::string>& args,
                   const Variables& variables = {}) {
  return settings.Parse(args, [&variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  });
}

std::vector<std::string> Faults(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return absl::StrSplit(std::string(status.message()), '\n');
}

class TemporaryFile {
 public:
  TemporaryFile(const std::string& content, mode_t mode)
      : path_(::testing::TempDir() + "/oversight_config_XXXXXX") {
    const int descriptor = mkstemp(path_.data());
    EXPECT_EQ(write(descriptor, content.data(), content.size()), static_cast<ssize_t>(content.size()));
    EXPECT_EQ(fchmod(descriptor, mode), 0);
    close(descriptor);
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(SettingsTest, FlagsWinOverEnvironmentOverDefaults) {
  const struct {
    std::vector<std::string> args;
    Variables variables;
    int64_t expected;
  } kCases[] = {
      {{}, {}, 8},
      {{}, {{"OVERSIGHT_WORKER_THREADS", "16"}}, 16},
      {{}, {{"OVERSIGHT_WORKER_THREADS", ""}}, 8},  // empty is not set
      {{"--worker-threads=32"}, {{"OVERSIGHT_WORKER_THREADS", "16"}}, 32},
      {{"--worker-threads", "64"}, {}, 64},
      {{"--worker-threads=1"}, {{"OVERSIGHT_WORKER_THREADS", "nonsense"}}, 1},
  };
  for (const auto& c : kCases) {
    Settings settings("test");
    settings.AddInteger("worker-threads", "Threads.", 1, 64).Default("8");
    EXPECT_TRUE(Parse(settings, c.args, c.variables).ok());
    EXPECT_EQ(settings.Integer("worker-threads"), c.expected);
  }
}

TEST(SettingsTest, ReadsEveryKind) {
  const TemporaryFile file("x", 0600);
  Settings settings("test");
  settings.AddText("name", "n");
  settings.AddInteger("offset", "o", -5, 5);
  settings.AddDuration("drain", "d", absl::ZeroDuration(), absl::Hours(1));
  settings.AddBoolean("demo", "b");
  settings.AddBoolean("quiet", "b");
  settings.AddBoolean("loud", "b").Default("false");
  settings.AddChoice("level", "l", {"debug", "info"});
  settings.AddAddress("listen", "a");
  settings.AddFile("certificate", "f");
  settings.AddDirectory("policies", "d");
  settings.AddText("note", "t").Optional();
  const absl::Status status = Parse(
      settings, {"--name=a=b c", "--offset", "-3", "--drain=1m30s", "--demo", "--quiet=no", "--level=info",
                 "--listen=[::1]:8080", "--certificate", file.path(), "--policies", ::testing::TempDir()});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(settings.Text("name"), "a=b c");
  EXPECT_EQ(settings.Integer("offset"), -3);
  EXPECT_EQ(settings.Duration("drain"), absl::Seconds(90));
  EXPECT_TRUE(settings.Boolean("demo"));
  EXPECT_FALSE(settings.Boolean("quiet"));
  EXPECT_FALSE(settings.Boolean("loud"));
  EXPECT_EQ(settings.Text("level"), "info");
  EXPECT_EQ(settings.Address("listen"), (HostAndPort{"::1", 8080}));
  EXPECT_EQ(settings.Text("certificate"), file.path());
  EXPECT_EQ(settings.Text("policies"), ::testing::TempDir());
  EXPECT_FALSE(settings.Has("note"));
  EXPECT_EQ(settings.Text("note"), "");
  EXPECT_TRUE(settings.Has("loud"));
}

TEST(SettingsTest, ABooleanFlagTakesNoFollowingArgument) {
  Settings settings("test");
  settings.AddBoolean("demo", "b").Default("false");
  EXPECT_THAT(Faults(Parse(settings, {"--demo", "false"})), ElementsAre("unexpected argument \"false\""));
}

TEST(SettingsTest, ReportsAllFaultsAtOnce) {
  Settings settings("test");
  settings.AddText("authority", "a");
  settings.AddInteger("worker-threads", "w", 1, 64).Default("8");
  settings.AddDuration("drain", "d", absl::Seconds(1), absl::Minutes(5)).Default("10s");
  settings.AddBoolean("demo", "b").Default("false");
  settings.AddChoice("log-level", "l", {"debug", "info"}).Default("info");
  settings.AddAddress("listen", "a").Default("127.0.0.1:0");
  settings.AddFile("certificate", "f").Optional();
  settings.AddDirectory("policies", "d").Optional();
  settings.AddText("region", "r");
  settings.AddText("zone", "z");
  const TemporaryFile file("x", 0600);
  const absl::Status status = Parse(settings,
                                    {"--worker-treads=3", "--drain=10m", "--demo=perhaps", "stray",
                                     "--listen=8080", "--certificate=/nonexistent/x", "--policies",
                                     file.path(), "--zzz", "--region=", "--listen=127.0.0.1:1", "--zone"},
                                    {{"OVERSIGHT_LOG_LEVEL", "loud"}, {"OVERSIGHT_WORKER_THREADS", "65"}});
  EXPECT_THAT(
      Faults(status),
      ElementsAre("--worker-treads: no such setting; did you mean --worker-threads?",
                  "unexpected argument \"stray\"", "--zzz: no such setting", "--listen: given twice",
                  "--zone: needs a value: text", "--authority or OVERSIGHT_AUTHORITY: required: text",
                  "OVERSIGHT_WORKER_THREADS: expected a whole number from 1 to 64, not \"65\"",
                  "--drain: expected a duration from 1s to 5m, as 250ms, 30s, 5m or 1h30m, not \"10m\"",
                  "--demo: expected true or false, not \"perhaps\"",
                  "OVERSIGHT_LOG_LEVEL: expected one of debug, info, not \"loud\"",
                  "--listen: expected host:port, not \"8080\"",
                  "--certificate: \"/nonexistent/x\" does not exist or is out of reach",
                  absl::StrCat("--policies: \"", file.path(), "\" is no directory"),
                  "--region: must not be empty"));
}

TEST(SettingsTest, RefusesValuesThatOnlyLookRight) {
  const struct {
    const char* flag;
    std::vector<const char*> texts;
  } kCases[] = {
      {"count", {"", " ", "1x", "1.5", "0x10", "99999999999999999999", "0", "11"}},
      {"wait", {"", "5", "s", "-1s", "inf", "5 s", "11s", "999ms"}},
      {"demo", {"", "2", "truth"}},
      {"level", {"", "Info", "in"}},
      {"listen",
       {"", ":80", "host", "host:", "host:x", "host:65536", "host:-1", "host:+1", "::1:80", "[]:80",
        "[::1]80", "a b:80", "http://host:80", "[host]:80"}},
      {"directory", {"", "/nonexistent"}},
  };
  for (const auto& c : kCases) {
    for (const char* text : c.texts) {
      Settings settings("test");
      settings.AddInteger("count", "c", 1, 10).Default("1");
      settings.AddDuration("wait", "w", absl::Seconds(1), absl::Seconds(10)).Default("1s");
      settings.AddBoolean("demo", "b").Default("false");
      settings.AddChoice("level", "l", {"debug", "info"}).Default("info");
      settings.AddAddress("listen", "a").Default("host:1");
      settings.AddDirectory("directory", "d").Optional();
      EXPECT_THAT(Faults(Parse(settings, {absl::StrCat("--", c.flag, "=", text)})),
                  ElementsAre(StartsWith(absl::StrCat("--", c.flag, ":"))))
          << text;
    }
  }
}

TEST(SettingsTest, HelpStopsAllJudging) {
  Settings settings("test");
  settings.AddText("authority", "a");
  EXPECT_TRUE(Parse(settings, {"--nonsense", "--help"}).ok());
  EXPECT_TRUE(settings.help_requested());
}

TEST(SettingsTest, ReadsSecretsFromFilesAndCutsOneLineEnd) {
  const struct {
    std::string content;
    std::string secret;
  } kCases[] = {{"hunter2", "hunter2"},
                {"hunter2\n", "hunter2"},
                {"hunter2\r\n", "hunter2"},
                {"two\nlines\n\n", "two\nlines\n"},
                {" spaces ", " spaces "}};
  for (const auto& c : kCases) {
    const TemporaryFile file(c.content, 0400);
    for (const bool flag : {true, false}) {
      Settings settings("test");
      settings.AddSecret("mysql-password", "p");
      const absl::Status status = flag
                                      ? Parse(settings, {"--mysql-password-file", file.path()})
                                      : Parse(settings, {}, {{"OVERSIGHT_MYSQL_PASSWORD_FILE", file.path()}});
      ASSERT_TRUE(status.ok()) << status;
      EXPECT_EQ(settings.Secret("mysql-password"), c.secret);
      EXPECT_THAT(settings.warnings(), IsEmpty());
    }
  }
}

TEST(SettingsTest, ASecretIsNeverTakenFromFlagOrEnvironmentNorQuoted) {
  for (const auto& args : {std::vector<std::string>{"--mysql-password=hunter2"},
                           std::vector<std::string>{"--mysql-password", "hunter2"}}) {
    Settings settings("test");
    settings.AddSecret("mysql-password", "p").Optional();
    const absl::Status status = Parse(settings, args);
    EXPECT_THAT(Faults(status),
                ElementsAre(AllOf(HasSubstr("--mysql-password-file=PATH"), Not(HasSubstr("hunter2")))));
  }
  Settings settings("test");
  settings.AddSecret("mysql-password", "p").Optional();
  EXPECT_THAT(Faults(Parse(settings, {}, {{"OVERSIGHT_MYSQL_PASSWORD", "hunter2"}})),
              ElementsAre(AllOf(HasSubstr("OVERSIGHT_MYSQL_PASSWORD_FILE"), Not(HasSubstr("hunter2")))));
}

TEST(SettingsTest, WarnsOfASecretThatEverybodyMayRead) {
  const TemporaryFile file("hunter2", 0444);
  Settings settings("test");
  settings.AddSecret("mysql-password", "p");
  ASSERT_TRUE(Parse(settings, {"--mysql-password-file=" + file.path()}).ok());
  EXPECT_THAT(settings.warnings(),
              ElementsAre(AllOf(HasSubstr("--mysql-password-file"), Not(HasSubstr("hunter2")))));
}

TEST(SettingsTest, RefusesEmptyHugeAndMissingSecrets) {
  const TemporaryFile empty("\n", 0400);
  const TemporaryFile huge(std::string(64 * 1024 + 1, 'x'), 0400);
  for (const std::string& path :
       {empty.path(), huge.path(), std::string("/nonexistent"), ::testing::TempDir()}) {
    Settings settings("test");
    settings.AddSecret("mysql-password", "p").Optional();
    EXPECT_THAT(Faults(Parse(settings, {"--mysql-password-file=" + path})), ElementsAre(HasSubstr(path)));
    EXPECT_FALSE(settings.Has("mysql-password"));
  }
}

TEST(SettingsTest, ChecksAcrossSettingsRunUnlessTheirOwnSettingsAreFaulty) {
  const auto declare = [](Settings& settings) {
    settings.AddInteger("pool-size", "p", 1, 100).Default("8");
    settings.AddInteger("worker-threads", "w", 1, 100).Default("8");
    settings.AddText("authority", "a");
    settings.AddCheck({"pool-size", "worker-threads"}, [](const Settings& s) -> std::vector<FieldViolation> {
      if (s.Integer("pool-size") >= s.Integer("worker-threads")) return {};
      return {{"pool-size", "must be at least --worker-threads"}};
    });
  };
  Settings good("test");
  declare(good);
  EXPECT_TRUE(Parse(good, {"--authority=a", "--pool-size=9"}).ok());

  // Reported together with the missing authority.
  Settings bad("test");
  declare(bad);
  EXPECT_THAT(Faults(Parse(bad, {"--pool-size=7"})),
              ElementsAre(HasSubstr("--authority"), "--pool-size: must be at least --worker-threads"));

  Settings faulty("test");
  declare(faulty);
  EXPECT_THAT(Faults(Parse(faulty, {"--authority=a", "--pool-size=7", "--worker-threads=x"})),
              ElementsAre(HasSubstr("--worker-threads")));
}

TEST(SettingsTest, DescribesValuesAndTheirSourceButNoSecret) {
  const TemporaryFile file("hunter2", 0400);
  Settings settings("test");
  settings.AddInteger("worker-threads", "w", 1, 64).Default("8");
  settings.AddText("authority", "a");
  settings.AddAddress("listen", "l");
  settings.AddSecret("mysql-password", "p");
  settings.AddFile("certificate", "c").Optional();
  ASSERT_TRUE(Parse(settings, {"--listen=127.0.0.1:1", "--mysql-password-file", file.path()},
                    {{"OVERSIGHT_AUTHORITY", "knowsley"}})
                  .ok());
  EXPECT_EQ(settings.Describe(), absl::StrCat("worker-threads = 8 (default)\n"
                                              "authority      = knowsley (OVERSIGHT_AUTHORITY)\n"
                                              "listen         = 127.0.0.1:1 (--listen)\n"
                                              "mysql-password = ******** in ",
                                              file.path(),
                                              " (--mysql-password-file)\n"
                                              "certificate    = (not set)\n"));
}

void DeclareForReference(Settings& settings) {
  settings.AddText("authority", "Which authority | its id.");
  settings.Section("Database");
  settings.AddDuration("connect-timeout", "How long to wait.", absl::Seconds(1), absl::Minutes(1))
      .Default("5s");
  settings.AddSecret("mysql-password", "The password.").Optional();
  settings.AddText("prefix", "Of names.").Default("");
}

TEST(SettingsTest, HelpNamesEverySetting) {
  Settings settings("workforce serve");
  DeclareForReference(settings);
  EXPECT_EQ(
      settings.Help(),
      "Usage: workforce serve [--setting=value ...]\n"
      "\nSettings:\n"
      "  --authority=TEXT\n"
      "      Which authority | its id.\n"
      "      Accepts text. Environment: OVERSIGHT_AUTHORITY. Default: required.\n"
      "\nDatabase:\n"
      "  --connect-timeout=DURATION\n"
      "      How long to wait.\n"
      "      Accepts a duration from 1s to 1m, as 250ms, 30s, 5m or 1h30m. Environment: "
      "OVERSIGHT_CONNECT_TIMEOUT. Default: 5s.\n"
      "  --mysql-password-file=PATH\n"
      "      The password.\n"
      "      Accepts the path of a file that holds the secret. Environment: OVERSIGHT_MYSQL_PASSWORD_FILE. "
      "Default: none.\n"
      "  --prefix=TEXT\n"
      "      Of names.\n"
      "      Accepts text. Environment: OVERSIGHT_PREFIX. Default: empty.\n");
}

TEST(SettingsTest, MarkdownIsOneTableForEachSection) {
  Settings settings("workforce serve");
  DeclareForReference(settings);
  EXPECT_EQ(settings.Markdown(),
            "### Settings\n\n"
            "| flag | environment | accepts | default | meaning |\n|---|---|---|---|---|\n"
            "| `--authority` | `OVERSIGHT_AUTHORITY` | text | required | Which authority \\| its id. |\n"
            "\n### Database\n\n"
            "| flag | environment | accepts | default | meaning |\n|---|---|---|---|---|\n"
            "| `--connect-timeout` | `OVERSIGHT_CONNECT_TIMEOUT` | a duration from 1s to 1m, as 250ms, 30s, "
            "5m or 1h30m "
            "| `5s` | How long to wait. |\n"
            "| `--mysql-password-file` | `OVERSIGHT_MYSQL_PASSWORD_FILE` | the path of a file that holds the "
            "secret | "
            "none | The password. |\n"
            "| `--prefix` | `OVERSIGHT_PREFIX` | text | empty | Of names. |\n");
}

TEST(SettingsTest, SystemEnvironmentIsTheProcesss) {
  setenv("OVERSIGHT_TEST_ONLY", "here", 1);
  EXPECT_EQ(SystemEnvironment()("OVERSIGHT_TEST_ONLY"), "here");
  unsetenv("OVERSIGHT_TEST_ONLY");
  EXPECT_EQ(SystemEnvironment()("OVERSIGHT_TEST_ONLY"), std::nullopt);
}

TEST(SettingsDeathTest, MistakesInTheProgramEndIt) {
  Settings settings("test");
  settings.AddText("authority", "a").Optional();
  settings.AddInteger("count", "c", 1, 2).Optional();
  settings.AddSecret("token", "t").Optional();
  EXPECT_DEATH(settings.AddText("authority", "a"), "is taken");
  EXPECT_DEATH(settings.AddFile("token-file", "a"), "is taken");
  EXPECT_DEATH(settings.AddText("help", "a"), "is taken");
  EXPECT_DEATH(settings.AddText("Authority", "a"), "kebab-case");
  EXPECT_DEATH(settings.AddInteger("size", "s", 1, 2).Default("3"), "can be no default");
  EXPECT_DEATH(settings.AddSecret("password", "s").Default("x"), "can be no default");
  EXPECT_DEATH(settings.Text("unknown"), "is not declared");
  EXPECT_DEATH(settings.Integer("authority"), "another kind");
  EXPECT_DEATH(settings.Integer("count"), "without a value");
}

}  // namespace
}  // namespace oversight::config

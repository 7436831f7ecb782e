#include "deploy/sample/files.h"
#include "deploy/sample/fact_files.h"

#include <map>
#include <regex>
#include <set>

#include "absl/strings/match.h"
#include "deploy/sample/generate.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight::sample {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

std::vector<CsvFile> FilesOf(uint64_t seed, int day) {
  Options options;
  options.seed = seed;
  options.end_day = CivilDay(2026, 11, day);
  options.workers = 60;
  options.cases = 500;
  const Authority authority = Generate(options).value();
  std::vector<CsvFile> files = ExtractFiles(authority);
  for (CsvFile& file : SuiteFiles(authority)) files.push_back(std::move(file));
  return files;
}

std::map<std::string, std::string> Texts(const std::vector<CsvFile>& files) {
  std::map<std::string, std::string> texts;
  for (const CsvFile& file : files) texts[file.name()] = file.text();
  return texts;
}

// FNV-1a: short, and the same everywhere.
uint64_t Fingerprint(const std::map<std::string, std::string>& texts) {
  uint64_t hash = 14695981039346656037u;
  for (const auto& [name, text] : texts) {
    for (const char c : name + '\n' + text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  return hash;
}

// Fields in order; quoted ones without their quotes.
std::vector<std::string> Fields(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

// By column: all values.
std::map<std::string, std::vector<std::string>> Columns(const std::string& text) {
  std::map<std::string, std::vector<std::string>> columns;
  std::vector<std::string> header;
  for (size_t start = 0; start < text.size();) {
    const size_t end = text.find('\n', start);
    const std::vector<std::string> fields = Fields(text.substr(start, end - start));
    if (start == 0) {
      header = fields;
    } else {
      EXPECT_THAT(fields, SizeIs(header.size())) << text.substr(start, end - start);
      for (size_t i = 0; i < fields.size() && i < header.size(); ++i) columns[header[i]].push_back(fields[i]);
    }
    start = end + 1;
  }
  return columns;
}

std::set<std::string> ValuesOf(const std::map<std::string, std::string>& texts, const std::string& file,
                               const std::string& column) {
  const std::vector<std::string> values = Columns(texts.at(file))[column];
  return {values.begin(), values.end()};
}

// Whichever compiler made the program. A change of the sample changes the number, and nothing else may.
TEST(FilesTest, TheSameOptionsGiveTheSameFilesOnEveryMachine) {
  EXPECT_EQ(Fingerprint(Texts(FilesOf(3, 1))), 3180636717900254086u);
}

TEST(FilesTest, AreTheSameForTheSameSeedAndDay) {
  EXPECT_EQ(Texts(FilesOf(1, 21)), Texts(FilesOf(1, 21)));
  EXPECT_NE(Texts(FilesOf(1, 21))["sessions.csv"], Texts(FilesOf(2, 21))["sessions.csv"]);
  EXPECT_NE(Texts(FilesOf(1, 21))["sessions.csv"], Texts(FilesOf(1, 20))["sessions.csv"]);
}

TEST(FilesTest, BearUniqueValidIds) {
  const std::regex valid("[A-Za-z0-9._~-]{1,63}");
  for (const auto& [name, text] : Texts(FilesOf(3, 21))) {
    if (name == "authority.csv" || name == "policy_assignments.csv" || name == "ssd_person.csv") continue;
    const std::string id = Fields(text.substr(0, text.find('\n')))[0];
    const std::vector<std::string> ids = Columns(text)[id];
    EXPECT_THAT(std::set<std::string>(ids.begin(), ids.end()), SizeIs(ids.size())) << name;
    for (const std::string& value : ids) EXPECT_TRUE(std::regex_match(value, valid)) << name << ": " << value;
  }
}

TEST(FilesTest, ReferToWhatExists) {
  const std::map<std::string, std::string> texts = Texts(FilesOf(3, 21));
  const std::set<std::string> workers = ValuesOf(texts, "workers.csv", "worker_id");
  EXPECT_EQ(workers, ValuesOf(texts, "ssd_professionals.csv", "prof_professional_id"));
  std::set<std::string> cases = ValuesOf(texts, "ssd_cin_episodes.csv", "cine_person_id");
  cases.merge(ValuesOf(texts, "cases.csv", "person_id"));
  const std::set<std::string> settings = ValuesOf(texts, "care_settings.csv", "care_setting_id");
  const std::set<std::string> teams = ValuesOf(texts, "ssd_department.csv", "dept_team_id");
  const std::set<std::string> sessions = ValuesOf(texts, "sessions.csv", "session_id");
  const std::set<std::string> placements = ValuesOf(texts, "ssd_cla_placement.csv", "clap_cla_placement_id");
  const std::map<std::string, const std::set<std::string>*> targets = {
      {"worker_id", &workers},
      {"supervisor_id", &workers},
      {"supervisee_id", &workers},
      {"cover_for_id", &workers},
      {"agreed_by_id", &workers},
      {"allocated_by_id", &workers},
      {"assessed_by_id", &workers},
      {"author_id", &workers},
      {"authorised_by_id", &workers},
      {"chair_id", &workers},
      {"checked_by_id", &workers},
      {"filed_by_id", &workers},
      {"holder_id", &workers},
      {"joint_with_ids", &workers},
      {"made_by_id", &workers},
      {"mentor_id", &workers},
      {"noted_by_id", &workers},
      {"observer_id", &workers},
      {"owner_id", &workers},
      {"practice_educator_id", &workers},
      {"reviewed_by_id", &workers},
      {"visitor_id", &workers},
      {"checked_in_id", &sessions},
      {"carer_case_id", &cases},
      {"care_setting_id", &settings},
      {"invo_professional_id", &workers},
      {"cine_referral_worker_id", &workers},
      {"clea_care_leaver_worker_id", &workers},
      {"team_id", &teams},
      {"invo_professional_team", &teams},
      {"cine_referral_team", &teams},
      {"session_id", &sessions},
      {"replacement_id", &sessions},
      {"cla_placement_id", &placements},
  };
  int checked = 0;
  for (const auto& [name, text] : texts) {
    for (const auto& [column, values] : Columns(text)) {
      const auto target = targets.find(column);
      const std::set<std::string>* known = target != targets.end() ? target->second : nullptr;
      if (absl::EndsWith(column, "person_id")) known = &cases;
      if (known == nullptr) continue;
      ++checked;
      for (const std::string& value : values) {
        EXPECT_TRUE(value.empty() || known->contains(value)) << name << " " << column << ": " << value;
      }
    }
  }
  EXPECT_GE(checked, 80);
}

TEST(FilesTest, IdentifyNobody) {
  const std::map<std::string, std::string> texts = Texts(FilesOf(3, 21));
  for (const std::string& name : ValuesOf(texts, "ssd_professionals.csv", "prof_professional_name")) {
    EXPECT_TRUE(absl::StartsWith(name, "Synthetic Worker ")) << name;
  }
  for (const std::string& name : ValuesOf(texts, "ssd_person.csv", "pers_surname")) {
    EXPECT_TRUE(absl::StartsWith(name, "Child ")) << name;
  }
  EXPECT_THAT(ValuesOf(texts, "ssd_cla_placement.csv", "clap_cla_placement_postcode"), SizeIs(1));
  for (const auto& [name, text] : texts) {
    if (absl::StartsWith(name, "ssd_")) continue;
    EXPECT_THAT(text, Not(HasSubstr("Synthetic Worker"))) << name;
    EXPECT_THAT(text, Not(HasSubstr("Synthetic,Child"))) << name;
  }
}

TEST(FilesTest, GiveTheTimeOfASessionInUtc) {
  Authority authority;
  authority.workers.resize(2);
  authority.workers[0].id = authority.workers[1].id = "SW-0001";
  Session summer;
  summer.id = "S-0001-001";
  summer.date = CivilDay(2026, 7, 1);
  summer.supervisor = 1;
  summer.start_minute = 9 * 60 + 30;
  Session winter = summer;
  winter.id = "S-0001-002";
  winter.date = CivilDay(2026, 12, 1);
  authority.sessions = {summer, winter};
  const std::string text = Texts(SessionFiles(authority))["sessions.csv"];
  EXPECT_THAT(text, HasSubstr(",2026-07-01,2026-07-01T08:30:00Z,"));
  EXPECT_THAT(text, HasSubstr(",2026-12-01,2026-12-01T09:30:00Z,"));
}

TEST(CsvFileTest, QuotesWhatNeedsQuotes) {
  CsvFile file("a.csv", "x_", {"one", "two"});
  file.AddRow({"plain", "with, comma and \"quote\""});
  EXPECT_EQ(file.text(), "x_one,x_two\nplain,\"with, comma and \"\"quote\"\"\"\n");
}

TEST(CsvFileTest, RefusesARowThatDoesNotFit) {
  CsvFile file("a.csv", "", {"one", "two"});
  file.AddRow({"alone"});
  EXPECT_EQ(file.Write(::testing::TempDir()).code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace oversight::sample

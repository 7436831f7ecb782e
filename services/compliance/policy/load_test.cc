#include "services/compliance/policy/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace oversight::policy {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Two rules, one about workers and one about cases; line numbers are used below.
constexpr absl::string_view kPolicy = R"(id: "demo"
version: 2
title: "A policy"
authority: "An authority"
documents { id: "doc" title: "The document" published: "2020" }
effective_from { year: 2020 month: 2 day: 29 }
rules {
  id: "demo.supervision"
  title: "Supervision"
  clause { document: "doc" section: "1" paraphrase: "Monthly." }
  severity: SEVERITY_REQUIRED
  local_parameters { field: "recurring.bridge_working_days" reason: "A week." }
  recurring {
    supervision_session { kind: KIND_FORMAL_ONE_TO_ONE led_by: FUNCTION_LINE_MANAGEMENT }
    rows {
      id: "student"
      title: "Student"
      every { days: 14 }
      when { student_placement { weeks { from: 0 to: 6 } } }
      restarts_with_next_placement: true
    }
    rows {
      id: "all"
      title: "All"
      every { months: 1 }
    }
  }
}
rules {
  id: "demo.discussion"
  title: "Discussion"
  clause { document: "doc" section: "2" paraphrase: "Every two months." }
  severity: SEVERITY_ADVISORY
  notice_days: 3
  recurring {
    case_discussion { session_kind: KIND_FORMAL_ONE_TO_ONE }
    rows {
      id: "in-need"
      title: "In need"
      every { months: 2 }
      when { case_status: CASE_STATUS_CHILD_IN_NEED }
    }
    rows {
      id: "less-often"
      title: "Less often"
      every { months: 6 }
      when { reduced_frequency_agreement: true }
      in_place_of: "in-need"
    }
    rows {
      id: "elsewhere"
      title: "Elsewhere"
      when {
        case_status: CASE_STATUS_LOOKED_AFTER
        not { placement { type: PLACEMENT_TYPE_FOSTER months { from: 3 } } }
      }
      unknown_input: "a placement"
    }
  }
}
)";

// The policy with one thing written differently.
std::string With(absl::string_view was, absl::string_view is) {
  const std::string text = absl::StrReplaceAll(kPolicy, {{was, is}});
  EXPECT_NE(text, std::string(kPolicy)) << std::string(was);
  return text;
}

std::vector<std::string> FaultsOf(const std::string& text) {
  std::vector<std::string> faults;
  for (const Fault& fault : Lint(text).faults) faults.push_back(ToString("p.txtpb", fault));
  return faults;
}

TEST(LoadTest, CompilesWhatIsWritten) {
  const LintResult result = Lint(kPolicy);
  ASSERT_THAT(result.faults, IsEmpty());
  const engine::Policy& policy = result.loaded->policy;
  EXPECT_EQ(policy.id, "demo");
  EXPECT_EQ(policy.version, 2);
  EXPECT_EQ(policy.effective_from, CivilDay(2020, 2, 29));
  EXPECT_EQ(policy.content_hash.size(), 64u);
  EXPECT_EQ(policy.VersionText(), absl::StrCat("2-", policy.content_hash.substr(0, 12)));
  ASSERT_EQ(policy.rules.size(), 2u);

  const engine::Rule& worker = policy.rules[0];
  EXPECT_EQ(worker.id, "demo.supervision");
  EXPECT_EQ(worker.subject, engine::SubjectKind::kWorker);
  EXPECT_EQ(worker.session_kinds, engine::MaskOf(engine::SessionKind::kFormalOneToOne));
  EXPECT_EQ(worker.led_by, engine::MaskOf(engine::SupervisorFunction::kLineManagement));
  EXPECT_EQ(worker.clause.document, "The document");
  EXPECT_EQ(worker.bridge_working_days, 5);
  EXPECT_EQ(worker.rows[0].every, engine::Interval::Days(14));
  EXPECT_EQ(worker.rows[0].when.student_placement->weeks.to, 6);
  EXPECT_TRUE(worker.rows[0].restarts_with_next_placement);
  EXPECT_EQ(worker.rows[1].every, engine::Interval::Months(1));

  const engine::Rule& about_case = policy.rules[1];
  EXPECT_EQ(about_case.subject, engine::SubjectKind::kCase);
  EXPECT_EQ(about_case.notice_days, 3);
  EXPECT_EQ(about_case.rows[0].when.case_statuses, engine::MaskOf(engine::CaseStatus::kChildInNeed));
  EXPECT_EQ(about_case.rows[1].in_place_of, 0);
  EXPECT_TRUE(about_case.rows[2].IsUnknown());
  ASSERT_EQ(about_case.rows[2].when.none_of.size(), 1u);
  EXPECT_EQ(about_case.rows[2].when.none_of[0].placement->months.from, 3);
  EXPECT_EQ(about_case.rows[2].when.none_of[0].placement->months.to, engine::Range::kNoEnd);
}

TEST(LoadTest, TheHashCoversTheContentNotItsLayout) {
  const std::string hash = Lint(kPolicy).loaded->policy.content_hash;
  EXPECT_EQ(Lint(absl::StrCat("# A comment.\n", std::string(kPolicy))).loaded->policy.content_hash, hash);
  EXPECT_NE(Lint(With("months: 6", "months: 5")).loaded->policy.content_hash, hash);
  EXPECT_NE(Lint(With("\"Less often\"", "\"less often\"")).loaded->policy.content_hash, hash);
}

struct Slip {
  absl::string_view was;
  absl::string_view is;
  absl::string_view fault;  // how it begins
};

TEST(LoadTest, EveryFaultSaysWhereItIsAndWhatWouldBeRight) {
  const Slip slips[] = {
      // Spelling.
      {"every { days: 14 }", "evry { days: 14 }",
       "p.txtpb:18:7: unknown field `evry`: did you mean `every`?"},
      {"CASE_STATUS_CHILD_IN_NEED", "CHILD_IN_NEED",
       "p.txtpb:41:27: unknown value `CHILD_IN_NEED` of field `case_status`: did you mean "
       "`CASE_STATUS_CHILD_IN_NEED`?"},
      {"SEVERITY_ADVISORY", "SEVERITY_MILD",
       "p.txtpb:33:13: unknown value `SEVERITY_MILD` of field `severity`"},
      {"version: 2", "version: two", "p.txtpb:2:10: Expected integer"},
      {"title: \"All\"", "title: All", "p.txtpb:24:14: Expected string"},
      // The head.
      {"id: \"demo\"\n", "id: \"Demo\"\n", "p.txtpb:1:1: policy id `Demo`: expected lower-case"},
      {"version: 2", "version: 0", "p.txtpb:2:1: version 0: expected 1 or more"},
      {"title: \"A policy\"\n", "\n", "p.txtpb:1:1: no `title`: expected"},
      {"day: 29", "day: 30", "p.txtpb:6:1: there is no day 2020-2-30"},
      {"effective_from { year: 2020 month: 2 day: 29 }", "", "p.txtpb:1:1: no `effective_from`"},
      // Ids and clauses.
      {"demo.supervision", "supervision", "p.txtpb:8:3: rule id `supervision`: expected `demo.` followed by"},
      {"demo.discussion", "demo.supervision",
       "p.txtpb:30:3: rule id `demo.supervision` is taken by the rule on line 7"},
      {"id: \"less-often\"", "id: \"in-need\"",
       "p.txtpb:44:7: row id `in-need` is taken by the row on line 37"},
      {"document: \"doc\" section: \"2\"", "document: \"dok\" section: \"2\"",
       "p.txtpb:32:12: document `dok` is not among `documents`: expected doc"},
      {"  severity: SEVERITY_ADVISORY\n", "\n", "p.txtpb:29:1: no `severity`: expected SEVERITY_ADVISORY"},
      {"recurring.bridge_working_days", "bridge", "p.txtpb:12:22: a rule has no number `bridge`"},
      // Intervals that stand in records.
      {"every { months: 1 }", "every_of { days: \"agreed_days\" }",
       "p.txtpb:25:7: no `record`: expected the records"},
      {"every { months: 1 }", "every_of { record { of: \"Agreement\" via: \"supervisee\" } }",
       "p.txtpb:25:7: neither `days` nor `months`: expected"},
      {"every { months: 1 }",
       "every { months: 1 } every_of { record { of: \"Agreement\" via: \"supervisee\" } days: "
       "\"agreed_days\" }",
       "p.txtpb:25:27: both `every` and `every_of`: expected one"},
      {"every { months: 1 }",
       "every_of { record { of: \"Agreement\" via: \"supervisee\" at_least: 2 } days: \"agreed_days\" }",
       "p.txtpb:25:18: each record counts by itself"},
      {"every { months: 1 }",
       "every_of { record { of: \"Agreement\" via: \"supervisee\" where { field { name: \"function\" one_of "
       "{ "
       "value: \"FUNCTION_PROFESSIONAL\" } } } } days: \"agreed_days\" }",
       "p.txtpb:25:69: it must not be open whether a record counts"},
      {"every { months: 1 }", "every_of { record { of: \"Agreement\" via: \"supervisee\" } days: \"state\" }",
       "p.txtpb:25:63: `state` is no number"},
      // Intervals and ranges.
      {"days: 14", "days: 0", "p.txtpb:18:7: an interval of nothing: expected"},
      {"days: 14", "days: -7", "p.txtpb:18:15: every -7 days: expected 1 to"},
      {"days: 14", "days: 14 months: 1", "p.txtpb:18:7: both days and months: expected one"},
      {"months: 6", "months: 600", "p.txtpb:46:15: every 600 months: expected 1 to"},
      {"      every { months: 1 }\n", "\n", "p.txtpb:22:5: no `every`: expected"},
      {"from: 0 to: 6", "from: 6 to: 6",
       "p.txtpb:19:50: from 6 to 6 weeks holds on no day: expected `to` after `from`"},
      {"from: 0 to: 6", "from: -1 to: 6", "p.txtpb:19:42: from -1 weeks: expected 0"},
      {"months { from: 3 }", "months { from: 3 to: 2 }", "p.txtpb:55:72: from 3 to 2 months holds on no day"},
      {"notice_days: 3", "notice_days: -3", "p.txtpb:34:3: notice_days -3: expected"},
      // Conditions.
      {"reduced_frequency_agreement: true", "on_asye: true",
       "p.txtpb:47:14: `on_asye` is about workers, this is about cases"},
      {"{ reduced_frequency_agreement: true }", "{ }", "p.txtpb:47:7: an empty condition"},
      {"CASE_STATUS_CHILD_IN_NEED", "CASE_STATUS_UNSPECIFIED",
       "p.txtpb:41:14: `case_status` cannot be unspecified"},
      {"student_placement { weeks { from: 0 to: 6 } }", "on_asye: true",
       "p.txtpb:20:7: the row is not about student placements"},
      // Rows that stand in for others.
      {"in_place_of: \"in-need\"", "in_place_of: \"in-ned\"",
       "p.txtpb:48:7: there is no row `in-ned` in this rule: did you mean `in-need`?"},
      {"in_place_of: \"in-need\"", "in_place_of: \"less-often\"",
       "p.txtpb:48:7: row `less-often` stands in its own place"},
      {"in_place_of: \"in-need\"", "in_place_of: \"elsewhere\"",
       "p.txtpb:48:7: it names a row of last resort"},
      {"unknown_input: \"a placement\"", "unknown_input: \"a placement\" every { days: 1 }",
       "p.txtpb:57:36: a row with `unknown_input` has no interval"},
      // What must happen.
      {"kind: KIND_FORMAL_ONE_TO_ONE led_by", "led_by", "p.txtpb:14:5: no `kind`: expected the kinds"},
      {"case_discussion { session_kind: KIND_FORMAL_ONE_TO_ONE }", "case_discussion { }",
       "p.txtpb:36:5: no `session_kind`: expected the kinds"},
  };
  for (const Slip& slip : slips) {
    const std::vector<std::string> faults = FaultsOf(With(slip.was, slip.is));
    ASSERT_FALSE(faults.empty()) << std::string(slip.is);
    EXPECT_THAT(faults, ::testing::Contains(::testing::StartsWith(std::string(slip.fault))))
        << std::string(slip.is);
  }
}

TEST(LoadTest, OneRowOnlyHasItsIntervalInRecords) {
  const std::string agreed =
      "every_of { record { of: \"Agreement\" via: \"supervisee\" in_force: true } days: \"agreed_days\" }";
  const std::string one = With("every { months: 1 }", agreed);
  const LintResult result = Lint(one);
  ASSERT_THAT(result.faults, IsEmpty());
  const engine::Row& row = result.loaded->policy.rules[0].rows[1];
  ASSERT_TRUE(row.every_of.has_value());
  EXPECT_TRUE(row.every_of->days.Given());
  EXPECT_FALSE(row.every_of->months.Given());
  EXPECT_THAT(
      FaultsOf(absl::StrReplaceAll(one, {{"every { days: 14 }", agreed}})),
      ::testing::ElementsAre(::testing::StartsWith("p.txtpb:25:7: row `student` has `every_of` too")));
}

// One rule of another kind; its lines are counted from the first.
constexpr absl::string_view kStanding = R"(id: "demo"
version: 1
title: "A policy"
authority: "Somewhere"
documents { id: "doc" title: "A document" }
effective_from { year: 2020 month: 1 day: 1 }
rules {
  id: "demo.agreed"
  title: "Agreed"
  clause { document: "doc" section: "1" paraphrase: "Agreed." }
  severity: SEVERITY_REQUIRED
  about: "Worker"
  standing {
    must {
      record {
        of: "SupervisorLink"
        via: "parent"
        in_force: true
        where {
          field { name: "function" one_of { value: "PROFESSIONAL" } }
          field { name: "supervisor.qualification_date" reached: true }
        }
      }
    }
    grace { working_days: 5 }
  }
}
)";

TEST(LoadTest, NamesOfRecordsAndFieldsAreThoseOfTheProtos) {
  ASSERT_TRUE(Lint(kStanding).loaded.has_value());
  const Slip slips[] = {
      {"about: \"Worker\"", "about: \"Werker\"",
       "p.txtpb:12:3: there is no kind of record `Werker`: did you mean `Worker`?"},
      {"about: \"Worker\"", "", "p.txtpb:7:1: it is not said whom the rule is about: expected `about`"},
      {"of: \"SupervisorLink\"", "of: \"SupervisorLnk\"",
       "p.txtpb:16:9: there is no kind of record `SupervisorLnk`: did you mean `SupervisorLink`?"},
      {"via: \"parent\"", "via: \"parnt\"",
       "p.txtpb:17:9: a SupervisorLink has no field `parnt`: did you mean `parent`?"},
      {"via: \"parent\"", "",
       "p.txtpb:15:7: no `via`: expected the field of a SupervisorLink that names the Worker"},
      {"name: \"function\"", "name: \"funktion\"",
       "p.txtpb:20:19: a SupervisorLink has no field `funktion`: did you mean `function`?"},
      {"\"PROFESSIONAL\"", "\"PROFESIONAL\"",
       "p.txtpb:20:45: unknown value `PROFESIONAL`: expected one of: FUNCTION_LINE_MANAGEMENT"},
      {"supervisor.qualification_date", "supervisor.qualified",
       "p.txtpb:21:19: a Worker has no field `qualified`: "},
      {"supervisor.qualification_date", "function.qualification_date",
       "p.txtpb:21:19: `function` of a SupervisorLink names no single other record"},
      {"\"supervisor.qualification_date\" reached", "\"supervisor\" reached",
       "p.txtpb:21:19: `supervisor` is no date or instant"},
      {"one_of { value: \"PROFESSIONAL\" }", "",
       "p.txtpb:20:11: the field is not tested: expected one of set, is"},
      {"one_of { value: \"PROFESSIONAL\" }", "at_least: 3", "p.txtpb:20:19: `function` is no number"},
      {"working_days: 5", "working_days: 5 days: 2", "p.txtpb:25:5: expected exactly one of hours, days"},
  };
  for (const Slip& slip : slips) {
    const std::string text = absl::StrReplaceAll(kStanding, {{slip.was, slip.is}});
    EXPECT_THAT(FaultsOf(text), ::testing::Contains(::testing::StartsWith(std::string(slip.fault))))
        << std::string(slip.is);
  }
}

TEST(LoadTest, FindsCirclesOfRowsThatReplaceEachOther) {
  const std::string text =
      With("      when { case_status: CASE_STATUS_CHILD_IN_NEED }\n",
           "      when { case_status: CASE_STATUS_CHILD_IN_NEED } in_place_of: \"less-often\"\n");
  EXPECT_THAT(FaultsOf(text), ElementsAre(HasSubstr(":41:55: row `in-need` stands in its own place"),
                                          HasSubstr(":48:7: row `less-often` stands in its own place")));
}

TEST(LoadTest, ReportsAllFaultsAtOnceInTheOrderOfTheText) {
  std::string text = With("every { days: 14 }", "evry { days: 14 } every { days: 0 }");
  text = absl::StrReplaceAll(text, {{"SEVERITY_ADVISORY", "SEVERITY_MILD"},
                                    {"CASE_STATUS_LOOKED_AFTER", "LOOKED_AFTER"},
                                    {"day: 29", "day: 31"}});
  EXPECT_THAT(FaultsOf(text),
              ElementsAre(HasSubstr(":6:1: there is no day"), HasSubstr(":18:7: unknown field `evry`"),
                          HasSubstr(":18:25: an interval of nothing"),
                          HasSubstr(":33:13: unknown value `SEVERITY_MILD`"),
                          HasSubstr(":54:22: unknown value `LOOKED_AFTER`")));
}

TEST(LoadTest, BrokenTextIsRefusedNotCrashedOn) {
  for (const absl::string_view text :
       {absl::string_view(""), absl::string_view("rules {"), absl::string_view("}"),
        absl::string_view("id: \"\xff\""),
        absl::string_view("rules { recurring { rows { when { not { not { } } } } } }"),
        absl::string_view("id: \"a\0b\"", 9)}) {
    const LintResult result = Lint(text);
    EXPECT_FALSE(result.faults.empty()) << std::string(text);
    EXPECT_FALSE(result.loaded.has_value());
  }
  std::string deep;
  for (int i = 0; i < 100'000; ++i) absl::StrAppend(&deep, "not {");
  EXPECT_FALSE(Lint(absl::StrCat("rules { recurring { rows { when { ", deep)).faults.empty());
  // Cut off anywhere.
  for (size_t size = 0; size + 2 < kPolicy.size(); size += 7) {
    EXPECT_FALSE(Lint(kPolicy.substr(0, size)).faults.empty()) << size;
  }
}

TEST(LoadTest, LoadNamesTheFileInEveryFault) {
  const auto loaded = Load("a/b.txtpb", With("version: 2", "version: 0 versoin: 3"));
  EXPECT_EQ(loaded.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(
      std::string(loaded.status().message()),
      AllOf(HasSubstr("a/b.txtpb:2:1: version 0"), HasSubstr("a/b.txtpb:2:12: unknown field `versoin`")));
  EXPECT_EQ(LoadFile("/nonexistent.txtpb").status().code(), absl::StatusCode::kNotFound);
}

TEST(LoadTest, TheShippedPoliciesAreFreeOfFaults) {
  const auto policies = LoadDirectory(OVERSIGHT_POLICIES_DIR);
  ASSERT_TRUE(policies.ok()) << std::string(policies.status().message());
  ASSERT_FALSE(policies->empty());
  for (const LoadedPolicy& policy : *policies) {
    if (policy.policy.id != "knowsley") continue;
    EXPECT_EQ(policy.policy.effective_from, CivilDay(2021, 12, 1));
    ASSERT_GE(policy.policy.rules.size(), 2u);
    EXPECT_EQ(policy.policy.rules[0].rows.size(), 6u);
    EXPECT_EQ(policy.policy.rules[1].rows.size(), 14u);
    // Every number that is a local interpretation stands in the text.
    for (const auto& rule : policy.definition.rules()) {
      for (const auto& parameter : rule.local_parameters()) EXPECT_FALSE(parameter.reason().empty());
    }
    return;
  }
  FAIL() << "no policy `knowsley`";
}

TEST(LoadTest, TwoFilesMayNotDefineTheSamePolicy) {
  const std::string folder = ::testing::TempDir() + "oversight_policies_" + std::to_string(::getpid());
  std::filesystem::create_directories(folder + "/other");
  std::ofstream(folder + "/one.txtpb") << kPolicy;
  std::ofstream(folder + "/other/two.txtpb") << kPolicy;
  std::ofstream(folder + "/README.md") << "not a policy";
  const auto policies = LoadDirectory(folder);
  EXPECT_EQ(policies.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(policies.status().message()), HasSubstr("policy id `demo` is taken by"));
  std::filesystem::remove(folder + "/one.txtpb");
  // Cases beside a policy are none.
  std::filesystem::create_directories(folder + "/other/cases");
  std::ofstream(folder + "/other/cases/some.txtpb") << "cases { id: \"one\" }";
  EXPECT_EQ(LoadDirectory(folder)->size(), 1u);
  std::filesystem::remove_all(folder);
  EXPECT_EQ(LoadDirectory(folder).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace oversight::policy

// An authority's own numbers and merged records, asked for as a client asks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/compliance/policy/load.h"
#include "services/compliance/questions/questions_for_test.h"

namespace oversight::compliance {
namespace {

using oversight::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Parse;
using testing::QuestionsTest;
using ::testing::SizeIs;
using testing::Text;

constexpr char kAnna[] = "authorities/example/workers/anna";
constexpr char kAnnasFrequency[] =
    "rule: 'knowsley.supervision-frequency' subject: 'authorities/example/workers/anna' ";

// Knowsley's whole pack. Anna was seen on 2 March and away from 30 March to 10 April: her supervision is due
// on the fifth working day after her return, 17 April; by the authority's own number, the tenth, on the 24th.
class OwnNumbersQuestionsTest : public QuestionsTest {
 protected:
  OwnNumbersQuestionsTest()
      : QuestionsTest(LibraryOf({*policy::LoadFile(OVERSIGHT_POLICIES_DIR "/knowsley/knowsley.txtpb")})) {
    Tell("workforce", Parse<workforce::v1::Absence>(absl::StrCat(
                          "name: '", kAnna, "/absences/a' first_date { year: 2026 month: 3 day: 30 } ",
                          "last_date { year: 2026 month: 4 day: 10 }")));
  }
  void Settle(int return_working_days) {
    Tell("compliance",
         Parse<v1::PolicyAssignment>(absl::StrCat(
             "name: 'authorities/example/policyAssignments/a' policy: 'policies/knowsley' ",
             "start_date { year: 2026 month: 1 day: 1 } ",
             "overrides { rule: 'knowsley.supervision-frequency' field: 'recurring.return_working_days' ",
             "value: ", return_working_days, " }")));
  }
  v1::Finding OfAnna() {
    const auto list = List(absl::StrCat("rules: 'knowsley.supervision-frequency' subject: '", kAnna,
                                        "' after_tokens: '", after_.front(), "'"));
    OVERSIGHT_EXPECT_OK(list.status());
    return list.ok() && list->findings_size() == 1 ? list->findings(0) : v1::Finding();
  }
};

TEST_F(OwnNumbersQuestionsTest, JudgeInEveryView) {
  const v1::Finding by_the_pack = OfAnna();
  EXPECT_EQ(Text(by_the_pack.due_date()), "2026-04-17");
  Settle(10);
  const v1::Finding own = OfAnna();
  EXPECT_EQ(Text(own.due_date()), "2026-04-24");
  EXPECT_NE(own.policy_version(), by_the_pack.policy_version());
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto explained, Explain(kAnnasFrequency));
  EXPECT_EQ(explained.finding().SerializeAsString(), own.SerializeAsString());
  EXPECT_THAT(explained.reasoning(),
              ::testing::Contains("this authority has settled recurring.return_working_days at 10"));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto history, History(kAnnasFrequency));
  EXPECT_EQ(history.findings().rbegin()->SerializeAsString(), own.SerializeAsString());
  // What is stored says by which numbers.
  v1::ListFindingChangesResponse changes;
  while (changes.changes().empty() || changes.changes().rbegin()->overrides().empty()) {
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(changes, Changes(kAnnasFrequency));
    std::this_thread::yield();
  }
  EXPECT_THAT(changes.changes(0).overrides(), IsEmpty());
  const v1::FindingChange& last = *changes.changes().rbegin();
  EXPECT_EQ(last.policy_version(), own.policy_version());
  ASSERT_THAT(last.overrides(), SizeIs(1));
  EXPECT_EQ(last.overrides(0).field(), "recurring.return_working_days");
  EXPECT_EQ(last.overrides(0).value(), 10);
}

TEST_F(OwnNumbersQuestionsTest, APreviewKeepsThemButForThoseItSettles) {
  Settle(10);
  // Nothing settled: nobody changes.
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto same, Preview("policy: 'policies/knowsley'"));
  EXPECT_EQ(same.total_size(), 0);
  EXPECT_EQ(same.policy_version(), OfAnna().policy_version());
  const std::string parameter = "parameters { rule: 'knowsley.supervision-frequency' ";
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto other,
                                 Preview(absl::StrCat("policy: 'policies/knowsley' ", parameter,
                                                      "field: 'recurring.bridge_working_days' value: 0 }")));
  EXPECT_EQ(other.total_size(), 0) << "the number of days after a return is still the authority's";
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto back,
                                 Preview(absl::StrCat("policy: 'policies/knowsley' ", parameter,
                                                      "field: 'recurring.return_working_days' value: 5 }")));
  ASSERT_THAT(back.changes(), SizeIs(1));
  EXPECT_EQ(back.changes(0).before().SerializeAsString(), OfAnna().SerializeAsString());
  EXPECT_EQ(Text(back.changes(0).after().due_date()), "2026-04-17");
  EXPECT_THAT(
      Preview(absl::StrCat("policy: 'policies/knowsley' ", parameter, "field: 'notice_days' value: 5 }"))
          .status()
          .ToString(),
      HasSubstr("is no local parameter of knowsley.supervision-frequency: it has recurring."));
}

// ---- Merged records.

TEST_F(OwnNumbersQuestionsTest, ADuplicatesNameAsksForTheSurvivor) {
  replica_.Tell("workforce", {ledgers_.Withdrawn(
                                 "workforce", Parse<workforce::v1::Worker>(absl::StrCat(
                                                  "name: 'authorities/example/workers/anna-2' withdrawal { ",
                                                  "reason: 'twice' merged_into: '", kAnna, "' }")))});
  Tell("supervision",
       Parse<supervision::v1::Session>(
           "name: 'authorities/example/sessions/other' supervisee: 'authorities/example/workers/anna-2' "
           "supervisor: 'authorities/example/workers/mona' kind: KIND_FORMAL_ONE_TO_ONE state: STATE_HELD "
           "date { year: 2026 month: 3 day: 27 }"));
  const v1::Finding anna = OfAnna();
  EXPECT_EQ(anna.instance(), "2026-03-27");
  for (const char* by : {"subject", "worker"}) {
    OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto list,
                                   List(absl::StrCat("rules: 'knowsley.supervision-frequency' ", by,
                                                     ": 'authorities/example/workers/anna-2'")));
    ASSERT_THAT(list.findings(), SizeIs(1)) << by;
    EXPECT_EQ(list.findings(0).SerializeAsString(), anna.SerializeAsString());
  }
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto explained,
      Explain("rule: 'knowsley.supervision-frequency' subject: 'authorities/example/workers/anna-2'"));
  EXPECT_EQ(explained.finding().subject(), kAnna);
  EXPECT_EQ(explained.evidence(0).resource(), "authorities/example/sessions/other");
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(
      const auto check,
      Check("case: 'authorities/example/cases/c2' worker: 'authorities/example/workers/anna-2' "
            "role: ALLOCATION_ROLE_KEYWORKER date { year: 2026 month: 4 day: 10 }"));
  EXPECT_EQ(check.load().cases_held(), 2);
  EXPECT_EQ(check.load().supervisor(), "authorities/example/workers/mona");
  EXPECT_THAT(List("worker: 'authorities/example/workers/nobody'")->findings(), IsEmpty());
  EXPECT_THAT(Explain("rule: 'knowsley.supervision-frequency' subject: 'authorities/example/workers/nobody'"),
              StatusIs(absl::StatusCode::kNotFound, "NO_FINDING"));
}

}  // namespace
}  // namespace oversight::compliance

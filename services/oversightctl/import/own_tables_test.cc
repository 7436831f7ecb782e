#include "services/oversightctl/import/own_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "oversight/type/v1/annotations.pb.h"
#include "services/oversightctl/import/columns.h"
#include "services/oversightctl/import/plan_for_test.h"

namespace oversight::ctl {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

std::vector<std::string> ColumnsOf(const std::string& file) {
  for (const OwnTable& table : OwnTables()) {
    if (table.spec.file != file) continue;
    std::vector<std::string> columns;
    for (const Column& column : table.spec.columns) {
      columns.push_back(absl::StrCat(column.name, column.required ? "*" : ""));
    }
    return columns;
  }
  ADD_FAILURE() << "no file " << file;
  return {};
}

TEST(ImportKindsTest, HoldEveryResourceOfTheFourServicesOnce) {
  std::set<std::string> expected;
  for (const char* package : {"workforce", "caseload", "supervision", "compliance"}) {
    const auto* request = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
        absl::StrCat("oversight.", package, ".v1.ImportRequest"));
    // All messages of the package that are resources of an authority, wherever they are declared.
    std::set<const google::protobuf::FileDescriptor*> files;
    const auto collect = [&](auto self, const google::protobuf::FileDescriptor* file) -> void {
      if (file->package() != request->file()->package() || !files.insert(file).second) return;
      for (int i = 0; i < file->dependency_count(); ++i) self(self, file->dependency(i));
      for (int i = 0; i < file->message_type_count(); ++i) {
        const auto& resource = file->message_type(i)->options().GetExtension(type::v1::resource);
        if (resource.pattern().rfind("authorities/", 0) == 0)
          expected.insert(file->message_type(i)->full_name());
      }
    };
    collect(collect, request->file());
  }
  // What the compliance service concludes is no fact.
  std::erase_if(expected, [](const std::string& name) { return name == "oversight.compliance.v1.Finding"; });
  std::set<std::string> kinds;
  for (const ImportKind& kind : ImportKinds()) EXPECT_TRUE(kinds.insert(kind.type->full_name()).second);
  EXPECT_EQ(kinds, expected);
  EXPECT_GE(kinds.size(), 59u);
}

TEST(ImportKindsTest, StandAfterWhatTheyReferTo) {
  std::map<std::string, size_t> position;
  for (size_t i = 0; i < ImportKinds().size(); ++i) position[ImportKinds()[i].type->full_name()] = i;
  size_t checked = 0;
  for (const OwnTable& table : OwnTables()) {
    for (const OwnColumn& column : table.columns) {
      if (column.reference == nullptr || column.reference == table.kind->type) continue;
      EXPECT_LT(position.at(column.reference->full_name()), position.at(table.kind->type->full_name()))
          << table.spec.file << " " << column.name;
      ++checked;
    }
  }
  EXPECT_GT(checked, 70u);
}

TEST(OwnTablesTest, NameTheirColumnsAfterTheFields) {
  EXPECT_THAT(ColumnsOf("training_records"),
              ElementsAre("training_record_id*", "worker_id*", "kind*", "title", "completed_date*"));
  EXPECT_THAT(ColumnsOf("case_discussions"),
              IsSupersetOf({"case_discussion_id*", "session_id*", "person_id*", "matter_ids", "revisits_id",
                            "filed_time", "filed_by_id", "filed_heading"}));
  EXPECT_THAT(ColumnsOf("planned_series"),
              IsSupersetOf({"planned_series_id*", "frequencies.start_date", "frequencies.every_days"}));
  EXPECT_THAT(ColumnsOf("reduced_frequency_agreements"), IsSupersetOf({"agreement_id*", "person_id*"}))
      << "as it was called before";
  EXPECT_THAT(ColumnsOf("workers"), ElementsAre("worker_id*", "employment_start_date", "employment_end_date",
                                                "qualification_date", "employer"));
  EXPECT_THAT(ColumnsOf("allocations"),
              AllOf(IsSupersetOf({"allocation_id*", "person_id*", "allocated_by_id", "actions"}),
                    Not(Contains(HasSubstr("verdict")))))
      << "only the service says what compliance said";
}

TEST(OwnTablesTest, NoColumnTwiceAndNoneForTheTextOfARecord) {
  for (const OwnTable& table : OwnTables()) {
    std::set<std::string> names;
    for (const Column& column : table.spec.columns) {
      EXPECT_TRUE(names.insert(column.name).second) << table.spec.file << " " << column.name;
    }
    for (const OwnColumn& column : table.columns) {
      for (const auto* field : column.path) {
        const auto& rules = field->options().GetExtension(type::v1::rules);
        EXPECT_FALSE(rules.output_only()) << field->full_name();
        EXPECT_NE(rules.sensitivity(), type::v1::SENSITIVITY_CONFIDENTIAL) << field->full_name();
      }
    }
  }
  EXPECT_THAT(ColumnsOf("session_records"), Not(Contains(HasSubstr("text"))));
  EXPECT_THAT(ColumnsOf("session_records"), Not(Contains(HasSubstr("version"))));
}

using OwnFilesTest = PlanTest;

TEST_F(OwnFilesTest, ARecordOfAnyKindIsARow) {
  const Plan plan = PlanFiles({
      {"training_records", "training_record_id,worker_id,kind,completed_date\nT1,W1,supervisor,2024-03-01\n"},
      {"visits",
       "visit_id,person_id,kind,date,visitor_id,joint_with_ids\nV1,C1,assessment,2024-03-01,W1,W2; W3\n"},
      {"management_decisions",
       "management_decision_id,person_id,setting,made_by_id,made_time,urgent\n"
       "M1,C1,informal,W2,2024-03-01T10:00:00Z,Y\n"},
  });
  EXPECT_THAT(Refusals(plan), IsEmpty());
  EXPECT_THAT(Texts(plan, "training records"),
              ElementsAre(AllOf(HasSubstr("name: \"authorities/a/workers/W1/trainingRecords/T1\""),
                                HasSubstr("kind: KIND_SUPERVISOR"),
                                HasSubstr("external_ids { system: \"ssd\" id: \"training_records/T1\" }"))));
  EXPECT_THAT(
      Texts(plan, "visits"),
      ElementsAre(HasSubstr("visitor: \"authorities/a/workers/W1\" joint_with: "
                            "\"authorities/a/workers/W2\" joint_with: \"authorities/a/workers/W3\"")));
  EXPECT_THAT(Texts(plan, "management decisions"),
              ElementsAre(AllOf(HasSubstr("case: \"authorities/a/cases/C1\""),
                                HasSubstr("made_time { seconds: 1709287200 }"), HasSubstr("urgent: true"))));
}

TEST_F(OwnFilesTest, ListsOfMessagesStandInParallelColumns) {
  const Plan plan = PlanFiles({
      {"cases",
       "person_id,kind,open_periods.start_date,open_periods.end_date\n"
       "F1,foster_carer,2020-01-01;2024-02-01,2023-05-01;\nF2,adopter,2021-01-01,\n"},
      {"survey_results",
       "survey_result_id,closed_date,groups.label,groups.respondents,groups.answers.question,groups.answers."
       "agree\n"
       "R1,2024-05-01,north;south,10;12,Q1|Q2;Q1,7|8;9\n"},
  });
  EXPECT_THAT(Refusals(plan), IsEmpty());
  EXPECT_THAT(
      Texts(plan, "cases"),
      ElementsAre(HasSubstr("open_periods { start_date { year: 2020 month: 1 day: 1 } end_date { year: 2023 "
                            "month: 5 day: 1 } } open_periods { start_date { year: 2024 month: 2 day: 1 } }"),
                  HasSubstr("open_periods { start_date { year: 2021 month: 1 day: 1 } }")));
  EXPECT_THAT(Texts(plan, "survey results"),
              ElementsAre(HasSubstr(
                  "groups { label: \"north\" respondents: 10 answers { question: \"Q1\" agree: 7 } answers "
                  "{ question: \"Q2\" agree: 8 } } groups { label: \"south\" respondents: 12 answers { "
                  "question: \"Q1\" agree: 9 } }")));
}

TEST_F(OwnFilesTest, ReferencesBeneathAnotherParentNameItToo) {
  const Plan plan = PlanFiles({
      {"capability_assessments",
       "capability_assessment_id,worker_id,assessed_date,assessed_by_id,level,student_placement_id\n"
       "A1,W1,2024-03-01,W2,readiness_for_practice,SP1\n"},
      {"absence_gap_notes",
       "absence_gap_note_id,person_id,absence_id,noted_date\nN1,C1,W1/A7,2024-03-01\n"
       "N2,C1,A7,2024-03-01\n"},
  });
  EXPECT_THAT(Texts(plan, "capability assessments"),
              ElementsAre(HasSubstr("student_placement: \"authorities/a/workers/W1/studentPlacements/SP1\"")))
      << "of the same worker";
  EXPECT_THAT(Texts(plan, "absence gap notes"),
              ElementsAre(HasSubstr("absence: \"authorities/a/workers/W1/absences/A7\"")));
  EXPECT_THAT(
      Refusals(plan),
      ElementsAre(
          "absence_gap_notes.csv:3: INVALID_ROW: the row cannot be taken (absence_id: needs the id of "
          "its worker before it, and a slash: W1/A1)"));
}

TEST_F(OwnFilesTest, AddToWhatTheExtractMakes) {
  const std::map<std::string, std::string> extract = {
      {"ssd_involvements",
       "invo_involvements_id,invo_professional_id,invo_professional_role_id,invo_person_id,invo_involvement_"
       "start_"
       "date\nI1,W1,CW,C1,2024-01-01\nI2,W1,CW,C2,2024-01-01\n"},
      {"ssd_cin_plans", "cinp_cin_plan_id,cinp_person_id,cinp_cin_plan_start_date\nP1,C1,2024-01-01\n"}};
  auto files = extract;
  files["allocations"] =
      "allocation_id,person_id,allocated_by_id,actions,recorded_date,instruction\n"
      "I1,C1,W9,visit;plan,2024-01-02,written_direction\nI2,C2,W9,visit,soon,written_direction\n"
      "I3,C1,W9,visit,2024-01-02,written_direction\n";
  files["cases"] = "person_id,team_id\nC1,T1\n";
  const Plan plan = PlanFiles(files);
  EXPECT_THAT(Texts(plan, "cases"),
              ElementsAre(AllOf(HasSubstr("kind: KIND_CHILD open_periods"),
                                HasSubstr("team: \"authorities/a/teams/T1\""),
                                HasSubstr("id: \"ssd_person/C1\""), Not(HasSubstr("cases/C1\" }")))));
  EXPECT_THAT(
      Texts(plan, "allocations"),
      ElementsAre(AllOf(HasSubstr("cases/C1/allocations/I1"), HasSubstr("role: ALLOCATION_ROLE_KEYWORKER"),
                        HasSubstr("actions: \"visit\" actions: \"plan\""), HasSubstr("ssd_involvements/I1"))))
      << "what a faulty row would say more is missing, so the record is not sent";
  EXPECT_THAT(
      Refusals(plan),
      ElementsAre(
          AllOf(HasSubstr("allocations.csv:3: INVALID_ROW"), HasSubstr("recorded_date: is not a day")),
          AllOf(HasSubstr("allocations.csv:4: INVALID_ROW"), HasSubstr("worker_id: is empty"))))
      << "I3 is not in the extract, so its row must say all";
  EXPECT_TRUE(plan.Contains("authorities/a/cases/C2/allocations/I2")) << "it has not vanished";
}

TEST_F(OwnFilesTest, AnUnknownColumnNamesThoseThereAre) {
  const Plan plan =
      PlanFiles({{"training_records", "training_record_id,worker_id,kind,date\nT1,W1,supervisor,x\n"}});
  EXPECT_THAT(
      Refusals(plan),
      ElementsAre(
          "training_records.csv:1: BROKEN_FILE: missing column(s): completed_date; unknown column(s): "
          "date (known: training_record_id, worker_id, kind, title, completed_date); rows from here on "
          "are not imported"));
}

TEST(ColumnsTest, OfAllFilesAndOfOne) {
  std::ostringstream out, err;
  Console console;
  console.out = &out;
  console.err = &err;
  ASSERT_TRUE(PrintColumns("", console).ok());
  EXPECT_THAT(out.str(),
              AllOf(HasSubstr("  training_records.csv\n      training_record_id* worker_id* kind* title "),
                    HasSubstr("ssd_involvements.csv")));
  out.str("");
  ASSERT_TRUE(PrintColumns("visits.csv", console).ok());
  EXPECT_THAT(out.str(), AllOf(HasSubstr("assessment | progress_plan | statutory | other"),
                               HasSubstr("id of a worker; several with ;")));
  const absl::Status status = PrintColumns("shoes", console);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("known: authority, "));
}

}  // namespace
}  // namespace oversight::ctl

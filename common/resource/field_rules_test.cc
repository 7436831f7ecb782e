#include "common/resource/field_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "absl/strings/str_cat.h"
#include "common/resource/testing/text.h"
#include "common/testing/proto_matchers.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"

namespace oversight::resource {
namespace {

using ::oversight::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using testing::Parse;
using workforce::v1::Post;
using workforce::v1::SupervisorLink;

std::vector<std::string> Faults(const Message& resource, const std::string& prefix = "") {
  std::vector<FieldViolation> violations;
  CheckFieldRules(resource, "a", prefix, violations);
  std::vector<std::string> fields;
  for (const FieldViolation& violation : violations) fields.push_back(violation.field);
  return fields;
}

constexpr char kGoodPost[] =
    "name: 'authorities/a/workers/w/posts/p' career_stage: CAREER_STAGE_ADVANCED "
    "start_date { year: 2024 month: 2 day: 29 } ";

TEST(FieldRulesTest, FaultsOfOneField) {
  struct Case {
    std::string text;
    std::vector<std::string> fields;
  };
  for (const Case& c : std::vector<Case>{
           {"", {}},
           {"end_date { year: 2024 month: 2 day: 29 }", {}},
           {"end_date { year: 2024 month: 2 day: 28 }", {"end_date"}},
           {"end_date { year: 2025 month: 2 day: 29 }", {"end_date"}},
           {"end_date { year: 2025 month: 13 day: 1 }", {"end_date"}},
           {"end_date { year: 2025 month: 4 day: 31 }", {"end_date"}},
           {"end_date { year: 2025 month: 4 }", {"end_date"}},
           {"end_date { year: 10000 month: 1 day: 1 }", {"end_date"}},
           {"end_date { year: -5 month: 1 day: 1 }", {"end_date"}},
           {"end_date { }", {"end_date"}},
           {"end_date { year: 9999 month: 12 day: 31 }", {}},
           {"full_time_equivalent: 1.5", {}},
           {"full_time_equivalent: 1.51", {"full_time_equivalent"}},
           {"full_time_equivalent: -0.1", {"full_time_equivalent"}},
           {"full_time_equivalent: inf", {"full_time_equivalent"}},
           {"full_time_equivalent: nan", {"full_time_equivalent"}},
           {"role_title: 'Zoë 👩‍⚖️'", {}},
           {"role_title: 'a\\0b'", {"role_title"}},
           {"team: 'authorities/a/teams/t'", {}},
           {"team: 'authorities/b/teams/t'", {"team"}},
           {"team: 'authorities/a/workers/t'", {"team"}},
           {"team: 'teams/t'", {"team"}},
           {"team: 'authorities/a/teams/-'", {"team"}},
           {"external_ids { system: 'hr' id: '7' }", {}},
           {"external_ids { system: 'hr' } external_ids { id: '7' }",
            {"external_ids[0].id", "external_ids[1].system"}},
       }) {
    EXPECT_THAT(Faults(Parse<Post>(absl::StrCat(kGoodPost, c.text))), ElementsAreArray(c.fields)) << c.text;
  }
}

TEST(FieldRulesTest, AllFaultsAreToldAtOnceBehindThePrefix) {
  EXPECT_THAT(Faults(Post(), "post."), ElementsAre("post.career_stage", "post.start_date"));
}

TEST(FieldRulesTest, EnumNumbersMustBeKnown) {
  auto post = Parse<Post>(kGoodPost);
  post.set_career_stage(static_cast<workforce::v1::CareerStage>(99));
  EXPECT_THAT(Faults(post), ElementsAre("career_stage"));
  auto link = Parse<SupervisorLink>(
      "name: 'authorities/a/workers/w/supervisorLinks/l' supervisor: 'authorities/a/workers/s' "
      "function: FUNCTION_PROFESSIONAL start_date { year: 2025 month: 1 day: 1 } "
      "elements: [ELEMENT_LINE_MANAGEMENT, ELEMENT_UNSPECIFIED]");
  link.add_elements(static_cast<SupervisorLink::Element>(-1));
  EXPECT_THAT(Faults(link), ElementsAre("elements[1]", "elements[2]"));
}

TEST(FieldRulesTest, TextsAndListsHaveAnEnd) {
  auto post = Parse<Post>(kGoodPost);
  post.set_role_title(std::string(1000, 'x'));
  EXPECT_THAT(Faults(post), IsEmpty());
  post.set_role_title(std::string(1001, 'x'));
  EXPECT_THAT(Faults(post), ElementsAre("role_title"));
  post.set_role_title("");
  post.add_external_ids()->set_system(std::string(63, 's'));
  post.mutable_external_ids(0)->set_id(std::string(129, 'i'));
  EXPECT_THAT(Faults(post), ElementsAre("external_ids[0].id"));
  post.clear_external_ids();
  for (int i = 0; i < 1001; ++i) {
    post.add_external_ids()->set_system("hr");
    post.mutable_external_ids(i)->set_id(absl::StrCat(i));
  }
  EXPECT_THAT(Faults(post), ElementsAre("external_ids"));
}

TEST(FieldRulesTest, OutputFieldsAreNotReadAndNotKept) {
  auto post = Parse<Post>(
      absl::StrCat(kGoodPost, "etag: 'v9' create_time { seconds: 5 } delete_time { seconds: 7 }"));
  EXPECT_THAT(Faults(post), IsEmpty());
  ClearOutputFields(post);
  EXPECT_THAT(post, EqualsProto(Parse<Post>(kGoodPost)));
}

TEST(FieldRulesTest, ImmutableFields) {
  const auto before = Parse<supervision::v1::Session>(
      "name: 'authorities/a/sessions/s' supervisee: 'authorities/a/workers/w' supervisor: "
      "'authorities/a/workers/x'");
  auto after = before;
  after.set_supervisor("authorities/a/workers/y");
  std::vector<FieldViolation> violations;
  CheckImmutable(before, after, "session.", violations);
  EXPECT_THAT(violations, IsEmpty());
  after.set_supervisee("authorities/a/workers/v");
  CheckImmutable(before, after, "session.", violations);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "session.supervisee");
}

TEST(FieldRulesTest, References) {
  const auto link =
      Parse<SupervisorLink>("supervisor: 'authorities/a/workers/s' cover_for: 'authorities/a/workers/c'");
  std::vector<std::string> found;
  for (const Reference& reference : ReferencesOf(link)) {
    found.push_back(absl::StrCat(reference.field, " ", reference.type, " ", reference.name));
  }
  EXPECT_THAT(found, ElementsAre("supervisor oversight.workforce.v1.Worker authorities/a/workers/s",
                                 "cover_for oversight.workforce.v1.Worker authorities/a/workers/c"));
  EXPECT_THAT(ReferencesOf(Parse<SupervisorLink>("")), IsEmpty());
}

}  // namespace
}  // namespace oversight::resource

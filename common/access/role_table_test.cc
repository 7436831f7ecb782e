#include "common/access/role_table.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/access/grants.h"
#include "common/access/page_seal.h"
#include "common/access/standing.h"
#include "common/status/error.h"
#include "gmock/gmock.h"

namespace oversight::access {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Patterns, StarsStandForAnyText) {
  for (const auto& [pattern, text, matches] :
       std::initializer_list<std::tuple<const char*, const char*, bool>>{
           {"workforce.GetWorker", "workforce.GetWorker", true},
           {"workforce.GetWorker", "workforce.GetWorkers", false},
           {"workforce.GetWorker", "workforce.GetWorke", false},
           {"workforce.*", "workforce.", true},
           {"workforce.*", "workforce.GetWorker", true},
           {"workforce.*", "caseload.GetCase", false},
           {"*.Get*", "caseload.GetCase", true},
           {"*.*Session", "supervision.HoldSession", true},
           {"*.*Session", "supervision.HoldSessionRecord", false},
           {"*a*b*", "xxaxxbxx", true},
           {"*a*b*", "xxbxxaxx", false},
           {"", "", true},
           {"", "x", false}}) {
    EXPECT_EQ(MatchesPattern(pattern, text), matches) << pattern << " " << text;
  }
}

std::string Fault(const std::string& text) {
  const auto table = RoleTable::Parse(text);
  return table.ok() ? "" : std::string(table.status().message());
}

TEST(RoleTable, FaultsAreSaidWithTheirPlace) {
  const std::string allow = "allow { method: 'workforce.*' scope: SCOPE_AUTHORITY }";
  EXPECT_EQ(Fault("role { id: 'r' holder: HOLDER_ANYBODY " + allow + "}"), "");
  for (const auto& [text, fault] : std::initializer_list<std::pair<std::string, const char*>>{
           {"", "empty"},
           {"role {\n id: 'r' colour: 1 }", "line 2"},
           {"role { id: 'R' holder: HOLDER_ANYBODY }", "lower case"},
           {"role { id: 'r' }", "`holder` is missing"},
           {"role { id: 'r' holder: HOLDER_ANYBODY } role { id: 'r' holder: HOLDER_ANYBODY }", "twice"},
           {"role { id: 'r' holder: HOLDER_ANYBODY allow { scope: SCOPE_AUTHORITY } }", "without `method`"},
           {"role { id: 'r' holder: HOLDER_ANYBODY allow { method: 'a.b' } }", "without `scope`"},
           {"role { id: 'r' holder: HOLDER_ANYBODY allow { method: 'a' scope: SCOPE_AUTHORITY } }",
            "is not like"},
           {"role { id: 'r' holder: HOLDER_ANYBODY allow { method: 'a.b' except: 'a.b.c' scope: "
            "SCOPE_AUTHORITY } }",
            "is not like"},
           {"role { id: 'r' holder: HOLDER_ANYBODY allow { method: 'a.b' scope: SCOPE_TEAM } }",
            "workers in post"}}) {
    EXPECT_THAT(Fault(text), HasSubstr(fault)) << text;
  }
}

TEST(RoleTable, TheOneBuiltInIsFit) {
  const auto table = RoleTable::Parse(kRoleTable);
  ASSERT_TRUE(table.ok()) << table.status();
  for (const pb::Role* role : (*table)->roles()) {
    EXPECT_FALSE(role->title().empty()) << role->id();
    EXPECT_FALSE(role->description().empty()) << role->id();
  }
}

class GrantsTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Grants> Parse(const std::string& text) {
    auto grants = Grants::Parse(text, **table_);
    EXPECT_TRUE(grants.ok()) << grants.status();
    return *grants;
  }
  std::string FaultOf(const std::string& text) {
    const auto grants = Grants::Parse(text, **table_);
    return grants.ok() ? "" : std::string(grants.status().message());
  }

  const absl::StatusOr<std::shared_ptr<const RoleTable>> table_ = RoleTable::Parse(kRoleTable);
};

TEST_F(GrantsTest, GroupsGiveRolesWhereTheyHold) {
  const auto grants = Parse(
      "group { group: 'everywhere' role: 'hr' }"
      "group { group: 'there' role: 'auditor' role: 'director' authority: 'a' }"
      "service { name: 'caseload' role: 'service' authority: 'b' authority: 'a' }");
  rpc::Principal user{.actor = "user:u", .authorities = {"a", "b"}, .groups = {"everywhere", "there"}};
  EXPECT_THAT(grants->RolesOf(user, "a"), ElementsAre("auditor", "director", "hr"));
  EXPECT_THAT(grants->RolesOf(user, "b"), ElementsAre("hr"));
  EXPECT_THAT(grants->AuthoritiesOf(user), ElementsAre("a", "b"));
  user.groups = {"caseload", "EVERYWHERE"};
  EXPECT_THAT(grants->RolesOf(user, "a"), IsEmpty());
  rpc::Principal service{
      .kind = rpc::Principal::Kind::kService, .subject = "caseload", .actor = "service:caseload"};
  service.groups = {"everywhere"};
  EXPECT_THAT(grants->RolesOf(service, "a"), ElementsAre("service"));
  EXPECT_THAT(grants->RolesOf(service, "c"), IsEmpty());
  EXPECT_THAT(grants->AuthoritiesOf(service), ElementsAre("a", "b"));
}

TEST_F(GrantsTest, FaultsAreSaid) {
  for (const auto& [text, fault] : std::initializer_list<std::pair<const char*, const char*>>{
           {"group {\n role: }", "line 2"},
           {"group { group: 'g' }", "without role"},
           {"group { role: 'hr' }", "without name"},
           {"group { group: 'g' role: 'king' }", "no role `king`"},
           {"group { group: 'g' role: 'service' }", "for services only"},
           {"service { name: 's' role: 'practitioner' authority: 'a' }", "for workers only"},
           {"service { name: 's' role: 'service' }", "list the authorities"},
           {"service { name: 's' role: 'service' authority: '*' }", "by its id"},
           {"group { group: 'g' role: 'hr' authority: 'authorities/a' }", "by its id"}}) {
    EXPECT_THAT(FaultOf(text), HasSubstr(fault)) << text;
  }
}

TEST(PageSeal, OpensForTheSameKeyAndContextOnlyAndShowsNothing) {
  const std::string sealed = SealPageToken("key", "ada", "workers/SW-1");
  EXPECT_THAT(sealed, ::testing::Not(HasSubstr("workers")));
  EXPECT_THAT(sealed, ::testing::Not(HasSubstr("d29ya2Vy")));  // the same in base64
  EXPECT_EQ(*OpenPageToken("key", "ada", sealed), "workers/SW-1");
  EXPECT_NE(SealPageToken("key", "ada", "workers/SW-1"), sealed);
  EXPECT_EQ(ReasonOf(OpenPageToken("other", "ada", sealed).status()), "INVALID_PAGE_TOKEN");
  EXPECT_EQ(ReasonOf(OpenPageToken("key", "ben", sealed).status()), "INVALID_PAGE_TOKEN");
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string altered = sealed;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    const auto opened = OpenPageToken("key", "ada", altered);
    // The last character may hold bits that stand for nothing.
    EXPECT_TRUE(!opened.ok() || i + 1 == sealed.size()) << i;
  }
  EXPECT_FALSE(OpenPageToken("key", "ada", "").ok());
}

}  // namespace
}  // namespace oversight::access

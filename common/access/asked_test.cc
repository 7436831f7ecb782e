#include "common/access/asked.h"

#include <google/protobuf/text_format.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "common/access/standing.h"
#include "gtest/gtest.h"

namespace oversight::access {
namespace {

struct Case {
  std::string request;
  std::string text;
  std::string authorities, targets, subjects, participants, teams;
};

// What each kind of request is found to be about.
TEST(Asked, IsReadOffTheRequest) {
  const auto table = RoleTable::Parse(kRoleTable);
  ASSERT_TRUE(table.ok());
  for (const Case& expected : std::vector<Case>{
           {"workforce.v1.GetWorkerRequest", "name: 'authorities/a/workers/w'", "a",
            "authorities/a/workers/w"},
           {"workforce.v1.ListPostsRequest", "parent: 'authorities/a/workers/w'", "a",
            "authorities/a/workers/w"},
           {"workforce.v1.ListPostsRequest", "parent: 'authorities/a/workers/-'", "a", ""},
           {"workforce.v1.ListWorkersRequest", "parent: 'authorities/a'", "a", ""},
           {"workforce.v1.CreateAuthorityRequest", "authority_id: 'new'", "new", ""},
           {"workforce.v1.UpdateWorkerRequest", "worker { name: 'authorities/a/workers/w' }", "a",
            "authorities/a/workers/w"},
           {"workforce.v1.MergeWorkerRequest",
            "name: 'authorities/a/workers/w' into: 'authorities/a/workers/v'", "a",
            "authorities/a/workers/v,authorities/a/workers/w"},
           {"workforce.v1.BatchGetWorkersRequest",
            "parent: 'authorities/a' names: 'authorities/a/workers/w' names: 'authorities/b/workers/v'",
            "a,b", "authorities/a/workers/w,authorities/b/workers/v"},
           {"workforce.v1.BatchUpdateWorkersRequest",
            "parent: 'authorities/a' requests { worker { name: 'authorities/a/workers/w' } }", "a",
            "authorities/a/workers/w"},
           {"workforce.v1.CreateSupervisorLinkRequest",
            "parent: 'authorities/a/workers/w' supervisor_link { supervisor: 'authorities/a/workers/s' }",
            "a", "authorities/a/workers/w", "", "authorities/a/workers/s"},
           {"supervision.v1.CreateSessionRequest",
            "parent: 'authorities/a' session { supervisee: 'authorities/a/workers/w' supervisor: "
            "'authorities/a/workers/s' }",
            "a", "", "authorities/a/workers/w", "authorities/a/workers/s"},
           {"supervision.v1.CancelSessionRequest",
            "name: 'authorities/a/sessions/1' replacement: 'authorities/a/sessions/2' reason: 'authorities/'",
            ",a", "authorities/,authorities/a/sessions/1,authorities/a/sessions/2"},
           {"compliance.v1.ListFindingsRequest",
            "parent: 'authorities/a' worker: 'authorities/a/workers/w' team: 'authorities/a/teams/t'", "a",
            "", "authorities/a/workers/w", "", "authorities/a/teams/t"},
           {"compliance.v1.ExplainFindingRequest",
            "parent: 'authorities/a' subject: 'authorities/a/workers/w'", "a", "", "authorities/a/workers/w"},
           {"compliance.v1.ExplainFindingRequest", "parent: 'authorities/a' subject: 'authorities/a/cases/c'",
            "a", ""},
           {"ledger.v1.WatchRequest", "authorities: 'authorities/a' authorities: 'b'", "a", ""}}) {
    SCOPED_TRACE(expected.request + " " + expected.text);
    const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
        "oversight." + expected.request);
    ASSERT_NE(type, nullptr);
    const std::unique_ptr<Message> request(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(expected.text, request.get()));
    const Asked asked = AskedIn(*request, (*table)->belonging());
    EXPECT_EQ(absl::StrJoin(asked.authorities, ","), expected.authorities);
    EXPECT_EQ(absl::StrJoin(asked.targets, ","), expected.targets);
    EXPECT_EQ(absl::StrJoin(asked.subjects, ","), expected.subjects);
    EXPECT_EQ(absl::StrJoin(asked.participants, ","), expected.participants);
    EXPECT_EQ(absl::StrJoin(asked.teams, ","), expected.teams);
  }
}

}  // namespace
}  // namespace oversight::access

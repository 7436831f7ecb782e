#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/resource/testing/text.h"
#include "common/testing/commit_proxy.h"
#include "common/testing/in_process_service.h"
#include "common/testing/private_mariadb.h"
#include "common/testing/status_matchers.h"
#include "oversight/workforce/v1/workforce_service.pb.h"
#include "services/workforce/resources/registry.h"

namespace oversight::resource {
namespace {

using ::oversight::testing::CommitProxy;
using ::oversight::testing::InProcessService;
using ::oversight::testing::IsOk;
using ::oversight::testing::NewSchema;
using ::oversight::testing::StatusIs;
using testing::Parse;
using workforce::v1::ImportResponse;
using workforce::v1::Worker;

mysql::ConnectionOptions Through(const CommitProxy& proxy) {
  mysql::ConnectionOptions schema = NewSchema();
  schema.port = proxy.port();
  return schema;
}

// The connection breaks while the database is asked to commit: the service finds out what became of it.
class LostCommitTest : public ::testing::Test {
 protected:
  void SetUp() override {
    OVERSIGHT_ASSERT_OK(service_.Call<workforce::v1::Authority>(
        "CreateAuthority",
        Parse<workforce::v1::CreateAuthorityRequest>("authority_id: 'a' authority { display_name: 'A' }")));
  }
  void TearDown() override {
    EXPECT_TRUE(proxy_.lost()) << "the case did not come about";
    EXPECT_TRUE(service_.Verify("a")->intact());
  }
  absl::Status CreateWorker(const std::string& more = "") {
    return service_
        .Call<Worker>("CreateWorker", Parse<workforce::v1::CreateWorkerRequest>(absl::StrCat(
                                          "parent: 'authorities/a' worker_id: 'w' worker {} ", more)))
        .status();
  }
  absl::Status Import() {
    return service_
        .Call<ImportResponse>(
            "Import", Parse<workforce::v1::ImportRequest>("parent: 'authorities/a' records { worker { name: "
                                                          "'authorities/a/workers/i' } }"))
        .status();
  }

  CommitProxy proxy_{oversight::testing::SharedMariaDb().port()};
  InProcessService service_{workforce::Definition(), {.database = Through(proxy_)}};
};

TEST_F(LostCommitTest, TheReplyIsLost) {
  proxy_.LoseNextCommit(CommitProxy::Loss::kReply);
  EXPECT_THAT(CreateWorker(), IsOk());
  EXPECT_EQ(service_.Revision("a"), 2);
  proxy_.LoseNextCommit(CommitProxy::Loss::kReply);
  EXPECT_THAT(Import(), IsOk());
  EXPECT_EQ(service_.Revision("a"), 3);
}

TEST_F(LostCommitTest, TheRequestIsLost) {
  const auto unavailable = StatusIs(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE");
  proxy_.LoseNextCommit(CommitProxy::Loss::kRequest);
  EXPECT_THAT(CreateWorker("request_id: 'r'"), unavailable);
  EXPECT_EQ(service_.Revision("a"), 1);
  EXPECT_THAT(CreateWorker("request_id: 'r'"), IsOk()) << "as the error says: try again";
  proxy_.LoseNextCommit(CommitProxy::Loss::kRequest);
  EXPECT_THAT(Import(), unavailable);
  EXPECT_EQ(service_.Revision("a"), 2);
}

TEST_F(LostCommitTest, TheDatabaseCommitsAfterTheConnectionBroke) {
  proxy_.LoseNextCommit(CommitProxy::Loss::kRequestIsLate);
  EXPECT_THAT(CreateWorker(), IsOk()) << "nobody is told that nothing was written while it still may be";
  EXPECT_EQ(service_.Revision("a"), 2);
}

}  // namespace
}  // namespace oversight::resource

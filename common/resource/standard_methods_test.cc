#include "common/resource/standard_methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/ledger/token.h"
#include "common/resource/testing/workforce_road.h"
#include "common/testing/proto_matchers.h"

namespace oversight::resource {
namespace {

using ::oversight::testing::EqualsProto;
using ::oversight::testing::IsOk;
using ::oversight::testing::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FieldsOf;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using workforce::v1::Authority;
using workforce::v1::Post;
using workforce::v1::SupervisorLink;
using workforce::v1::Team;
using workforce::v1::Worker;

constexpr char kFrom2024[] = "start_date { year: 2024 month: 1 day: 1 }";
const absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
const absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;

class StandardMethodsTest : public testing::WorkforceRoad {
 protected:
  absl::StatusOr<Worker> UpdateWorker(const std::string& text, Trailers* trailers = nullptr) {
    return Send<Worker>("UpdateWorker", text, workforce::v1::UpdateWorkerRequest(), trailers);
  }
  absl::StatusOr<Worker> DeleteWorker(const std::string& id, const std::string& more = "") {
    return Send<Worker>("DeleteWorker", absl::StrCat("name: '$/workers/", id, "' ", more),
                        workforce::v1::DeleteWorkerRequest());
  }
  absl::StatusOr<Post> UpdatePost(const std::string& text) {
    return Send<Post>("UpdatePost", text, workforce::v1::UpdatePostRequest());
  }
  absl::StatusOr<workforce::v1::ListWorkersResponse> ListWorkers(const std::string& more) {
    return Send<workforce::v1::ListWorkersResponse>("ListWorkers", absl::StrCat("parent: '$' ", more),
                                                    workforce::v1::ListWorkersRequest());
  }
  absl::StatusOr<workforce::v1::ListPostsResponse> ListPosts(const std::string& text) {
    return Send<workforce::v1::ListPostsResponse>("ListPosts", text, workforce::v1::ListPostsRequest());
  }
};

// One ErrorInfo, no more and no less, and a message: what every error of ours bears.
void ExpectWellFormed(const absl::Status& status) {
  EXPECT_FALSE(ReasonOf(status).empty()) << status;
  EXPECT_FALSE(status.message().empty()) << status;
  int error_infos = 0;
  status.ForEachPayload([&](absl::string_view type, const absl::Cord&) {
    error_infos += type == "type.googleapis.com/google.rpc.ErrorInfo";
  });
  EXPECT_EQ(error_infos, 1) << status;
}

TEST_F(StandardMethodsTest, WhatIsCreatedCanBeRead) {
  Trailers trailers;
  const auto created = Send<Worker>(
      "CreateWorker",
      "parent: '$' worker_id: 'w' worker { name: 'ignored' etag: 'ignored' create_time { seconds: 1 } "
      "employment_start_date { year: 2024 month: 2 day: 29 } external_ids { system: 'hr' id: 'Zoë "
      "👩‍⚖️' "
      "} }",
      workforce::v1::CreateWorkerRequest(), &trailers);
  OVERSIGHT_ASSERT_OK(created);
  EXPECT_EQ(created->name(), root_ + "/workers/w");
  EXPECT_EQ(created->external_ids(0).id(), "Zoë 👩‍⚖️");
  EXPECT_FALSE(created->etag().empty());
  EXPECT_GT(created->create_time().seconds(), 1000);
  EXPECT_THAT(created->update_time(), EqualsProto(created->create_time()));
  EXPECT_FALSE(created->has_delete_time());
  const auto read = GetWorker("w");
  OVERSIGHT_ASSERT_OK(read);
  EXPECT_THAT(*read, EqualsProto(*created));

  std::string token_text;
  for (const auto& [key, value] : trailers) {
    if (key == "oversight-token") token_text = value;
  }
  const auto token = ledger::DecodeToken(token_text);
  OVERSIGHT_ASSERT_OK(token);
  EXPECT_EQ(token->ledger(), "workforce");
  EXPECT_EQ(token->authority(), root_);
  EXPECT_EQ(token->revision(), Revision());
}

TEST_F(StandardMethodsTest, TheServiceChoosesAnIdWhereNoneIsGiven) {
  const auto one = CreateWorker("");
  const auto other = CreateWorker("");
  OVERSIGHT_ASSERT_OK(one);
  OVERSIGHT_ASSERT_OK(other);
  EXPECT_NE(one->name(), other->name());
  EXPECT_THAT(one->name(), ::testing::StartsWith(root_ + "/workers/"));
  EXPECT_THAT(Send<Authority>("CreateAuthority", "authority { display_name: 'A' }",
                              workforce::v1::CreateAuthorityRequest()),
              StatusIs(kInvalid, "INVALID_FIELDS"))
      << "an authority's id is not for us to choose";
}

TEST_F(StandardMethodsTest, IdsAreComparedByteForByte) {
  for (const char* id : {"zoe", "Zoe", "ZOE", "zoe.", "zoe~"}) EXPECT_THAT(CreateWorker(id), IsOk()) << id;
  EXPECT_THAT(CreateWorker("zoe"), StatusIs(absl::StatusCode::kAlreadyExists, "RESOURCE_EXISTS"));
}

TEST_F(StandardMethodsTest, BadInputIsRefusedAndLeavesNothing) {
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  OVERSIGHT_ASSERT_OK(CreateTeam("t"));
  OVERSIGHT_ASSERT_OK(CreatePost("w", "p", absl::StrCat(kFrom2024, " team: '$/teams/t'")));
  const int64_t before = Revision();
  struct Case {
    std::string what;
    std::string worker;
    std::string id;
    std::string fields;
    absl::StatusCode code;
    std::string reason;
    std::vector<std::string> at_fault;
  };
  for (const Case& c : std::vector<Case>{
           {"end before beginning",
            "w",
            "q",
            absl::StrCat(kFrom2024, " end_date { year: 2023 month: 12 day: 31 }"),
            kInvalid,
            "INVALID_FIELDS",
            {"post.end_date"}},
           {"date that does not exist",
            "w",
            "q",
            "start_date { year: 2025 month: 2 day: 29 }",
            kInvalid,
            "INVALID_FIELDS",
            {"post.start_date"}},
           {"required field missing", "w", "q", "", kInvalid, "INVALID_FIELDS", {"post.start_date"}},
           {"NUL",
            "w",
            "q",
            absl::StrCat(kFrom2024, " role_title: 'a\\0b'"),
            kInvalid,
            "INVALID_FIELDS",
            {"post.role_title"}},
           {"unknown enum number",
            "w",
            "q",
            absl::StrCat(kFrom2024, " employment_basis: 77"),
            kInvalid,
            "INVALID_FIELDS",
            {"post.employment_basis"}},
           {"several faults",
            "w",
            "q",
            "full_time_equivalent: 7 team: 'x'",
            kInvalid,
            "INVALID_FIELDS",
            {"post.full_time_equivalent", "post.team", "post.start_date"}},
           {"overlapping posts",
            "w",
            "q",
            absl::StrCat(kFrom2024, " team: '$/teams/t'"),
            kPrecondition,
            "PERIOD_OVERLAP",
            {}},
           {"team that does not exist",
            "w",
            "q",
            absl::StrCat(kFrom2024, " team: '$/teams/none'"),
            kPrecondition,
            "REFERENCE_NOT_FOUND",
            {"post.team"}},
           {"worker that does not exist",
            "none",
            "q",
            kFrom2024,
            absl::StatusCode::kNotFound,
            "PARENT_NOT_FOUND",
            {}},
           {"worker's name malformed", "w w", "q", kFrom2024, kInvalid, "INVALID_FIELDS", {"parent"}},
           {"id with a slash", "w", "a/b", kFrom2024, kInvalid, "INVALID_FIELDS", {"post_id"}},
           {"id too long", "w", std::string(64, 'a'), kFrom2024, kInvalid, "INVALID_FIELDS", {"post_id"}},
           {"exists already",
            "w",
            "p",
            absl::StrCat(kFrom2024),
            absl::StatusCode::kAlreadyExists,
            "RESOURCE_EXISTS",
            {}},
       }) {
    SCOPED_TRACE(c.what);
    const absl::Status status = CreatePost(c.worker, c.id, c.fields).status();
    EXPECT_THAT(status, StatusIs(c.code, c.reason));
    EXPECT_THAT(FieldsOf(status), ::testing::UnorderedElementsAreArray(c.at_fault));
    ExpectWellFormed(status);
  }
  EXPECT_EQ(Revision(), before);
  EXPECT_THAT(ListPosts("parent: '$/workers/w'")->posts(), SizeIs(1));
}

TEST_F(StandardMethodsTest, UnknownNames) {
  EXPECT_THAT(GetWorker("none"), StatusIs(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(GetWorker("no such"), StatusIs(kInvalid, "INVALID_NAME"));
  EXPECT_THAT(UpdateWorker("worker { name: '$/workers/none' }"),
              StatusIs(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(UpdateWorker("worker { }"), StatusIs(kInvalid, "INVALID_NAME"));
  EXPECT_THAT(DeleteWorker("none"), StatusIs(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(ListPosts("parent: '$/workers/none'"),
              StatusIs(absl::StatusCode::kNotFound, "PARENT_NOT_FOUND"));
  EXPECT_THAT(ListPosts("parent: 'nonsense'"), StatusIs(kInvalid, "INVALID_FIELDS"));
  EXPECT_THAT(Send<Worker>("CreateWorker", "parent: 'authorities/none' worker {}",
                           workforce::v1::CreateWorkerRequest()),
              StatusIs(absl::StatusCode::kNotFound, "PARENT_NOT_FOUND"));
}

TEST_F(StandardMethodsTest, NobodySupervisesInACircle) {
  for (const char* id : {"a", "b", "c"}) OVERSIGHT_ASSERT_OK(CreateWorker(id));
  OVERSIGHT_ASSERT_OK(CreateLink("a", "b"));
  OVERSIGHT_ASSERT_OK(CreateLink("b", "c"));
  EXPECT_THAT(CreateLink("c", "a"), StatusIs(kPrecondition, "SUPERVISOR_CYCLE"));
  EXPECT_THAT(CreateLink("c", "c"), StatusIs(kPrecondition, "SUPERVISOR_CYCLE"));
}

TEST_F(StandardMethodsTest, AnUpdateChangesWhatItsMaskNames) {
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  OVERSIGHT_ASSERT_OK(CreatePost("w", "p",
                                 absl::StrCat(kFrom2024,
                                              " role_title: 'Senior' full_time_equivalent: 1 "
                                              "end_date { year: 2025 month: 1 day: 1 }")));
  struct Case {
    std::string what;
    std::string update;
    std::string expected;
  };
  const std::string start =
      "start_date { year: 2024 month: 1 day: 1 } career_stage: CAREER_STAGE_SOCIAL_WORKER ";
  for (const Case& c : std::vector<Case>{
           {"no mask: all that is set", "post { name: '$/workers/w/posts/p' role_title: 'Lead' }",
            "role_title: 'Lead' full_time_equivalent: 1 end_date { year: 2025 month: 1 day: 1 }"},
           {"one field",
            "post { name: '$/workers/w/posts/p' role_title: 'X' full_time_equivalent: 0.5 } "
            "update_mask { paths: 'full_time_equivalent' }",
            "role_title: 'Lead' full_time_equivalent: 0.5 end_date { year: 2025 month: 1 day: 1 }"},
           {"a date is replaced as a whole",
            "post { name: '$/workers/w/posts/p' end_date { year: 2026 month: 3 day: 31 } } update_mask { "
            "paths: 'end_date' }",
            "role_title: 'Lead' full_time_equivalent: 0.5 end_date { year: 2026 month: 3 day: 31 }"},
           {"a masked field that is not set is cleared",
            "post { name: '$/workers/w/posts/p' } update_mask { paths: 'end_date' }",
            "role_title: 'Lead' full_time_equivalent: 0.5"},
           {"what the service sets is passed over",
            "post { name: '$/workers/w/posts/p' create_time { seconds: 5 } role_title: 'Y' } "
            "update_mask { paths: 'create_time' paths: 'role_title' paths: 'name' }",
            "role_title: 'Y' full_time_equivalent: 0.5"},
           {"star: the whole resource",
            "post { name: '$/workers/w/posts/p' career_stage: CAREER_STAGE_SOCIAL_WORKER "
            "start_date { year: 2024 month: 1 day: 1 } } update_mask { paths: '*' }",
            ""},
       }) {
    SCOPED_TRACE(c.what);
    auto updated = UpdatePost(c.update);
    OVERSIGHT_ASSERT_OK(updated);
    updated->clear_name();
    updated->clear_etag();
    updated->clear_create_time();
    updated->clear_update_time();
    EXPECT_THAT(*updated, EqualsProto(absl::StrCat(start, c.expected)));
  }
  EXPECT_THAT(UpdatePost("post { name: '$/workers/w/posts/p' } update_mask { paths: 'nonsense' }"),
              StatusIs(kInvalid, "INVALID_FIELDS"));
  EXPECT_THAT(UpdatePost("post { name: '$/workers/w/posts/p' } update_mask { paths: 'career_stage' }"),
              StatusIs(kInvalid, "INVALID_FIELDS"))
      << "a required field cannot be cleared";
}

TEST_F(StandardMethodsTest, AStaleEtagIsRefused) {
  const auto created = CreateWorker("w");
  OVERSIGHT_ASSERT_OK(created);
  const std::string with_etag = absl::StrCat("worker { name: '$/workers/w' etag: '", created->etag(),
                                             "' employment_start_date { year: 2024 month: 1 day: 1 } }");
  const auto updated = UpdateWorker(with_etag);
  OVERSIGHT_ASSERT_OK(updated);
  EXPECT_NE(updated->etag(), created->etag());
  const absl::Status stale = UpdateWorker(with_etag).status();
  EXPECT_THAT(stale, StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  ExpectWellFormed(stale);
  EXPECT_THAT(DeleteWorker("w", absl::StrCat("etag: '", created->etag(), "'")),
              StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_THAT(DeleteWorker("w", absl::StrCat("etag: '", updated->etag(), "'")), IsOk());
}

TEST_F(StandardMethodsTest, AnUpdateThatChangesNothingWritesNothing) {
  const auto created = CreateWorker("w");
  OVERSIGHT_ASSERT_OK(created);
  const int64_t before = Revision();
  Trailers trailers;
  const auto updated = UpdateWorker("worker { name: '$/workers/w' }", &trailers);
  OVERSIGHT_ASSERT_OK(updated);
  EXPECT_THAT(*updated, EqualsProto(*created));
  EXPECT_EQ(Revision(), before);
  EXPECT_THAT(trailers, Contains(::testing::Key("oversight-token")));
}

TEST_F(StandardMethodsTest, DeletionIsSoftAndCanBeUndone) {
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  OVERSIGHT_ASSERT_OK(CreatePost("w", "p", kFrom2024));
  EXPECT_THAT(DeleteWorker("w"), StatusIs(kPrecondition, "HAS_CHILDREN"));
  OVERSIGHT_ASSERT_OK(
      Send<Post>("DeletePost", "name: '$/workers/w/posts/p'", workforce::v1::DeletePostRequest()));
  const auto deleted = DeleteWorker("w");
  OVERSIGHT_ASSERT_OK(deleted);
  EXPECT_TRUE(deleted->has_delete_time());
  const auto read = GetWorker("w");
  OVERSIGHT_ASSERT_OK(read);
  EXPECT_THAT(*read, EqualsProto(*deleted)) << "it can still be read";
  EXPECT_THAT(DeleteWorker("w"), StatusIs(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(UpdateWorker("worker { name: '$/workers/w' }"),
              StatusIs(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND"));
  EXPECT_THAT(CreateWorker("w"), StatusIs(absl::StatusCode::kAlreadyExists, "RESOURCE_EXISTS"));
  EXPECT_THAT(CreatePost("w", "q", kFrom2024), StatusIs(absl::StatusCode::kNotFound, "PARENT_NOT_FOUND"));
  EXPECT_THAT(ListWorkers("")->workers(), IsEmpty());
  EXPECT_THAT(ListWorkers("show_deleted: true")->workers(), SizeIs(1));

  const auto restored = UpdateWorker("worker { name: '$/workers/w' } allow_missing: true");
  OVERSIGHT_ASSERT_OK(restored);
  EXPECT_FALSE(restored->has_delete_time());
  EXPECT_THAT(restored->create_time(), EqualsProto(read->create_time()));
  EXPECT_THAT(ListWorkers("")->workers(), SizeIs(1));
  EXPECT_EQ(service_->Entries(authority_).back().change(), ledger::pb::CHANGE_RESTORED);
}

TEST_F(StandardMethodsTest, AllowMissingCreates) {
  const auto created = UpdateWorker(
      "worker { name: '$/workers/new' employment_start_date { year: 2024 month: 1 day: 1 } } "
      "update_mask { paths: 'external_ids' } allow_missing: true");
  OVERSIGHT_ASSERT_OK(created);
  EXPECT_EQ(created->employment_start_date().year(), 2024) << "the mask does not count for a new one";
}

TEST_F(StandardMethodsTest, ARequestSentAgainIsDoneOnce) {
  const auto create = [&](const std::string& more) {
    return Send<Worker>("CreateWorker", absl::StrCat("parent: '$' worker { } request_id: 'r1' ", more),
                        workforce::v1::CreateWorkerRequest());
  };
  const auto first = create("");
  OVERSIGHT_ASSERT_OK(first);
  const std::string id = first->name().substr(first->name().rfind('/') + 1);
  const int64_t revision = Revision();
  const auto again = create("");
  OVERSIGHT_ASSERT_OK(again);
  EXPECT_THAT(*again, EqualsProto(*first)) << "the id that was chosen included";
  EXPECT_EQ(Revision(), revision);
  const absl::Status reused = create("worker_id: 'other'").status();
  EXPECT_THAT(reused, StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  ExpectWellFormed(reused);

  // Written since by somebody else: the first reply all the same.
  OVERSIGHT_ASSERT_OK(UpdateWorker(absl::StrCat("worker { name: '", first->name(),
                                                "' employment_start_date { year: 2024 month: 1 day: 1 } }")));
  EXPECT_THAT(create(""), ::oversight::testing::IsOkAndHolds(EqualsProto(*first)));
  // And deleted since.
  const auto deleted = DeleteWorker(id, "request_id: 'r2'");
  OVERSIGHT_ASSERT_OK(deleted);
  EXPECT_THAT(create(""), ::oversight::testing::IsOkAndHolds(EqualsProto(*first)));
  EXPECT_THAT(DeleteWorker(id, "request_id: 'r2'"),
              ::oversight::testing::IsOkAndHolds(EqualsProto(*deleted)));

  // The same id of another caller, or in another authority, is another request.
  const auto stranger = service_->Connect("stranger");
  Worker response;
  EXPECT_THAT(
      stranger->Unary("/oversight.workforce.v1.WorkforceService/CreateWorker",
                      Read<workforce::v1::CreateWorkerRequest>("parent: '$' worker {} request_id: 'r1'"),
                      &response, {}),
      IsOk());
  EXPECT_NE(response.name(), first->name());
}

TEST_F(StandardMethodsTest, ARequestThatChangedNothingIsNotDoneLater) {
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  const std::string start_2024 = "employment_start_date { year: 2024 month: 1 day: 1 }";
  OVERSIGHT_ASSERT_OK(UpdateWorker(absl::StrCat("worker { name: '$/workers/w' ", start_2024, " }")));
  const std::string request =
      absl::StrCat("worker { name: '$/workers/w' ", start_2024, " } request_id: 'same'");
  OVERSIGHT_ASSERT_OK(UpdateWorker(request));
  OVERSIGHT_ASSERT_OK(
      UpdateWorker("worker { name: '$/workers/w' employment_start_date { year: 2025 month: 1 day: 1 } }"));
  const int64_t revision = Revision();
  EXPECT_THAT(UpdateWorker(request), IsOk());
  EXPECT_EQ(Revision(), revision);
  EXPECT_EQ(GetWorker("w")->employment_start_date().year(), 2025);
  EXPECT_THAT(UpdateWorker("worker { name: '$/workers/w' } request_id: 'same'"),
              StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
}

TEST_F(StandardMethodsTest, RequestIdsHaveAnEnd) {
  EXPECT_THAT(CreateWorker("w", absl::StrCat("request_id: '", std::string(256, 'r'), "'")),
              StatusIs(kInvalid, "INVALID_FIELDS"));
  EXPECT_THAT(CreateWorker("w", absl::StrCat("request_id: '", std::string(255, 'r'), "'")), IsOk());
}

TEST_F(StandardMethodsTest, ValidateOnlyChecksAndWritesNothing) {
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  const int64_t before = Revision();
  const auto checked = CreateWorker("v", "validate_only: true request_id: 'r'");
  OVERSIGHT_ASSERT_OK(checked);
  EXPECT_EQ(checked->name(), root_ + "/workers/v");
  EXPECT_THAT(CreateWorker("w", "validate_only: true"),
              StatusIs(absl::StatusCode::kAlreadyExists, "RESOURCE_EXISTS"));
  EXPECT_THAT(
      UpdateWorker("worker { name: '$/workers/w' employment_start_date { year: 2024 month: 1 day: 1 } } "
                   "validate_only: true"),
      IsOk());
  EXPECT_THAT(DeleteWorker("w", "validate_only: true"), IsOk());
  EXPECT_EQ(Revision(), before);
  EXPECT_THAT(GetWorker("v"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_FALSE(GetWorker("w")->has_employment_start_date());
  EXPECT_FALSE(GetWorker("w")->has_delete_time());
  EXPECT_THAT(CreateWorker("v", "request_id: 'r'"), IsOk())
      << "a request that was only checked was not carried out";
}

TEST_F(StandardMethodsTest, PagesCoverEverythingOnce) {
  std::vector<std::string> expected;
  for (int i = 0; i < 7; ++i) {
    OVERSIGHT_ASSERT_OK(CreateWorker(absl::StrCat("w", i)));
    expected.push_back(absl::StrCat(root_, "/workers/w", i));
  }
  for (int page_size : {1, 2, 3, 6, 7, 8, 1000}) {
    std::vector<std::string> names;
    std::string token;
    do {
      const auto page = ListWorkers(absl::StrCat("page_size: ", page_size, " page_token: '", token, "'"));
      OVERSIGHT_ASSERT_OK(page);
      EXPECT_LE(page->workers_size(), page_size);
      for (const Worker& worker : page->workers()) names.push_back(worker.name());
      token = page->next_page_token();
    } while (!token.empty());
    EXPECT_THAT(names, ::testing::ElementsAreArray(expected)) << page_size;
  }
}

TEST_F(StandardMethodsTest, PagesAcrossAllParents) {
  for (const char* worker : {"v", "w"}) {
    OVERSIGHT_ASSERT_OK(CreateWorker(worker));
    for (const char* id : {"p", "q"}) OVERSIGHT_ASSERT_OK(CreatePost(worker, id, kFrom2024));
  }
  const auto first = ListPosts("parent: '$/workers/-' page_size: 3");
  OVERSIGHT_ASSERT_OK(first);
  ASSERT_THAT(first->posts(), SizeIs(3));
  const auto second = ListPosts(
      absl::StrCat("parent: '$/workers/-' page_size: 3 page_token: '", first->next_page_token(), "'"));
  OVERSIGHT_ASSERT_OK(second);
  ASSERT_THAT(second->posts(), SizeIs(1));
  EXPECT_EQ(second->posts(0).name(), root_ + "/workers/w/posts/q");
  EXPECT_THAT(ListPosts("parent: '$/workers/w'")->posts(), SizeIs(2));
  for (const char* other : {"parent: '$/workers/w'", "parent: '$/workers/-' show_deleted: true"}) {
    EXPECT_THAT(ListPosts(absl::StrCat(other, " page_token: '", first->next_page_token(), "'")),
                StatusIs(kInvalid, "INVALID_PAGE_TOKEN"))
        << other;
  }
}

TEST_F(StandardMethodsTest, PageSizes) {
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  EXPECT_THAT(ListWorkers("page_size: -1"), StatusIs(kInvalid, "INVALID_FIELDS"));
  EXPECT_THAT(ListWorkers("page_size: 2147483647")->workers(), SizeIs(1));
  EXPECT_THAT(ListWorkers("page_token: 'nonsense'"), StatusIs(kInvalid, "INVALID_PAGE_TOKEN"));
}

TEST_F(StandardMethodsTest, AuthoritiesAreListedPageByPage) {
  std::vector<std::string> names;
  std::string token;
  do {
    const auto page = Send<workforce::v1::ListAuthoritiesResponse>(
        "ListAuthorities", absl::StrCat("page_size: 2 page_token: '", token, "'"),
        workforce::v1::ListAuthoritiesRequest());
    OVERSIGHT_ASSERT_OK(page);
    for (const Authority& authority : page->authorities()) names.push_back(authority.name());
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(names, Contains(root_));
  EXPECT_THAT(names, SizeIs(authorities_));
}

TEST_F(StandardMethodsTest, AMessageThatIsTooLargeIsRefused) {
  auto request = Read<workforce::v1::CreateWorkerRequest>("parent: '$' worker {}");
  for (int i = 0; i < 5 * 1024; ++i)
    request.mutable_worker()->add_external_ids()->set_id(std::string(1024, 'x'));
  ASSERT_GT(request.ByteSizeLong(), 5u * 1024 * 1024);
  const absl::Status status = service_->Call<Worker>("CreateWorker", request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(ListWorkers("")->workers(), IsEmpty());
}

TEST_F(StandardMethodsTest, EntriesSayWhoDidWhat) {
  OVERSIGHT_ASSERT_OK(CreateWorker("w"));
  OVERSIGHT_ASSERT_OK(UpdateWorker("worker { name: '$/workers/w' external_ids { system: 'hr' id: '1' } }"));
  OVERSIGHT_ASSERT_OK(DeleteWorker("w"));
  const auto entries = service_->Entries(authority_);
  ASSERT_THAT(entries, SizeIs(4));
  std::vector<std::string> told;
  for (const auto& entry : entries) {
    told.push_back(absl::StrCat(entry.revision(), " ", ledger::pb::Change_Name(entry.change()), " ",
                                entry.method().substr(entry.method().rfind('/') + 1), " ",
                                entry.resource_name(), " v", entry.resource_version(), " by ",
                                entry.actor()));
  }
  EXPECT_THAT(
      told,
      ElementsAre(absl::StrCat("1 CHANGE_CREATED CreateAuthority ", root_, " v1 by demo:tester"),
                  absl::StrCat("2 CHANGE_CREATED CreateWorker ", root_, "/workers/w v1 by demo:tester"),
                  absl::StrCat("3 CHANGE_UPDATED UpdateWorker ", root_, "/workers/w v2 by demo:tester"),
                  absl::StrCat("4 CHANGE_DELETED DeleteWorker ", root_, "/workers/w v3 by demo:tester")));
  Worker state;
  ASSERT_TRUE(entries[2].resource().UnpackTo(&state));
  EXPECT_EQ(state.external_ids(0).id(), "1");
  EXPECT_TRUE(state.etag().empty()) << "what the service computes is no part of the state";
}

}  // namespace
}  // namespace oversight::resource

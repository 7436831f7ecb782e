#include "services/oversightctl/import/import_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/testing/scratch_folder.h"
#include "google/protobuf/util/message_differencer.h"
#include "oversight/caseload/v1/caseload_service.pb.h"
#include "oversight/compliance/v1/compliance_service.pb.h"
#include "oversight/ledger/v1/ledger.pb.h"
#include "oversight/supervision/v1/supervision_service.pb.h"
#include "oversight/workforce/v1/workforce_service.pb.h"
#include "services/oversightctl/testing/fake_services.h"

namespace oversight::ctl {
namespace {

using google::protobuf::Message;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using workforce::v1::ImportResponse;

// Stores what is imported, as the services do, in one heap.
class Store {
 public:
  explicit Store(FakeServices& services) {
    Serve<workforce::v1::ImportRequest, workforce::v1::ImportResponse>(services, ServiceId::kWorkforce);
    Serve<caseload::v1::ImportRequest, caseload::v1::ImportResponse>(services, ServiceId::kCaseload);
    Serve<supervision::v1::ImportRequest, supervision::v1::ImportResponse>(services, ServiceId::kSupervision);
    Serve<compliance::v1::ImportRequest, compliance::v1::ImportResponse>(services, ServiceId::kCompliance);
    services.OnUnary<workforce::v1::GetAuthorityRequest, workforce::v1::Authority>(
        MethodOf(ServiceId::kWorkforce, "GetAuthority"),
        [this](const workforce::v1::GetAuthorityRequest& request, workforce::v1::Authority&) -> absl::Status {
          if (resources_.contains(request.name())) return absl::OkStatus();
          return Error(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND", "no such authority");
        });
    services.OnUnary<ledger::v1::GetHeadRequest, ledger::v1::Head>(
        LedgerMethod("GetHead"), [](const ledger::v1::GetHeadRequest&, ledger::v1::Head& head) {
          head.set_token("TOKEN");
          return absl::OkStatus();
        });
    // The fake is all four services, so every snapshot holds everything; only what the service owns counts.
    services.OnStream<ledger::v1::SnapshotRequest, ledger::v1::SnapshotResponse>(
        LedgerMethod("Snapshot"),
        [this](const ledger::v1::SnapshotRequest&, std::vector<ledger::v1::SnapshotResponse>& responses) {
          responses.resize(1);
          responses[0].set_complete(true);
          for (const auto& [name, resource] : resources_) {
            auto& record = *responses[0].add_records();
            record.set_resource_name(name);
            record.mutable_resource()->PackFrom(*resource);
          }
          return absl::OkStatus();
        });
    services.OnUnary<compliance::v1::GetProgressRequest, compliance::v1::Progress>(
        MethodOf(ServiceId::kCompliance, "GetProgress"),
        [this](const compliance::v1::GetProgressRequest& request, compliance::v1::Progress& progress) {
          waited_for_ = request.after_tokens_size();
          progress.set_judged(++progress_calls_ > 2);
          return absl::OkStatus();
        });
  }

  bool Has(const std::string& name) const { return resources_.contains(name); }
  size_t size() const { return resources_.size(); }
  int waited_for() const { return waited_for_; }
  // Refuses records whose name contains this, while `unless` is stored.
  std::string refuse;
  std::string while_stored;

 private:
  template <typename Request, typename Response>
  void Serve(FakeServices& services, ServiceId service) {
    services.OnUnary<Request, Response>(
        MethodOf(service, "Import"), [this](const Request& request, Response& response) {
          for (const auto& record : request.records()) {
            const auto* reflection = record.GetReflection();
            const auto* field =
                reflection->GetOneofFieldDescriptor(record, record.GetDescriptor()->oneof_decl(0));
            auto& result = *response.add_results();
            const auto outcome =
                Write(reflection->GetMessage(record, field), record.retire(), request.validate_only());
            result.set_outcome(static_cast<typename Response::Outcome>(outcome));
            if (outcome != ImportResponse::OUTCOME_REFUSED) continue;
            result.mutable_error()->set_code(static_cast<int>(absl::StatusCode::kFailedPrecondition));
            result.mutable_error()->set_message("overlaps another");
          }
          return absl::OkStatus();
        });
  }

  ImportResponse::Outcome Write(const Message& resource, bool retire, bool validate_only) {
    const std::string name = NameOf(resource);
    if (!refuse.empty() && name.find(refuse) != std::string::npos &&
        (while_stored.empty() || Has(while_stored))) {
      return ImportResponse::OUTCOME_REFUSED;
    }
    const auto found = resources_.find(name);
    if (retire) {
      if (!validate_only) resources_.erase(name);
      return ImportResponse::OUTCOME_RETIRED;
    }
    if (found != resources_.end() &&
        google::protobuf::util::MessageDifferencer::Equals(*found->second, resource)) {
      return ImportResponse::OUTCOME_UNCHANGED;
    }
    const bool known = found != resources_.end();
    if (!validate_only) {
      resources_[name].reset(resource.New());
      resources_[name]->CopyFrom(resource);
    }
    return known ? ImportResponse::OUTCOME_UPDATED : ImportResponse::OUTCOME_CREATED;
  }

  std::map<std::string, std::unique_ptr<Message>> resources_;
  int progress_calls_ = 0;
  int waited_for_ = 0;
};

class ImportRunTest : public ::testing::Test {
 protected:
  ImportRunTest() : store_(services_) {
    Write("authority", "display_name\nAnytown\n");
    Write("ssd_professionals", "prof_professional_id\nW1\nW2\n");
    Write("workers", "worker_id,employment_start_date\nW1,2020-01-01\nW2,2020-01-01\n");
    Write("posts", "post_id,worker_id,career_stage,start_date\nP1,W1,social_worker,2020-01-01\n");
    Write("sessions",
          "session_id,supervisee_id,supervisor_id,kind,state,date\nS1,W1,W2,formal_one_to_one,held,2024-01-"
          "05\n");
    settings_.directory = folder_.path();
    settings_.authority = "a";
    settings_.parallel = 1;
  }
  void Write(const std::string& file, const std::string& text) { folder_.Write(file + ".csv", text); }

  ExitCode Import(bool json = false) {
    out_.str("");
    err_.str("");
    const Console console{.out = &out_, .err = &err_, .json = json};
    return RunImport(services_, settings_, console, clock_,
                     [this](absl::Duration duration) { clock_.Sleep(duration); });
  }

  FakeServices services_;
  Store store_;
  SleepingClock clock_;
  const ::oversight::testing::ScratchFolder folder_;
  ImportSettings settings_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(ImportRunTest, ImportsAndImportingAgainChangesNothing) {
  EXPECT_EQ(Import(), kAllWell) << err_.str();
  EXPECT_EQ(store_.size(), 5u);
  EXPECT_TRUE(store_.Has("authorities/a/workers/W1/posts/P1"));
  EXPECT_THAT(out_.str(), ::testing::ContainsRegex("workers +2 +2 +0 +0 +0 +0"));
  EXPECT_THAT(err_.str(), HasSubstr("not stored: names, dates of birth"));

  EXPECT_EQ(Import(), kAllWell);
  EXPECT_THAT(out_.str(), ::testing::ContainsRegex("total +5 +0 +0 +5 +0 +0"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("no longer in these files")));
}

TEST_F(ImportRunTest, RefusedRowsAreNamedAndTheRestGoesIn) {
  Write("posts",
        "post_id,worker_id,career_stage,start_date\nP1,W1,wizard,2020-01-01\nP2,W2,social_worker,2020-01-01\n"
        "P3,W2,social_worker,2021-01-01\n");
  store_.refuse = "/P3";
  EXPECT_EQ(Import(), kRefused);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("posts.csv:2: INVALID_ROW"),
                                HasSubstr("posts.csv:4: FAILED_PRECONDITION: overlaps another")));
  EXPECT_TRUE(store_.Has("authorities/a/workers/W2/posts/P2"));
  EXPECT_THAT(out_.str(), HasSubstr("2 row(s) of 1 file(s) refused"));
}

TEST_F(ImportRunTest, VanishedRowsAreReportedAndRetiredOnlyWhenAsked) {
  ASSERT_EQ(Import(), kAllWell);
  Write("posts", "post_id,worker_id,career_stage,start_date\n");
  Write("ssd_professionals", "prof_professional_id\nW2\n");
  Write("workers", "worker_id,employment_start_date\nW2,2020-01-01\n");
  Write("sessions", "session_id,supervisee_id,supervisor_id,kind,state,date\n");
  EXPECT_EQ(Import(), kAllWell);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("1 workers"), HasSubstr("1 posts"), HasSubstr("1 sessions"),
                                HasSubstr("They stay as they are")));
  EXPECT_EQ(store_.size(), 5u);

  // A file that is not there at all says nothing.
  std::filesystem::remove(folder_.path() + "/sessions.csv");
  settings_.retire_vanished = true;
  EXPECT_EQ(Import(), kAllWell);
  EXPECT_TRUE(store_.Has("authorities/a/sessions/S1"));
  EXPECT_FALSE(store_.Has("authorities/a/workers/W1"));
  EXPECT_FALSE(store_.Has("authorities/a/workers/W1/posts/P1"));
  EXPECT_THAT(out_.str(), HasSubstr("2 retired"));
}

TEST_F(ImportRunTest, WhatAVanishedRecordStoodInTheWayOfGetsIn) {
  ASSERT_EQ(Import(), kAllWell);
  Write("posts", "post_id,worker_id,career_stage,start_date\nP9,W1,social_worker,2020-01-01\n");
  store_.refuse = "/P9";
  store_.while_stored = "authorities/a/workers/W1/posts/P1";
  EXPECT_EQ(Import(), kRefused);
  settings_.retire_vanished = true;
  EXPECT_EQ(Import(), kAllWell) << err_.str();
  EXPECT_TRUE(store_.Has("authorities/a/workers/W1/posts/P9"));
}

TEST_F(ImportRunTest, ADryRunStoresNothing) {
  settings_.dry_run = true;
  EXPECT_EQ(Import(), kAllWell);
  EXPECT_EQ(store_.size(), 0u);
  EXPECT_THAT(out_.str(), HasSubstr("Dry run, nothing was stored"));
}

TEST_F(ImportRunTest, SavesTokensAndWaitsForCompliance) {
  settings_.tokens_out = folder_.path() + "/tokens.json";
  settings_.wait = true;
  EXPECT_EQ(Import(), kAllWell);
  const auto tokens = LoadTokens(settings_.tokens_out);
  ASSERT_TRUE(tokens.ok()) << tokens.status();
  EXPECT_THAT(*tokens, ::testing::UnorderedElementsAre(
                           ::testing::Pair("workforce", "TOKEN"), ::testing::Pair("caseload", "TOKEN"),
                           ::testing::Pair("supervision", "TOKEN"), ::testing::Pair("compliance", "TOKEN")));
  EXPECT_EQ(store_.waited_for(), 3) << "compliance follows three ledgers";
  EXPECT_THAT(out_.str(), HasSubstr("Compliance has judged it"));
}

TEST_F(ImportRunTest, MachineOutputIsJsonAlone) {
  store_.refuse = "/P1";
  EXPECT_EQ(Import(/*json=*/true), kRefused);
  const auto json = nlohmann::json::parse(out_.str(), nullptr, false);
  ASSERT_TRUE(json.is_object()) << out_.str();
  EXPECT_EQ(json["authority"], "authorities/a");
  EXPECT_EQ(json["refused"][0]["file"], "posts.csv");
  EXPECT_EQ(json["refused"][0]["line"], 2);
  EXPECT_EQ(json["kinds"][1]["kind"], "Worker");
  EXPECT_EQ(json["kinds"][1]["created"], 2);
}

TEST_F(ImportRunTest, ExitCodesTellUsageFromFailure) {
  settings_.directory = "/nonexistent";
  EXPECT_EQ(Import(), kUsage);
  settings_.directory = folder_.path();
  std::filesystem::remove(folder_.path() + "/authority.csv");
  EXPECT_EQ(Import(), kServiceFailed) << "the authority does not exist and nothing makes it";
  EXPECT_THAT(err_.str(), HasSubstr("there is no authorities/a yet"));
  EXPECT_EQ(store_.size(), 0u);
}

}  // namespace
}  // namespace oversight::ctl

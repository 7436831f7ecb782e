#pragma once

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/resource/testing/text.h"
#include "common/testing/fake_clock.h"
#include "common/testing/in_process_service.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "oversight/supervision/v1/supervision_service.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/supervision/resources/registry.h"

namespace oversight::supervision::testing {

// Tests through the API of a running supervision service on 1 April 2026, over an authority of each test's
// own with these workers: `supervisee`, led by `manager`, led by `head`; `supervisor`, led by
// `other-manager`; `colleague`, `adviser` and `leader`. Each calls as the user of the same name.
class RecordRoad : public ::testing::Test {
 protected:
  using Service = ::oversight::testing::InProcessService;

  static void SetUpTestSuite() {
    authorities_ = 0;
    key_file_ = absl::StrCat(::testing::TempDir(), "/record_keys_", getpid());
    WriteKeys("k1 " + Key('a') + " active");
    clock_ = new ::oversight::testing::FakeClock(Noon({2026, 4, 1}));
    surroundings_ = std::make_shared<Surroundings>();
    surroundings_->keys = *crypto::KeyRing::Open(key_file_, clock_);
    workforce_ = std::make_shared<access::WorkforceView>();
    surroundings_->workforce = workforce_;
    workforce_->Apply({}, clock_->Now());
    service_ = new Service(Definition(surroundings_), {.clock = clock_});
  }
  static void TearDownTestSuite() {
    clients_.clear();
    delete service_;
    service_ = nullptr;
    delete clock_;
    clock_ = nullptr;
    surroundings_.reset();
    workforce_.reset();
    std::remove(key_file_.c_str());
  }

  static absl::Time Noon(CivilDay day) { return day.Midnight() + absl::Hours(12); }
  static std::string Key(char fill) { return absl::Base64Escape(std::string(32, fill)); }
  // The service sees the new file at the next look.
  static void WriteKeys(const std::string& text) {
    std::ofstream(key_file_ + ".new") << text << "\n";
    std::rename((key_file_ + ".new").c_str(), key_file_.c_str());
    if (clock_ != nullptr) clock_->Advance(absl::Seconds(2));
  }

  void SetUp() override {
    // Never back, so that no look at the key file is put off; and for all tests still 1 April.
    clock_->Advance(absl::Minutes(1));
    authority_ = absl::StrCat("a", ++authorities_);
    root_ = absl::StrCat("authorities/", authority_);
    for (const char* worker :
         {"supervisee", "supervisor", "manager", "other-manager", "head", "colleague", "adviser", "leader"}) {
      TellOfWorker(worker);
    }
    TellOfManager("supervisee", "manager");
    TellOfManager("supervisor", "other-manager");
    TellOfManager("manager", "head");
    CreateSession("s1");
    CreateRecord("s1", "r1");
  }

  std::string Worker(const std::string& id) const { return absl::StrCat(root_, "/workers/", id); }
  std::string RecordName(const std::string& session = "s1", const std::string& record = "r1") const {
    return absl::StrCat(root_, "/sessions/", session, "/sessionRecords/", record);
  }

  template <typename Resource>
  void Tell(const std::string& name, const std::string& text,
            ledger::pb::Change change = ledger::pb::CHANGE_UPDATED) const {
    ledger::v1::WatchResponse message;
    auto& entry = *message.add_entries();
    entry.set_authority(root_);
    entry.set_resource_name(name);
    entry.set_change(change);
    entry.mutable_resource()->PackFrom(resource::testing::Parse<Resource>(text));
    workforce_->Apply(message, clock_->Now());
  }
  void TellOfWorker(const std::string& id) const {
    Tell<workforce::v1::Worker>(Worker(id),
                                absl::StrCat("external_ids { system: 'identity' id: '", id, "' }"));
  }
  void TellOfManager(const std::string& worker, const std::string& manager) const {
    Tell<workforce::v1::SupervisorLink>(
        absl::StrCat(Worker(worker), "/supervisorLinks/l1"),
        absl::StrCat("function: FUNCTION_LINE_MANAGEMENT supervisor: '", Worker(manager),
                     "' start_date { year: 2020 month: 1 day: 1 }"));
  }

  // Calls a method as this user; `$` in the request's text stands for the authority.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(const std::string& user, const std::string& method, const Request& request) {
    std::unique_ptr<rpc::Client>& client = clients_[user];
    if (client == nullptr) client = service_->Connect(user);
    Response response;
    const absl::Status status =
        client->Unary("/oversight.supervision.v1.SupervisionService/" + method, request, &response,
                      {.deadline = absl::Now() + absl::Seconds(60)});
    if (!status.ok()) return status;
    return response;
  }
  template <typename Response, typename Request>
  absl::StatusOr<Response> Send(const std::string& user, const std::string& method, std::string text,
                                const Request&) {
    for (size_t at = text.find('$'); at != std::string::npos; at = text.find('$')) text.replace(at, 1, root_);
    return Call<Response>(user, method, resource::testing::Parse<Request>(text));
  }

  void CreateSession(const std::string& id, const std::string& more = "") {
    OVERSIGHT_ASSERT_OK(Send<v1::Session>(
        "hr", "CreateSession",
        absl::StrCat("parent: '$' session_id: '", id,
                     "' session { supervisee: '$/workers/supervisee' supervisor: '$/workers/supervisor' "
                     "kind: KIND_FORMAL_ONE_TO_ONE date { year: 2026 month: 4 day: 1 } ",
                     more, "}"),
        v1::CreateSessionRequest()));
  }
  void CreateRecord(const std::string& session, const std::string& id) {
    OVERSIGHT_ASSERT_OK(Send<v1::SessionRecord>(
        "hr", "CreateSessionRecord",
        absl::StrCat("parent: '$/sessions/", session, "' session_record_id: '", id, "' session_record {}"),
        v1::CreateSessionRecordRequest()));
  }

  absl::StatusOr<v1::SessionRecord> WriteDraft(const std::string& user, const std::string& text,
                                               const std::string& name, const std::string& request_id = "") {
    v1::WriteSessionRecordDraftRequest request;
    request.set_name(name);
    request.set_text(text);
    request.set_request_id(request_id);
    return Call<v1::SessionRecord>(user, "WriteSessionRecordDraft", request);
  }
  absl::StatusOr<v1::SessionRecord> WriteDraft(const std::string& user, const std::string& text) {
    return WriteDraft(user, text, RecordName());
  }
  absl::StatusOr<v1::SessionRecord> SendRecord(const std::string& user) {
    v1::SendSessionRecordRequest request;
    request.set_name(RecordName());
    return Call<v1::SessionRecord>(user, "SendSessionRecord", request);
  }
  absl::StatusOr<v1::SessionRecord> AskForAmendment(const std::string& user, const std::string& note) {
    v1::RequestSessionRecordAmendmentRequest request;
    request.set_name(RecordName());
    request.set_note(note);
    return Call<v1::SessionRecord>(user, "RequestSessionRecordAmendment", request);
  }
  absl::StatusOr<v1::SessionRecord> SignRecord(const std::string& user, int version) {
    v1::SignSessionRecordRequest request;
    request.set_name(RecordName());
    request.set_version(version);
    return Call<v1::SessionRecord>(user, "SignSessionRecord", request);
  }
  absl::StatusOr<v1::ReadSessionRecordTextResponse> ReadText(const std::string& user, const std::string& name,
                                                             int version = 0,
                                                             const std::string& reason = "audit") {
    v1::ReadSessionRecordTextRequest request;
    request.set_name(name);
    request.set_version(version);
    request.set_reason(reason);
    return Call<v1::ReadSessionRecordTextResponse>(user, "ReadSessionRecordText", request);
  }
  // All accesses of this test's authority, the newest first.
  std::vector<v1::SessionRecordAccess> Accesses() {
    v1::ListSessionRecordAccessesRequest request;
    request.set_parent(root_);
    request.set_page_size(1000);
    const auto response =
        Call<v1::ListSessionRecordAccessesResponse>("auditor", "ListSessionRecordAccesses", request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    return {response->accesses().begin(), response->accesses().end()};
  }

  static inline Service* service_ = nullptr;
  static inline ::oversight::testing::FakeClock* clock_ = nullptr;
  static inline std::shared_ptr<Surroundings> surroundings_;
  // What supervision knows of workforce.
  static inline std::shared_ptr<access::WorkforceView> workforce_;
  static inline std::map<std::string, std::unique_ptr<rpc::Client>> clients_;
  static inline std::string key_file_;
  static inline int authorities_ = 0;
  std::string authority_;
  std::string root_;
};

}  // namespace oversight::supervision::testing

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/testing/crowd.h"
#include "services/caseload/verbs/caseload_road_for_test.h"

namespace oversight::caseload {
namespace {

using ::oversight::testing::IsOk;
using ::oversight::testing::StatusIs;
using ::testing::ElementsAre;

using Check = type::v1::AllocationCheck;

class CaseloadVerbsTest : public CaseloadRoad {
 protected:
  template <typename Request>
  absl::StatusOr<v1::Case> ChangeCase(const std::string& method, const std::string& id,
                                      const std::string& more, const Request& request) {
    return Send<v1::Case>(method, "name: '$/cases/" + id + "' " + more, request);
  }
  absl::StatusOr<v1::Case> Close(const std::string& id, const std::string& more) {
    return ChangeCase("CloseCase", id, more, v1::CloseCaseRequest());
  }
  absl::StatusOr<v1::TransferCaseloadResponse> Transfer(const std::string& more) {
    return Send<v1::TransferCaseloadResponse>("TransferCaseload",
                                              "parent: '$' from: '$/workers/w1' to: '$/workers/w2' reason: "
                                              "'w1 leaves' allocated_by: '$/workers/s' " +
                                                  more,
                                              v1::TransferCaseloadRequest());
  }
};

auto IsIllegal() { return StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION"); }

TEST_F(CaseloadVerbsTest, ACaseIsOpenedClosedAndReopened) {
  Import("records { case { name: '$/cases/c' kind: KIND_CHILD } }");
  EXPECT_THAT(Close("c", "reason: 'done'").status(), IsIllegal());
  const auto opened = ChangeCase("OpenCase", "c", "date" + On(3, 1), v1::OpenCaseRequest());
  ASSERT_THAT(opened.status(), IsOk());
  EXPECT_THAT(ChangeCase("OpenCase", "c", "", v1::OpenCaseRequest()).status(), IsIllegal());
  Import(
      "records { status_period { name: '$/cases/c/statusPeriods/s' status: CASE_STATUS_CHILD_IN_NEED "
      "start_date" +
      On(3, 1) +
      "} } records { placement { name: '$/cases/c/placements/p' type: PLACEMENT_TYPE_FOSTER start_date" +
      On(9, 1) + "} }" + AllocationRecord("c", "k", "w1"));

  EXPECT_THAT(Close("c", "").status(), StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(Close("c", "reason: 'done' etag: 'v9'").status(),
              StatusIs(absl::StatusCode::kAborted, "ETAG_MISMATCH"));
  const int64_t before = service_->Revision("a");
  const auto closed = Close("c", "reason: 'done' request_id: 'r'");
  ASSERT_THAT(closed.status(), IsOk());
  EXPECT_EQ(closed->open_periods(0).closing_reason(), "done");
  EXPECT_EQ(closed->open_periods(0).end_date().month(), 6) << "today";
  EXPECT_EQ(service_->Revision("a"), before + 4) << "with its status, placement and allocation";
  EXPECT_EQ(Allocation("c/allocations/k")->end_date().month(), 6);
  const auto placement =
      Send<v1::Placement>("GetPlacement", "name: '$/cases/c/placements/p'", v1::GetPlacementRequest());
  EXPECT_EQ(placement->end_date().month(), 9) << "it was to begin later, and never does";
  EXPECT_EQ(Close("c", "reason: 'done' request_id: 'r'")->etag(), closed->etag()) << "sent again";

  EXPECT_THAT(ChangeCase("ReopenCase", "c", "date" + On(5, 31), v1::ReopenCaseRequest()).status(),
              IsIllegal());
  const auto reopened = ChangeCase("ReopenCase", "c", "", v1::ReopenCaseRequest());
  ASSERT_THAT(reopened.status(), IsOk());
  EXPECT_EQ(reopened->open_periods_size(), 2);
}

TEST_F(CaseloadVerbsTest, AnAllocationTellsWhyAndByWhom) {
  Import(OpenCaseRecord("c"));
  const auto bare = Send<v1::AllocateCaseResponse>(
      "AllocateCase",
      "name: '$/cases/c' allocation { worker: '$/workers/w1' role: ALLOCATION_ROLE_KEYWORKER }",
      v1::AllocateCaseRequest());
  EXPECT_THAT(bare.status(), StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  EXPECT_THAT(ViolationsOf(bare.status()), ::testing::SizeIs(2));

  const auto first = Allocate("c", "w1", "start_date" + On(2, 1));
  ASSERT_THAT(first.status(), IsOk());
  EXPECT_EQ(first->allocation().verdict(), v1::Allocation::VERDICT_ALLOWED);
  EXPECT_THAT(first->allocation().verdict_tokens(), ElementsAre("what compliance had read"));
  EXPECT_THAT(Allocate("c", "w2").status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "PERIOD_OVERLAP"));

  const auto second = Allocate("c", "w2", "", "replace_keyworker: true request_id: 'r'");
  ASSERT_THAT(second.status(), IsOk());
  EXPECT_EQ(second->replaced().name(), first->allocation().name());
  EXPECT_EQ(second->replaced().end_reason(), "has room");
  EXPECT_EQ(second->replaced().end_date().month(), 6);
  EXPECT_EQ(second->allocation().start_date().month(), 6) << "today";
  EXPECT_EQ(Allocate("c", "w2", "", "replace_keyworker: true request_id: 'r'")->SerializeAsString(),
            second->SerializeAsString())
      << "sent again";
}

TEST_F(CaseloadVerbsTest, OnlyAnOpenCaseIsAllocated) {
  Import("records { case { name: '$/cases/c' kind: KIND_CHILD open_periods { start_date" + On(2, 1) +
         "end_date" + On(3, 1) + "} } }");
  const auto is_closed = StatusIs(absl::StatusCode::kFailedPrecondition, "CASE_NOT_OPEN");
  EXPECT_THAT(Allocate("c", "w1", "start_date" + On(1, 31)).status(), is_closed);
  EXPECT_THAT(Allocate("c", "w1", "start_date" + On(3, 1)).status(), is_closed);
  Import(AllocationRecord("c", "history", "w9", "COWORKER"));
  EXPECT_THAT(Allocate("c", "w1", "start_date" + On(2, 28)).status(), IsOk());
}

TEST_F(CaseloadVerbsTest, ComplianceIsAskedWithWhatWasRead) {
  Import(OpenCaseRecord("c"));
  ASSERT_THAT(Allocate("c", "w1").status(), IsOk());
  ASSERT_THAT(compliance_->asked(), ::testing::SizeIs(1));
  const auto asked = compliance_->asked().front();
  EXPECT_EQ(asked.parent(), "authorities/a");
  EXPECT_EQ(asked.case_(), "authorities/a/cases/c");
  EXPECT_EQ(asked.worker(), "authorities/a/workers/w1");
  EXPECT_EQ(asked.role(), v1::ALLOCATION_ROLE_KEYWORKER);
  EXPECT_EQ(asked.date().month(), 6);
  EXPECT_THAT(asked.after_tokens(), ::testing::Contains(testing::FakeReferences::TokenOf("workforce")));
  EXPECT_EQ(asked.after_tokens_size(), 2) << "and this service's own ledger";
}

TEST_F(CaseloadVerbsTest, ABlockingRuleForbids) {
  Import(OpenCaseRecord("c"));
  compliance_->SetAnswer([](const auto&) {
    return Read<Check>(
        "verdict: VERDICT_BLOCKED findings { rule: 'x.other' clause: 'X 1' } "
        "findings { rule: 'lincolnshire.never-keyworker' clause: 'Lincolnshire 3, 8' blocks: true }");
  });
  for (const absl::Status& blocked :
       {Allocate("c", "w1").status(), Allocate("c", "w1", "unchecked_reason: 'please'").status(),
        Allocate("c", "w1", "", "validate_only: true").status()}) {
    EXPECT_THAT(blocked, StatusIs(absl::StatusCode::kFailedPrecondition, "ALLOCATION_BLOCKED"));
    EXPECT_EQ(MetadataOf(blocked, "rule"), "lincolnshire.never-keyworker");
    EXPECT_EQ(MetadataOf(blocked, "clause"), "Lincolnshire 3, 8");
  }
  EXPECT_THAT(Send<v1::Allocation>("CreateAllocation",
                                   "parent: '$/cases/c' allocation { worker: '$/workers/w1' "
                                   "role: ALLOCATION_ROLE_KEYWORKER start_date" +
                                       On(6, 1) + "}",
                                   v1::CreateAllocationRequest())
                  .status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "ALLOCATION_BLOCKED"))
      << "every way to a new allocation is the same";
  Import(AllocationRecord("c", "history", "w1"));
}

TEST_F(CaseloadVerbsTest, WithoutComplianceOnlyWhoSaysWhyGoesAhead) {
  Import(OpenCaseRecord("c"));
  for (const absl::Status& away : {absl::UnavailableError("away"), absl::UnimplementedError("older"),
                                   absl::DeadlineExceededError("slow")}) {
    compliance_->SetAnswer([away](const auto&) -> absl::StatusOr<Check> { return away; });
    EXPECT_THAT(Allocate("c", "w1").status(),
                StatusIs(absl::StatusCode::kUnavailable, "COMPLIANCE_UNREACHABLE"));
  }
  const auto unchecked = Allocate("c", "w1", "unchecked_reason: 'child at risk tonight'");
  ASSERT_THAT(unchecked.status(), IsOk());
  EXPECT_EQ(unchecked->allocation().verdict(), v1::Allocation::VERDICT_UNCHECKED);
  EXPECT_EQ(unchecked->allocation().unchecked_reason(), "child at risk tonight");

  compliance_->SetAnswer([](const auto&) -> absl::StatusOr<Check> { return absl::InternalError("a fault"); });
  EXPECT_THAT(Allocate("c", "w2", "unchecked_reason: 'x'").status(),
              ::oversight::testing::StatusIs(absl::StatusCode::kInternal));
}

TEST_F(CaseloadVerbsTest, AVerdictIsTheServicesAlone) {
  Import(OpenCaseRecord("c"));
  const auto made = Allocate("c", "w1", "unchecked_reason: 'not needed' verdict: VERDICT_UNCHECKED");
  ASSERT_THAT(made.status(), IsOk());
  EXPECT_EQ(made->allocation().verdict(), v1::Allocation::VERDICT_ALLOWED);
  EXPECT_EQ(made->allocation().unchecked_reason(), "") << "compliance was reached";
  const size_t asked = compliance_->asked().size();
  const auto update = [&](const std::string& fields) {
    return Send<v1::Allocation>(
        "UpdateAllocation",
        absl::StrCat("allocation { name: '", made->allocation().name(), "' ", fields, "}"),
        v1::UpdateAllocationRequest());
  };
  const auto noted = update("verdict: VERDICT_UNCHECKED unchecked_reason: 'y' actions: 'visit'");
  ASSERT_THAT(noted.status(), IsOk());
  EXPECT_EQ(noted->verdict(), v1::Allocation::VERDICT_ALLOWED);
  EXPECT_EQ(noted->unchecked_reason(), "");
  EXPECT_THAT(noted->actions(), ElementsAre("visit"));
  ASSERT_THAT(update("end_date" + On(6, 30)).status(), IsOk());
  EXPECT_THAT(compliance_->asked(), ::testing::SizeIs(asked)) << "less of the case needs no question";
  ASSERT_THAT(update("end_date" + On(7, 1)).status(), IsOk());
  EXPECT_THAT(compliance_->asked(), ::testing::SizeIs(asked + 1));
  ASSERT_THAT(update("worker: '$/workers/w2'").status(), IsOk());
  EXPECT_THAT(compliance_->asked(), ::testing::SizeIs(asked + 2));
}

TEST_F(CaseloadVerbsTest, AnAllocationEndsOnceWithItsReason) {
  Import(OpenCaseRecord("c") + AllocationRecord("c", "k", "w1"));
  const auto end = [&](const std::string& more) {
    return Send<v1::Allocation>("EndAllocation", "name: '$/cases/c/allocations/k' " + more,
                                v1::EndAllocationRequest());
  };
  EXPECT_THAT(end("").status(), StatusIs(absl::StatusCode::kInvalidArgument, "INVALID_FIELDS"));
  const absl::Status early = end("reason: 'x' date" + On(12, 31, 2025)).status();
  EXPECT_THAT(early, IsIllegal());
  EXPECT_EQ(MetadataOf(early, "state"), "PLANNED");
  ASSERT_THAT(end("reason: 'moved away'").status(), IsOk());
  EXPECT_EQ(Allocation("c/allocations/k")->end_reason(), "moved away");
  const absl::Status again = end("reason: 'moved away'").status();
  EXPECT_THAT(again, IsIllegal());
  EXPECT_EQ(MetadataOf(again, "state"), "ENDED");
}

TEST_F(CaseloadVerbsTest, ACaseloadMovesInOneTransaction) {
  Import(OpenCaseRecord("c1") + OpenCaseRecord("c2") + OpenCaseRecord("c3") +
         AllocationRecord("c1", "k", "w1") + AllocationRecord("c2", "k", "w1") +
         AllocationRecord("c3", "k", "w3") +
         AllocationRecord("c3", "p", "w1", "COWORKER", "end_date" + On(6, 1)));
  const int64_t before = service_->Revision("a");
  EXPECT_THAT(Transfer("cases: '$/cases/c1' cases: '$/cases/c3'").status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOT_ALLOCATED"))
      << "their part in c3 has ended";
  EXPECT_EQ(service_->Revision("a"), before);

  const auto moved = Transfer("request_id: 'r'");
  ASSERT_THAT(moved.status(), IsOk());
  ASSERT_EQ(moved->allocations_size(), 4);
  EXPECT_EQ(service_->Revision("a"), before + 4);
  EXPECT_EQ(moved->allocations(0).end_reason(), "w1 leaves");
  EXPECT_EQ(moved->allocations(1).worker(), "authorities/a/workers/w2");
  EXPECT_EQ(moved->allocations(1).role(), v1::ALLOCATION_ROLE_KEYWORKER);
  EXPECT_EQ(moved->allocations(1).verdict(), v1::Allocation::VERDICT_ALLOWED);
  EXPECT_THAT(compliance_->asked(), ::testing::SizeIs(2));
  EXPECT_EQ(Transfer("request_id: 'r'")->SerializeAsString(), moved->SerializeAsString()) << "sent again";
  EXPECT_EQ(Transfer("")->allocations_size(), 0) << "nothing is left to move";
}

TEST_F(CaseloadVerbsTest, NoCaseMovesWhenOneMayNot) {
  Import(OpenCaseRecord("c1") + OpenCaseRecord("c2") + AllocationRecord("c1", "k", "w1") +
         AllocationRecord("c2", "k", "w1"));
  compliance_->SetAnswer([](const auto& asked) {
    return Read<Check>(asked.case_() == "authorities/a/cases/c2"
                           ? "verdict: VERDICT_BLOCKED findings { rule: 'r' clause: 'c' blocks: true }"
                           : "verdict: VERDICT_ALLOWED");
  });
  const int64_t before = service_->Revision("a");
  EXPECT_THAT(Transfer("").status(), StatusIs(absl::StatusCode::kFailedPrecondition, "ALLOCATION_BLOCKED"));
  EXPECT_EQ(service_->Revision("a"), before);
}

TEST_F(CaseloadVerbsTest, EachActionOnACaseInEachState) {
  const auto act = [&](const std::string& method, const std::string& id) {
    if (method == "OpenCase") return ChangeCase(method, id, "", v1::OpenCaseRequest()).status();
    if (method == "ReopenCase") return ChangeCase(method, id, "", v1::ReopenCaseRequest()).status();
    return Close(id, "reason: 'done'").status();
  };
  struct State {
    std::string name;
    std::vector<std::string> way;
    std::string allowed;
  };
  const State states[] = {{"never opened", {}, "OpenCase"},
                          {"open", {"OpenCase"}, "CloseCase"},
                          {"closed", {"OpenCase", "CloseCase"}, "ReopenCase"},
                          {"open again", {"OpenCase", "CloseCase", "ReopenCase"}, "CloseCase"}};
  int cases = 0;
  for (const State& state : states) {
    for (const char* action : {"OpenCase", "CloseCase", "ReopenCase"}) {
      SCOPED_TRACE(absl::StrCat(action, ": ", state.name));
      const std::string id = absl::StrCat("t", ++cases);
      Import(absl::StrCat("records { case { name: '$/cases/", id, "' kind: KIND_CHILD } }"));
      for (const std::string& step : state.way) ASSERT_THAT(act(step, id), IsOk());
      const int64_t before = service_->Revision("a");
      const absl::Status status = act(action, id);
      if (action == state.allowed) {
        EXPECT_THAT(status, IsOk());
      } else {
        EXPECT_THAT(status, IsIllegal());
        EXPECT_NE(MetadataOf(status, "state"), "");
        EXPECT_EQ(service_->Revision("a"), before);
      }
    }
  }
}

TEST_F(CaseloadVerbsTest, EachActionOnAnAllocationInEachState) {
  Import(OpenCaseRecord("c"));
  struct State {
    std::string period;
    // As EndAllocation names it where it refuses; empty where it ends it.
    std::string refused_as;
    bool moves;
  };
  const State states[] = {{"start_date" + On(7, 1), "PLANNED", false},
                          {"start_date" + On(1, 1), "", true},
                          {"start_date" + On(6, 1), "", true},
                          {"start_date" + On(1, 1) + "end_date" + On(6, 2), "", true},
                          {"start_date" + On(1, 1) + "end_date" + On(6, 1), "ENDED", false}};
  int allocations = 0;
  for (const State& state : states) {
    SCOPED_TRACE(state.period);
    const std::string id = absl::StrCat("t", ++allocations);
    const auto record = [&](const std::string& allocation, const std::string& worker) {
      Import(absl::StrCat("records { allocation { name: '$/cases/c/allocations/", allocation,
                          "' worker: '$/workers/", worker, "' role: ALLOCATION_ROLE_COWORKER ", state.period,
                          "} }"));
    };
    record(id, "w8");
    const absl::Status ended =
        Send<v1::Allocation>("EndAllocation",
                             absl::StrCat("name: '$/cases/c/allocations/", id, "' reason: 'r'"),
                             v1::EndAllocationRequest())
            .status();
    if (state.refused_as.empty()) {
      // What begins today never holds once it ends today.
      EXPECT_THAT(ended, IsOk());
    } else {
      EXPECT_THAT(ended, IsIllegal());
      EXPECT_EQ(MetadataOf(ended, "state"), state.refused_as);
    }
    record(id + "-moved", "w1");
    const auto moved = Transfer("");
    ASSERT_THAT(moved.status(), IsOk());
    EXPECT_EQ(moved->allocations_size() > 0, state.moves);
  }
}

// Twenty at once on the same case: all that change its allocations or its life, and those who know more of
// it.
TEST_F(CaseloadVerbsTest, TwentyWritersOfOneCaseLeaveNoHalfTransaction) {
  Import(OpenCaseRecord("c") + OpenCaseRecord("d") + AllocationRecord("c", "k", "w1") +
         AllocationRecord("d", "k", "w1"));
  resource::testing::InParallel(20, [&](int writer) {
    for (int i = 0; i < 3; ++i) {
      const auto acceptable = [&](const absl::Status& status) {
        for (const char* reason :
             {"ILLEGAL_TRANSITION", "CASE_NOT_OPEN", "PERIOD_OVERLAP", "NOT_ALLOCATED"}) {
          if (ReasonOf(status) == reason) return true;
        }
        return status.ok();
      };
      const absl::Status status = resource::testing::Persist([&] {
        switch (writer % 5) {
          case 0:
            return Allocate("c", absl::StrCat("w", 1 + i % 2), "", "replace_keyworker: true").status();
          case 1:
            return Transfer("").status();
          case 2:
            return Close("c", "reason: 'done'").status();
          case 3:
            return ChangeCase("ReopenCase", "c", "", v1::ReopenCaseRequest()).status();
          default:
            const auto known = Send<v1::Case>("GetCase", "name: '$/cases/c'", v1::GetCaseRequest());
            if (!known.ok()) return known.status();
            v1::UpdateCaseRequest request;
            *request.mutable_case_() = *known;
            auto& id = *request.mutable_case_()->add_external_ids();
            id.set_system(absl::StrCat("system", writer));
            id.set_id(absl::StrCat(i));
            return service_->Call<v1::Case>("UpdateCase", request).status();
        }
      });
      EXPECT_TRUE(writer % 5 == 4 ? status.ok() : acceptable(status)) << writer % 5 << " " << status;
    }
  });
  const auto known = Send<v1::Case>("GetCase", "name: '$/cases/c'", v1::GetCaseRequest());
  ASSERT_THAT(known.status(), IsOk());
  EXPECT_EQ(known->external_ids_size(), 4 * 3);
  const bool open = !known->open_periods().rbegin()->has_end_date();
  // Closed with all that held; d, of which nobody spoke but the transfers, has its keyworker in any case.
  const auto states =
      Send<v1::ListCaseStatesResponse>("ListCaseStates", "parent: '$'", v1::ListCaseStatesRequest());
  ASSERT_THAT(states.status(), IsOk());
  for (const auto& state : states->case_states()) {
    if (state.case_() == "authorities/a/cases/d") {
      EXPECT_EQ(state.holders_size(), 1);
    } else {
      EXPECT_EQ(state.open(), open);
      EXPECT_LE(state.holders_size(), open ? 1 : 0);
    }
  }
}

TEST_F(CaseloadVerbsTest, TwentyAtOnceLeaveOneKeyworker) {
  Import(OpenCaseRecord("c"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&, i] {
      const absl::Status status =
          Allocate("c", absl::StrCat("w", i), "", i % 2 == 0 ? "replace_keyworker: true" : "").status();
      EXPECT_TRUE(status.ok() || ReasonOf(status) == "PERIOD_OVERLAP" || absl::IsAborted(status)) << status;
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto states =
      Send<v1::ListCaseStatesResponse>("ListCaseStates", "parent: '$'", v1::ListCaseStatesRequest());
  ASSERT_THAT(states.status(), IsOk());
  EXPECT_EQ(states->case_states(0).holders_size(), 1);
}

}  // namespace
}  // namespace oversight::caseload

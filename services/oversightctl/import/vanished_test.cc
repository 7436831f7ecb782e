#include "services/oversightctl/import/vanished.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/ledger/v1/ledger.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/oversightctl/testing/fake_services.h"

namespace oversight::ctl {
namespace {

using ledger::v1::SnapshotRequest;
using ledger::v1::SnapshotResponse;
using ::testing::ElementsAre;

constexpr char kSnapshot[] = "/oversight.ledger.v1.LedgerService/Snapshot";

template <typename Resource>
void AddRecord(SnapshotResponse& response, const std::string& name, const std::string& system,
               const std::vector<std::string>& ids, bool deleted = false) {
  Resource resource;
  resource.set_name(name);
  for (const std::string& id : ids) {
    auto& external_id = *resource.add_external_ids();
    external_id.set_system(system);
    external_id.set_id(id);
  }
  auto& record = *response.add_records();
  record.set_resource_name(name);
  record.set_deleted(deleted);
  record.mutable_resource()->PackFrom(resource);
}

std::vector<std::string> Names(const std::vector<VanishedKind>& kinds) {
  std::vector<std::string> names;
  for (const VanishedKind& kind : kinds) {
    for (const Item& item : kind.items)
      names.push_back(absl::StrCat(kind.kind->label, " ", NameOf(*item.resource)));
  }
  return names;
}

TEST(VanishedTest, FindsWhatTheSourceBroughtAndNoLongerHolds) {
  Plan plan;
  auto kept = std::make_unique<workforce::v1::Worker>();
  kept->set_name("authorities/a/workers/kept");
  plan.Add(std::move(kept), {"ssd_professionals.csv", 2});
  plan.MarkComplete("ssd_professionals");
  plan.MarkComplete("ssd_cp_plans");
  plan.Shield("ssd_professionals/refused");
  plan.ShieldBeneath("authorities/a/cases/half-read");

  FakeServices services;
  services.OnStream<SnapshotRequest, SnapshotResponse>(
      kSnapshot, [&](const SnapshotRequest& request, std::vector<SnapshotResponse>& responses) {
        EXPECT_EQ(request.name(), "authorities/a");
        responses.resize(2);
        responses[1].set_complete(true);
        using workforce::v1::Post;
        using workforce::v1::Worker;
        SnapshotResponse& r = responses[0];
        AddRecord<Worker>(r, "authorities/a/workers/kept", "ssd", {"ssd_professionals/kept"});
        AddRecord<Worker>(r, "authorities/a/workers/gone", "ssd", {"ssd_professionals/gone"});
        AddRecord<Worker>(r, "authorities/a/workers/refused", "ssd", {"ssd_professionals/refused"});
        AddRecord<Worker>(r, "authorities/a/workers/deleted", "ssd", {"ssd_professionals/deleted"}, true);
        AddRecord<Worker>(r, "authorities/a/workers/other", "hr", {"ssd_professionals/other"});
        AddRecord<Worker>(r, "authorities/a/workers/by-hand", "ssd", {});
        // posts.csv is not in this extract.
        AddRecord<Post>(r, "authorities/a/workers/kept/posts/p", "ssd", {"posts/p"});
        using caseload::v1::StatusPeriod;
        AddRecord<StatusPeriod>(responses[1], "authorities/a/cases/c/statusPeriods/x", "ssd",
                                {"ssd_cp_plans/x"});
        // Of several rows, one is of a file that is not there.
        AddRecord<StatusPeriod>(responses[1], "authorities/a/cases/c/statusPeriods/y", "ssd",
                                {"ssd_cp_plans/y", "ssd_cin_episodes/y"});
        AddRecord<StatusPeriod>(responses[1], "authorities/a/cases/half-read/statusPeriods/z", "ssd",
                                {"ssd_cp_plans/z"});
        return absl::OkStatus();
      });
  const auto vanished = FindVanished(services, "authorities/a", "ssd", plan, absl::InfiniteFuture());
  ASSERT_TRUE(vanished.ok()) << vanished.status();
  EXPECT_THAT(Names(*vanished), ElementsAre("workers authorities/a/workers/gone",
                                            "status periods authorities/a/cases/c/statusPeriods/x"));
}

TEST(VanishedTest, AnIncompleteSnapshotProvesNothing) {
  FakeServices services;
  services.OnStream<SnapshotRequest, SnapshotResponse>(
      kSnapshot, [](const SnapshotRequest&, std::vector<SnapshotResponse>& responses) {
        responses.resize(1);
        return absl::OkStatus();
      });
  EXPECT_EQ(FindVanished(services, "authorities/a", "ssd", Plan(), absl::InfiniteFuture()).status().code(),
            absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace oversight::ctl

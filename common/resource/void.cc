#include "common/resource/void.h"

#include "common/resource/withdrawal.h"
#include "common/status/macros.h"

namespace oversight::resource {
namespace {

class VoidBeneath final : public Consequences {
 public:
  VoidBeneath(const Registry& kinds, const Kind& kind, const Key& key, const std::string& reason)
      : kinds_(kinds), kind_(kind), key_(key), reason_(reason) {}

  absl::Status Lock(UnitOfWork& work) override {
    // Parents before children, as everywhere.
    if (!kind_.lock_authority) OVERSIGHT_RETURN_IF_ERROR(work.Prefetch(kind_, {key_}));
    return ForEachBeneath(work, kinds_, kind_, key_, /*lockable_only=*/true,
                          [](const Kind&, const WriteContext::Item&) { return absl::OkStatus(); });
  }

  absl::Status Write(UnitOfWork& work) override {
    return ForEachBeneath(work, kinds_, kind_, key_, /*lockable_only=*/false,
                          [&](const Kind& kind, const WriteContext::Item& item) -> absl::Status {
                            OVERSIGHT_ASSIGN_OR_RETURN(UnitOfWork::Row * row, work.Load(kind, item.key));
                            std::unique_ptr<Message> state(row->state->New());
                            state->CopyFrom(*row->state);
                            SetWithdrawal(*state, reason_, "");
                            work.Write(*row, std::move(state), ledger::pb::CHANGE_DELETED);
                            return absl::OkStatus();
                          });
  }

 private:
  const Registry& kinds_;
  const Kind& kind_;
  const Key key_;
  const std::string reason_;
};

}  // namespace

std::shared_ptr<Consequences> VoidWhatLiesBeneath(const Registry& kinds, const Kind& kind, const Key& key,
                                                  const std::string& reason) {
  return std::make_shared<VoidBeneath>(kinds, kind, key, reason);
}

}  // namespace oversight::resource

#include "common/ledger/verify.h"

#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/ledger/token.h"
#include "common/status/error.h"

namespace oversight::ledger {
namespace {

constexpr int kMostFaults = 1000;
using Fault = pb::VerifyLedgerResponse::Fault;

// What the ledger says was last written about a resource.
struct LastState {
  uint64_t revision = 0;
  uint64_t version = 0;
  bool deleted = false;
  std::string digest;
};

std::string Digest(absl::string_view type, absl::string_view bytes) {
  return Sha256(absl::StrCat(type, "\n", bytes));
}

class Verification {
 public:
  Verification(absl::string_view ledger, std::string authority, const std::vector<pb::Token>& known_tokens)
      : ledger_(ledger), authority_(std::move(authority)) {
    for (const pb::Token& token : known_tokens)
      known_.emplace(static_cast<uint64_t>(token.revision()), token.hash());
  }

  void CheckEntry(const StoredEntry& entry) {
    while (next_revision_ < entry.revision) {
      Add(Fault::KIND_GAP, next_revision_, "", "the entry is missing");
      // One fault tells of the whole gap; what follows is checked from the stored hash on.
      next_revision_ = entry.revision;
      previous_hash_.clear();
    }
    if (!previous_hash_.empty() && EntryHash(previous_hash_, entry) != entry.hash) {
      Add(Fault::KIND_ENTRY_ALTERED, entry.revision, "",
          "the stored fields and the predecessor do not give its hash");
    }
    if (entry.time < previous_time_) {
      Add(Fault::KIND_TIME_REVERSED, entry.revision, "", "it is dated before its predecessor");
    }
    CheckPayload(entry);
    const auto [first, last] = known_.equal_range(entry.revision);
    for (auto known = first; known != last; ++known) {
      if (known->second != entry.hash) {
        Add(Fault::KIND_TOKEN_UNKNOWN, entry.revision, "",
            "a token noted earlier says that another entry stood here");
      }
    }
    previous_hash_ = entry.hash;
    previous_time_ = entry.time;
    next_revision_ = entry.revision + 1;
    report_.set_entries_checked(report_.entries_checked() + 1);
  }

  void CheckHead(const HeadRow& head) {
    const uint64_t last = next_revision_ - 1;
    const std::string last_hash = last == 0 ? GenesisHash() : previous_hash_;
    if (head.revision != last || head.hash != last_hash) {
      Add(Fault::KIND_HEAD_MISMATCH, head.revision, "",
          absl::StrCat("the head says revision ", head.revision, ", the last entry is ", last,
                       ": the end was cut off, added to or altered"));
    }
    for (const auto& [revision, hash] : known_) {
      if (revision > last) {
        Add(Fault::KIND_TOKEN_UNKNOWN, static_cast<uint64_t>(revision), "",
            "a token noted earlier lies beyond the end of the ledger");
      }
    }
    for (uint64_t revision : blank_) {
      if (!erased_.contains(revision)) {
        Add(Fault::KIND_PAYLOAD_ALTERED, revision, "", "the payload is gone, but no erasure accounts for it");
      }
    }
    report_.set_head_token(EncodeToken(TokenOf(ledger_, head)));
  }

  void CheckRecord(const StateSource::Record& record) {
    report_.set_resources_checked(report_.resources_checked() + 1);
    const auto found = last_.find(record.name);
    if (found == last_.end()) {
      Add(Fault::KIND_RESOURCE_MISSING, 0, record.name, "it is stored, but the ledger does not know it");
      return;
    }
    const LastState& last = found->second;
    if (last.digest != Digest(record.type, record.bytes) || last.version != record.version ||
        last.deleted != record.deleted || !record.columns_agree) {
      Add(Fault::KIND_RESOURCE_ALTERED, last.revision, record.name,
          "what is stored differs from its last state in the ledger");
    }
    last_.erase(found);
  }

  pb::VerifyLedgerResponse Finish() {
    for (const auto& [name, last] : last_) {
      Add(Fault::KIND_RESOURCE_MISSING, last.revision, name, "the ledger knows it, but it is not stored");
    }
    report_.set_complete(true);
    report_.set_intact(report_.faults().empty());
    return report_;
  }

  const pb::VerifyLedgerResponse& report() const { return report_; }

 private:
  void CheckPayload(const StoredEntry& entry) {
    if (!entry.payload.has_value()) {
      blank_.insert(entry.revision);
      return;
    }
    if (Commitment(*entry.payload) != entry.commitment) {
      Add(Fault::KIND_PAYLOAD_ALTERED, entry.revision, entry.payload->resource_name,
          "the payload does not match the commitment in the chain");
    }
    if (entry.change == pb::CHANGE_ERASED) {
      erased_.insert(entry.erased_revisions.begin(), entry.erased_revisions.end());
      for (auto it = last_.begin(); it != last_.end();) {
        if (IsOrLiesBeneath(it->first, entry.payload->resource_name)) {
          last_.erase(it++);
        } else {
          ++it;
        }
      }
      return;
    }
    last_[entry.payload->resource_name] = {
        .revision = entry.revision,
        .version = entry.resource_version,
        .deleted = entry.change == pb::CHANGE_DELETED,
        .digest = Digest(entry.payload->resource_type, entry.payload->bytes)};
  }

  void Add(Fault::Kind kind, uint64_t revision, absl::string_view name, absl::string_view description) {
    if (report_.faults_size() >= kMostFaults) return;
    Fault& fault = *report_.add_faults();
    fault.set_kind(kind);
    fault.set_revision(static_cast<int64_t>(revision));
    fault.set_resource_name(std::string(name));
    fault.set_description(std::string(description));
  }

  const std::string ledger_;
  const std::string authority_;
  std::multimap<uint64_t, std::string> known_;
  std::string previous_hash_ = GenesisHash();
  absl::Time previous_time_ = absl::InfinitePast();
  uint64_t next_revision_ = 1;
  absl::flat_hash_map<std::string, LastState> last_;
  std::set<uint64_t> blank_;
  std::set<uint64_t> erased_;
  pb::VerifyLedgerResponse report_;
};

pb::VerifyLedgerResponse ProgressOnly(const pb::VerifyLedgerResponse& report) {
  pb::VerifyLedgerResponse progress;
  progress.set_entries_checked(report.entries_checked());
  progress.set_resources_checked(report.resources_checked());
  return progress;
}

}  // namespace

bool IsOrLiesBeneath(absl::string_view name, absl::string_view resource) {
  return name.size() >= resource.size() && name.substr(0, resource.size()) == resource &&
         (name.size() == resource.size() || name[resource.size()] == '/');
}

absl::StatusOr<pb::VerifyLedgerResponse> Verify(
    mysql::Connection& connection, absl::string_view ledger, const std::string& authority,
    const std::vector<pb::Token>& known_tokens, StateSource& state,
    absl::FunctionRef<absl::Status(const pb::VerifyLedgerResponse&)> progress) {
  Verification verification(ledger, authority, known_tokens);
  OVERSIGHT_ASSIGN_OR_RETURN(const HeadRow head, ReadHead(connection, authority));
  uint64_t from = 0;
  bool more = true;
  while (more) {
    int read = 0;
    OVERSIGHT_RETURN_IF_ERROR(
        ReadEntries(connection, authority, from, kEntriesPerRead, [&](StoredEntry entry) {
          ++read;
          from = entry.revision + 1;
          verification.CheckEntry(entry);
          return absl::OkStatus();
        }));
    more = read == kEntriesPerRead;
    OVERSIGHT_RETURN_IF_ERROR(progress(ProgressOnly(verification.report())));
  }
  verification.CheckHead(head);
  OVERSIGHT_RETURN_IF_ERROR(state.ForEachRecord(connection, authority, /*check_columns=*/true,
                                                [&](const StateSource::Record& record) {
                                                  verification.CheckRecord(record);
                                                  if (verification.report().resources_checked() % 5000 == 0)
                                                    return progress(ProgressOnly(verification.report()));
                                                  return absl::OkStatus();
                                                }));
  return verification.Finish();
}

}  // namespace oversight::ledger

#pragma once

#include <string>

#include "absl/status/status.h"
#include "oversight/ledger/v1/ledger.pb.h"
#include "services/compliance/facts/fact_reader.h"
#include "services/compliance/judgement/authority_judge.h"

namespace oversight::compliance {

// Compliance's own ledger, in which policies are assigned and rules waived.
inline constexpr char kOwnLedger[] = "compliance";

// Lets a judge know what one ledger entry says, whoever reads it: the facts, or of the own ledger assignments
// and waivers. DATA_LOSS (RESOURCE_UNREADABLE) when it cannot be read; it is left out then.
absl::Status ApplyEntry(AuthorityJudge& judge, const std::string& ledger, const ledger::v1::Entry& entry);

// The same of a resource of another service, as a snapshot of its ledger holds it.
absl::Status ApplyRecord(AuthorityJudge& judge, FactReader& reader,
                         const ledger::v1::SnapshotResponse::Record& record);

// Forgets everything that one ledger told.
void ForgetLedger(AuthorityJudge& judge, const std::string& ledger);

}  // namespace oversight::compliance

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/time/period.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "services/oversightctl/import/codes.h"
#include "services/oversightctl/import/plan.h"

namespace oversight::ctl {

// A row of the extract about one child: its table-qualified id and when it held.
struct DatedRow {
  std::string table;
  std::string id;
  Origin origin;
  Period period;
};

struct LegalStatusRow {
  DatedRow row;
  LegalStatusCode code;
};

// A pre-proceedings row, `period` being from the letter before proceedings (or the decision to start) to the
// step down.
struct PreProceedingsRow {
  DatedRow row;
  // The decision to go to court.
  std::optional<CivilDay> care_proceedings;
};

// A care leaver's row; `period` is empty, because the extract does not say since when.
struct CareLeaverRow {
  DatedRow row;
  std::optional<CivilDay> latest_contact;
};

// All that the extract says of one child's statuses.
struct CaseRows {
  std::vector<DatedRow> episodes;
  std::vector<DatedRow> cin_plans;
  std::vector<DatedRow> cp_plans;
  std::vector<LegalStatusRow> legal_statuses;
  std::vector<PreProceedingsRow> pre_proceedings;
  std::vector<CareLeaverRow> care_leaver;
  std::optional<CivilDay> eighteenth_birthday;
};

struct DerivedStatus {
  caseload::v1::CaseStatus status = caseload::v1::CASE_STATUS_UNSPECIFIED;
  Period period;
  // Unique in the case and the same each time: the status and the id of the first row of which it is made.
  std::string id;
  // Rows of which it is made, the first one first.
  std::vector<DatedRow> rows;
};

struct DerivedCase {
  caseload::v1::Case::Kind kind = caseload::v1::Case::KIND_CHILD;
  // Apart from each other, earliest first.
  std::vector<Period> open;
  // Earliest first; those of one status neither overlap nor adjoin.
  std::vector<DerivedStatus> statuses;
  // Care leavers of whom nothing tells since when.
  std::vector<DatedRow> undated;
};

// Derives the dated statuses that the extract only implies:
// - looked after: every legal status but V3 and V4, until the 18th birthday;
// - child protection: the plans;
// - pre-proceedings: from the letter, else the decision, to the step down or the decision to go to court;
// - public law proceedings: interim care orders (C1), and from the decision to go to court until the first
// order after
//   it (C1, C2, D1, E1), else until the episode closes;
// - care leaver: since the end of the last looked-after period, else since the episode in which the latest
// contact
//   lies, else since that contact; not while still looked after;
// - child in need: the plans, and what of an episode no other status covers.
// The case is open in its episodes and while any status holds.
DerivedCase DeriveStatuses(const CaseRows& rows);

}  // namespace oversight::ctl

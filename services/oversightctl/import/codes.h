#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "oversight/caseload/v1/caseload.pb.h"

namespace oversight::ctl {

// What the codes of the extract mean here. All take the text in any case.

// SSDA903 placement codes: A3-A6, H5, K1, K2, P1-P3, R1-R3, R5, S1, T0-T4, U1-U6, Z1.
struct PlacementCode {
  caseload::v1::PlacementType type;
  // A temporary stay away from the placement (T0-T4).
  bool respite = false;
  // The place's own registration number says which home it is (not so in foster care, where it is the
  // agency's).
  bool urn_names_home = false;
};
std::optional<PlacementCode> FindPlacementCode(absl::string_view code);
std::string AcceptedPlacementCodes();

// SSDA903 legal status codes: C1, C2, D1, E1, J1-J3, L1-L3, V2-V4.
struct LegalStatusCode {
  // Short breaks (V3, V4) do not make a child looked after.
  bool looked_after = true;
  // An interim care order: the court has not decided yet.
  bool proceedings_run = false;
  // A full care, freeing or placement order: the court has decided.
  bool proceedings_end = false;
};
std::optional<LegalStatusCode> FindLegalStatusCode(absl::string_view code);
std::string AcceptedLegalStatusCodes();

// The part that a professional has in a case. Systems write codes (`CW`, `ALLWKR`) or descriptions.
std::optional<caseload::v1::AllocationRole> FindAllocationRole(absl::string_view text);
std::string AcceptedAllocationRoles();

}  // namespace oversight::ctl

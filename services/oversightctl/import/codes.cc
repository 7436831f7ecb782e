#include "services/oversightctl/import/codes.h"

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "services/oversightctl/import/mapping.h"

namespace oversight::ctl {
namespace {

using namespace caseload::v1;  // NOLINT: the tables below would drown in prefixes

const std::map<std::string, PlacementCode>& PlacementCodes() {
  static const auto& codes = *new std::map<std::string, PlacementCode>{
      {"A3", {PLACEMENT_TYPE_FOR_ADOPTION}},
      {"A4", {PLACEMENT_TYPE_FOR_ADOPTION}},
      {"A5", {PLACEMENT_TYPE_FOR_ADOPTION}},
      {"A6", {PLACEMENT_TYPE_FOR_ADOPTION}},
      {"H5", {PLACEMENT_TYPE_OTHER, false, true}},        // semi-independent living
      {"K1", {PLACEMENT_TYPE_RESIDENTIAL, false, true}},  // secure children's home
      {"K2", {PLACEMENT_TYPE_RESIDENTIAL, false, true}},  // children's home
      {"P1", {PLACEMENT_TYPE_WITH_PARENTS}},
      {"P2", {PLACEMENT_TYPE_OTHER}},                     // independent living
      {"P3", {PLACEMENT_TYPE_OTHER}},                     // residential employment
      {"R1", {PLACEMENT_TYPE_RESIDENTIAL, false, true}},  // residential care home
      {"R2", {PLACEMENT_TYPE_RESIDENTIAL, false, true}},  // NHS
      {"R3", {PLACEMENT_TYPE_RESIDENTIAL, false, true}},  // family centre
      {"R5", {PLACEMENT_TYPE_RESIDENTIAL, false, true}},  // custody
      {"S1", {PLACEMENT_TYPE_RESIDENTIAL, false, true}},  // residential school
      {"T0", {PLACEMENT_TYPE_OTHER, true}},
      {"T1", {PLACEMENT_TYPE_OTHER, true}},
      {"T2", {PLACEMENT_TYPE_OTHER, true}},
      {"T3", {PLACEMENT_TYPE_OTHER, true}},
      {"T4", {PLACEMENT_TYPE_OTHER, true}},
      {"U1", {PLACEMENT_TYPE_FOSTER}},
      {"U2", {PLACEMENT_TYPE_FOSTER}},
      {"U3", {PLACEMENT_TYPE_FOSTER}},
      {"U4", {PLACEMENT_TYPE_FOSTER}},
      {"U5", {PLACEMENT_TYPE_FOSTER}},
      {"U6", {PLACEMENT_TYPE_FOSTER}},
      {"Z1", {PLACEMENT_TYPE_OTHER}},
  };
  return codes;
}

const std::map<std::string, LegalStatusCode>& LegalStatusCodes() {
  static const auto& codes = *new std::map<std::string, LegalStatusCode>{
      {"C1", {.proceedings_run = true}},
      {"C2", {.proceedings_end = true}},
      {"D1", {.proceedings_end = true}},
      {"E1", {.proceedings_end = true}},
      {"J1", {}},
      {"J2", {}},
      {"J3", {}},
      {"L1", {}},
      {"L2", {}},
      {"L3", {}},
      {"V2", {}},
      {"V3", {.looked_after = false}},
      {"V4", {.looked_after = false}},
  };
  return codes;
}

// By folded text; see Folded.
const std::map<std::string, AllocationRole>& AllocationRoles() {
  static const auto& roles = *new std::map<std::string, AllocationRole>{
      {"cw", ALLOCATION_ROLE_KEYWORKER},
      {"allwkr", ALLOCATION_ROLE_KEYWORKER},
      {"case worker", ALLOCATION_ROLE_KEYWORKER},
      {"caseworker", ALLOCATION_ROLE_KEYWORKER},
      {"allocated worker", ALLOCATION_ROLE_KEYWORKER},
      {"allocated case worker", ALLOCATION_ROLE_KEYWORKER},
      {"allocated social worker", ALLOCATION_ROLE_KEYWORKER},
      {"key worker", ALLOCATION_ROLE_KEYWORKER},
      {"keyworker", ALLOCATION_ROLE_KEYWORKER},
      {"cowrkr", ALLOCATION_ROLE_COWORKER},
      {"co worker", ALLOCATION_ROLE_COWORKER},
      {"coworker", ALLOCATION_ROLE_COWORKER},
      {"secondary worker", ALLOCATION_ROLE_COWORKER},
      {"invwkr", ALLOCATION_ROLE_INVOLVED_WORKER},
      {"involved worker", ALLOCATION_ROLE_INVOLVED_WORKER},
      {"involved worker children s social care supervised student",
       ALLOCATION_ROLE_INVOLVED_WORKER_SUPERVISED_STUDENT},
      {"involved worker supervised student", ALLOCATION_ROLE_INVOLVED_WORKER_SUPERVISED_STUDENT},
      {"supervised student", ALLOCATION_ROLE_INVOLVED_WORKER_SUPERVISED_STUDENT},
      {"pa", ALLOCATION_ROLE_PERSONAL_ADVISER},
      {"personal adviser", ALLOCATION_ROLE_PERSONAL_ADVISER},
      {"personal advisor", ALLOCATION_ROLE_PERSONAL_ADVISER},
      {"ssw", ALLOCATION_ROLE_SUPERVISING_SOCIAL_WORKER},
      {"supervising social worker", ALLOCATION_ROLE_SUPERVISING_SOCIAL_WORKER},
  };
  return roles;
}

template <typename Value>
std::optional<Value> Find(const std::map<std::string, Value>& codes, const std::string& code) {
  const auto found = codes.find(code);
  if (found == codes.end()) return std::nullopt;
  return found->second;
}

template <typename Value>
std::string Keys(const std::map<std::string, Value>& codes) {
  return absl::StrJoin(codes, ", ", [](std::string* out, const auto& code) { out->append(code.first); });
}

}  // namespace

std::optional<PlacementCode> FindPlacementCode(absl::string_view code) {
  return Find(PlacementCodes(), absl::AsciiStrToUpper(code));
}
std::string AcceptedPlacementCodes() { return Keys(PlacementCodes()); }

std::optional<LegalStatusCode> FindLegalStatusCode(absl::string_view code) {
  return Find(LegalStatusCodes(), absl::AsciiStrToUpper(code));
}
std::string AcceptedLegalStatusCodes() { return Keys(LegalStatusCodes()); }

std::optional<AllocationRole> FindAllocationRole(absl::string_view text) {
  return Find(AllocationRoles(), Folded(text));
}
std::string AcceptedAllocationRoles() { return Keys(AllocationRoles()); }

}  // namespace oversight::ctl

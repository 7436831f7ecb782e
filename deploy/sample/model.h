#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/time/civil_day.h"
#include "common/time/period.h"

// The synthetic authority in memory. Texts of type string_view are the codes of the files and point to
// literals.
namespace oversight::sample {

struct Options {
  uint64_t seed = 1;
  // The last day of the history. Nothing is held after it, some sessions are planned.
  CivilDay end_day;
  // About how many people are employed on the last day.
  int workers = 260;
  // How many cases are open on the last day; more have been closed before it.
  int cases = 3000;
  // Length of the history.
  int months = 14;
  std::string authority_name = "Sampleshire (synthetic)";
};

enum class Area {
  kFrontDoor,
  kChildInNeed,
  kChildProtection,
  kLookedAfter,
  kLeavingCare,
  kDisabilities,
  kFamilyPlacement,
  kResidential,
  kOther,
};

// A team or, above teams, a department.
struct Team {
  std::string id;
  std::string name;
  Area area = Area::kOther;
  int parent = -1;
};

// In order of rank: whoever supervises ranks above the supervisee on every day, so supervisors form no cycle.
enum class Rank {
  kChiefExecutive,
  kDirector,
  kServiceManager,
  kTeamManager,
  kPracticeSupervisor,
  kPractitioner,
  kStudent
};

enum class Role {
  kChiefExecutive,
  kDirector,
  kServiceManager,
  kTeamManager,
  kPracticeSupervisor,
  kSocialWorker,
  kFamilyPractitioner,  // unregistered
  kPersonalAdviser,     // unregistered
  kReviewingOfficer,
  kDutySocialWorker,
  kSupervisingSocialWorker,
  kResidentialWorker,  // unregistered
  kVolunteer,          // in a home
  kStudent,
};

struct Occupancy {
  int worker = 0;
  Period period;
};

// A position of the establishment. People come and go, the position, its supervisor and its cases stay.
struct Seat {
  int team = 0;
  Role role = Role::kSocialWorker;
  Rank rank = Rank::kPractitioner;
  // Whose occupant supervises this one's; -1 at the very top.
  int supervisor = -1;
  // From that day another seat supervises.
  std::optional<CivilDay> regrouped_on;
  int supervisor_after = -1;
  // Cases held on the last day; 0 when it holds none.
  int caseload = 0;
  std::vector<Occupancy> occupants;  // ascending, not overlapping
};

struct Post {
  std::string title;
  absl::string_view career_stage;
  absl::string_view position;
  int team = -1;
  bool case_holding = false;
  Period period;
};

struct Asye {
  CivilDay start;
  CivilDay planned_end;
  std::optional<CivilDay> completed;
};

struct StudentPlacement {
  absl::string_view route;
  absl::string_view sequence;
  std::string university;
  Period period;
};

struct Absence {
  absl::string_view kind;
  CivilDay first;
  CivilDay last = CivilDay::Max();  // Max: return not known

  bool Covers(CivilDay day) const { return first <= day && day <= last; }
};

enum class Basis { kPermanent, kAgency, kVolunteer, kStudent };

struct Worker {
  std::string id;
  Basis basis = Basis::kPermanent;
  bool newly_qualified = false;  // on joining
  bool registered = true;
  int tenths_of_full_time = 10;
  Period employment;
  std::vector<Post> posts;
  std::optional<Asye> asye;
  std::vector<StudentPlacement> placements;
  std::vector<Absence> absences;  // ascending, not overlapping
  // Supervised every five or six weeks instead of monthly: a plausible failing.
  bool neglected = false;

  bool AwayOn(CivilDay day) const {
    for (const Absence& absence : absences) {
      if (absence.Covers(day)) return true;
    }
    return false;
  }
};

struct SupervisorLink {
  int worker = 0;
  int supervisor = 0;
  absl::string_view function = "line_management";
  int cover_for = -1;
  Period period;
};

struct LegalStatus {
  absl::string_view code;
  Period period;
};

struct Placement {
  absl::string_view type;
  std::string carer_or_home;
  bool respite = false;
  std::optional<CivilDay> permanence_implemented;
  absl::string_view change_reason;
  Period period;
};

struct PreProceedings {
  CivilDay letter;
  std::optional<CivilDay> stepped_down;
  std::optional<CivilDay> care_proceedings_letter;
};

struct ReducedFrequency {
  absl::string_view ground;
  bool low_risk = true;
  bool no_carer_deficits = true;
  int agreed_by = 0;
  CivilDay agreed;
  Period period;
};

enum class AllocationRole {
  kKeyworker,
  kPersonalAdviser,
  kSupervisingSocialWorker,
  kCoworker,
  kSupervisedStudent
};

struct Allocation {
  int worker = 0;
  int team = 0;
  AllocationRole role = AllocationRole::kKeyworker;
  Period period;
  absl::string_view end_reason;
};

// While the case belonged to teams of one area.
struct Stage {
  Area area;
  Period period;
};

// Something that arose with a foster carer.
struct Matter {
  std::string id;
  absl::string_view kind;
  CivilDay raised;
  std::optional<CivilDay> resolved;
};

struct Case {
  std::string id;
  Period open;
  std::vector<Stage> stages;  // cover the open period
  std::vector<Period> cin_plans;
  std::vector<Period> cp_plans;
  std::vector<LegalStatus> legal_statuses;
  std::vector<Placement> placements;
  std::vector<PreProceedings> pre_proceedings;
  std::vector<ReducedFrequency> agreements;
  bool care_leaver = false;
  std::vector<Allocation> allocations;
  // A foster carer's own case; the extract knows nothing of those.
  bool carer = false;
  std::vector<Matter> matters;  // of a carer
  // Rarely brought to supervision: a plausible failing.
  bool forgotten = false;
};

struct CaseDiscussion {
  std::string id;
  int case_index = 0;
  bool in_depth = false;
  bool significant = false;
  // Open matters of the case that came up.
  std::vector<std::string> matters;
};

enum class SessionState { kScheduled, kHeld, kCancelled };

struct Session {
  std::string id;
  int supervisee = 0;
  int supervisor = 0;
  absl::string_view kind = "formal_one_to_one";
  SessionState state = SessionState::kHeld;
  CivilDay date;
  // Minutes after midnight; -1 when the time of day is not known.
  int start_minute = -1;
  int minutes = 0;
  absl::string_view cancellation_reason;
  std::string replacement_id;
  std::vector<CaseDiscussion> discussions;
};

struct Authority {
  Options options;
  // From `records_complete_from` up to and with the end day.
  Period history;
  std::vector<Team> teams;
  std::vector<Seat> seats;
  std::vector<Worker> workers;
  std::vector<SupervisorLink> links;
  std::vector<Case> cases;
  std::vector<Session> sessions;

  CivilDay today() const { return options.end_day; }
};

}  // namespace oversight::sample

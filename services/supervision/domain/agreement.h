#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/status/violation.h"
#include "common/time/civil_day.h"

namespace oversight::supervision {

enum class AgreementState { kNone, kDraft, kSignedBySupervisee, kSignedBySupervisor, kInForce, kEnded };

enum class AgreementAction {
  kDraw,
  kSuperviseeSigns,
  kSupervisorSigns,
  kEnd,
  // Changes what is agreed.
  kRevise,
  // Changes what does not touch the agreement itself: its other names, its end.
  kAnnotate,
};

// The state after an action; nothing when the action is illegal in that state. What somebody has signed is
// not revised: a new agreement is drawn up.
std::optional<AgreementState> Next(AgreementState state, AgreementAction action);

// `DRAFT` and so on, as in the API.
absl::string_view NameOf(AgreementState state);

// What the rules look at in an agreement. Names are compared only.
struct Agreement {
  std::string supervisee;
  std::string supervisor;
  AgreementState state = AgreementState::kDraft;
  std::optional<CivilDay> supervisee_signed;
  std::optional<CivilDay> supervisor_signed;
  int agreed_days = 0;
  int agreed_months = 0;
};

// The state that the signatures give one that has not ended.
AgreementState StateOfSignatures(const Agreement& agreement);

// What every agreement must satisfy, history included.
void Check(const Agreement& agreement, std::vector<FieldViolation>& violations);

// Nobody signs in the future.
void CheckAsOf(const Agreement& agreement, CivilDay today, std::vector<FieldViolation>& violations);

}  // namespace oversight::supervision

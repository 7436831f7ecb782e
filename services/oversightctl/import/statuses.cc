#include "services/oversightctl/import/statuses.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace oversight::ctl {
namespace {

using namespace caseload::v1;  // NOLINT: names of statuses

// A stretch of one status and the rows that make it.
struct Stretch {
  Period period;
  std::vector<DatedRow> rows;
};

Stretch FromRow(const DatedRow& row) { return {row.period, {row}}; }

bool StartsEarlier(const Stretch& a, const Stretch& b) {
  return std::tie(a.period.start, a.rows.front().id) < std::tie(b.period.start, b.rows.front().id);
}

// Joins what overlaps or adjoins; drops what holds on no day.
std::vector<Stretch> Join(std::vector<Stretch> stretches) {
  std::erase_if(stretches, [](const Stretch& stretch) { return stretch.period.Empty(); });
  std::sort(stretches.begin(), stretches.end(), StartsEarlier);
  std::vector<Stretch> joined;
  for (Stretch& next : stretches) {
    if (joined.empty() || joined.back().period.end < next.period.start) {
      joined.push_back(std::move(next));
      continue;
    }
    Stretch& last = joined.back();
    last.period.end = std::max(last.period.end, next.period.end);
    for (DatedRow& row : next.rows) {
      const bool known = std::any_of(last.rows.begin(), last.rows.end(), [&](const DatedRow& other) {
        return other.table == row.table && other.id == row.id;
      });
      if (!known) last.rows.push_back(std::move(row));
    }
  }
  return joined;
}

// The parts of `period` that none of `covers` (ascending, apart) covers.
std::vector<Period> Without(const Period& period, const std::vector<Period>& covers) {
  std::vector<Period> left;
  CivilDay from = period.start;
  for (const Period& cover : covers) {
    if (!cover.Overlaps(period)) continue;
    if (from < cover.start) left.push_back({from, cover.start});
    from = std::max(from, cover.end);
  }
  if (from < period.end) left.push_back({from, period.end});
  return left;
}

std::vector<Stretch> LookedAfter(const CaseRows& rows) {
  std::vector<Stretch> stretches;
  for (const LegalStatusRow& legal : rows.legal_statuses) {
    if (!legal.code.looked_after) continue;
    Stretch stretch = FromRow(legal.row);
    if (rows.eighteenth_birthday)
      stretch.period.end = std::min(stretch.period.end, *rows.eighteenth_birthday);
    stretches.push_back(std::move(stretch));
  }
  return Join(std::move(stretches));
}

std::vector<Stretch> PreProceedings(const CaseRows& rows) {
  std::vector<Stretch> stretches;
  for (const PreProceedingsRow& row : rows.pre_proceedings) {
    Stretch stretch = FromRow(row.row);
    if (row.care_proceedings) stretch.period.end = std::min(stretch.period.end, *row.care_proceedings);
    stretches.push_back(std::move(stretch));
  }
  return Join(std::move(stretches));
}

// The day on which proceedings begun on `start` came before a court that made an order, or the case was
// closed.
CivilDay EndOfApplication(const CaseRows& rows, CivilDay start) {
  CivilDay end = CivilDay::Max();
  for (const LegalStatusRow& legal : rows.legal_statuses) {
    if (!legal.code.proceedings_run && !legal.code.proceedings_end) continue;
    if (legal.row.period.start >= start) end = std::min(end, legal.row.period.start);
  }
  if (end != CivilDay::Max()) return end;
  for (const DatedRow& episode : rows.episodes) {
    if (episode.period.Contains(start)) end = std::min(end, episode.period.end);
  }
  return end;
}

std::vector<Stretch> PublicLawProceedings(const CaseRows& rows) {
  std::vector<Stretch> stretches;
  for (const LegalStatusRow& legal : rows.legal_statuses) {
    if (legal.code.proceedings_run) stretches.push_back(FromRow(legal.row));
  }
  for (const PreProceedingsRow& row : rows.pre_proceedings) {
    if (!row.care_proceedings) continue;
    Stretch stretch = FromRow(row.row);
    stretch.period = {*row.care_proceedings, EndOfApplication(rows, *row.care_proceedings)};
    stretches.push_back(std::move(stretch));
  }
  return Join(std::move(stretches));
}

std::optional<CivilDay> LeftCare(const CaseRows& rows, const std::vector<Stretch>& looked_after,
                                 const CareLeaverRow& leaver) {
  if (!looked_after.empty()) return looked_after.back().period.end;
  if (!leaver.latest_contact) return std::nullopt;
  for (const DatedRow& episode : rows.episodes) {
    if (episode.period.Contains(*leaver.latest_contact)) return episode.period.start;
  }
  return leaver.latest_contact;
}

std::vector<Stretch> CareLeaver(const CaseRows& rows, const std::vector<Stretch>& looked_after,
                                std::vector<DatedRow>& undated) {
  std::vector<Stretch> stretches;
  for (const CareLeaverRow& leaver : rows.care_leaver) {
    const auto since = LeftCare(rows, looked_after, leaver);
    if (!since) {
      undated.push_back(leaver.row);
      continue;
    }
    // Still looked after: a care leaver to be, from the day care ends.
    Stretch stretch = FromRow(leaver.row);
    stretch.period = {*since, CivilDay::Max()};
    stretches.push_back(std::move(stretch));
  }
  return Join(std::move(stretches));
}

std::vector<Period> PeriodsOf(const std::vector<Stretch>& stretches) {
  std::vector<Period> periods;
  for (const Stretch& stretch : stretches) periods.push_back(stretch.period);
  return periods;
}

std::vector<Stretch> FromRows(const std::vector<DatedRow>& rows) {
  std::vector<Stretch> stretches;
  for (const DatedRow& row : rows) stretches.push_back(FromRow(row));
  return stretches;
}

std::vector<Stretch> ChildInNeed(const CaseRows& rows, std::vector<Stretch> others) {
  const std::vector<Period> covered = PeriodsOf(Join(std::move(others)));
  std::vector<Stretch> stretches = FromRows(rows.cin_plans);
  for (const DatedRow& episode : rows.episodes) {
    for (const Period& part : Without(episode.period, covered)) stretches.push_back({part, {episode}});
  }
  return Join(std::move(stretches));
}

// `child-in-need`.
std::string Slug(CaseStatus status) {
  return absl::StrReplaceAll(
      absl::AsciiStrToLower(absl::StripPrefix(CaseStatus_Name(status), "CASE_STATUS_")), {{"_", "-"}});
}

void Append(CaseStatus status, const std::vector<Stretch>& stretches, DerivedCase& derived) {
  std::map<std::string, int> seen;  // one row can give several stretches
  for (const Stretch& stretch : stretches) {
    std::string id = absl::StrCat(Slug(status), "-", stretch.rows.front().id);
    if (const int number = ++seen[id]; number > 1) absl::StrAppend(&id, ".", number);
    derived.statuses.push_back({status, stretch.period, std::move(id), stretch.rows});
  }
}

}  // namespace

DerivedCase DeriveStatuses(const CaseRows& rows) {
  DerivedCase derived;
  const auto looked_after = LookedAfter(rows);
  const auto care_leaver = CareLeaver(rows, looked_after, derived.undated);
  const std::vector<std::pair<CaseStatus, std::vector<Stretch>>> others = {
      {CASE_STATUS_CHILD_PROTECTION, Join(FromRows(rows.cp_plans))},
      {CASE_STATUS_PRE_PROCEEDINGS, PreProceedings(rows)},
      {CASE_STATUS_PUBLIC_LAW_PROCEEDINGS, PublicLawProceedings(rows)},
      {CASE_STATUS_LOOKED_AFTER, looked_after},
      {CASE_STATUS_CARE_LEAVER, care_leaver},
  };
  std::vector<Stretch> all;
  for (const auto& [status, stretches] : others) {
    Append(status, stretches, derived);
    all.insert(all.end(), stretches.begin(), stretches.end());
  }
  const auto in_need = ChildInNeed(rows, all);
  Append(CASE_STATUS_CHILD_IN_NEED, in_need, derived);
  all.insert(all.end(), in_need.begin(), in_need.end());
  for (const DatedRow& episode : rows.episodes) all.push_back(FromRow(episode));

  std::sort(derived.statuses.begin(), derived.statuses.end(),
            [](const DerivedStatus& a, const DerivedStatus& b) {
              return std::tie(a.period.start, a.status, a.id) < std::tie(b.period.start, b.status, b.id);
            });
  derived.open = PeriodsOf(Join(std::move(all)));
  // Once care has ended for good; a child still looked after is a child.
  if (!care_leaver.empty()) derived.kind = Case::KIND_CARE_LEAVER;
  return derived;
}

}  // namespace oversight::ctl

#include "deploy/sample/texts.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/time/working_days.h"

namespace oversight::sample {

std::string DateText(CivilDay day) {
  return day == CivilDay::Max() || day == CivilDay::Min() ? "" : day.ToString();
}

std::string OptionalDate(const std::optional<CivilDay>& day) { return day ? DateText(*day) : ""; }

std::string PastDate(CivilDay day, CivilDay today) { return day <= today ? DateText(day) : ""; }

std::string InstantText(CivilDay day, int minutes) {
  const absl::CivilDay civil = day.civil();
  const absl::CivilSecond local(civil.year(), civil.month(), civil.day(), minutes / 60, minutes % 60, 0);
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromCivil(local, AuthorityZone()), absl::UTCTimeZone());
}

const char* Flag(bool value) { return value ? "Y" : "N"; }

CivilDay WorkingDaysAfter(CivilDay day, int n) {
  for (int i = 0; i < n; ++i) day = WorkingDays::EnglandAndWales().NextWorkingDayOnOrAfter(day + 1);
  return day;
}

CivilDay WorkingDayBefore(CivilDay day) {
  CivilDay before = day - 1;
  while (WorkingDays::EnglandAndWales().NextWorkingDayOnOrAfter(before) != before) before = before - 1;
  return before;
}

bool IsEmployed(const Worker& worker, CivilDay day) { return worker.employment.Contains(day); }

const Post* PostOn(const Worker& worker, CivilDay day) {
  for (const Post& post : worker.posts) {
    if (post.period.Contains(day)) return &post;
  }
  return nullptr;
}

bool IsSocialWorkPost(const Post& post) {
  return post.career_stage == "newly_qualified" || post.career_stage == "social_worker" ||
         post.career_stage == "experienced_social_worker" || post.career_stage == "advanced" ||
         post.career_stage == "strategic";
}

std::string WorkerRecordId(absl::string_view prefix, const Worker& worker, int number) {
  return absl::StrCat(prefix, "-", worker.id.substr(3), "-", number);
}

}  // namespace oversight::sample

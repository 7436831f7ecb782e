#include "services/oversightctl/import/row_view.h"

#include "absl/strings/str_cat.h"
#include "services/oversightctl/import/values.h"

namespace oversight::ctl {

const std::string& RowView::Required(absl::string_view column) {
  const std::string& text = Text(column);
  if (text.empty()) Fault(column, "is empty");
  return text;
}

std::optional<CivilDay> RowView::Day(absl::string_view column) {
  const std::string& text = Text(column);
  if (text.empty()) return std::nullopt;
  const auto day = ParseDay(text);
  if (day.ok()) return *day;
  Fault(column, day.status().message());
  return std::nullopt;
}

std::optional<CivilDay> RowView::RequiredDay(absl::string_view column) {
  Required(column);
  return Day(column);
}

std::optional<Period> RowView::Dates(absl::string_view start_column, absl::string_view end_column) {
  const auto start = RequiredDay(start_column);
  const auto end = Day(end_column);
  if (!start || !ok()) return std::nullopt;
  if (end && *end < *start) {
    Fault(end_column, absl::StrCat("lies before ", start_column));
    return std::nullopt;
  }
  return Period{*start, end.value_or(CivilDay::Max())};
}

bool RowView::Flag(absl::string_view column) {
  const auto flag = ParseFlag(Text(column));
  if (!flag.ok()) Fault(column, flag.status().message());
  return flag.ok() && *flag;
}

void RowView::Fault(absl::string_view column, absl::string_view description) {
  faults_.push_back(absl::StrCat(column, ": ", description));
}

Origin RowView::origin() const { return {absl::StrCat(table_.spec->file, ".csv"), row_.line}; }

Refusal RowView::ToRefusal() const { return {origin(), "INVALID_ROW", "the row cannot be taken", faults_}; }

}  // namespace oversight::ctl

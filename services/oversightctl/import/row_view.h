#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/time/period.h"
#include "services/oversightctl/csv/table.h"
#include "services/oversightctl/import/plan.h"

namespace oversight::ctl {

// Reads the values of one row and collects all that is wrong with it.
class RowView {
 public:
  RowView(const Table& table, const TableRow& row) : table_(table), row_(row) {}

  const std::string& Text(absl::string_view column) const {
    return table_.Value(row_, table_.IndexOf(column));
  }
  // By position in the spec.
  const std::string& TextAt(size_t column) const { return table_.Value(row_, column); }
  // Text that must be there.
  const std::string& Required(absl::string_view column);
  // Nothing when empty or unreadable.
  std::optional<CivilDay> Day(absl::string_view column);
  std::optional<CivilDay> RequiredDay(absl::string_view column);
  // From a day that must be there up to one that may be; nothing when either is wrong or the end lies before
  // the start.
  std::optional<Period> Dates(absl::string_view start_column, absl::string_view end_column);
  bool Flag(absl::string_view column);

  void Fault(absl::string_view column, absl::string_view description);
  bool ok() const { return faults_.empty(); }
  Origin origin() const;
  Refusal ToRefusal() const;

 private:
  const Table& table_;
  const TableRow& row_;
  std::vector<std::string> faults_;
};

}  // namespace oversight::ctl

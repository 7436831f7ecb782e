#pragma once

namespace oversight {

// The text of data/bank_holidays_england_and_wales.txt, put here by the build.
extern const char kBankHolidaysEnglandAndWales[];

}  // namespace oversight

#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/time/civil_day.h"

namespace oversight::mysql {

struct Null {};

// A parameter of a statement. Text and bytes travel as they are; instants become UTC `DATETIME(6)`.
class Value {
 public:
  Value(Null) : v_(Null{}) {}                         // NOLINT: parameters are written in place
  Value(int64_t v) : v_(v) {}                         // NOLINT
  Value(int v) : v_(int64_t{v}) {}                    // NOLINT
  Value(uint64_t v) : v_(v) {}                        // NOLINT
  Value(bool v) : v_(int64_t{v}) {}                   // NOLINT
  Value(std::string v) : v_(std::move(v)) {}          // NOLINT
  Value(absl::string_view v) : v_(std::string(v)) {}  // NOLINT
  Value(const char* v) : v_(std::string(v)) {}        // NOLINT
  Value(CivilDay v) : v_(v) {}                        // NOLINT
  Value(absl::Time v) : v_(v) {}                      // NOLINT

  using Variant = std::variant<Null, int64_t, uint64_t, std::string, CivilDay, absl::Time>;
  const Variant& variant() const { return v_; }

 private:
  Variant v_;
};

}  // namespace oversight::mysql

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "services/compliance/engine/interval_set.h"
#include "services/compliance/engine/policy.h"

namespace oversight::engine {

// What the subjects of a rule ask of records that many of them name, a worker, a case or a session: made out
// once for each of these, not once for each that asks. For one thread, and while no fact changes.
class Remembered {
 public:
  struct Days {
    IntervalSet days;
    bool in_doubt = false;  // something was open
  };
  // On which days a condition holds of the record to which it leads, `row`: made out by `make` the first
  // time. Null where that depends on who asks, too.
  const Days* Find(const RecordCondition& condition, uint32_t row, bool doubt,
                   absl::FunctionRef<Days()> make) {
    return Find({&condition, nullptr}, row, doubt, make);
  }
  const Days* Find(const ReferenceCondition& condition, uint32_t row, bool doubt,
                   absl::FunctionRef<Days()> make) {
    return Find({nullptr, &condition}, row, doubt, make);
  }

  // Whether a session counts, which each case that was discussed in it asks.
  template <typename Make>
  bool SessionCounts(uint32_t session, Make&& make) {
    if (session >= sessions_.size()) sessions_.resize(session + 1, Session::kNotAsked);
    Session& known = sessions_[session];
    if (known == Session::kNotAsked) known = make() ? Session::kCounts : Session::kDoesNot;
    return known == Session::kCounts;
  }

 private:
  enum class Session : uint8_t { kNotAsked, kDoesNot, kCounts };
  // One of the two.
  struct Key {
    const RecordCondition* records;
    const ReferenceCondition* reference;
    bool IsAboutRecordAlone() const;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Said {
    Key key;
    bool about_record_alone;
    std::array<std::vector<std::optional<Days>>, 2> days;  // without doubt and with, by row
  };
  const Days* Find(const Key& key, uint32_t row, bool doubt, absl::FunctionRef<Days()> make);

  std::vector<Said> said_;  // a rule has few of them
  std::vector<Session> sessions_;
};

}  // namespace oversight::engine

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "common/time/civil_day.h"
#include "google/protobuf/message.h"
#include "services/compliance/engine/facts.h"
#include "services/compliance/engine/policy.h"

namespace oversight::load {

// How large a country to make up.
struct EnglandSize {
  int authorities = 153;
  int workers = 35000;
  int cases = 400000;  // open ones
  int months = 18;     // of history
};

// What was put into facts, over all authorities.
struct FactCounts {
  int64_t records = 0;
  int64_t workers = 0;
  int64_t cases = 0;
  int64_t open_cases = 0;
  int64_t sessions = 0;
  int64_t discussions = 0;
  int64_t actions = 0;
};

// The last day of the made-up history: what is asked as of "today".
CivilDay EnglandToday();

// The workers and open cases of the n-th authority: large ones have some eight times those of small ones.
EnglandSize SizeOf(const EnglandSize& england, int number);

// Makes up one authority and hands on its resources, each by its name within the authority, in the order in
// which they refer to each other. `prefix` keeps the names of several authorities in one apart. Ends the
// process when the sizes are out of bounds.
void MakeUpAuthority(
    const EnglandSize& size, int number, const std::string& prefix, FactCounts& counts,
    absl::FunctionRef<void(const std::string& name, const google::protobuf::Message& resource)> take);

// The same put into facts, message by message as the service would.
void AddAuthority(engine::AuthorityFacts& facts, const EnglandSize& size, int number,
                  const std::string& prefix, FactCounts& counts);

}  // namespace oversight::load

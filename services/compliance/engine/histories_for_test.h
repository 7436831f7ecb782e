#pragma once

#include <cstdint>
#include <cstdlib>

namespace oversight::engine::testing {

// Which generated histories a test goes through: `OVERSIGHT_HISTORIES` of them, where the environment says
// so, from the seed `OVERSIGHT_FIRST_SEED` on, so that many can be split over several runs. When the long
// suites take turns, `OVERSIGHT_TURN` says which turn it is: a few thousand, others than in the turns before.
struct Seeds {
  uint32_t first = 1;
  uint32_t count = 0;

  uint32_t last() const { return first + count - 1; }
};

inline Seeds SeedsOr(uint32_t usually) {
  const auto number = [](const char* name, uint32_t otherwise) {
    const char* wanted = std::getenv(name);
    return wanted == nullptr ? otherwise : static_cast<uint32_t>(std::strtoul(wanted, nullptr, 10));
  };
  const Seeds all{number("OVERSIGHT_FIRST_SEED", 1), number("OVERSIGHT_HISTORIES", usually)};
  constexpr uint32_t kOfOneTurn = 5000;
  const uint32_t turn = number("OVERSIGHT_TURN", 0);
  if (turn == 0 || all.count <= kOfOneTurn) return all;
  return {all.first + turn % (all.count / kOfOneTurn) * kOfOneTurn, kOfOneTurn};
}

}  // namespace oversight::engine::testing

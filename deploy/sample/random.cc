#include "deploy/sample/random.h"

#include <numeric>

namespace oversight::sample {
namespace {

// FNV-1a: unlike absl::Hash it is the same in every process.
uint64_t HashOf(absl::string_view text) {
  uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  return hash;
}

}  // namespace

Random::Random(uint64_t seed, absl::string_view stream)
    : engine_(HashOf(stream) ^ (seed * 0x9e3779b97f4a7c15U)) {}

int Random::Between(int low, int high) {
  const auto range = static_cast<uint64_t>(static_cast<int64_t>(high) - low) + 1;
  return static_cast<int>(low + static_cast<int64_t>(engine_() % range));
}

size_t Random::Weighted(const std::vector<int>& weights) {
  int drawn = Between(1, std::accumulate(weights.begin(), weights.end(), 0));
  size_t index = 0;
  while (drawn > weights[index]) drawn -= weights[index++];
  return index;
}

}  // namespace oversight::sample

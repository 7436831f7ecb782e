#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "services/compliance/engine/conditions.h"

namespace oversight::engine {

// Of up to 64 records, as bits: which pass for sure, and which do or may, an input being missing.
struct Truths {
  uint64_t sure = 0;
  uint64_t maybe = 0;

  bool IsSure(size_t i) const { return (sure >> i & 1) != 0; }
  bool MayBe(size_t i) const { return (maybe >> i & 1) != 0; }
  friend Truths operator&(Truths a, Truths b) { return {a.sure & b.sure, a.maybe & b.maybe}; }
};

// Up to 64 subjects of a rule that lie side by side, of which the same is asked: what Asking says of each,
// read column by column. Lives on the stack: some 4 KB.
class Block {
 public:
  static constexpr uint32_t kMost = 64;
  using Days = std::array<CivilDay, kMost>;
  using Rows = std::array<uint32_t, kMost>;

  // Of the rule's subjects `first` to `first + count - 1`.
  Block(const Asking& asking, uint32_t first, uint32_t count);

  uint32_t first() const { return first_; }
  uint32_t count() const { return count_; }
  uint64_t all() const { return count_ == kMost ? ~uint64_t{0} : (uint64_t{1} << count_) - 1; }
  const Asking& asking() const { return asking_; }
  Frame FrameOf(size_t i) const { return {kind_, first_ + static_cast<uint32_t>(i)}; }

  // Those that are known.
  uint64_t Known() const;
  // Asking::HoldsOn with and without the benefit of the doubt, each on its own day; of those in `among`, the
  // others pass neither way.
  Truths HoldsOn(const std::vector<Condition>& conditions, const Days& days, uint64_t among) const;
  // Asking::DayAt and InstantAt: those that have one, and what it is.
  uint64_t DayAt(const Path& path, Days& days) const;
  uint64_t InstantAt(const Path& path, std::array<int64_t, kMost>& instants) const;

 private:
  Truths HoldsOn(const Condition& condition, const Days& days, uint64_t among) const;
  Truths FieldHolds(const FieldCondition& test, const Days& days, uint64_t among) const;
  uint64_t Missing(const Path& path, std::span<const uint32_t> places) const;
  template <typename Passes>
  static uint64_t Collect(uint64_t among, Passes&& passes);
  // Where paths lead, as Asking::Follow and Target say. `room` is for what is not kept.
  std::span<const uint32_t> Follow(const Path& path, Rows& room) const;
  std::span<const uint32_t> Target(const Path& path, Rows& room) const;

  const Asking& asking_;
  const FactKind kind_;
  const uint32_t first_;
  const uint32_t count_;
  // Where the ways that were gone lead; the first is the subjects themselves.
  struct Way {
    const std::vector<Path::Hop>* hops = nullptr;
    Rows rows;
  };
  static constexpr size_t kWays = 4;
  mutable std::array<Way, kWays> ways_;
  mutable size_t ways_gone_ = 1;
};

}  // namespace oversight::engine

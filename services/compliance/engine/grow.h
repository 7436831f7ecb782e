#pragma once

#include <cstddef>
#include <vector>

namespace oversight::engine {

// Makes room in a long list for `size` values, and for a quarter more: doubling would leave half of what
// millions of records take empty.
template <typename List>
void MakeRoom(List& list, size_t size) {
  if (size > list.capacity()) list.reserve(size + size / 4);
}

// Lengthens a list to `size` values.
template <typename Value>
void GrowTo(std::vector<Value>& list, size_t size, const Value& filling = Value()) {
  MakeRoom(list, size);
  list.resize(size, filling);
}

}  // namespace oversight::engine

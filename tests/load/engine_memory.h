#pragma once

#include <iosfwd>
#include <memory>
#include <vector>

#include "services/compliance/engine/facts.h"
#include "tests/load/england.h"

namespace oversight::load {

// Prints, as Markdown, what the facts take of memory, by the resources to which it belongs and for each of
// them; with `each_part` also list by list and column by column. `allocated` is what the allocator says.
void PrintMemory(const std::vector<std::unique_ptr<engine::AuthorityFacts>>& all, const FactCounts& counts,
                 size_t allocated, bool each_part, std::ostream& out);

}  // namespace oversight::load

#pragma once

#include <cstddef>
#include <cstdint>

#include "services/compliance/engine/packed_cells.h"
#include "services/compliance/engine/records.h"

namespace oversight::engine {

// The discussion of a case in a session, as far as the frequency tables ask: by number; kNobody is none.
struct Discussion {
  uint32_t session = kNobody;
  uint32_t case_index = kNobody;
  uint32_t next = kNobody;
};

// Discussions by number, of which there are more than of anything else.
class DiscussionColumns {
 public:
  Discussion operator[](uint32_t id) const { return {sessions_[id] - 1, cases_[id] - 1, next_[id] - 1}; }
  void Set(uint32_t id, const Discussion& discussion) {
    sessions_.Set(id, discussion.session + 1);
    cases_.Set(id, discussion.case_index + 1);
    SetNext(id, discussion.next);
  }
  void SetNext(uint32_t id, uint32_t next) { next_.Set(id, next + 1); }
  size_t BytesUsed() const { return sessions_.BytesUsed() + cases_.BytesUsed() + next_.BytesUsed(); }

 private:
  // Each one more than it is.
  PackedCells sessions_;
  PackedCells cases_;
  PackedCells next_;
};

}  // namespace oversight::engine

#pragma once

#include <vector>

#include "deploy/sample/model.h"

namespace oversight::sample {

// Who supervised whom: from the positions and their occupants, with cover for most longer absences, practice
// educators of students and professional supervisors of some practitioners.
void BuildSupervisorLinks(Authority& authority);

// Links by supervisee.
class SupervisorIndex {
 public:
  explicit SupervisorIndex(const Authority& authority);

  // The line manager on that day; -1 for none.
  int LineManager(int worker, CivilDay day) const;
  // Who stands in for the line manager on that day; -1 for none.
  int Cover(int worker, CivilDay day) const;
  // The supervisor in another function; -1 for none.
  int InFunction(int worker, absl::string_view function, CivilDay day) const;

 private:
  template <typename Condition>
  int Find(int worker, CivilDay day, Condition condition) const;

  std::vector<std::vector<SupervisorLink>> links_;
};

}  // namespace oversight::sample

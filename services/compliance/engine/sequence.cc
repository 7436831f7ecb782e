// Each record of a series by its position: the first and every other.

#include "services/compliance/engine/instances.h"

namespace oversight::engine {

InstanceList SequenceInstances(const Subjected& s, const Sequence& sequence) {
  InstanceList instances;
  const Frame subject = s.frame();
  const std::vector<Asking::Occurrence> series = s.asking.Occurrences(sequence.each, subject);
  for (const Period& stretch : s.possible_scope().periods()) {
    int position = 0;
    for (const Asking::Occurrence& record : series) {
      if (!stretch.Contains(record.day)) continue;
      ++position;
      const Frame frame{sequence.each.of, record.row, &subject};
      for (size_t step = 0; step < sequence.steps.size(); ++step) {
        const Sequence::Step& asked = sequence.steps[step];
        const int further = position - asked.first;
        if (further < 0 || (asked.every == 0 ? further != 0 : further % asked.every != 0)) continue;
        Instance instance{.base = record.day, .event = record.row, .row = static_cast<int16_t>(step)};
        const bool sure = s.InScope(record.day) && !record.doubtful;
        if (s.asking.HoldsOn(asked.must, frame, record.day, false)) {
          instance.course = Instance::Course::kHolds;
        } else if (!sure || s.asking.HoldsOn(asked.must, frame, record.day, true)) {
          instance.course = Instance::Course::kUnknown;
          instance.input =
              s.asking.MissingInput(asked.must, frame)
                  .value_or(s.asking.MissingInput(sequence.each.where, frame)
                                .value_or(s.asking.MissingInput(s.rule().when, subject).value_or(kNoInput)));
        } else {
          instance.course = Instance::Course::kBroken;
        }
        instances.push_back(instance);
      }
    }
  }
  return instances;
}

}  // namespace oversight::engine

#pragma once

#include <optional>
#include <span>

namespace oversight::supervision {

// A state machine is the list of what is allowed; whatever is not listed is not.
template <typename State, typename Action>
struct Transition {
  State state;
  Action action;
  State next;
};

// The state to which the action leads; none when it is not allowed there.
template <typename State, typename Action>
constexpr std::optional<State> NextBy(std::span<const Transition<State, Action>> allowed, State state,
                                      Action action) {
  for (const Transition<State, Action>& transition : allowed) {
    if (transition.state == state && transition.action == action) return transition.next;
  }
  return std::nullopt;
}

}  // namespace oversight::supervision

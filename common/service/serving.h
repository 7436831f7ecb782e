#pragma once

#include <functional>

#include "common/service/service_definition.h"

namespace oversight::service {

// Decides whether the service reports SERVING. The first time that it becomes ready its own part is started,
// once in its life. When that cannot start, the service never reports SERVING again: what kept it from
// starting, such as a changed policy, needs a person, and a database that goes away and comes back must not
// hide that. Nor does it report SERVING before it has caught up once with the ledgers that it follows:
// callers are not sent to a new replica that could tell them nothing but NOT_CAUGHT_UP, while an old one can
// answer. Not thread-safe: the readiness check alone calls it.
class Serving {
 public:
  // `extension` is null for a service without a part of its own. `caught_up` is asked until it says yes.
  Serving(Extension* extension, std::function<bool()> caught_up);

  // Whether the service may report SERVING; to be called again and again.
  bool MayServe(bool ready);
  // Stops what was started, also what failed half way.
  void Stop();

 private:
  bool CaughtUp();

  Extension* const extension_;
  const std::function<bool()> follows_caught_up_;
  bool started_ = false;
  bool failed_ = false;
  bool caught_up_ = false;
  bool told_waiting_ = false;
};

}  // namespace oversight::service

#pragma once

#include "common/service/service_definition.h"

namespace oversight::service {

// Starts a service's own part the first time that the service becomes ready, once in its life. When it cannot
// start, the service never reports SERVING again: what kept it from starting, such as a changed policy, needs
// a person, and a database that goes away and comes back must not hide that. Not thread-safe: the readiness
// check alone calls it.
class ExtensionStart {
 public:
  // Null for a service without a part of its own.
  explicit ExtensionStart(Extension* extension) : extension_(extension) {}

  // Called at each change of readiness; says whether the service may report SERVING.
  bool MayServe(bool ready);
  // Stops what was started, also what failed half way.
  void Stop();

 private:
  Extension* extension_;
  bool started_ = false;
  bool failed_ = false;
};

}  // namespace oversight::service

#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns the status from the enclosing function when it is not OK.
#define OVERSIGHT_RETURN_IF_ERROR(expr)                                                             \
  do {                                                                                              \
    if (absl::Status oversight_status_ = (expr); !oversight_status_.ok()) return oversight_status_; \
  } while (false)

#define OVERSIGHT_STATUS_CONCAT_(a, b) a##b
#define OVERSIGHT_STATUS_CONCAT(a, b) OVERSIGHT_STATUS_CONCAT_(a, b)
// `OVERSIGHT_ASSIGN_OR_RETURN(auto day, CivilDay::Parse(text));`
#define OVERSIGHT_ASSIGN_OR_RETURN(lhs, expr)                         \
  auto OVERSIGHT_STATUS_CONCAT(oversight_or_, __LINE__) = (expr);     \
  if (!OVERSIGHT_STATUS_CONCAT(oversight_or_, __LINE__).ok())         \
    return OVERSIGHT_STATUS_CONCAT(oversight_or_, __LINE__).status(); \
  lhs = *std::move(OVERSIGHT_STATUS_CONCAT(oversight_or_, __LINE__))

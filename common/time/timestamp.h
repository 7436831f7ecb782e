#pragma once

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace oversight {

// An instant as the API has it, cut to the microseconds that are stored.
inline google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  const int64_t micros = absl::ToUnixMicros(time);
  // Whole seconds below, so that nanos are never negative, also before 1970.
  const int64_t seconds = micros / 1000000 - (micros % 1000000 < 0 ? 1 : 0);
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>(micros - seconds * 1000000) * 1000);
  return timestamp;
}

// The instant of a timestamp.
inline absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

}  // namespace oversight

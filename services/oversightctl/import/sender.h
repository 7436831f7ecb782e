#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/time/clock.h"
#include "services/oversightctl/cli/services.h"
#include "services/oversightctl/import/plan.h"

namespace oversight::ctl {

// What became of records.
struct Tally {
  int64_t created = 0;
  int64_t updated = 0;
  int64_t unchanged = 0;
  int64_t restored = 0;
  int64_t retired = 0;
  int64_t refused = 0;
  // Dry run only: refers to a record that is not stored yet.
  int64_t unchecked = 0;

  int64_t sent() const { return created + updated + unchanged + restored + retired + refused + unchecked; }
  Tally& operator+=(const Tally& other);
};

struct SendOptions {
  // `authorities/{authority}`.
  std::string authority;
  int chunk_size = 1000;
  // Chunks under way at the same time.
  int parallel = 2;
  absl::Duration call_timeout = absl::Seconds(30);
  // How long a chunk is sent again and again while the service is away or busy.
  absl::Duration retry_for = absl::Minutes(2);
  bool validate_only = false;
  std::function<void(absl::Duration)> sleep;
};

// Hears how sending goes on; called by one thread at a time.
class SendObserver {
 public:
  virtual ~SendObserver() = default;
  virtual void OnChunk(const ImportKind& kind, int64_t total, const Tally& so_far) = 0;
  virtual void OnRetry(const ImportKind& kind, const absl::Status& status, absl::Duration wait) = 0;
};

// Sends records to their service in chunks. Sending a chunk twice changes nothing, so whatever did not get an
// answer is sent again.
class Sender {
 public:
  Sender(Services& services, SendOptions options, const Clock& clock, SendObserver& observer)
      : services_(services), options_(std::move(options)), clock_(clock), observer_(observer) {}

  struct Refused {
    // In the items sent.
    size_t index = 0;
    absl::Status status;
  };
  struct Result {
    Tally tally;
    // In order of the items.
    std::vector<Refused> refused;
  };
  // Sends all items of a kind. Records that others of the same kind stand in the way of (periods that still
  // overlap, a reference sent later) get further chances when the others are in. Errors: the service's, when
  // it could not be reached in time or refused a whole chunk.
  absl::StatusOr<Result> Send(const ImportKind& kind, absl::Span<const Item> items);
  // Retires the named records, which need no more than their names.
  absl::StatusOr<Result> Retire(const ImportKind& kind, absl::Span<const Item> items);

 private:
  class Round;
  absl::StatusOr<Result> Run(const ImportKind& kind, absl::Span<const Item> items, bool retire);

  Services& services_;
  SendOptions options_;
  const Clock& clock_;
  SendObserver& observer_;
};

// As the user reads it.
Refusal ToRefusal(const Item& item, const absl::Status& status);

}  // namespace oversight::ctl

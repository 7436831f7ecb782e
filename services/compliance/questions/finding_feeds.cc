#include "services/compliance/questions/finding_feeds.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/resource/page_token.h"
#include "common/status/error.h"
#include "services/compliance/judgement/finding_store.h"
#include "services/compliance/questions/finding_view.h"

namespace oversight::compliance {
namespace {

constexpr int kChangesPerMessage = 500;
constexpr absl::Duration kPause = absl::Milliseconds(200);
constexpr absl::Duration kHeartbeat = absl::Seconds(10);

std::string QueryOf(const std::string& authority) { return absl::StrCat("WatchFindings\n", authority); }

absl::Status Away() {
  return Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the service is stopping; watch again");
}

}  // namespace

void FindingFeeds::Start() {
  thread_ = std::thread([this] { Run(); });
}

void FindingFeeds::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

absl::Status FindingFeeds::Watch(const v1::WatchFindingsRequest& request, std::shared_ptr<rpc::Feed> feed) {
  auto watcher = std::make_unique<Watcher>();
  OVERSIGHT_ASSIGN_OR_RETURN(watcher->authority, AuthorityIn(request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string after,
                             resource::DecodePageToken(QueryOf(watcher->authority), request.resume_token()));
  const std::pair<std::string, std::string> place = absl::StrSplit(after, absl::MaxSplits('/', 1));
  if (!after.empty() && (!absl::SimpleAtoi(place.first, &watcher->batch) ||
                         !absl::SimpleAtoi(place.second, &watcher->number))) {
    return InvalidFields({{"resume_token", "is not one that was given out"}});
  }
  watcher->feed = std::move(feed);
  watcher->feed->SetReadyCallback([room = watcher->has_room] { room->store(true); });
  watcher->last_sent = absl::Now();
  absl::MutexLock lock(&mutex_);
  if (stopping_) return Away();
  arriving_.push_back(std::move(watcher));
  return absl::OkStatus();
}

void FindingFeeds::Run() {
  const auto wake = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_ || !arriving_.empty(); };
  for (bool stop = false; !stop;) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&wake), kPause);
      for (auto& watcher : arriving_) watchers_.push_back(std::move(watcher));
      arriving_.clear();
      stop = stopping_;
    }
    if (stop || watchers_.empty()) continue;
    // While the database is away watchers wait; their place stays.
    absl::StatusOr<mysql::Pool::Lease> connection = pool_->Acquire(absl::Now() + absl::Seconds(1));
    if (!connection.ok()) continue;
    std::erase_if(watchers_, [&](const auto& watcher) { return !Serve(**connection, *watcher); });
  }
  for (const auto& watcher : watchers_) watcher->feed->Close(Away());
  watchers_.clear();
}

std::string FindingFeeds::ResumeToken(const Watcher& watcher) {
  return resource::EncodePageToken(QueryOf(watcher.authority),
                                   absl::StrCat(watcher.batch, "/", watcher.number));
}

bool FindingFeeds::Serve(mysql::Connection& connection, Watcher& watcher) {
  while (!watcher.feed->ended() && watcher.has_room->load()) {
    const absl::StatusOr<std::vector<RecordedChange>> changes =
        ReadAllChanges(connection, watcher.authority, watcher.batch, watcher.number, kChangesPerMessage);
    if (!changes.ok()) break;
    if (changes->empty() && absl::Now() - watcher.last_sent < kHeartbeat) break;
    v1::WatchFindingsResponse message;
    Watcher after = watcher;
    for (const RecordedChange& change : *changes) {
      *message.add_changes() = ToProto(watcher.authority, change);
      after.batch = change.batch;
      after.number = change.number;
    }
    message.set_resume_token(ResumeToken(after));
    // Set first, for the callback may come at once.
    watcher.has_room->store(false);
    if (!watcher.feed->TrySend(message)) break;
    watcher.has_room->store(true);
    watcher.batch = after.batch;
    watcher.number = after.number;
    watcher.last_sent = absl::Now();
    if (changes->size() < static_cast<size_t>(kChangesPerMessage)) break;
  }
  return !watcher.feed->ended();
}

}  // namespace oversight::compliance

#include "common/ledger/tailer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/ledger/token.h"
#include "common/status/error.h"

namespace oversight::ledger {
namespace {

constexpr size_t kBatchBytes = 1 << 20;

absl::Status Diverged() {
  return Error(
      absl::StatusCode::kFailedPrecondition, "LEDGER_DIVERGED",
      "the token does not lie on this ledger's history, probably because the database was restored: take a "
      "new Snapshot and watch on from its token");
}

}  // namespace

// Entries read once for all watchers that stand at the same position.
struct Tailer::Chunk {
  // The stored entry at the position itself, to see that history before it is the same.
  bool starts_as_expected = false;
  pb::WatchResponse message;
  Position end;
};

Tailer::Tailer(std::string ledger, mysql::ConnectionOptions database, TailerOptions options)
    : ledger_(std::move(ledger)), options_(options), pool_(std::move(database), 1, nullptr) {
  thread_ = std::thread([this] { Run(); });
}

Tailer::~Tailer() { Stop(); }

absl::Status Tailer::Watch(const pb::WatchRequest& request, std::shared_ptr<rpc::Feed> feed) {
  auto watcher = std::make_unique<Watcher>();
  watcher->all = request.all_authorities();
  for (const std::string& name : request.authorities()) {
    const absl::string_view id = absl::StripPrefix(name, "authorities/");
    if (id.size() == name.size() || id.empty() || id.find('/') != absl::string_view::npos) {
      return InvalidFields({{"authorities", "each must be a name like authorities/example"}});
    }
    watcher->positions[std::string(id)] = Position{};
  }
  for (const std::string& text : request.after()) {
    OVERSIGHT_ASSIGN_OR_RETURN(pb::Token token, DecodeToken(text));
    if (token.ledger() != ledger_) {
      return InvalidFields(
          {{"after", absl::StrCat("a token of the ", token.ledger(), " ledger was sent to ", ledger_)}});
    }
    Position& position =
        watcher->positions[std::string(absl::StripPrefix(token.authority(), "authorities/"))];
    if (position.revision != 0) return InvalidFields({{"after", "at most one token for each authority"}});
    position = {static_cast<uint64_t>(token.revision()), token.hash(), token.incarnation()};
  }
  if (!watcher->all && watcher->positions.empty()) {
    return InvalidFields({{"authorities", "name the authorities to watch, or set all_authorities"}});
  }
  watcher->feed = std::move(feed);
  watcher->feed->SetReadyCallback([this, has_room = watcher->has_room] {
    has_room->store(true, std::memory_order_release);
    Nudge();
  });
  absl::MutexLock lock(&mutex_);
  if (stopping_)
    return Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the service is stopping; connect again");
  arriving_.push_back(std::move(watcher));
  ++count_;
  nudged_ = true;
  return absl::OkStatus();
}

void Tailer::Nudge() {
  absl::MutexLock lock(&mutex_);
  if (count_ > 0) nudged_ = true;  // else nobody waits for what was committed
}

int Tailer::watchers() const {
  absl::MutexLock lock(&mutex_);
  return count_;
}

void Tailer::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return;
    stopping_ = true;
  }
  thread_.join();
}

void Tailer::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      const auto awake = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return nudged_ || stopping_; };
      if (watchers_.empty()) {
        mutex_.Await(absl::Condition(&awake));
      } else {
        mutex_.AwaitWithTimeout(absl::Condition(&awake), options_.poll_interval);
      }
      nudged_ = false;
      for (auto& watcher : arriving_) watchers_.push_back(std::move(watcher));
      arriving_.clear();
      if (stopping_) break;
    }
    absl::Status status;
    if (auto connection = pool_.Acquire(absl::Now() + absl::Seconds(5)); connection.ok()) {
      status = ServeAll(**connection);
    } else {
      status = connection.status();
    }
    std::erase_if(watchers_, [](const auto& watcher) { return watcher->feed->ended(); });
    absl::MutexLock lock(&mutex_);
    count_ = static_cast<int>(watchers_.size() + arriving_.size());
    // The database is away: watchers wait, they miss nothing.
    if (!status.ok()) mutex_.AwaitWithTimeout(absl::Condition(&stopping_), absl::Milliseconds(200));
  }
  for (auto& watcher : watchers_) {
    watcher->feed->Close(
        Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the service is stopping; connect again"));
  }
  watchers_.clear();
}

absl::Status Tailer::ServeAll(mysql::Connection& connection) {
  OVERSIGHT_ASSIGN_OR_RETURN(std::vector<HeadRow> rows, ReadHeads(connection));
  std::map<std::string, HeadRow> heads;
  for (HeadRow& row : rows) heads.emplace(row.authority, std::move(row));
  absl::Status database;
  // A round gives each watcher at most one message for each authority; the loop ends when nobody can be given
  // more.
  bool progress = true;
  while (progress && database.ok()) {
    progress = false;
    std::map<std::pair<std::string, uint64_t>, std::shared_ptr<const Chunk>> chunks;
    for (auto& watcher : watchers_) {
      if (watcher->feed->ended()) continue;
      const absl::Time before = watcher->last_sent;
      Serve(connection, heads, *watcher, chunks, database);
      progress = progress || (watcher->last_sent != before && !watcher->caught_up_told);
    }
  }
  return database;
}

bool Tailer::Serve(mysql::Connection& connection, const std::map<std::string, HeadRow>& heads,
                   Watcher& watcher,
                   std::map<std::pair<std::string, uint64_t>, std::shared_ptr<const Chunk>>& chunks,
                   absl::Status& database) {
  if (!watcher.has_room->load(std::memory_order_acquire)) return true;  // it will say when it can take more
  bool behind = false;
  if (watcher.all) {
    for (const auto& [authority, head] : heads) watcher.positions.try_emplace(authority);
  }
  for (auto& [authority, position] : watcher.positions) {
    const auto head = heads.find(authority);
    if (head == heads.end()) {
      if (position.revision == 0) continue;
      watcher.feed->Close(Diverged());
      return false;
    }
    const bool other_life = !position.incarnation.empty() && position.incarnation != head->second.incarnation;
    if (other_life || position.revision > head->second.revision ||
        (position.revision == head->second.revision && position.hash != head->second.hash)) {
      watcher.feed->Close(Diverged());
      return false;
    }
    if (position.revision == head->second.revision) continue;
    behind = true;
    watcher.caught_up_told = false;
    if (!ServeAuthority(connection, head->second, watcher, position, chunks, database)) return false;
  }
  if (!behind) return Heartbeat(heads, watcher);
  return true;
}

bool Tailer::ServeAuthority(mysql::Connection& connection, const HeadRow& head, Watcher& watcher,
                            Position& position,
                            std::map<std::pair<std::string, uint64_t>, std::shared_ptr<const Chunk>>& chunks,
                            absl::Status& database) {
  std::shared_ptr<const Chunk>& shared = chunks[{head.authority, position.revision}];
  if (shared == nullptr) {
    auto chunk = std::make_shared<Chunk>();
    chunk->starts_as_expected = position.revision == 0;
    chunk->end = position;
    size_t bytes = 0;
    database = ReadEntries(connection, head.authority, std::max<uint64_t>(position.revision, 1),
                           kEntriesPerRead, [&](StoredEntry entry) {
                             if (entry.revision == position.revision) {
                               chunk->starts_as_expected = entry.hash == position.hash;
                               return absl::OkStatus();
                             }
                             // What follows a gap is not shown as if nothing were missing.
                             if (entry.revision != chunk->end.revision + 1) return absl::OkStatus();
                             if (bytes > kBatchBytes || entry.revision > head.revision)
                               return absl::OkStatus();
                             pb::Entry& out = *chunk->message.add_entries();
                             out = ToProto(ledger_, entry, head.incarnation);
                             bytes += out.ByteSizeLong();
                             chunk->end = {entry.revision, entry.hash, head.incarnation};
                             return absl::OkStatus();
                           });
    if (!database.ok()) return false;
    shared = std::move(chunk);
  }
  if (!shared->starts_as_expected || shared->message.entries().empty()) {
    watcher.feed->Close(Diverged());
    return false;
  }
  if (!Send(watcher, shared->message)) return false;
  position = shared->end;
  watcher.last_sent = absl::Now();
  return true;
}

bool Tailer::Send(Watcher& watcher, const pb::WatchResponse& message) {
  // Before the attempt, so that room which appears during it is not overlooked.
  watcher.has_room->store(false, std::memory_order_release);
  if (!watcher.feed->TrySend(message)) return false;
  watcher.has_room->store(true, std::memory_order_release);
  return true;
}

bool Tailer::Heartbeat(const std::map<std::string, HeadRow>& heads, Watcher& watcher) {
  const absl::Time now = absl::Now();
  if (watcher.caught_up_told && now - watcher.last_sent < options_.heartbeat_interval) return true;
  pb::WatchResponse message;
  for (const auto& [authority, position] : watcher.positions) {
    const auto head = heads.find(authority);
    if (head == heads.end() || head->second.revision == 0) continue;
    message.add_heads(EncodeToken(TokenOf(ledger_, head->second)));
  }
  if (!Send(watcher, message)) return false;
  watcher.last_sent = now;
  watcher.caught_up_told = true;
  return true;
}

}  // namespace oversight::ledger

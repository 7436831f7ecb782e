#include "common/ledger/follower.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/log/log.h"
#include "common/status/error.h"

namespace oversight::ledger {
namespace {

constexpr char kWatch[] = "/oversight.ledger.v1.LedgerService/Watch";
constexpr absl::Duration kFirstPause = absl::Milliseconds(100);
constexpr absl::Duration kLongestPause = absl::Seconds(5);

}  // namespace

LedgerFollower::LedgerFollower(std::string ledger, std::shared_ptr<rpc::Client> client, LedgerSink sink,
                               std::map<std::string, std::string> positions)
    : ledger_(std::move(ledger)),
      client_(std::move(client)),
      sink_(std::move(sink)),
      positions_(std::move(positions)) {}

LedgerFollower::~LedgerFollower() { Stop(); }

void LedgerFollower::Start() {
  thread_ = std::thread([this] { Run(); });
}

void LedgerFollower::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    if (reader_ != nullptr) reader_->Cancel();
  }
  if (thread_.joinable()) thread_.join();
}

bool LedgerFollower::connected() const {
  absl::MutexLock lock(&mutex_);
  return connected_;
}

void LedgerFollower::Run() {
  absl::Duration pause = kFirstPause;
  while (true) {
    const absl::Time began = absl::Now();
    const absl::Status status = Follow();
    if (absl::Now() - began > kLongestPause) pause = kFirstPause;
    {
      absl::MutexLock lock(&mutex_);
      connected_ = false;
      if (stopping_) return;
    }
    if (ReasonOf(status) == "LEDGER_DIVERGED") {
      log::Warning("a ledger's history has changed; reading it anew", {{"ledger", ledger_}});
      positions_.clear();
      if (!sink_({.ledger = ledger_, .diverged = true})) return;
    } else if (absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status)) {
      log::Warning("a ledger refuses this service: look at its line in the grants file",
                   {{"ledger", ledger_}, {"reason", ReasonOf(status)}});
    } else {
      log::Info("a ledger is away; connecting again", {{"ledger", ledger_}, {"reason", ReasonOf(status)}});
    }
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), pause)) return;
    pause = std::min(pause * 2, kLongestPause);
  }
}

absl::Status LedgerFollower::Follow() {
  v1::WatchRequest request;
  request.set_all_authorities(true);
  for (const auto& [authority, token] : positions_) request.add_after(token);
  const std::unique_ptr<rpc::StreamReader> reader = client_->Stream(kWatch, request, {});
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return absl::CancelledError();
    reader_ = reader.get();
  }
  LedgerMessage message{.ledger = ledger_};
  bool wanted = true;
  while (wanted && reader->Read(&message.content)) {
    {
      absl::MutexLock lock(&mutex_);
      connected_ = true;
    }
    for (const auto& entry : message.content.entries()) positions_[entry.authority()] = entry.token();
    wanted = sink_(std::move(message));
    message = {.ledger = ledger_};
  }
  if (!wanted) reader->Cancel();
  absl::Status status = reader->Finish();
  absl::MutexLock lock(&mutex_);
  reader_ = nullptr;
  return status;
}

OwnLedgerFeed::OwnLedgerFeed(std::string ledger, LedgerSink sink, std::function<void()> watch_again)
    : ledger_(std::move(ledger)), sink_(std::move(sink)), watch_again_(std::move(watch_again)) {}

bool OwnLedgerFeed::TrySend(const google::protobuf::Message& message) {
  if (ended()) return false;
  return sink_({.ledger = ledger_, .content = static_cast<const v1::WatchResponse&>(message)});
}

void OwnLedgerFeed::Close(absl::Status status) {
  {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
  }
  if (ReasonOf(status) == "LEDGER_DIVERGED" && sink_({.ledger = ledger_, .diverged = true})) watch_again_();
}

bool OwnLedgerFeed::ended() const {
  absl::MutexLock lock(&mutex_);
  return ended_;
}

void OwnLedgerFeed::SetReadyCallback(std::function<void()>) {}  // its sink blocks instead of being full

}  // namespace oversight::ledger

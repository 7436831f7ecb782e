#include "common/rpc/outbox.h"

#include <utility>

namespace oversight::rpc {

Outbox::Step Outbox::NextStep() {
  if (write_open_ || finished_) return Step::kNothing;
  if (!waiting_.empty()) {
    writing_ = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= writing_.Length();
    write_open_ = true;
    return Step::kWrite;
  }
  if (closed_ && end_allowed_) {
    finished_ = true;
    return Step::kFinish;
  }
  return Step::kNothing;
}

void Outbox::Take(Step step) {
  if (step == Step::kWrite) StartWrite(&writing_);
  if (step == Step::kFinish) Finish(status_);
}

Outbox::Offer Outbox::Push(grpc::ByteBuffer& message) {
  Step step;
  {
    const std::lock_guard lock(mutex_);
    if (closed_ || abandoned_) return Offer::kEnded;
    const size_t bytes = message.Length();
    if (!waiting_.empty() && (waiting_.size() >= kMostMessages || waiting_bytes_ + bytes > kMostBytes)) {
      was_full_ = true;
      return Offer::kFull;
    }
    waiting_.emplace_back();
    waiting_.back().Swap(&message);
    waiting_bytes_ += bytes;
    step = NextStep();
  }
  Take(step);
  return Offer::kTaken;
}

void Outbox::Close(grpc::Status status) {
  // Finishing may release the last other reference.
  const std::shared_ptr<Outbox> keep = shared_from_this();
  Step step;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    closed_ = true;
    status_ = std::move(status);
    step = NextStep();
  }
  OnRoom();
  Take(step);
}

void Outbox::AllowEnd() {
  const std::shared_ptr<Outbox> keep = shared_from_this();
  Step step;
  {
    const std::lock_guard lock(mutex_);
    end_allowed_ = true;
    step = NextStep();
  }
  Take(step);
}

bool Outbox::Ended() const {
  const std::lock_guard lock(mutex_);
  return closed_ || abandoned_;
}

bool Outbox::Abandoned() const {
  const std::lock_guard lock(mutex_);
  return abandoned_;
}

void Outbox::OnWriteDone(bool ok) {
  const std::shared_ptr<Outbox> keep = shared_from_this();
  Step step;
  bool room = false;
  bool gone = false;
  {
    const std::lock_guard lock(mutex_);
    write_open_ = false;
    writing_.Clear();
    if (!ok) {
      gone = !std::exchange(abandoned_, true);
      waiting_.clear();
      waiting_bytes_ = 0;
    }
    step = NextStep();
    if (was_full_ && (gone || (waiting_.size() <= kMostMessages / 2 && waiting_bytes_ <= kMostBytes / 2))) {
      was_full_ = false;
      room = true;
    }
  }
  Take(step);
  if (gone) OnAbandoned();
  if (room || gone) OnRoom();
}

void Outbox::OnCancel() {
  const std::shared_ptr<Outbox> keep = shared_from_this();
  {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
    waiting_bytes_ = 0;
    if (std::exchange(abandoned_, true)) return;
  }
  OnAbandoned();
  OnRoom();
}

void Outbox::OnDone() {
  OnGone();
  const std::shared_ptr<Outbox> last = std::move(self_);
}

}  // namespace oversight::rpc

#include "services/oversightctl/import/sender.h"

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <thread>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/status/error.h"
#include "oversight/workforce/v1/workforce_service.pb.h"
#include "services/oversightctl/cli/console.h"

namespace oversight::ctl {
namespace {

using google::protobuf::Message;
// The ImportResponse of all services is the same on the wire.
using workforce::v1::ImportResponse;

constexpr absl::Duration kFirstWait = absl::Milliseconds(200);
constexpr absl::Duration kLongestWait = absl::Seconds(5);
constexpr int kFurtherRounds = 4;

bool IsPassing(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
      return true;
    default:
      return false;
  }
}

// Refused because of what is stored, not because of what the record says.
bool DependsOnOthers(const absl::Status& status) {
  return status.code() == absl::StatusCode::kFailedPrecondition ||
         status.code() == absl::StatusCode::kNotFound || status.code() == absl::StatusCode::kAlreadyExists;
}

bool LacksReference(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason == "REFERENCE_NOT_FOUND" || reason == "PARENT_NOT_FOUND";
}

void Count(ImportResponse::Outcome outcome, Tally& tally) {
  switch (outcome) {
    case ImportResponse::OUTCOME_CREATED:
      ++tally.created;
      break;
    case ImportResponse::OUTCOME_UPDATED:
      ++tally.updated;
      break;
    case ImportResponse::OUTCOME_UNCHANGED:
      ++tally.unchanged;
      break;
    case ImportResponse::OUTCOME_RESTORED:
      ++tally.restored;
      break;
    case ImportResponse::OUTCOME_RETIRED:
      ++tally.retired;
      break;
    default:
      ++tally.refused;
  }
}

const google::protobuf::FieldDescriptor* FieldOfType(const google::protobuf::Descriptor& record,
                                                     const google::protobuf::Descriptor* type) {
  for (int i = 0; i < record.field_count(); ++i) {
    if (record.field(i)->message_type() == type) return record.field(i);
  }
  return nullptr;
}

// The ImportRequest of the kind's service.
std::unique_ptr<Message> MakeRequest(const ImportKind& kind, absl::Span<const Item> items,
                                     const std::vector<size_t>& indices, const SendOptions& options,
                                     bool retire) {
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      absl::StrCat(kind.type->file()->package(), ".ImportRequest"));
  std::unique_ptr<Message> request(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  const auto* reflection = request->GetReflection();
  reflection->SetString(request.get(), type->FindFieldByName("parent"), options.authority);
  reflection->SetBool(request.get(), type->FindFieldByName("validate_only"), options.validate_only);
  const auto* records = type->FindFieldByName("records");
  const auto* resource = FieldOfType(*records->message_type(), kind.type);
  const auto* retire_field = records->message_type()->FindFieldByName("retire");
  for (const size_t index : indices) {
    Message* record = reflection->AddMessage(request.get(), records);
    record->GetReflection()->MutableMessage(record, resource)->CopyFrom(*items[index].resource);
    if (retire) record->GetReflection()->SetBool(record, retire_field, true);
  }
  return request;
}

}  // namespace

Tally& Tally::operator+=(const Tally& other) {
  created += other.created;
  updated += other.updated;
  unchanged += other.unchanged;
  restored += other.restored;
  retired += other.retired;
  refused += other.refused;
  unchecked += other.unchecked;
  return *this;
}

// Sends some of the items once, in chunks, several at a time.
class Sender::Round {
 public:
  Round(const Sender& sender, rpc::Client& client, const ImportKind& kind, absl::Span<const Item> items,
        bool retire, const Tally& before)
      : sender_(sender), client_(client), kind_(kind), items_(items), retire_(retire), tally_(before) {}

  absl::Status Run(const std::vector<size_t>& indices, int parallel) {
    const size_t size = static_cast<size_t>(sender_.options_.chunk_size);
    for (size_t from = 0; from < indices.size(); from += size) {
      chunks_.emplace_back(indices.begin() + static_cast<ptrdiff_t>(from),
                           indices.begin() + static_cast<ptrdiff_t>(std::min(from + size, indices.size())));
    }
    const size_t threads = std::min(chunks_.size(), static_cast<size_t>(parallel));
    {
      std::vector<std::jthread> workers;
      for (size_t i = 1; i < threads; ++i) workers.emplace_back([this] { TakeChunks(); });
      TakeChunks();
    }
    absl::MutexLock lock(&mutex_);
    return failure_;
  }

  const Tally& tally() const { return tally_; }
  std::map<size_t, absl::Status>& refused() { return refused_; }

 private:
  void TakeChunks() {
    while (true) {
      std::vector<size_t> chunk;
      {
        absl::MutexLock lock(&mutex_);
        if (!failure_.ok() || next_ == chunks_.size()) return;
        chunk = chunks_[next_++];
      }
      const absl::Status status = SendChunk(std::move(chunk));
      if (status.ok()) continue;
      absl::MutexLock lock(&mutex_);
      failure_.Update(status);
      return;
    }
  }

  // Until every record of the chunk has a final answer.
  absl::Status SendChunk(std::vector<size_t> pending) {
    const absl::Time give_up = sender_.clock_.Now() + sender_.options_.retry_for;
    absl::Duration wait = kFirstWait;
    while (!pending.empty()) {
      ImportResponse response;
      const auto request = MakeRequest(kind_, items_, pending, sender_.options_, retire_);
      rpc::CallOptions options;
      options.deadline = sender_.clock_.Now() + sender_.options_.call_timeout;
      absl::Status problem = client_.Unary(MethodOf(kind_.service, "Import"), *request, &response, options);
      if (problem.ok() && response.results_size() != static_cast<int>(pending.size())) {
        return absl::InternalError(absl::StrCat("the service answered ", response.results_size(), " of ",
                                                pending.size(), " records"));
      }
      if (problem.ok()) problem = TakeResults(response, pending, sender_.clock_.Now() >= give_up);
      if (problem.ok()) continue;
      if (!IsPassing(problem) || sender_.clock_.Now() >= give_up) return problem;
      Wait(problem, wait);
      wait = std::min(2 * wait, kLongestWait);
    }
    return absl::OkStatus();
  }

  // Notes the final answers and leaves in `pending` the records to send again; returns the first of their
  // errors.
  absl::Status TakeResults(const ImportResponse& response, std::vector<size_t>& pending, bool last_chance) {
    absl::MutexLock lock(&mutex_);
    absl::Status passing;
    std::vector<size_t> again;
    for (size_t i = 0; i < pending.size(); ++i) {
      const auto& result = response.results(static_cast<int>(i));
      if (result.outcome() != ImportResponse::OUTCOME_REFUSED) {
        Count(result.outcome(), tally_);
        continue;
      }
      absl::Status status = FromRpcStatus(result.error());
      if (status.ok()) status = absl::UnknownError("refused without a reason");
      if (IsPassing(status) && !last_chance) {
        passing.Update(status);
        again.push_back(pending[i]);
      } else if (sender_.options_.validate_only && LacksReference(status)) {
        ++tally_.unchecked;
      } else {
        ++tally_.refused;
        refused_[pending[i]] = std::move(status);
      }
    }
    pending = std::move(again);
    sender_.observer_.OnChunk(kind_, static_cast<int64_t>(items_.size()), tally_);
    return passing;
  }

  // As long as the service asks for, else with growing pauses; never in step with other clients.
  void Wait(const absl::Status& problem, absl::Duration wait) {
    absl::Duration pause = std::max(RetryDelayOf(problem), wait);
    {
      absl::MutexLock lock(&mutex_);
      pause *= absl::Uniform(random_, 1.0, 1.5);
      sender_.observer_.OnRetry(kind_, problem, pause);
    }
    sender_.options_.sleep(pause);
  }

  const Sender& sender_;
  rpc::Client& client_;
  const ImportKind& kind_;
  absl::Span<const Item> items_;
  const bool retire_;
  std::vector<std::vector<size_t>> chunks_;
  absl::Mutex mutex_;
  size_t next_ = 0;
  absl::Status failure_;
  Tally tally_;
  std::map<size_t, absl::Status> refused_;
  absl::BitGen random_;
};

absl::StatusOr<Sender::Result> Sender::Send(const ImportKind& kind, absl::Span<const Item> items) {
  return Run(kind, items, false);
}

absl::StatusOr<Sender::Result> Sender::Retire(const ImportKind& kind, absl::Span<const Item> items) {
  return Run(kind, items, true);
}

absl::StatusOr<Sender::Result> Sender::Run(const ImportKind& kind, absl::Span<const Item> items,
                                           bool retire) {
  auto client = services_.Get(kind.service);
  if (!client.ok()) return client.status();
  std::vector<size_t> indices(items.size());
  std::iota(indices.begin(), indices.end(), 0);

  Result result;
  std::map<size_t, absl::Status> refused;
  for (int round_number = 0; !indices.empty(); ++round_number) {
    Round round(*this, **client, kind, items, retire, result.tally);
    const absl::Status status = round.Run(indices, round_number == 0 ? options_.parallel : 1);
    if (!status.ok()) return status;
    result.tally = round.tally();
    for (const size_t index : indices) refused.erase(index);
    refused.merge(round.refused());
    // Once more, as long as that helps.
    std::vector<size_t> again;
    for (const auto& [index, reason] : refused) {
      if (DependsOnOthers(reason)) again.push_back(index);
    }
    if (options_.validate_only || round_number == kFurtherRounds || again.empty() ||
        again.size() == indices.size()) {
      break;
    }
    result.tally.refused -= static_cast<int64_t>(again.size());
    indices = std::move(again);
  }
  for (auto& [index, status] : refused) result.refused.push_back({index, std::move(status)});
  return result;
}

Refusal ToRefusal(const Item& item, const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return {item.origin, reason.empty() ? absl::StatusCodeToString(status.code()) : reason,
          std::string(status.message()), ViolationTexts(status)};
}

}  // namespace oversight::ctl

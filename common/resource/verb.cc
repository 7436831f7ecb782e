#include "common/resource/verb.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ledger/store.h"
#include "common/ledger/token.h"
#include "common/resource/mutations.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace oversight::resource {
namespace {

using Replies = std::vector<std::unique_ptr<Message>>;

// How often a verb whose plan was overtaken by another call is planned.
constexpr int kMostAttempts = 3;
// No verb changes more at once.
constexpr uint64_t kLongestTransaction = 5000;
// In the log of requests, the revision of one that changed nothing.
constexpr uint64_t kChangedNothing = 0;

// The entries of the transaction that ends with `revision`: those before it that bear the same time, method
// and caller.
absl::StatusOr<std::vector<ledger::StoredEntry>> EntriesOf(mysql::Connection& connection,
                                                           const std::string& authority, uint64_t revision) {
  std::vector<ledger::StoredEntry> entries;
  const uint64_t first = revision > kLongestTransaction ? revision - kLongestTransaction + 1 : 1;
  OVERSIGHT_RETURN_IF_ERROR(ledger::ReadEntries(
      connection, authority, first, static_cast<int>(revision - first + 1), [&](ledger::StoredEntry entry) {
        entries.push_back(std::move(entry));
        return absl::OkStatus();
      }));
  if (entries.empty()) return entries;
  const ledger::StoredEntry& last = entries.back();
  const auto begin = std::find_if(entries.rbegin(), entries.rend(), [&](const ledger::StoredEntry& entry) {
    return entry.time != last.time || entry.method != last.method || entry.actor != last.actor;
  });
  entries.erase(entries.begin(), begin.base());
  return entries;
}

// What the request changed when it was carried out before; nothing when it is new.
absl::StatusOr<std::optional<Replies>> DoneBefore(rpc::Call& call, const Writer& writer,
                                                  mysql::Connection& connection, const Verb& verb) {
  if (verb.request.request_id.empty()) return std::optional<Replies>();
  OVERSIGHT_ASSIGN_OR_RETURN(const std::optional<uint64_t> revision, FindRequest(connection, verb.request));
  if (!revision) return std::optional<Replies>();
  Replies replies;
  if (*revision == kChangedNothing) return std::optional<Replies>(std::move(replies));
  // Of the present incarnation, so that the token can be used.
  OVERSIGHT_ASSIGN_OR_RETURN(ledger::HeadRow head, ledger::ReadHead(connection, verb.authority));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto entries, EntriesOf(connection, verb.authority, *revision));
  for (const ledger::StoredEntry& entry : entries) {
    if (!entry.payload.has_value()) continue;  // erased since
    const Kind* kind = writer.environment().kinds->FindByName(entry.payload->resource_name);
    if (kind == nullptr) continue;
    std::unique_ptr<Message> reply(kind->prototype->New());
    reply->ParseFromString(entry.payload->bytes);
    StoredResource stored = {.version = entry.resource_version,
                             .deleted = entry.change == ledger::pb::CHANGE_DELETED,
                             .create_time = entry.time,
                             .update_time = entry.time};
    const std::optional<Key> key = kind->pattern->Match(entry.payload->resource_name);
    OVERSIGHT_RETURN_IF_ERROR(writer.environment().tables->Of(*kind).ReadByKeys(
        connection, std::span(&*key, 1), Lock::kNone, [&](const StoredResource& row) {
          stored.create_time = row.create_time;
          return absl::OkStatus();
        }));
    Render(stored, *reply);
    replies.push_back(std::move(reply));
    head.revision = entry.revision;
    head.hash = entry.hash;
    head.time = entry.time;
  }
  writer.SendToken(call, head);
  return std::optional<Replies>(std::move(replies));
}

// Plans and applies once.
absl::StatusOr<Replies> Attempt(rpc::Call& call, Writer& writer, const Verb& verb) {
  ChangeSet changes;
  changes.authority = verb.authority;
  changes.request = verb.request;
  changes.validate_only = verb.validate_only;
  {
    OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection,
                               writer.environment().pool->Acquire(call.deadline()));
    OVERSIGHT_ASSIGN_OR_RETURN(std::optional<Replies> done, DoneBefore(call, writer, *connection, verb));
    if (done) return *std::move(done);
    OVERSIGHT_ASSIGN_OR_RETURN(changes.mutations, verb.plan(*connection));
  }
  Replies replies;
  std::vector<Message*> targets;
  for (const Mutation& mutation : changes.mutations) {
    replies.emplace_back(mutation.kind->prototype->New());
    targets.push_back(replies.back().get());
  }
  OVERSIGHT_RETURN_IF_ERROR(writer.Apply(call, changes, targets));
  return replies;
}

}  // namespace

absl::StatusOr<Replies> CarryOut(rpc::Call& call, Writer& writer, const Verb& verb) {
  for (int attempt = 1;; ++attempt) {
    absl::StatusOr<Replies> replies = Attempt(call, writer, verb);
    const bool overtaken = ReasonOf(replies.status()) == "CHANGED_MEANWHILE";
    if (!overtaken || attempt == kMostAttempts || call.cancelled()) return replies;
  }
}

absl::StatusOr<std::optional<Replies>> CarriedOutBefore(rpc::Call& call, const Writer& writer,
                                                        const Verb& verb) {
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection,
                             writer.environment().pool->Acquire(call.deadline()));
  return DoneBefore(call, writer, *connection, verb);
}

absl::Status ChangedMeanwhile(const Kind& kind) {
  return Error(absl::StatusCode::kAborted, "CHANGED_MEANWHILE",
               absl::StrCat("a ", kind.short_name, " was changed by another call meanwhile; try again"));
}

Mutation NewResource(const Kind& kind, const Key& key, const Message& state, const std::string& field) {
  Mutation mutation;
  mutation.kind = &kind;
  mutation.key = key;
  mutation.field = field;
  mutation.expect = Mutation::Expect::kNew;
  mutation.by_verb = true;
  std::shared_ptr<Message> given(state.New());
  given->CopyFrom(state);
  SetName(kind, key, *given);
  if (kind.normalise) kind.normalise(*given);
  mutation.build = [given](const Message*) {
    std::unique_ptr<Message> copy(given->New());
    copy->CopyFrom(*given);
    return copy;
  };
  return mutation;
}

}  // namespace oversight::resource

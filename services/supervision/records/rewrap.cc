// Wrapping the keys of texts anew.
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "services/supervision/records/record_keeper.h"
#include "services/supervision/records/text_store.h"

namespace oversight::supervision {
namespace {

constexpr size_t kRewrappedAtOnce = 200;

}  // namespace

absl::Status RecordKeeper::Rewrap(rpc::Call& call, const v1::RewrapSessionRecordKeysRequest& request,
                                  rpc::StreamWriter& writer) {
  std::string authority(resource::AuthorityOf(request.parent()));
  if (authority.empty() || request.parent() != absl::StrCat("authorities/", authority)) {
    return InvalidFields({{"parent", "must be authorities/{authority}, or authorities/- for all"}});
  }
  if (authority == "-") authority.clear();
  OVERSIGHT_ASSIGN_OR_RETURN(const auto keys, Keys());
  v1::RewrapSessionRecordKeysResponse progress;
  progress.set_active_key(keys->active_id());
  OVERSIGHT_ASSIGN_OR_RETURN(const std::vector<std::string> old_keys,
                             CountWrapped(call, *keys, authority, progress));
  for (const std::string& old_key : old_keys) {
    TextKey after;
    for (bool more = true; more;) {
      if (!writer.Write(progress)) return absl::OkStatus();
      if (call.cancelled()) {
        return Error(absl::StatusCode::kDeadlineExceeded, "REWRAP_UNFINISHED",
                     "the deadline passed; what was wrapped anew stays so, call again to go on");
      }
      OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment().pool->Acquire(call.deadline()));
      OVERSIGHT_ASSIGN_OR_RETURN(const std::vector<StoredText> texts,
                                 ReadWrappedWith(*connection, old_key, authority, after, kRewrappedAtOnce));
      for (const StoredText& text : texts) {
        OVERSIGHT_RETURN_IF_ERROR(RewrapOne(*connection, *keys, text, progress));
        after = text.key;
      }
      progress.set_remaining(progress.remaining() - static_cast<int64_t>(texts.size()));
      more = texts.size() == kRewrappedAtOnce;
    }
  }
  // Counted anew: a replica that had not read the new file yet may have written meanwhile.
  OVERSIGHT_RETURN_IF_ERROR(CountWrapped(call, *keys, authority, progress).status());
  progress.set_complete(true);
  writer.Write(progress);
  return absl::OkStatus();
}

absl::Status RecordKeeper::RewrapOne(mysql::Connection& connection, const crypto::Keys& keys, StoredText text,
                                     v1::RewrapSessionRecordKeysResponse& progress) {
  const std::string old_key = text.envelope.key_id;
  absl::StatusOr<crypto::Envelope> rewrapped = crypto::Rewrap(keys, text.envelope, BindingOf(text.key));
  if (!rewrapped.ok()) {
    // One damaged text must not keep all others under the old key.
    progress.set_unreadable(progress.unreadable() + 1);
    return absl::OkStatus();
  }
  text.envelope = *std::move(rewrapped);
  OVERSIGHT_RETURN_IF_ERROR(ReplaceKey(connection, text, old_key));
  progress.set_rewrapped(progress.rewrapped() + 1);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> RecordKeeper::CountWrapped(
    rpc::Call& call, const crypto::Keys& keys, const std::string& authority,
    v1::RewrapSessionRecordKeysResponse& progress) const {
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment().pool->Acquire(call.deadline()));
  std::vector<std::string> old_keys;
  progress.set_remaining(0);
  progress.set_missing_key(0);
  OVERSIGHT_RETURN_IF_ERROR(CountByKey(*connection, authority, [&](const std::string& key_id, int64_t count) {
    if (key_id == keys.active_id()) return;
    if (keys.Find(key_id) == nullptr) {
      progress.set_missing_key(progress.missing_key() + count);
    } else {
      old_keys.push_back(key_id);
      progress.set_remaining(progress.remaining() + count);
    }
  }));
  return old_keys;
}

}  // namespace oversight::supervision

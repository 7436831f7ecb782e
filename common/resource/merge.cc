#include "common/resource/merge.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/ledger/hash_chain.h"
#include "common/resource/consequences.h"
#include "common/resource/field_rules.h"
#include "common/resource/mutations.h"
#include "common/resource/request_fields.h"
#include "common/resource/withdrawal.h"
#include "common/status/error.h"

namespace oversight::resource {
namespace {

constexpr size_t kKeptOfId = 50;
constexpr size_t kNameDigestBytes = 6;

// A resource that moves to the survivor, or that stands there already in the same words.
struct Move {
  const Kind* kind;
  Key from;
  Key to;
  bool already_there = false;
};

// A state that the merge has written, to be judged once all is in place.
struct Written {
  const Kind* kind;
  Key key;
  std::unique_ptr<Message> before;
};

class MergeIntoSurvivor final : public Consequences {
 public:
  MergeIntoSurvivor(const Registry& kinds, const Kind& kind, Key duplicate, Key survivor, std::string reason)
      : kinds_(kinds),
        kind_(kind),
        duplicate_(std::move(duplicate)),
        survivor_(std::move(survivor)),
        reason_(std::move(reason)) {}

  absl::Status Lock(UnitOfWork& work) override {
    if (!kind_.lock_authority) OVERSIGHT_RETURN_IF_ERROR(work.Prefetch(kind_, {duplicate_, survivor_}));
    for (const Key& key : {duplicate_, survivor_}) {
      OVERSIGHT_RETURN_IF_ERROR(
          ForEachBeneath(work, kinds_, kind_, key, /*lockable_only=*/true,
                         [](const Kind&, const WriteContext::Item&) { return absl::OkStatus(); }));
    }
    for (const Kind* kind : ReferringKinds()) {
      if (kind->lock_authority) continue;
      OVERSIGHT_RETURN_IF_ERROR(
          work.PrefetchMentioning(*kind, duplicate_.authority, NameOf(kind_, duplicate_)).status());
    }
    return absl::OkStatus();
  }

  absl::Status Write(UnitOfWork& work) override {
    renamed_ = {{NameOf(kind_, duplicate_), NameOf(kind_, survivor_)}};
    written_.clear();
    // What is moved has happened: rules about the present do not hold.
    work.set_importing(true);
    OVERSIGHT_RETURN_IF_ERROR(CheckSurvivor(work));
    std::vector<Move> moves;
    OVERSIGHT_RETURN_IF_ERROR(PlanMoves(work, kind_, duplicate_, survivor_, moves));
    for (const Move& move : moves) OVERSIGHT_RETURN_IF_ERROR(Carry(work, move));
    std::reverse(moves.begin(), moves.end());
    for (const Move& move : moves) OVERSIGHT_RETURN_IF_ERROR(Leave(work, move));
    OVERSIGHT_RETURN_IF_ERROR(RenameMentions(work));
    OVERSIGHT_RETURN_IF_ERROR(CompleteSurvivor(work));
    return Judge(work);
  }

 private:
  static std::string NameOf(const Kind& kind, const Key& key) { return kind.pattern->Format(key); }

  std::vector<const Kind*> ReferringKinds() const {
    std::vector<const Kind*> referring;
    for (const auto& kind : kinds_.kinds()) {
      for (const std::string& type : ReferredTypes(*kind->prototype->GetDescriptor())) {
        const Kind* referred = kinds_.FindByType(type);
        if (referred == nullptr || referred->pattern->text().rfind(kind_.pattern->text(), 0) != 0) continue;
        referring.push_back(kind.get());
        break;
      }
    }
    return referring;
  }

  absl::Status CheckSurvivor(UnitOfWork& work) const {
    OVERSIGHT_ASSIGN_OR_RETURN(UnitOfWork::Row * survivor, work.Load(kind_, survivor_));
    if (survivor->live()) return absl::OkStatus();
    Error error(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND",
                absl::StrCat("there is no such ", kind_.short_name, " to merge into; check `into`"));
    error.With("resource_type", kind_.type_name).Field("into", "does not exist or was deleted");
    if (survivor->state != nullptr && !MergedInto(*survivor->state).empty()) {
      error.With("merged_into", MergedInto(*survivor->state));
    }
    return error;
  }

  // Where each resource beneath `from` goes, parents first; fills renamed_.
  absl::Status PlanMoves(UnitOfWork& work, const Kind& parent, const Key& from, const Key& to,
                         std::vector<Move>& moves) {
    const Key any_child = {from.authority, PathOf(*parent.pattern, from), ""};
    for (const Kind* kind : kinds_.ChildrenOf(parent)) {
      OVERSIGHT_ASSIGN_OR_RETURN(const std::vector<WriteContext::Item> items,
                                 work.Siblings(*kind, any_child));
      for (const WriteContext::Item& item : items) {
        Move move{kind, item.key, {to.authority, PathOf(*parent.pattern, to), item.key.id}};
        OVERSIGHT_ASSIGN_OR_RETURN(move.already_there, FindEqual(work, *item.state, move));
        if (!move.already_there) OVERSIGHT_RETURN_IF_ERROR(ChooseFreeId(work, move));
        renamed_[NameOf(*kind, move.from)] = NameOf(*kind, move.to);
        moves.push_back(move);
        OVERSIGHT_RETURN_IF_ERROR(PlanMoves(work, *kind, move.from, move.to, moves));
      }
    }
    return absl::OkStatus();
  }

  // Whether the survivor has the same, word for word, under whatever id; `move.to` is that one then.
  absl::StatusOr<bool> FindEqual(UnitOfWork& work, const Message& state, Move& move) const {
    OVERSIGHT_ASSIGN_OR_RETURN(const std::vector<WriteContext::Item> items,
                               work.Siblings(*move.kind, move.to));
    for (const WriteContext::Item& item : items) {
      std::unique_ptr<Message> moved = CopyOf(state);
      RenameReferences(*moved, renamed_);
      SetName(*move.kind, item.key, *moved);
      if (SerialiseState(*moved) != SerialiseState(*item.state)) continue;
      move.to = item.key;
      return true;
    }
    return false;
  }

  // Another id where the survivor has, or had, something else under this one.
  static absl::Status ChooseFreeId(UnitOfWork& work, Move& move) {
    OVERSIGHT_ASSIGN_OR_RETURN(const UnitOfWork::Row* taken, work.Load(*move.kind, move.to));
    if (taken->state == nullptr) return absl::OkStatus();
    const std::string digest = ledger::Sha256(NameOf(*move.kind, move.from)).substr(0, kNameDigestBytes);
    move.to.id = absl::StrCat(move.to.id.substr(0, kKeptOfId), "-", absl::BytesToHexString(digest));
    OVERSIGHT_ASSIGN_OR_RETURN(taken, work.Load(*move.kind, move.to));
    if (taken->state == nullptr) return absl::OkStatus();
    return Error(absl::StatusCode::kAlreadyExists, "RESOURCE_EXISTS",
                 "what is to move was moved before and deleted there; erase or restore that first")
        .With("resource", NameOf(*move.kind, move.to));
  }

  // Makes it anew beneath the survivor.
  absl::Status Carry(UnitOfWork& work, const Move& move) {
    if (move.already_there) return absl::OkStatus();
    OVERSIGHT_ASSIGN_OR_RETURN(const UnitOfWork::Row* from, work.Load(*move.kind, move.from));
    OVERSIGHT_ASSIGN_OR_RETURN(UnitOfWork::Row * to, work.Load(*move.kind, move.to));
    std::unique_ptr<Message> moved = CopyOf(*from->state);
    RenameReferences(*moved, renamed_);
    SetName(*move.kind, move.to, *moved);
    work.Write(*to, std::move(moved), ledger::pb::CHANGE_CREATED);
    written_.push_back({move.kind, move.to, nullptr});
    return absl::OkStatus();
  }

  // Leaves word of where it went.
  absl::Status Leave(UnitOfWork& work, const Move& move) {
    OVERSIGHT_ASSIGN_OR_RETURN(UnitOfWork::Row * from, work.Load(*move.kind, move.from));
    std::unique_ptr<Message> left = CopyOf(*from->state);
    SetWithdrawal(*left, reason_, NameOf(*move.kind, move.to));
    work.Write(*from, std::move(left), ledger::pb::CHANGE_DELETED);
    return absl::OkStatus();
  }

  // Everything else that refers to what has another name now.
  absl::Status RenameMentions(UnitOfWork& work) {
    const std::string name = NameOf(kind_, duplicate_);
    for (const Kind* kind : ReferringKinds()) {
      OVERSIGHT_ASSIGN_OR_RETURN(const std::vector<UnitOfWork::Row*> rows,
                                 work.PrefetchMentioning(*kind, duplicate_.authority, name));
      for (UnitOfWork::Row* row : rows) {
        if (!row->live() || (kind == &kind_ && IsOneOfTheTwo(row->stored.key))) continue;
        std::unique_ptr<Message> state = CopyOf(*row->state);
        if (RenameReferences(*state, renamed_) == 0) continue;
        std::unique_ptr<Message> before = CopyOf(*row->state);
        const Key key = row->stored.key;
        work.Write(*row, std::move(state), ledger::pb::CHANGE_UPDATED);
        written_.push_back({kind, key, std::move(before)});
      }
    }
    return absl::OkStatus();
  }

  bool IsOneOfTheTwo(const Key& key) const { return key == duplicate_ || key == survivor_; }

  // It refers to nothing by an old name and is found by the duplicate's external ids.
  absl::Status CompleteSurvivor(UnitOfWork& work) {
    OVERSIGHT_ASSIGN_OR_RETURN(UnitOfWork::Row * survivor, work.Load(kind_, survivor_));
    OVERSIGHT_ASSIGN_OR_RETURN(const UnitOfWork::Row* duplicate, work.Load(kind_, duplicate_));
    std::unique_ptr<Message> state = CopyOf(*survivor->state);
    RenameReferences(*state, renamed_);
    AddExternalIds(*duplicate->state, *state);
    if (SerialiseState(*state) == survivor->stored.bytes) return absl::OkStatus();
    std::unique_ptr<Message> before = CopyOf(*survivor->state);
    work.Write(*survivor, std::move(state), ledger::pb::CHANGE_UPDATED);
    written_.push_back({&kind_, survivor_, std::move(before)});
    return absl::OkStatus();
  }

  static void AddExternalIds(const Message& from, Message& to) {
    const auto* field = from.GetDescriptor()->FindFieldByName("external_ids");
    if (field == nullptr) return;
    const auto* reflection = from.GetReflection();
    std::set<std::string> known;
    for (int i = 0; i < reflection->FieldSize(to, field); ++i) {
      known.insert(SerialiseState(reflection->GetRepeatedMessage(to, field, i)));
    }
    for (int i = 0; i < reflection->FieldSize(from, field); ++i) {
      const Message& id = reflection->GetRepeatedMessage(from, field, i);
      if (known.insert(SerialiseState(id)).second) reflection->AddMessage(&to, field)->CopyFrom(id);
    }
  }

  // All rules of all that was written, now that everything is where it belongs.
  absl::Status Judge(UnitOfWork& work) {
    for (const Written& written : written_) {
      OVERSIGHT_ASSIGN_OR_RETURN(const Message* after, work.Find(*written.kind, written.key));
      absl::Status status = InvalidFields(Writer::Validate(*written.kind, written.key, *after, ""));
      if (status.ok() && written.kind->decide) {
        status = written.kind->decide(work, written.key, written.before.get(), *after);
      }
      if (!status.ok()) return About(status, NameOf(*written.kind, written.key));
    }
    return absl::OkStatus();
  }

  // The same error, saying which resource stands in the way.
  static absl::Status About(const absl::Status& status, const std::string& name) {
    return status.code() == absl::StatusCode::kAborted ? status : WithMetadata(status, "resource", name);
  }

  const Registry& kinds_;
  const Kind& kind_;
  const Key duplicate_;
  const Key survivor_;
  const std::string reason_;
  std::map<std::string, std::string> renamed_;
  std::vector<Written> written_;
};

}  // namespace

absl::StatusOr<Mutation> MergeMutation(const Kind& kind, const Message& request, const Registry& kinds) {
  Mutation mutation;
  mutation.kind = &kind;
  OVERSIGHT_ASSIGN_OR_RETURN(mutation.key, ParseName(kind, TextOf(request, "name"), "name"));
  OVERSIGHT_ASSIGN_OR_RETURN(const Key survivor, ParseName(kind, TextOf(request, "into"), "into"));
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string reason, ReasonIn(request));
  if (survivor.authority != mutation.key.authority) {
    return InvalidFields({{"into", "must be a resource of the same authority"}});
  }
  if (survivor == mutation.key) return InvalidFields({{"into", "must be another one than `name`"}});
  mutation.etag = TextOf(request, "etag");
  mutation.remove = true;
  mutation.build = [reason, into = kind.pattern->Format(survivor)](const Message* stored) {
    std::unique_ptr<Message> state = CopyOf(*stored);
    SetWithdrawal(*state, reason, into);
    return state;
  };
  mutation.consequences = std::make_shared<MergeIntoSurvivor>(kinds, kind, mutation.key, survivor, reason);
  return mutation;
}

}  // namespace oversight::resource

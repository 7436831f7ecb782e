#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ledger/token.h"
#include "common/resource/field_rules.h"
#include "common/resource/withdrawal.h"
#include "common/resource/writer.h"
#include "common/resource/writer_state.h"
#include "common/status/error.h"
#include "oversight/type/v1/annotations.pb.h"

// What a write must satisfy, looked up before the transaction and within it. The road itself is in writer.cc.
namespace oversight::resource {
namespace {

constexpr char kAuthorityType[] = "oversight.workforce.v1.Authority";

// Whether the authority of a resource of this kind, or anything it may refer to, belongs to another service.
bool MayReferElsewhere(const Kind& kind, const std::string& service) {
  if (ServiceOf(kAuthorityType) != service) return true;
  const auto* descriptor = kind.prototype->GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const std::string& type = descriptor->field(i)->options().GetExtension(type::v1::rules).reference();
    if (!type.empty() && ServiceOf(type) != service) return true;
  }
  return false;
}

std::string PathPrefix(const Mutation& mutation) {
  return mutation.field.empty() ? "" : absl::StrCat(mutation.field, ".");
}

// The survivor where the row is the tombstone of a duplicate; empty otherwise.
std::string MergedIntoOf(const UnitOfWork::Row& row) {
  return row.state != nullptr && row.stored.deleted ? MergedInto(*row.state) : "";
}

struct Seen {
  std::unique_ptr<Message> state;
  bool deleted = false;
  uint64_t version = 0;
};

// The stored states of what is to change, as far as other services may have to be asked about them.
using FirstLook = std::map<std::pair<const Kind*, Key>, Seen>;

struct NamedIn {
  const Mutation* mutation;
  Reference reference;
  // The stored state refers to the same already.
  bool unchanged;
};

// A new state of a kind that consults others.
struct Candidate {
  const Mutation* mutation;
  // Null where there is no live resource yet.
  const Message* before;
  std::unique_ptr<Message> after;
};

bool Refers(const Message* state, const std::string& name) {
  if (state == nullptr) return false;
  const std::vector<Reference> references = ReferencesOf(*state);
  return std::any_of(references.begin(), references.end(),
                     [&](const Reference& reference) { return reference.name == name; });
}

// The points of the ledgers that were read: those given, and that of this service.
absl::StatusOr<std::vector<std::string>> TokensRead(rpc::Call& call, const Environment& environment,
                                                    const std::string& authority,
                                                    std::vector<std::string> tokens) {
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment.pool->Acquire(call.deadline()));
  OVERSIGHT_ASSIGN_OR_RETURN(const ledger::HeadRow head, ledger::ReadHead(*connection, authority));
  if (head.revision > 0) tokens.push_back(ledger::EncodeToken(ledger::TokenOf(environment.service, head)));
  return tokens;
}

absl::StatusOr<FirstLook> LookAt(rpc::Call& call, const Environment& environment, const ChangeSet& changes) {
  std::map<const Kind*, std::vector<Key>> keys;
  for (const Mutation& mutation : changes.mutations) {
    if (mutation.remove || mutation.expect == Mutation::Expect::kNew) continue;
    if (MayReferElsewhere(*mutation.kind, environment.service)) keys[mutation.kind].push_back(mutation.key);
  }
  FirstLook look;
  if (keys.empty()) return look;
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment.pool->Acquire(call.deadline()));
  for (auto& [kind, kind_keys] : keys) {
    std::sort(kind_keys.begin(), kind_keys.end());
    OVERSIGHT_RETURN_IF_ERROR(environment.tables->Of(*kind).ReadByKeys(
        *connection, kind_keys, Lock::kNone, [&, kind = kind](const StoredResource& row) {
          std::unique_ptr<Message> state(kind->prototype->New());
          state->ParseFromString(row.bytes);
          look[{kind, row.key}] = {std::move(state), row.deleted, row.version};
          return absl::OkStatus();
        }));
  }
  return look;
}

absl::Status CheckEtag(const Mutation& mutation, uint64_t version) {
  if (mutation.etag.empty() || mutation.etag == EtagOf(version)) return absl::OkStatus();
  return Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
               absl::StrCat("the ", mutation.kind->short_name,
                            " has changed since you read it; read it again and repeat the change"))
      .With("etag", EtagOf(version));
}

}  // namespace

absl::Status NotFound(const Kind& kind, absl::string_view merged_into) {
  Error error(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND",
              merged_into.empty()
                  ? absl::StrCat("there is no such ", kind.short_name, "; check the name, or create it")
                  : absl::StrCat("this ", kind.short_name, " was merged into another one; use that"));
  error.With("resource_type", kind.type_name);
  if (!merged_into.empty()) error.With("merged_into", merged_into);
  return error;
}

std::vector<FieldViolation> Writer::Validate(const Kind& kind, const Key& key, const Message& state,
                                             const std::string& prefix) {
  std::vector<FieldViolation> violations;
  CheckFieldRules(state, key.authority, prefix, violations);
  // The kind's own checks may rely on the annotations being kept.
  if (violations.empty() && kind.validate) {
    kind.validate(state, violations);
    for (FieldViolation& violation : violations) violation.field = absl::StrCat(prefix, violation.field);
  }
  return violations;
}

std::map<std::string, std::set<std::string>> Writer::RemoteNames(
    const std::string& authority, const std::vector<Reference>& references) const {
  std::map<std::string, std::set<std::string>> names;
  if (ServiceOf(kAuthorityType) != environment_.service) {
    names[ServiceOf(kAuthorityType)].insert(absl::StrCat("authorities/", authority));
  }
  for (const Reference& reference : references) {
    if (std::string service = ServiceOf(reference.type); service != environment_.service) {
      names[service].insert(reference.name);
    }
  }
  return names;
}

absl::Status Writer::CheckLocalReferences(UnitOfWork& work, const Message& state,
                                          const std::string& prefix) const {
  for (const Reference& reference : ReferencesOf(state)) {
    const Kind* kind = environment_.kinds->FindByType(reference.type);
    if (kind == nullptr) continue;  // another service's, checked already
    const std::optional<Key> key = kind->pattern->Match(reference.name);
    if (!key.has_value()) return ReferenceNotFound(reference, prefix);
    OVERSIGHT_ASSIGN_OR_RETURN(const UnitOfWork::Row* row, work.Load(*kind, *key));
    if (!row->live()) return ReferenceNotFound(reference, prefix, MergedIntoOf(*row));
  }
  return absl::OkStatus();
}

absl::Status Writer::CheckParent(UnitOfWork& work, mysql::Connection& connection, const Kind& kind,
                                 const Key& key) const {
  if (kind.pattern->is_authority()) return absl::OkStatus();
  const std::string name = kind.pattern->FormatParent(key);
  const Kind* parent_kind = environment_.kinds->FindByName(name);
  if (parent_kind == nullptr)
    return absl::OkStatus();  // the authority, which another service owns: checked already
  const std::optional<Key> parent = parent_kind->pattern->Match(name);
  bool live = false;
  if (const std::optional<bool> known = work.KnownLive(*parent_kind, *parent); known.has_value()) {
    live = *known;
  } else if (parent_kind->pattern->is_authority()) {
    // Not locked: all writes of an authority would queue behind each other.
    OVERSIGHT_RETURN_IF_ERROR(
        environment_.tables->Of(*parent_kind)
            .ReadByKeys(connection, std::span(&*parent, 1), Lock::kNone, [&](const StoredResource& stored) {
              live = !stored.deleted;
              return absl::OkStatus();
            }));
  } else {
    OVERSIGHT_ASSIGN_OR_RETURN(const UnitOfWork::Row* row, work.Load(*parent_kind, *parent));
    live = row->live();
  }
  if (live) return absl::OkStatus();
  Error error(absl::StatusCode::kNotFound, "PARENT_NOT_FOUND",
              absl::StrCat("the ", parent_kind->short_name, " to which this ", kind.short_name,
                           " belongs does not exist; create it first"));
  error.With("resource_type", parent_kind->type_name);
  if (!parent_kind->pattern->is_authority()) {
    OVERSIGHT_ASSIGN_OR_RETURN(const UnitOfWork::Row* row, work.Load(*parent_kind, *parent));
    if (const std::string into = MergedIntoOf(*row); !into.empty()) error.With("merged_into", into);
  }
  return error;
}

absl::StatusOr<Writer::Checked> Writer::CheckRemoteReferences(rpc::Call& call,
                                                              const ChangeSet& changes) const {
  Checked checked;
  // What is stored now is only a first look: the transaction builds the state anew from the locked row.
  OVERSIGHT_ASSIGN_OR_RETURN(const FirstLook look, LookAt(call, environment_, changes));
  std::vector<NamedIn> named;
  std::vector<Candidate> candidates;
  std::set<std::pair<const Kind*, Key>> met;
  for (const Mutation& mutation : changes.mutations) {
    // Where nobody else need be asked, the transaction finds out all there is to know.
    if (mutation.remove || (mutation.expect != Mutation::Expect::kNew &&
                            !MayReferElsewhere(*mutation.kind, environment_.service))) {
      continue;
    }
    const auto found = look.find({mutation.kind, mutation.key});
    const bool visible =
        found != look.end() && (mutation.expect != Mutation::Expect::kLive || !found->second.deleted);
    const Message* stored = visible ? found->second.state.get() : nullptr;
    if (stored == nullptr &&
        (mutation.expect == Mutation::Expect::kLive || mutation.expect == Mutation::Expect::kDeleted)) {
      const std::string into = found == look.end() ? "" : MergedInto(*found->second.state);
      return InPartOf(mutation, NotFound(*mutation.kind, into));
    }
    // Before all else: what was written from an older state may not fit the present one, which says nothing
    // about the caller's fields. A second change of one resource names the version that the first makes.
    if (stored != nullptr && met.insert(found->first).second) {
      OVERSIGHT_RETURN_IF_ERROR(InPartOf(mutation, CheckEtag(mutation, found->second.version)));
    }
    absl::StatusOr<std::unique_ptr<Message>> state = mutation.build(stored);
    if (!state.ok()) return InPartOf(mutation, state.status());
    OVERSIGHT_RETURN_IF_ERROR(InPartOf(
        mutation, InvalidFields(Validate(*mutation.kind, mutation.key, **state, PathPrefix(mutation)))));
    const std::vector<Reference> references = ReferencesOf(**state);
    for (auto& [service, names] : RemoteNames(changes.authority, references)) {
      checked.names[service].merge(names);
    }
    for (const Reference& reference : references) {
      named.push_back({&mutation, reference, Refers(stored, reference.name)});
    }
    if (!mutation.kind->consult) continue;
    const bool live = stored != nullptr && !found->second.deleted;
    candidates.push_back({&mutation, live ? stored : nullptr, *std::move(state)});
  }
  for (const auto& [service, names] : checked.names) {
    OVERSIGHT_ASSIGN_OR_RETURN(const RemoteReferences::Answer answer,
                               environment_.references->LookUp(call, service, changes.authority, names));
    if (!answer.token.empty()) checked.tokens.push_back(answer.token);
    if (answer.missing.empty()) continue;
    for (const NamedIn& in : named) {
      if (!answer.missing.contains(in.reference.name)) continue;
      const auto into = answer.merged_into.find(in.reference.name);
      const bool merged = into != answer.merged_into.end();
      // What names a duplicate since before it was merged may go on doing so.
      if (merged && in.unchanged) continue;
      return InPartOf(*in.mutation, ReferenceNotFound(in.reference, PathPrefix(*in.mutation),
                                                      merged ? into->second : std::string()));
    }
    if (answer.missing.contains(absl::StrCat("authorities/", changes.authority))) {
      return Error(absl::StatusCode::kNotFound, "PARENT_NOT_FOUND",
                   "there is no such authority; create it in workforce first")
          .With("resource_type", kAuthorityType);
    }
  }
  if (candidates.empty()) return checked;
  OVERSIGHT_ASSIGN_OR_RETURN(const std::vector<std::string> tokens,
                             TokensRead(call, environment_, changes.authority, checked.tokens));
  for (const Candidate& candidate : candidates) {
    absl::StatusOr<Kind::Stamp> stamp =
        candidate.mutation->kind->consult(call, candidate.before, *candidate.after, tokens);
    if (!stamp.ok()) return InPartOf(*candidate.mutation, stamp.status());
    checked.stamps.emplace(candidate.mutation, *std::move(stamp));
  }
  return checked;
}

absl::Status Writer::CheckExpectation(const Mutation& mutation, const UnitOfWork::Row& row) const {
  using Expect = Mutation::Expect;
  const std::string& what = mutation.kind->short_name;
  if ((mutation.expect == Expect::kLive && !row.live()) ||
      (mutation.expect == Expect::kDeleted && row.state == nullptr)) {
    return NotFound(*mutation.kind, MergedIntoOf(row));
  }
  if (mutation.expect == Expect::kDeleted && row.live()) {
    return Error(absl::StatusCode::kAlreadyExists, "RESOURCE_NOT_DELETED",
                 absl::StrCat("this ", what, " is not deleted; there is nothing to bring back"))
        .With("resource_type", mutation.kind->type_name);
  }
  if (mutation.expect == Expect::kNew && row.state != nullptr) {
    return Error(absl::StatusCode::kAlreadyExists, "RESOURCE_EXISTS",
                 row.stored.deleted
                     ? absl::StrCat("this ", what, " was deleted; Undelete brings it back")
                     : absl::StrCat("there is already a ", what, " of this name; choose another id"))
        .With("resource_type", mutation.kind->type_name);
  }
  if (mutation.expect == Expect::kAny) OVERSIGHT_RETURN_IF_ERROR(CheckNotWithdrawn(*mutation.kind, row));
  return CheckEtag(mutation, row.stored.version);
}

absl::Status Writer::CheckNotWithdrawn(const Kind& kind, const UnitOfWork::Row& row) {
  if (row.state == nullptr || !row.stored.deleted || !IsWithdrawn(*row.state)) return absl::OkStatus();
  if (const std::string into = MergedIntoOf(row); !into.empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, "RESOURCE_MERGED",
                 absl::StrCat("this ", kind.short_name, " was merged into another one; write about that"))
        .With("merged_into", into);
  }
  return Error(absl::StatusCode::kFailedPrecondition, "RESOURCE_VOIDED",
               absl::StrCat("this ", kind.short_name,
                            " was voided as an error; if that was wrong, Undelete brings it back"));
}

absl::Status Writer::Decide(UnitOfWork& work, const Mutation& mutation, const UnitOfWork::Row& row,
                            const Message& state) const {
  const std::string prefix = PathPrefix(mutation);
  if (mutation.remove) {
    OVERSIGHT_ASSIGN_OR_RETURN(
        const bool has_children,
        work.HasLiveChildren(environment_.kinds->ChildrenOf(*mutation.kind),
                             PathOf(*mutation.kind->pattern, mutation.key), mutation.key.authority));
    if (!has_children) return absl::OkStatus();
    return Error(absl::StatusCode::kFailedPrecondition, "HAS_CHILDREN",
                 absl::StrCat("delete what belongs to this ", mutation.kind->short_name, " first"));
  }
  std::vector<FieldViolation> violations = Validate(*mutation.kind, mutation.key, state, prefix);
  if (row.live()) CheckImmutable(*row.state, state, prefix, violations);
  OVERSIGHT_RETURN_IF_ERROR(InvalidFields(violations));
  OVERSIGHT_RETURN_IF_ERROR(CheckLocalReferences(work, state, prefix));
  if (!mutation.kind->decide) return absl::OkStatus();
  return mutation.kind->decide(work, mutation.key, row.live() ? row.state.get() : nullptr, state);
}

}  // namespace oversight::resource

#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/ledger/tailer.h"
#include "common/mysql/pool.h"
#include "common/resource/consequences.h"
#include "common/resource/references.h"
#include "common/resource/request_log.h"
#include "common/resource/unit_of_work.h"
#include "common/rpc/call.h"
#include "common/time/clock.h"

namespace oversight::resource {

// What the standard methods of one service work with. All of it outlives them.
struct Environment {
  // `workforce`.
  std::string service;
  const Registry* kinds = nullptr;
  const Tables* tables = nullptr;
  mysql::Pool* pool = nullptr;
  RemoteReferences* references = nullptr;
  const Clock* clock = nullptr;
  // Called after each commit.
  std::function<void()> committed;
};

// What happens to one resource in a write.
struct Mutation {
  const Kind* kind = nullptr;
  Key key;
  // For errors: the field of the request that holds the resource, `post`; empty when it is the whole request.
  std::string field;
  // For errors: the part of the request that asks for it, `requests[3]`; empty when all of it does.
  std::string part;
  // Must match the stored resource's etag unless empty (AIP-154).
  std::string etag;
  // May there be no resource yet, or must it be a deleted one?
  enum class Expect { kNew, kLive, kAny, kDeleted } expect = Expect::kLive;
  // Makes the new state from the stored one (null when there is none); may run several times.
  std::function<absl::StatusOr<std::unique_ptr<Message>>(const Message* stored)> build;
  bool remove = false;
  // A custom verb: decisions may allow it what Update may not.
  bool by_verb = false;
  // What else it brings with it. May be null.
  std::shared_ptr<Consequences> consequences;
};

// The changes of one call, each about another resource of the authority, of whatever kinds: all of them or
// none.
struct ChangeSet {
  std::string authority;
  IdentifiedRequest request;
  bool validate_only = false;
  std::vector<Mutation> mutations;
};

// Carries out writes: validate, check references, lock, decide, store, append to the ledger, reply.
class Writer {
 public:
  explicit Writer(Environment environment);

  // Carries out the changes, in their order, and fills `replies`, one for each, with the resources as they
  // are then.
  absl::Status Apply(rpc::Call& call, const ChangeSet& changes, std::span<Message* const> replies);

  // All that can be said about a new state without looking anything up.
  static std::vector<FieldViolation> Validate(const Kind& kind, const Key& key, const Message& state,
                                              const std::string& prefix);
  // Names that other services must be asked about, by service; the authority among them.
  std::map<std::string, std::set<std::string>> RemoteNames(const std::string& authority,
                                                           const std::vector<Reference>& references) const;
  // Reads and locks the rows of these keys in one go, as single writes do: their parents first, then, where
  // the kind decides by them, their siblings.
  absl::Status PrefetchRows(UnitOfWork& work, const Kind& kind, std::vector<Key> keys) const;
  // Finds the references of the state that this service owns. FAILED_PRECONDITION (REFERENCE_NOT_FOUND).
  absl::Status CheckLocalReferences(UnitOfWork& work, const Message& state, const std::string& prefix) const;
  // Locks the authority's head until the transaction ends: see UnitOfWork::AuthorityIsLocked.
  static absl::Status LockAuthority(UnitOfWork& work, mysql::Connection& connection,
                                    const std::string& authority);
  // NOT_FOUND (PARENT_NOT_FOUND) unless the parent is live; locks it, except when it is the authority.
  absl::Status CheckParent(UnitOfWork& work, mysql::Connection& connection, const Kind& kind,
                           const Key& key) const;
  // FAILED_PRECONDITION (RESOURCE_VOIDED, RESOURCE_MERGED) when only Undelete may bring it back.
  static absl::Status CheckNotWithdrawn(const Kind& kind, const UnitOfWork::Row& row);
  // Reports success even when the connection broke during COMMIT, if the ledger shows that it happened.
  absl::Status ResolveCommit(absl::Status status, const ledger::HeadRow& head, absl::Time deadline) const;
  void SendToken(rpc::Call& call, const ledger::HeadRow& head) const;

  const Environment& environment() const { return environment_; }

 private:
  struct Reply;
  struct Outcome;
  struct Checked;
  using Rows = std::vector<UnitOfWork::Row*>;
  absl::StatusOr<Checked> CheckRemoteReferences(rpc::Call& call, const ChangeSet& changes) const;
  absl::Status ApplyInTransaction(mysql::Connection& connection, rpc::Call& call, const ChangeSet& changes,
                                  const Checked& checked, Outcome& outcome) const;
  absl::StatusOr<Rows> LockRows(UnitOfWork& work, mysql::Connection& connection,
                                const ChangeSet& changes) const;
  absl::StatusOr<UnitOfWork::Row*> LockRow(UnitOfWork& work, mysql::Connection& connection,
                                           const Mutation& mutation) const;
  absl::Status WriteOne(UnitOfWork& work, const Mutation& mutation, const Checked& checked,
                        UnitOfWork::Row& row) const;
  absl::Status CheckExpectation(const Mutation& mutation, const UnitOfWork::Row& row) const;
  absl::Status Decide(UnitOfWork& work, const Mutation& mutation, const UnitOfWork::Row& row,
                      const Message& state) const;
  absl::StatusOr<Reply> ReplyFrom(mysql::Connection& connection, const Mutation& mutation,
                                  const ledger::StoredEntry* entry) const;
  absl::Status ReplyAgain(mysql::Connection& connection, const ChangeSet& changes, uint64_t revision,
                          Outcome& outcome) const;
  // True, with the first outcome, when the request was carried out before.
  absl::StatusOr<bool> ReplyIfDone(rpc::Call& call, const ChangeSet& changes, Outcome& outcome) const;

  const Environment environment_;
};

// The etag of a version.
std::string EtagOf(uint64_t version);
// Fills the output-only fields of a state from what is stored.
void Render(const StoredResource& stored, Message& state);

}  // namespace oversight::resource

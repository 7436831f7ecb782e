#pragma once

#include <string>

#include "common/resource/writer.h"
#include "common/rpc/methods.h"

namespace oversight::resource {

// The bulk import of a service (its `Import` method): up to 2,000 records in one transaction, each accepted
// or refused on its own. A record is written as it is given, in full; an equal one is left alone.
class Importer {
 public:
  Importer(std::string rpc_service, Writer* writer);
  void Register(rpc::Methods& methods);

 private:
  struct Record;
  struct Batch;
  absl::Status Import(rpc::Call& call, const Message& request, Message& response);
  absl::Status ReadRecords(const Message& request, Batch& batch) const;
  absl::Status CheckRemoteReferences(rpc::Call& call, Batch& batch) const;
  absl::Status WriteAll(mysql::Connection& connection, rpc::Call& call, Batch& batch) const;
  absl::Status Prefetch(UnitOfWork& work, mysql::Connection& connection, const Batch& batch) const;
  absl::Status PrefetchKind(UnitOfWork& work, const Batch& batch, const Kind& kind) const;
  // Puts the survivors in the place of duplicates that records refer to.
  absl::Status FollowMerges(UnitOfWork& work, Batch& batch) const;
  absl::Status WriteOne(UnitOfWork& work, mysql::Connection& connection, const Batch& batch,
                        Record& record) const;
  // Writes the records of one kind that were not refused before.
  absl::Status WriteKind(UnitOfWork& work, mysql::Connection& connection, rpc::Call& call, Batch& batch,
                         const Kind& kind, bool retire) const;
  // Refuses accepted records whose references did not come to be; true when there were any.
  absl::StatusOr<bool> RefuseDangling(UnitOfWork& work, Batch& batch) const;
  absl::Status Reply(const Batch& batch, Message& response) const;

  const std::string rpc_service_;
  Writer* const writer_;
};

}  // namespace oversight::resource

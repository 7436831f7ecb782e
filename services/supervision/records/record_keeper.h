#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/access/access_log.h"
#include "common/access/workforce_view.h"
#include "common/crypto/key_ring.h"
#include "common/resource/standard_methods.h"
#include "common/rpc/client.h"
#include "common/rpc/methods.h"
#include "oversight/supervision/v1/supervision_verbs.pb.h"
#include "services/supervision/domain/record_access.h"
#include "services/supervision/records/text_store.h"
#include "services/supervision/resources/kinds.h"

namespace oversight::supervision {

// What texts and plans need beyond the database. Set before the service serves.
struct Surroundings {
  // Null when no key file is configured: texts can then be neither written nor read.
  std::shared_ptr<crypto::KeyRing> keys;
  // Nobody is known until workforce's ledger has been read.
  std::shared_ptr<const access::WorkforceView> workforce = std::make_shared<access::WorkforceView>();
  // The service's log of readings of confidential text (common/access), beside the list of accesses kept
  // here. May be null.
  access::AccessLog* access_log = nullptr;
  // Compliance, which knows how often policies ask for a session; null: it cannot be asked.
  std::shared_ptr<rpc::Client> compliance;
  // How many levels of line managers above supervisee and supervisor may read.
  int reader_levels = 1;
};
using SurroundingsPtr = std::shared_ptr<const Surroundings>;

// Keeps the confidential texts of session records: who may write, sign and read them, encrypted, every
// version, every access on record.
class RecordKeeper {
 public:
  RecordKeeper(KindsPtr kinds, SurroundingsPtr surroundings);

  // Registers the methods of texts. `standard` must outlive them.
  void Register(resource::StandardMethods& standard, rpc::Methods& methods);

 private:
  // A caller who may do what was asked, and on what ground.
  struct Admitted {
    resource::Key record;
    std::string worker;
    AccessGround ground = AccessGround::kNone;
  };

  absl::Status WriteDraft(rpc::Call& call, const v1::WriteSessionRecordDraftRequest& request,
                          v1::SessionRecord& response);
  absl::Status Send(rpc::Call& call, const v1::SendSessionRecordRequest& request,
                    v1::SessionRecord& response);
  absl::Status RequestAmendment(rpc::Call& call, const v1::RequestSessionRecordAmendmentRequest& request,
                                v1::SessionRecord& response);
  absl::Status Sign(rpc::Call& call, const v1::SignSessionRecordRequest& request,
                    v1::SessionRecord& response);
  absl::Status ReadText(rpc::Call& call, const v1::ReadSessionRecordTextRequest& request,
                        v1::ReadSessionRecordTextResponse& response);
  absl::Status ListVersions(rpc::Call& call, const v1::ListSessionRecordVersionsRequest& request,
                            v1::ListSessionRecordVersionsResponse& response);
  absl::Status ListAccesses(rpc::Call& call, const v1::ListSessionRecordAccessesRequest& request,
                            v1::ListSessionRecordAccessesResponse& response);
  absl::Status Rewrap(rpc::Call& call, const v1::RewrapSessionRecordKeysRequest& request,
                      rpc::StreamWriter& writer);
  static absl::Status RewrapOne(mysql::Connection& connection, const crypto::Keys& keys, StoredText text,
                                v1::RewrapSessionRecordKeysResponse& progress);
  // Counts the texts under other keys than the active one. Returns those of these keys that are in the key
  // file.
  absl::StatusOr<std::vector<std::string>> CountWrapped(rpc::Call& call, const crypto::Keys& keys,
                                                        const std::string& authority,
                                                        v1::RewrapSessionRecordKeysResponse& progress) const;

  // PERMISSION_DENIED (RECORD_ACCESS_DENIED), the same whether or not there is such a record.
  static absl::Status Denied();
  // FAILED_PRECONDITION (RECORD_KEYS_NOT_SET) without a key file.
  absl::StatusOr<std::shared_ptr<const crypto::Keys>> Keys() const;
  // The ground on which the caller may read the record of this name, kNone when on none. INVALID_NAME;
  // UNAVAILABLE (NOT_CAUGHT_UP).
  absl::StatusOr<Admitted> GroundOf(rpc::Call& call, const std::string& name) const;
  // As GroundOf, but PERMISSION_DENIED (RECORD_ACCESS_DENIED) unless the ground is one of these.
  absl::StatusOr<Admitted> Admit(rpc::Call& call, const std::string& name,
                                 std::initializer_list<AccessGround> grounds) const;
  absl::StatusOr<AccessGround> GroundIn(mysql::Connection& connection, const std::string& worker,
                                        const resource::Key& session) const;
  // Changes the record; `text`, where there is one, is stored with the change.
  absl::Status Change(rpc::Call& call, const resource::Key& key, const std::string& etag,
                      const std::string& request_id, const google::protobuf::Message& request_without_text,
                      std::function<absl::Status(v1::SessionRecord& record)> change,
                      std::shared_ptr<resource::Consequences> consequences, v1::SessionRecord& response);
  absl::StatusOr<v1::SessionRecord> Load(mysql::Connection& connection, const resource::Key& key) const;

  const resource::Environment& environment() const { return standard_->writer().environment(); }

  const KindsPtr kinds_;
  const SurroundingsPtr surroundings_;
  resource::StandardMethods* standard_ = nullptr;
};

}  // namespace oversight::supervision

#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/access/access_log.h"
#include "common/access/asked.h"
#include "common/access/owner_source.h"
#include "common/access/standing.h"
#include "common/rpc/methods.h"
#include "common/time/clock.h"

namespace oversight::access {

// Stands between the gRPC shell and every method of a service: authorises each call before anything looks at
// what it asks for. What is refused gets one answer, the same whether or not a thing exists (AIP-211).
// README.md says how.
class Guard {
 public:
  struct Parts {
    Standings* standings = nullptr;
    OwnerSource* owners = nullptr;
    AccessLog* log = nullptr;
    const Clock* clock = nullptr;
    // Hides the place in a list from callers who see only part of it. The same in all replicas; a random one
    // when empty.
    std::string page_key;
  };
  explicit Guard(Parts parts);

  // The same methods, authorised. The guard must outlive them.
  rpc::Methods Protect(const rpc::Methods& methods);

 private:
  // One method, with what can be worked out before its first call.
  struct Method;
  // How an authorised call goes on.
  struct Permit;

  absl::StatusOr<Permit> Authorise(const rpc::Principal& caller, const Method& method, rpc::Call& call,
                                   const Message& request);
  absl::StatusOr<Permit> AuthoriseIn(const rpc::Principal& caller, const Method& method, rpc::Call& call,
                                     const Message& request, const std::set<std::string>& authorities,
                                     std::set<std::string>& roles);
  // OK when all that the request names belongs to somebody in reach.
  absl::Status CheckReach(const Method& method, rpc::Call& call, const Message& request, Permit& permit);
  absl::StatusOr<Owners> OwnersOf(rpc::Call& call, const std::string& name);
  absl::StatusOr<bool> InReach(rpc::Call& call, const Permit& permit, const Message& item);

  absl::Status HandleUnary(const Method& method, rpc::Call& call, const Message& request, Message& response);
  absl::Status List(const Method& method, rpc::Call& call, const Permit& permit, const Message& request,
                    Message& response);
  // Denied, and written to the access log.
  absl::Status Refuse(const Method& method, rpc::Call& call, const Message& request,
                      const std::set<std::string>& roles);
  absl::Status OpenFeed(const std::shared_ptr<const Method>& method, rpc::Call& call, const Message& request,
                        std::shared_ptr<rpc::Feed> feed);

  Parts parts_;
};

}  // namespace oversight::access

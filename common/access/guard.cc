#include "common/access/guard.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/access/page_seal.h"
#include "common/access/visible_list.h"
#include "common/ledger/hash_chain.h"
#include "common/log/log.h"
#include "common/status/error.h"
#include "google/protobuf/descriptor.h"

namespace oversight::access {
namespace {

constexpr char kAny[] = "*";
constexpr absl::Duration kTokenLeeway = absl::Seconds(30);
constexpr absl::Duration kCheckFeedEvery = absl::Seconds(1);

// The one answer to all that is refused.
absl::Status Denied() {
  return Error(
      absl::StatusCode::kPermissionDenied, "ACCESS_DENIED",
      "you may not do this, or there is no such thing: ask your authority's Oversight administrator for the "
      "role that allows it");
}

absl::Status Undecided() {
  return Error(absl::StatusCode::kUnavailable, "WORKFORCE_UNKNOWN",
               "who works where is not known here yet, so that your role cannot be judged: try again")
      .RetryAfter(absl::Seconds(2));
}

bool AsksOnly(absl::string_view method) {
  for (const char* verb : {"Get", "List", "BatchGet", "Explain", "Search"}) {
    if (absl::StartsWith(method, verb)) return true;
  }
  return false;
}

std::string AuthorityIn(absl::string_view name) {
  constexpr absl::string_view kPrefix = "authorities/";
  if (!absl::StartsWith(name, kPrefix)) return {};
  name.remove_prefix(kPrefix.size());
  return std::string(name.substr(0, name.find('/')));
}

std::unique_ptr<Message> CopyOf(const Message& message) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  return copy;
}

// A watch of whatever authorities there are becomes one of these.
std::unique_ptr<Message> WatchingOnly(const Message& request, const std::set<std::string>& authorities) {
  std::unique_ptr<Message> copy = CopyOf(request);
  const auto* descriptor = copy->GetDescriptor();
  copy->GetReflection()->ClearField(copy.get(), descriptor->FindFieldByName("all_authorities"));
  for (const std::string& authority : authorities) {
    copy->GetReflection()->AddString(copy.get(), descriptor->FindFieldByName("authorities"),
                                     absl::StrCat("authorities/", authority));
  }
  return copy;
}

}  // namespace

struct Guard::Method {
  std::string path;
  std::string name;
  bool asks_only = false;
  bool lists = false;
  std::map<std::string, Scopes> scopes;
  rpc::Methods::Handler handler;
};

struct Guard::Permit {
  // All of the authority; else what belongs to somebody in `reach`.
  bool whole = false;
  Reach reach;
  // The answer must be looked through: it may hold what is out of reach.
  bool filtered = false;
  // The question was narrowed to somebody in reach, so that items that belong to nobody are about them.
  bool narrowed = false;
  // Only resources of these authorities are shown; `*` for any. Empty when the request names its authority.
  std::set<std::string> only_authorities;
  // Goes to the method instead of the request, when set.
  std::unique_ptr<Message> request;
  // The caller's, for the access log.
  std::set<std::string> roles;

  bool SeesAll() const { return !filtered && (only_authorities.empty() || only_authorities.contains(kAny)); }
};

Guard::Guard(Parts parts) : parts_(std::move(parts)) {
  if (parts_.page_key.empty()) parts_.page_key = ledger::RandomBytes(32);
}

rpc::Methods Guard::Protect(const rpc::Methods& methods) {
  rpc::Methods guarded;
  for (const auto* service : methods.services()) guarded.AddService(service->full_name());
  for (const auto& [path, handler] : methods.handlers()) {
    if (handler.descriptor == nullptr) continue;
    const std::string& service = handler.descriptor->service()->full_name();
    const std::string& name = handler.descriptor->name();
    auto method = std::make_shared<Method>();
    method->path = path;
    method->name = name;
    method->asks_only = AsksOnly(name);
    method->lists = absl::StartsWith(name, "List") || absl::StartsWith(name, "BatchGet");
    method->scopes = parts_.standings->ScopesByRole(ShortMethodName(*handler.descriptor));
    method->handler = handler;
    if (handler.unary) {
      const auto authorised = [this, method](rpc::Call& call, const Message& request, Message& response) {
        return HandleUnary(*method, call, request, response);
      };
      handler.bulk ? guarded.Bulk(service, name, authorised) : guarded.Unary(service, name, authorised);
    } else if (handler.stream) {
      guarded.Stream(service, name,
                     [this, method](rpc::Call& call, const Message& request, rpc::StreamWriter& writer) {
                       OVERSIGHT_ASSIGN_OR_RETURN(const Permit permit,
                                                  Authorise(call.principal(), *method, call, request));
                       return method->handler.stream(call, request, writer);
                     });
    } else if (handler.feed) {
      guarded.Feed(service, name,
                   [this, method](rpc::Call& call, const Message& request, std::shared_ptr<rpc::Feed> feed) {
                     return OpenFeed(method, call, request, std::move(feed));
                   });
    }
  }
  return guarded;
}

absl::StatusOr<Guard::Permit> Guard::Authorise(const rpc::Principal& caller, const Method& method,
                                               rpc::Call& call, const Message& request) {
  if (caller.kind == rpc::Principal::Kind::kDemo) return Permit{.whole = true};
  const Asked asked = AuthoritiesAskedIn(request);
  std::set<std::string> roles;
  absl::StatusOr<Permit> permit = Denied();
  if (asked.all_authorities || asked.authorities.empty()) {
    // It names none: what it may see is what the caller works for.
    Permit own{.whole = true};
    bool undecided = false;
    for (const std::string& authority : parts_.standings->AuthoritiesOf(caller)) {
      const Standing standing = parts_.standings->In(caller, authority, method.scopes);
      roles.insert(standing.roles.begin(), standing.roles.end());
      undecided = undecided || standing.undecided;
      if (standing.scopes.authority) own.only_authorities.insert(authority);
    }
    if (undecided && own.only_authorities.empty()) permit = Undecided();
    if (!own.only_authorities.empty()) {
      if (asked.all_authorities && !own.only_authorities.contains(kAny)) {
        own.request = WatchingOnly(request, own.only_authorities);
      }
      permit = std::move(own);
    }
    // Named besides: each must be allowed by itself.
    if (permit.ok() && !asked.authorities.empty()) {
      const absl::Status named =
          AuthoriseIn(caller, method, call, request, asked.authorities, roles).status();
      if (!named.ok()) permit = named;
    }
  } else {
    permit = AuthoriseIn(caller, method, call, request, asked.authorities, roles);
  }
  if (absl::IsPermissionDenied(permit.status())) return Refuse(method, call, request, roles);
  if (permit.ok()) permit->roles = std::move(roles);
  return permit;
}

absl::Status Guard::Refuse(const Method& method, rpc::Call& call, const Message& request,
                           const std::set<std::string>& roles) {
  const rpc::Principal& caller = call.principal();
  const std::vector<std::string> own = parts_.standings->AuthoritiesOf(caller);
  const std::string name = TextIn(request, "name");
  const AccessEvent event{.authority = own.empty() || own.front() == kAny ? "-" : own.front(),
                          .actor = caller.actor,
                          .roles = roles,
                          .method = method.path,
                          .resource = name.empty() ? TextIn(request, "parent") : name,
                          .request_id = call.request_id(),
                          .outcome = v1::AccessRecord::OUTCOME_DENIED};
  const absl::Status written =
      parts_.log == nullptr ? absl::OkStatus() : parts_.log->Write(event, call.deadline());
  if (!written.ok()) {
    log::Error("a denied call could not be written to the access log", {{"reason", ReasonOf(written)}});
  }
  return Denied();
}

absl::StatusOr<Guard::Permit> Guard::AuthoriseIn(const rpc::Principal& caller, const Method& method,
                                                 rpc::Call& call, const Message& request,
                                                 const std::set<std::string>& authorities,
                                                 std::set<std::string>& roles) {
  Permit permit{.whole = true};
  Standing standing;
  bool undecided = false;
  for (const std::string& authority : authorities) {
    standing = parts_.standings->In(caller, authority, method.scopes);
    roles.insert(standing.roles.begin(), standing.roles.end());
    if (standing.scopes.authority) continue;
    permit.whole = false;
    undecided = undecided || standing.undecided;
    if (!standing.scopes.any() && !standing.undecided) return Denied();
  }
  if (permit.whole) return permit;
  // Who sees part of an authority sees nothing of two at once.
  if (authorities.size() != 1) return Denied();
  if (undecided) return Undecided();
  permit.reach =
      parts_.standings->view()->ReachOf(standing.worker, standing.scopes, CivilDay::Of(parts_.clock->Now()));
  OVERSIGHT_RETURN_IF_ERROR(CheckReach(method, call, request, permit));
  return permit;
}

absl::Status Guard::CheckReach(const Method& method, rpc::Call& call, const Message& request,
                               Permit& permit) {
  // A stream cannot be looked through.
  if (!method.handler.unary) return Denied();
  const Asked asked = AskedIn(request, parts_.standings->table().belonging());
  std::set<std::string> known = permit.reach.workers;
  for (const std::string& target : asked.targets) {
    OVERSIGHT_ASSIGN_OR_RETURN(const Owners owners, OwnersOf(call, target));
    if (!permit.reach.Holds(owners)) return Denied();
    known.insert(owners.subjects.begin(), owners.subjects.end());
  }
  const auto in_reach = [&permit](const std::string& worker) {
    return permit.reach.workers.contains(worker);
  };
  if (!method.asks_only) {
    const bool all_known = std::all_of(asked.subjects.begin(), asked.subjects.end(),
                                       [&](const std::string& worker) { return known.contains(worker); });
    // What is about no worker, a decision on a case, must be of somebody in reach.
    const bool of_somebody = !asked.targets.empty() || !asked.subjects.empty() ||
                             std::any_of(asked.participants.begin(), asked.participants.end(), in_reach);
    return all_known && of_somebody ? absl::OkStatus() : Denied();
  }
  if (!asked.targets.empty()) return absl::OkStatus();
  permit.filtered = true;
  permit.narrowed = std::any_of(asked.subjects.begin(), asked.subjects.end(), in_reach) ||
                    std::any_of(asked.teams.begin(), asked.teams.end(),
                                [&](const std::string& team) { return permit.reach.teams.contains(team); });
  return absl::OkStatus();
}

absl::StatusOr<Owners> Guard::OwnersOf(rpc::Call& call, const std::string& name) {
  Owners owners = OwnersByName(name);
  if (!owners.empty()) return owners;
  return parts_.owners->OwnersOf(name, call.deadline());
}

absl::StatusOr<bool> Guard::InReach(rpc::Call& call, const Permit& permit, const Message& item) {
  Owners owners = OwnersIn(item, parts_.standings->table().belonging());
  const std::string name = TextIn(item, "name");
  owners.Add(OwnersByName(name));
  if (permit.reach.Holds(owners)) return true;
  if (permit.narrowed && owners.empty()) return true;
  if (name.empty()) return false;
  OVERSIGHT_ASSIGN_OR_RETURN(const Owners stored, OwnersOf(call, name));
  return permit.reach.Holds(stored);
}

absl::Status Guard::HandleUnary(const Method& method, rpc::Call& call, const Message& request,
                                Message& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const Permit permit, Authorise(call.principal(), method, call, request));
  if (permit.SeesAll()) return method.handler.unary(call, request, response);
  if (method.lists) return List(method, call, permit, request, response);
  if (!permit.filtered) return method.handler.unary(call, request, response);
  const absl::Status status = method.handler.unary(call, request, response);
  bool shown = status.ok();
  if (shown) {
    OVERSIGHT_ASSIGN_OR_RETURN(shown, InReach(call, permit, response));
  }
  if (shown || !(status.ok() || absl::IsNotFound(status))) return status;
  return Refuse(method, call, request, permit.roles);
}

absl::Status Guard::List(const Method& method, rpc::Call& call, const Permit& permit, const Message& request,
                         Message& response) {
  const std::string context = absl::StrCat(call.actor(), "\n", method.path);
  std::unique_ptr<Message> asked = CopyOf(request);
  if (const std::string token = TextIn(request, "page_token"); !token.empty()) {
    OVERSIGHT_ASSIGN_OR_RETURN(const std::string place, OpenPageToken(parts_.page_key, context, token));
    SetTextIn(*asked, "page_token", place);
  }
  const VisibleList list{.ask = [&](const Message& page_request, Message& page) -> absl::Status {
                           if (call.cancelled())
                             return Error(absl::StatusCode::kCancelled, "CANCELLED", "nobody waits any more");
                           return method.handler.unary(call, page_request, page);
                         },
                         .shows = [&](const Message& item) -> absl::StatusOr<bool> {
                           if (permit.filtered) return InReach(call, permit, item);
                           const std::string authority = AuthorityIn(TextIn(item, "name"));
                           return authority.empty() || permit.only_authorities.contains(authority);
                         }};
  OVERSIGHT_RETURN_IF_ERROR(list.Answer(*asked, response));
  if (const std::string next = TextIn(response, "next_page_token"); !next.empty()) {
    SetTextIn(response, "next_page_token", SealPageToken(parts_.page_key, context, next));
  }
  return absl::OkStatus();
}

namespace {

// A feed that outlives what its caller may see: it is looked at again now and then, and ended.
class CheckedFeed final : public rpc::Feed {
 public:
  CheckedFeed(std::shared_ptr<rpc::Feed> feed, std::function<absl::Status()> check, const Clock* clock)
      : feed_(std::move(feed)), check_(std::move(check)), clock_(clock), checked_(clock->Now()) {}

  bool TrySend(const Message& message) override {
    if (const absl::Status status = Check(); !status.ok()) {
      feed_->Close(status);
      return false;
    }
    return feed_->TrySend(message);
  }
  void Close(absl::Status status) override { feed_->Close(std::move(status)); }
  bool ended() const override { return feed_->ended(); }
  void SetReadyCallback(std::function<void()> ready) override { feed_->SetReadyCallback(std::move(ready)); }

 private:
  absl::Status Check() {
    {
      absl::MutexLock lock(&mutex_);
      const absl::Time now = clock_->Now();
      if (now - checked_ < kCheckFeedEvery) return absl::OkStatus();
      checked_ = now;
    }
    return check_();
  }

  const std::shared_ptr<rpc::Feed> feed_;
  const std::function<absl::Status()> check_;
  const Clock* const clock_;
  absl::Mutex mutex_;
  absl::Time checked_ ABSL_GUARDED_BY(mutex_);
};

absl::Status TokenEnded() {
  return Error(absl::StatusCode::kUnauthenticated, "TOKEN_EXPIRED",
               "the token has expired while the feed was open: get a new one and go on from the last token");
}

absl::Status GrantsChanged() {
  return Error(absl::StatusCode::kUnavailable, "GRANTS_CHANGED",
               "the caller's authorities have changed: connect again and go on from the last token");
}

}  // namespace

absl::Status Guard::OpenFeed(const std::shared_ptr<const Method>& method, rpc::Call& call,
                             const Message& request, std::shared_ptr<rpc::Feed> feed) {
  const rpc::Principal& caller = call.principal();
  OVERSIGHT_ASSIGN_OR_RETURN(const Permit permit, Authorise(caller, *method, call, request));
  const Message& sent = permit.request == nullptr ? request : *permit.request;
  if (caller.kind == rpc::Principal::Kind::kDemo) return method->handler.feed(call, sent, std::move(feed));
  std::set<std::string> authorities = AuthoritiesAskedIn(sent).authorities;
  const bool of_all = AuthoritiesAskedIn(request).all_authorities;
  if (authorities.empty()) authorities = permit.only_authorities;
  auto check = [this, method, caller, authorities, of_all]() -> absl::Status {
    if (parts_.clock->Now() >= caller.expires + kTokenLeeway) return TokenEnded();
    for (const std::string& authority : authorities) {
      if (!parts_.standings->In(caller, authority, method->scopes).scopes.authority) {
        return of_all ? GrantsChanged() : Denied();
      }
    }
    if (!of_all) return absl::OkStatus();
    for (const std::string& authority : parts_.standings->AuthoritiesOf(caller)) {
      if (!authorities.contains(authority) &&
          parts_.standings->In(caller, authority, method->scopes).scopes.authority) {
        return GrantsChanged();
      }
    }
    return absl::OkStatus();
  };
  return method->handler.feed(call, sent,
                              std::make_shared<CheckedFeed>(std::move(feed), std::move(check), parts_.clock));
}

}  // namespace oversight::access

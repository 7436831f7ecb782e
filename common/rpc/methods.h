#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/rpc/call.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace oversight::rpc {

using google::protobuf::Message;

// Handles one unary call on a thread of the worker pool; may block on the database.
using UnaryHandler = std::function<absl::Status(Call& call, const Message& request, Message& response)>;

// Where a handler of a bounded stream puts its messages.
class StreamWriter {
 public:
  virtual ~StreamWriter() = default;
  // Blocks until the peer can take more. False once the caller has gone: stop.
  virtual bool Write(const Message& message) = 0;
};
// Handles one server-streaming call that ends by itself (a snapshot, a verification), on a thread of the
// stream pool, which it holds until it returns.
using StreamHandler = std::function<absl::Status(Call& call, const Message& request, StreamWriter& writer)>;

// One open feed: lasts for hours and holds no thread. Thread-safe.
class Feed {
 public:
  virtual ~Feed() = default;
  // Queues a message; false when the feed's buffer is full or the feed has ended (ask ended()). After a full
  // buffer the ready callback says when to try again; the message was not taken.
  virtual bool TrySend(const Message& message) = 0;
  // Ends it with this status after what is queued has been sent.
  virtual void Close(absl::Status status) = 0;
  // True once the caller has gone, the deadline has passed or Close was called.
  virtual bool ended() const = 0;
  // `ready` is called when a full buffer is at most half full again, and when the feed ends, on a thread of
  // gRPC or of whoever closes the feed: it must not block nor call the feed, only wake the feed's owner. Set
  // it before the first TrySend; setting another waits for no running call of the old one.
  virtual void SetReadyCallback(std::function<void()> ready) = 0;
};
// Starts a feed, on a thread of the worker pool: validates the request, remembers `feed`, returns soon.
// `feed` may be used from any thread and outlives its call; `call` and `request` are gone once the handler
// returns. An error ends the feed.
using FeedHandler =
    std::function<absl::Status(Call& call, const Message& request, std::shared_ptr<Feed> feed)>;

// The handlers of a server, by full method name. Services register here; the server serves every method of
// every registered service and refuses to start when one has no handler.
class Methods {
 public:
  // `service` is the full name, for example `oversight.workforce.v1.WorkforceService`; its descriptor must be
  // linked in. Registering a handler adds its service too.
  void AddService(absl::string_view service);

  void Unary(absl::string_view service, absl::string_view method, UnaryHandler handler);
  // A unary method whose calls carry much, such as an import: they are read and handled on threads of their
  // own, which give way to those of all other calls.
  void Bulk(absl::string_view service, absl::string_view method, UnaryHandler handler);
  void Stream(absl::string_view service, absl::string_view method, StreamHandler handler);
  void Feed(absl::string_view service, absl::string_view method, FeedHandler handler);

  // Typed registration: `methods.Unary<HoldSessionRequest, Session>(service, "HoldSession", handler)` where
  // handler is `absl::Status(Call&, const HoldSessionRequest&, Session&)`.
  template <typename Request, typename Response>
  void Unary(absl::string_view service, absl::string_view method,
             std::function<absl::Status(Call&, const Request&, Response&)> handler) {
    Unary(service, method,
          [handler = std::move(handler)](Call& call, const Message& request, Message& response) {
            return handler(call, static_cast<const Request&>(request), static_cast<Response&>(response));
          });
  }

  struct Handler {
    const google::protobuf::MethodDescriptor* descriptor = nullptr;
    UnaryHandler unary;
    bool bulk = false;
    StreamHandler stream;
    FeedHandler feed;
  };
  const std::map<std::string, Handler>& handlers() const { return handlers_; }
  const std::vector<const google::protobuf::ServiceDescriptor*>& services() const { return services_; }

  // FAILED_PRECONDITION naming every method of a registered service that has no handler of its kind (unary or
  // streaming), every handler of a method that does not exist, and every service that is not linked in.
  absl::Status CheckComplete() const;

 private:
  Handler& At(absl::string_view service, absl::string_view method);
  std::vector<const google::protobuf::ServiceDescriptor*> services_;
  std::map<std::string, Handler> handlers_;
  std::vector<std::string> unknown_;
};

}  // namespace oversight::rpc

#include "common/testing/commit_proxy.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "common/testing/loopback.h"

namespace oversight::testing {
namespace {

// COM_QUERY and its text, as the client sends it.
constexpr absl::string_view kCommit = "\003COMMIT";
constexpr int kPollMilliseconds = 50;

void Demand(bool done, const char* what) {
  if (done) return;
  perror(what);
  exit(1);
}

// Moves what there is; false at the end of the connection.
bool Receive(int from, std::string& data) {
  char buffer[65536];
  const ssize_t length = recv(from, buffer, sizeof buffer, 0);
  if (length <= 0) return false;
  data.assign(buffer, static_cast<size_t>(length));
  return true;
}

bool SendAll(int to, absl::string_view data) {
  while (!data.empty()) {
    const ssize_t sent = send(to, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    data.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

}  // namespace

CommitProxy::CommitProxy(int database_port) : database_port_(database_port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = LoopbackAddress(0);
  socklen_t size = sizeof(address);
  Demand(listener_ >= 0 && bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
             listen(listener_, 64) == 0 &&
             getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0,
         "commit proxy");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

CommitProxy::~CommitProxy() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  acceptor_.join();
  close(listener_);
  std::list<std::thread> connections;
  {
    absl::MutexLock lock(&mutex_);
    connections.swap(connections_);
  }
  for (std::thread& connection : connections) connection.join();
}

void CommitProxy::LoseNextCommit(Loss loss) {
  absl::MutexLock lock(&mutex_);
  next_ = loss;
}

bool CommitProxy::lost() const {
  absl::MutexLock lock(&mutex_);
  return next_ == Loss::kNone;
}

CommitProxy::Loss CommitProxy::TakeLoss() {
  absl::MutexLock lock(&mutex_);
  const Loss loss = next_;
  next_ = Loss::kNone;
  return loss;
}

void CommitProxy::Accept() {
  while (true) {
    pollfd waiting = {.fd = listener_, .events = POLLIN, .revents = 0};
    const bool ready = poll(&waiting, 1, kPollMilliseconds) > 0;
    absl::MutexLock lock(&mutex_);
    if (stopping_) return;
    if (!ready) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client >= 0) connections_.emplace_back([this, client] { Serve(client); });
  }
}

void CommitProxy::Serve(int client) {
  const int database = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = LoopbackAddress(database_port_);
  const int on = 1;
  for (const int fd : {client, database}) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  bool open = connect(database, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  std::string data;
  while (open) {
    pollfd waiting[] = {{.fd = client, .events = POLLIN, .revents = 0},
                        {.fd = database, .events = POLLIN, .revents = 0}};
    poll(waiting, 2, kPollMilliseconds);
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) break;
    }
    if (waiting[1].revents != 0) open = Receive(database, data) && SendAll(client, data);
    if (!open || waiting[0].revents == 0) continue;
    open = Receive(client, data);
    const Loss loss = open && absl::EndsWith(data, kCommit) ? TakeLoss() : Loss::kNone;
    if (loss == Loss::kNone) {
      open = open && SendAll(database, data);
      continue;
    }
    if (loss == Loss::kRequestIsLate) {
      shutdown(client, SHUT_RDWR);
      absl::SleepFor(kLateness);
    }
    // The reply is the proof that the database has done it; nobody else sees it.
    std::string reply;
    if (loss != Loss::kRequest) open = SendAll(database, data) && Receive(database, reply);
    break;
  }
  close(client);
  close(database);
}

}  // namespace oversight::testing

#pragma once

#include <atomic>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/log/field.h"
#include "common/log/name_hash.h"
#include "common/time/clock.h"

namespace oversight::log {

enum class Severity { kDebug, kInfo, kWarning, kError };

// `debug`, `info`, `warning` or `error`; nothing otherwise.
std::optional<Severity> ParseSeverity(absl::string_view text);

// Takes one line with its line end. Calls never overlap.
using Sink = std::function<void(absl::string_view line)>;

struct Options {
  std::string service = "oversight";
  Severity level = Severity::kInfo;
  // Key of the hashes of resource names, the same for all processes of an installation so that their logs can
  // be read together. Empty: a random one for this process.
  std::string hash_key;
  Sink sink;                     // standard error when empty
  const Clock* clock = nullptr;  // the machine's when null; must outlive the logger
};

// Writes events as JSON objects, one a line: time (RFC 3339, UTC, microseconds), severity, service, message,
// then the fields in the order given. Invalid UTF-8 is replaced, long text cut, and resource names inside
// text or status messages are replaced by their hash. Thread-safe; an event below the level costs a
// comparison.
class Logger {
 public:
  explicit Logger(Options options);

  bool Logs(Severity severity) const { return severity >= level_.load(std::memory_order_relaxed); }
  void SetLevel(Severity level) { level_.store(level, std::memory_order_relaxed); }

  void Write(Severity severity, Message message, std::initializer_list<Field> fields);
  const NameHash& name_hash() const { return name_hash_; }

 private:
  const std::string service_;
  std::atomic<Severity> level_;
  const NameHash name_hash_;
  const Sink sink_;
  const Clock* const clock_;
  std::mutex mutex_;  // held while the sink is called
};

// The process's logger; until Install it writes at level info to standard error.
Logger& Process();
// Replaces it, at the start of the program. The logger before it stays usable for threads that still hold it.
void Install(std::unique_ptr<Logger> logger);

//   log::Info("ledger verified", {{"entries", count}, {"duration_seconds", elapsed}, {"worker",
//   Hashed(name)}});
inline void Debug(Message message, std::initializer_list<Field> fields = {}) {
  Process().Write(Severity::kDebug, message, fields);
}
inline void Info(Message message, std::initializer_list<Field> fields = {}) {
  Process().Write(Severity::kInfo, message, fields);
}
inline void Warning(Message message, std::initializer_list<Field> fields = {}) {
  Process().Write(Severity::kWarning, message, fields);
}
inline void Error(Message message, std::initializer_list<Field> fields = {}) {
  Process().Write(Severity::kError, message, fields);
}

}  // namespace oversight::log

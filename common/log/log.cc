#include "common/log/log.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace oversight::log {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMaxTextBytes = 4096;
constexpr std::array<absl::string_view, 4> kSeverities = {"debug", "info", "warning", "error"};

absl::string_view NameOf(Severity severity) { return kSeverities[static_cast<size_t>(severity)]; }

std::string Rfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

void WriteToStandardError(absl::string_view line) {
  while (!line.empty()) {
    const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // there is nowhere left to say so
    line.remove_prefix(static_cast<size_t>(written));
  }
}

// A field's value as JSON; text without names and of bounded length.
class ToJson {
 public:
  explicit ToJson(const NameHash& hash) : hash_(hash) {}

  Json operator()(bool value) const { return value; }
  Json operator()(int64_t value) const { return value; }
  Json operator()(uint64_t value) const { return value; }
  Json operator()(double value) const { return value; }
  Json operator()(absl::Time value) const { return Rfc3339(value); }
  Json operator()(CivilDay value) const { return value.ToString(); }
  Json operator()(const Hashed& value) const { return hash_.Of(value.name); }
  Json operator()(absl::string_view value) const {
    std::string text = hash_.HideNames(value);
    if (text.size() > kMaxTextBytes) text = absl::StrCat(text.substr(0, kMaxTextBytes), "...");
    return text;
  }
  Json operator()(const absl::Status* value) const {
    const std::string code = absl::StatusCodeToString(value->code());
    return value->message().empty() ? Json(code) : (*this)(absl::StrCat(code, ": ", value->message()));
  }

 private:
  const NameHash& hash_;
};

// Never destroyed: threads may log while the process ends.
std::atomic<Logger*>& Installed() {
  static std::atomic<Logger*> installed(new Logger(Options()));
  return installed;
}

}  // namespace

std::optional<Severity> ParseSeverity(absl::string_view text) {
  for (size_t i = 0; i < kSeverities.size(); ++i) {
    if (text == kSeverities[i]) return static_cast<Severity>(i);
  }
  return std::nullopt;
}

Logger::Logger(Options options)
    : service_(std::move(options.service)),
      level_(options.level),
      name_hash_(std::move(options.hash_key)),
      sink_(options.sink ? std::move(options.sink) : Sink(WriteToStandardError)),
      clock_(options.clock) {}

void Logger::Write(Severity severity, Message message, std::initializer_list<Field> fields) {
  if (!Logs(severity)) return;
  Json event;
  event["time"] = Rfc3339(clock_ == nullptr ? absl::Now() : clock_->Now());
  event["severity"] = std::string(NameOf(severity));
  event["service"] = service_;
  event["message"] = std::string(message.text());
  for (const Field& field : fields)
    event[std::string(field.key())] = std::visit(ToJson(name_hash_), field.value());
  const std::string line = event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  const std::lock_guard<std::mutex> lock(mutex_);
  sink_(line);
}

Logger& Process() { return *Installed().load(std::memory_order_acquire); }

void Install(std::unique_ptr<Logger> logger) {
  static std::mutex* const mutex = new std::mutex;
  static std::vector<Logger*>* const replaced = new std::vector<Logger*>;
  const std::lock_guard<std::mutex> lock(*mutex);
  replaced->push_back(Installed().exchange(logger.release(), std::memory_order_acq_rel));
}

}  // namespace oversight::log

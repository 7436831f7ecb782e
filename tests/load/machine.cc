#include "tests/load/machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "grpcpp/grpcpp.h"

namespace oversight::load {
namespace {

// The value of the first line of a file that begins with `key`; the whole line when `key` is empty.
std::string Find(const char* path, absl::string_view key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!absl::StartsWith(line, key)) continue;
    if (key.empty()) return line;
    const std::pair<std::string, std::string> parts = absl::StrSplit(line, absl::MaxSplits(':', 1));
    return std::string(absl::StripAsciiWhitespace(parts.second));
  }
  return "unknown";
}

std::string AskOr(Suite& suite, const std::string& sql) {
  const absl::StatusOr<std::string> answer = suite.Ask(sql);
  return answer.ok() ? *answer : "unknown";
}

}  // namespace

std::string DescribeMachine(Suite& suite) {
  utsname kernel{};
  uname(&kernel);
  const double gigabytes =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 30);
  return absl::StrCat(
      "- When: ", absl::FormatTime("%Y-%m-%d %H:%M UTC", absl::Now(), absl::UTCTimeZone()), "\n",
      "- Machine: ", Find("/proc/cpuinfo", "model name"), ", ", sysconf(_SC_NPROCESSORS_ONLN), " cores, ",
      absl::StrFormat("%.0f GiB", gigabytes), ", ", kernel.sysname, " ", kernel.release,
      "; client, servers and database share it\n", "- Load average at the start: ", Find("/proc/loadavg", ""),
      "\n", "- Database: ", AskOr(suite, "SELECT VERSION()"),
      ", innodb_flush_log_at_trx_commit=", AskOr(suite, "SELECT @@GLOBAL.innodb_flush_log_at_trx_commit"),
      ", log_bin=", AskOr(suite, "SELECT @@GLOBAL.log_bin"),
      ", sync_binlog=", AskOr(suite, "SELECT @@GLOBAL.sync_binlog"),
      ", innodb_flush_method=", AskOr(suite, "SELECT @@GLOBAL.innodb_flush_method"), ", buffer pool ",
      AskOr(suite, "SELECT @@GLOBAL.innodb_buffer_pool_size DIV 1048576"), " MiB, over TCP on loopback\n",
      "- gRPC ", grpc::Version(), ", plain text on loopback; ", suite.options().workers,
      " threads and database connections for each server\n");
}

}  // namespace oversight::load

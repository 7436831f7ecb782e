#include "common/metrics/process_figures.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <optional>

namespace oversight::metrics {
namespace {

std::optional<double> OpenDescriptors() {
  DIR* const folder = opendir("/proc/self/fd");
  if (folder == nullptr) return std::nullopt;
  int entries = 0;
  while (readdir(folder) != nullptr) ++entries;
  closedir(folder);
  // But for `.`, `..` and the descriptor of the folder itself.
  return entries - 3;
}

std::optional<double> DescriptorLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return static_cast<double>(limit.rlim_cur);
}

std::optional<double> ResidentBytes() {
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return std::nullopt;
  long pages = 0;
  const int read = std::fscanf(file, "%*d %ld", &pages);
  std::fclose(file);
  if (read != 1) return std::nullopt;
  return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::optional<double> ProcessorSeconds() {
  rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0) return std::nullopt;
  return Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
}

}  // namespace

void AddProcessFigures(Registry& registry) {
  registry.GaugeAtScrape("oversight_process_open_descriptors", "File descriptors in use.", OpenDescriptors);
  registry.GaugeAtScrape("oversight_process_descriptor_limit", "File descriptors that it may have.",
                         DescriptorLimit);
  registry.GaugeAtScrape("oversight_process_resident_bytes", "Memory in use.", ResidentBytes);
  registry.CounterAtScrape("oversight_process_cpu_seconds_total", "Processor time used.", ProcessorSeconds);
}

}  // namespace oversight::metrics

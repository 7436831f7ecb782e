#include "tests/load/engine_run.h"

#include <malloc.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <ostream>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "common/time/working_days.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/engine/reach.h"
#include "services/compliance/judgement/authority_judge.h"
#include "services/compliance/policy/load.h"
#include "tests/load/engine_counts.h"
#include "tests/load/engine_kept.h"
#include "tests/load/engine_memory.h"
#include "tests/load/engine_rejudge.h"
#include "tests/load/engine_sql.h"
#include "tests/load/engine_start.h"
#include "tests/load/engine_time.h"

namespace oversight::load {
namespace {

using engine::AuthorityFacts;
using engine::Evaluator;

void Tally(const Evaluator& evaluator, const AuthorityFacts& facts, CivilDay as_of, Counts& counts) {
  evaluator.Sweep(facts, as_of, [&](uint32_t, const engine::Finding& finding) { Count(finding, counts); });
}

// The bare pass over two arrays and nothing else: the least that this machine needs.
struct FlatDiscussions {
  std::vector<uint32_t> begin;  // by case, one more than there are
  std::vector<int32_t> day;
};

FlatDiscussions Flatten(const std::vector<std::unique_ptr<AuthorityFacts>>& all) {
  FlatDiscussions flat;
  for (const auto& facts : all) {
    for (uint32_t i = 0; i < facts->case_count(); ++i) {
      flat.begin.push_back(static_cast<uint32_t>(flat.day.size()));
      for (const engine::EventRef& event : facts->case_record(i).discussions)
        flat.day.push_back(event.day.number());
    }
  }
  flat.begin.push_back(static_cast<uint32_t>(flat.day.size()));
  return flat;
}

int64_t FlatPass(const FlatDiscussions& flat, CivilDay as_of) {
  int64_t sum = 0;
  for (size_t i = 0; i + 1 < flat.begin.size(); ++i) {
    int32_t last = CivilDay::Min().number();
    for (uint32_t d = flat.begin[i]; d < flat.begin[i + 1]; ++d) {
      if (flat.day[d] <= as_of.number() && flat.day[d] > last) last = flat.day[d];
    }
    sum += last;
  }
  return sum;
}

class EngineBenchmark {
 public:
  EngineBenchmark(const EngineOptions& options, std::ostream& out) : options_(options), out_(out) {}

  absl::Status Run() {
    OVERSIGHT_ASSIGN_OR_RETURN(packs_, policy::LoadDirectory(options_.policies));
    Describe();
    const bool whole = Wanted("sweep") || Wanted("sql") || Wanted("months") || Wanted("memory");
    if (whole) Build();
    if (Wanted("memory")) PrintMemory(all_, counts_, allocated_, options_.by_part, out_);
    if (Wanted("sweep")) Sweep();
    if (Wanted("months")) Months();
    if (Wanted("sql")) OVERSIGHT_RETURN_IF_ERROR(Sql());
    all_.clear();
    malloc_trim(0);
    if (Wanted("kept")) {
      MeasureKept({.packs = &packs_, .size = options_.size, .rounds = options_.rounds}, out_);
      malloc_trim(0);
    }
    if (Wanted("rejudge")) {
      MeasureRejudging({.packs = &packs_,
                        .cases_a_worker = static_cast<double>(options_.size.cases) / options_.size.workers,
                        .many_workers = options_.many_workers,
                        .months = options_.many_months,
                        .writes = options_.writes},
                       out_);
    }
    if (!Wanted("start")) return absl::OkStatus();
    malloc_trim(0);
    return MeasureStart({.policies = options_.policies, .size = options_.size, .store = options_.store},
                        out_);
  }

 private:
  bool Wanted(const char* part) const { return absl::StrContains(options_.parts, part); }

  void Describe() {
    std::ifstream load("/proc/loadavg");
    std::string average;
    std::getline(load, average);
    utsname kernel{};
    uname(&kernel);
    out_ << "- When: " << absl::FormatTime("%Y-%m-%d %H:%M UTC", absl::Now(), absl::UTCTimeZone()) << "\n- "
         << sysconf(_SC_NPROCESSORS_ONLN) << " cores, " << kernel.sysname << " " << kernel.release
         << ", load average at the start " << average
         << "\n- Times are processor time of one thread; wall-clock beside it.\n";
  }

  void Build() {
    const Stopwatch watch;
    const size_t before = AllocatedBytes();
    for (int i = 0; i < options_.size.authorities; ++i) {
      auto facts = std::make_unique<AuthorityFacts>();
      AddAuthority(*facts, SizeOf(options_.size, i), i, "", counts_);
      // As in the service, which first reads the ledgers.
      const Stopwatch watching;
      for (const policy::LoadedPolicy& pack : packs_) {
        for (const engine::Rule& rule : pack.policy.rules) facts->Watch(engine::ReachesOf(rule));
      }
      watching_ += watching.Cpu();
      all_.push_back(std::move(facts));
    }
    allocated_ = AllocatedBytes() - before;
    out_ << absl::StrFormat(
        "- Facts: %d authorities, %d workers, %d open cases of %d, %d sessions, %d case discussions, %d "
        "records "
        "in all; put in in %.1f s CPU, of which %.1f s to index them and the rest making them up included\n",
        options_.size.authorities, counts_.workers, counts_.open_cases, counts_.cases, counts_.sessions,
        counts_.discussions, counts_.records, watch.Cpu(), watching_);
    out_.flush();
  }

  // Median processor and wall seconds of `work`, run `rounds` times.
  template <typename Work>
  std::pair<double, double> Median(Work&& work) const {
    std::vector<double> cpu;
    std::vector<double> wall;
    for (int i = 0; i < options_.rounds; ++i) {
      const Stopwatch watch;
      work();
      cpu.push_back(watch.Cpu());
      wall.push_back(watch.Wall());
    }
    std::sort(cpu.begin(), cpu.end());
    std::sort(wall.begin(), wall.end());
    return {cpu[cpu.size() / 2], wall[wall.size() / 2]};
  }

  void Line(absl::string_view what, std::pair<double, double> seconds, int64_t findings) {
    out_ << absl::StrFormat("| %s | %.1f | %.1f | %s | %s |\n", std::string(what), seconds.first * 1000,
                            seconds.second * 1000, findings < 0 ? "" : absl::StrCat(findings),
                            pass_ == 0 ? "" : absl::StrFormat("%.1f", seconds.first / pass_));
    out_.flush();
  }

  static const engine::Rule* FindRule(const policy::LoadedPolicy& pack, absl::string_view id) {
    for (const engine::Rule& rule : pack.policy.rules) {
      if (rule.id == id) return &rule;
    }
    return nullptr;
  }

  const engine::Rule& CaseDiscussionRule() const {
    for (const policy::LoadedPolicy& pack : packs_) {
      if (const engine::Rule* rule = FindRule(pack, "knowsley.case-discussion")) return *rule;
    }
    std::abort();
  }

  void Sweep() {
    const CivilDay today = EnglandToday();
    const WorkingDays& calendar = WorkingDays::EnglandAndWales();
    const engine::Assignment assignment{.effective_from = CivilDay(2021, 12, 1)};
    out_ << "\n### Full sweeps, aggregated, one core\n\n| | CPU ms | wall ms | findings | times one pass "
            "|\n|---|---:|---:|---:|---:|\n";
    volatile int64_t sink = 0;
    const auto bare = Median([&] {
      for (const auto& facts : all_) sink = sink + BarePass(*facts, today);
    });
    const FlatDiscussions flat = Flatten(all_);
    pass_ = bare.first;
    Line("one pass over the discussions as they lie in the facts", bare, -1);
    Line("one pass over flat arrays of days", Median([&] { sink = FlatPass(flat, today); }), -1);
    {
      Counts counts{};
      const Evaluator evaluator(CaseDiscussionRule(), assignment, calendar);
      const auto took = Median([&] {
        counts = {};
        for (const auto& facts : all_) Tally(evaluator, *facts, today, counts);
      });
      Line("`knowsley.case-discussion`", took, Total(counts));
      discussion_counts_ = counts;
      case_sweep_ = took.first;
    }
    {
      // As the service keeps them: a question as of another day need not make them out again.
      Counts counts{};
      const Evaluator evaluator(CaseDiscussionRule(), assignment, calendar);
      std::vector<engine::TimelineStore> stores(all_.size());
      size_t bytes = 0;
      for (size_t i = 0; i < all_.size(); ++i) {
        for (uint32_t c = 0; c < all_[i]->case_count(); ++c)
          stores[i].Put(c, evaluator.MakeTimeline(*all_[i], c));
        bytes += stores[i].BytesUsed();
      }
      const auto took = Median([&] {
        counts = {};
        for (size_t i = 0; i < all_.size(); ++i) {
          evaluator.Sweep(*all_[i], stores[i], today,
                          [&](uint32_t, const engine::Finding& finding) { Count(finding, counts); });
        }
      });
      Line(absl::StrFormat("the same, when it applies to whom being kept (%.0f bytes an open case)",
                           static_cast<double>(bytes) / static_cast<double>(counts_.open_cases)),
           took, Total(counts));
      if (counts != discussion_counts_) out_ << "\nTHE KEPT ONES SAY ANOTHER THING.\n";
    }
    double all = 0;
    double all_wall = 0;
    int64_t all_findings = 0;
    for (const policy::LoadedPolicy& pack : packs_) {
      double sum = 0;
      double wall = 0;
      int64_t findings = 0;
      for (const RuleSweep& sweep : SweepRules(pack.policy, assignment, today)) {
        if (options_.by_rule)
          Line(absl::StrCat("`", sweep.evaluator.rule().id, "`"), {sweep.cpu, sweep.wall},
               Total(sweep.counts));
        sum += sweep.cpu;
        wall += sweep.wall;
        findings += Total(sweep.counts);
      }
      Line(absl::StrCat("all ", pack.policy.rules.size(), " rules of ", pack.policy.id), {sum, wall},
           findings);
      all += sum;
      all_wall += wall;
      all_findings += findings;
    }
    Line("all rules of all packs", {all, all_wall}, all_findings);
  }

  struct RuleSweep {
    Evaluator evaluator;
    Counts counts{};
    double cpu = 0;
    double wall = 0;
  };
  // One authority after the other, as the service asks: its facts stay near while rule follows rule.
  std::vector<RuleSweep> SweepRules(const engine::Policy& policy, const engine::Assignment& assignment,
                                    CivilDay today) const {
    std::vector<RuleSweep> sweeps;
    for (const engine::Rule& rule : policy.rules) {
      if (absl::StrContains(rule.id, options_.rule))
        sweeps.push_back({Evaluator(rule, assignment, WorkingDays::EnglandAndWales())});
    }
    std::vector<std::vector<std::pair<double, double>>> took(sweeps.size());  // by rule, then by round
    for (int round = 0; round < options_.rounds; ++round) {
      for (auto& of_rule : took) of_rule.emplace_back();
      for (RuleSweep& sweep : sweeps) sweep.counts = {};
      for (const auto& facts : all_) {
        for (size_t i = 0; i < sweeps.size(); ++i) {
          const Stopwatch watch;
          Tally(sweeps[i].evaluator, *facts, today, sweeps[i].counts);
          took[i].back().first += watch.Cpu();
          took[i].back().second += watch.Wall();
        }
      }
    }
    for (size_t i = 0; i < sweeps.size(); ++i) {
      std::sort(took[i].begin(), took[i].end());
      std::tie(sweeps[i].cpu, sweeps[i].wall) = took[i][took[i].size() / 2];
    }
    return sweeps;
  }

  void Months() {
    // One authority of mean size, all rules of Knowsley's pack, as of the last day of each of twelve months.
    const AuthorityFacts& facts = *all_[all_.size() / 2];
    const WorkingDays& calendar = WorkingDays::EnglandAndWales();
    int64_t findings = 0;
    const auto took = Median([&] {
      findings = 0;
      for (const policy::LoadedPolicy& pack : packs_) {
        if (pack.policy.id != "knowsley") continue;
        for (const engine::Rule& rule : pack.policy.rules) {
          const Evaluator evaluator(rule, {.effective_from = CivilDay(2021, 12, 1)}, calendar);
          for (int month = 0; month < 12; ++month) {
            Counts counts{};
            Tally(evaluator, facts, AddMonths(CivilDay(2025, 3, 31), month), counts);
            findings += Total(counts);
          }
        }
      }
    });
    out_ << absl::StrFormat(
        "\nA year by month, one authority of mean size, Knowsley's pack: %.0f ms CPU, %d findings.\n",
        took.first * 1000, findings);
    out_.flush();
  }

  absl::Status Sql() {
    OVERSIGHT_ASSIGN_OR_RETURN(const SqlAnswer answer,
                               AskSql(all_, CaseDiscussionRule(), EnglandToday(), options_.rounds));
    out_ << absl::StrFormat(
        "\n### The same question to MariaDB\n\n| | wall ms | times the engine |\n|---|---:|---:|\n| the best "
        "SQL, one "
        "connection, warm | %.0f | %.1f |\n\n%d cases counted by the SQL, %d of them in another status than "
        "the "
        "engine says (an interval that changed within the gap).\n",
        answer.seconds * 1000, case_sweep_ == 0 ? 0 : answer.seconds / case_sweep_, answer.cases,
        answer.different);
    out_.flush();
    return absl::OkStatus();
  }

  const EngineOptions& options_;
  std::ostream& out_;
  std::vector<policy::LoadedPolicy> packs_;
  std::vector<std::unique_ptr<AuthorityFacts>> all_;
  FactCounts counts_;
  size_t allocated_ = 0;
  double watching_ = 0;
  double pass_ = 0;
  double case_sweep_ = 0;
  Counts discussion_counts_{};
};

}  // namespace

absl::Status RunEngine(const EngineOptions& options, std::ostream& out) {
  return EngineBenchmark(options, out).Run();
}

}  // namespace oversight::load

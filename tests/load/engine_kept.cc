#include "tests/load/engine_kept.h"

#include <algorithm>
#include <map>
#include <memory>
#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/time/working_days.h"
#include "services/compliance/judgement/authority_judge.h"
#include "tests/load/engine_counts.h"
#include "tests/load/engine_time.h"

namespace oversight::load {
namespace {

using compliance::AssignedRule;
using compliance::AuthorityJudge;

constexpr int kDaysBefore = 40;
constexpr char kCaseDiscussion[] = "knowsley.case-discussion";

struct Counted {
  Counts counts{};
  double cpu = 0;
};

class Kept {
 public:
  Kept(const KeptOptions& options, std::ostream& out) : options_(options), out_(out) {}

  void Run() {
    for (const policy::LoadedPolicy& pack : *options_.packs) policies_.push_back(pack.policy);
    const size_t before = AllocatedBytes();
    double first = 0;
    for (int i = 0; i < options_.size.authorities; ++i) {
      auto& judge = *judges_.emplace_back(std::make_unique<AuthorityJudge>(
          absl::StrCat("made-up-", i), &policies_, &WorkingDays::EnglandAndWales()));
      AddAuthority(judge.facts(), SizeOf(options_.size, i), i, "", counts_);
      for (const engine::Policy& policy : policies_)
        judge.SetAssignment(policy.id, policy.id, {CivilDay(2021, 12, 1), CivilDay::Max()});
      const Stopwatch watch;
      judge.Judge(EnglandToday());
      first += watch.Cpu();
    }
    out_ << absl::StrFormat(
        "\n### All findings as the service counts them, all five policies, one core\n\n%d authorities, %d "
        "workers, %d open cases, %d records; judged for the first time in %.1f s CPU; facts and findings "
        "take %.0f MiB.\n\n| | as of the day judged, CPU ms | as of another day, CPU ms | findings | times "
        "one pass |\n|---|---:|---:|---:|---:|\n",
        options_.size.authorities, counts_.workers, counts_.open_cases, counts_.records, first,
        static_cast<double>(AllocatedBytes() - before) / (1 << 20));
    PrintPass();
    const auto today = Count(EnglandToday());
    const auto another = Count(EnglandToday() - kDaysBefore);
    Counted today_in_all, another_in_all;
    for (const engine::Policy& policy : policies_) {
      Counted today_of_pack, another_of_pack;
      for (const engine::Rule& rule : policy.rules) {
        Add(today.at(rule.id), today_of_pack);
        Add(another.at(rule.id), another_of_pack);
      }
      Line(absl::StrCat("all ", policy.rules.size(), " rules of ", policy.id), today_of_pack,
           another_of_pack);
      Add(today_of_pack, today_in_all);
      Add(another_of_pack, another_in_all);
    }
    Line("all rules of all packs", today_in_all, another_in_all);
    Line(absl::StrCat("`", kCaseDiscussion, "` alone"), today.at(kCaseDiscussion),
         another.at(kCaseDiscussion));
    Compare(today);
  }

 private:
  static void Add(const Counted& one, Counted& all) {
    all.cpu += one.cpu;
    for (size_t row = 0; row < all.counts.size(); ++row) {
      for (size_t status = 0; status < all.counts[row].size(); ++status)
        all.counts[row][status] += one.counts[row][status];
    }
  }

  void PrintPass() {
    std::vector<double> seconds;
    volatile int64_t latest = 0;  // read, so that the pass is not left out
    for (int i = 0; i < options_.rounds; ++i) {
      const Stopwatch watch;
      for (const auto& judge : judges_) latest = latest + BarePass(judge->facts(), EnglandToday());
      seconds.push_back(watch.Cpu());
    }
    std::sort(seconds.begin(), seconds.end());
    pass_ = seconds[seconds.size() / 2];
    out_ << absl::StrFormat("| one pass over the discussions as they lie in the facts | %.1f | | | 1.0 |\n",
                            pass_ * 1000);
  }

  void Line(absl::string_view what, const Counted& today, const Counted& another) {
    out_ << absl::StrFormat("| %s | %.1f | %.1f | %d | %.1f |\n", std::string(what), today.cpu * 1000,
                            another.cpu * 1000, Total(today.counts), today.cpu / pass_);
    out_.flush();
  }

  // By rule, the median round.
  std::map<std::string, Counted> Count(CivilDay day) const {
    std::map<std::string, std::vector<double>> seconds;
    std::map<std::string, Counted> counted;
    for (int round = 0; round < options_.rounds; ++round) {
      for (auto& [rule, of_rule] : counted) of_rule = {};
      for (const auto& judge : judges_) {
        for (const AssignedRule& rule : judge->rules()) {
          Counted& of_rule = counted[rule.rule().id];
          const Stopwatch watch;
          judge->ForEachFindingOf(rule, day, [&](engine::Subject, const engine::Finding& finding) {
            load::Count(finding, of_rule.counts);
          });
          of_rule.cpu += watch.Cpu();
        }
      }
      for (const auto& [rule, of_rule] : counted) seconds[rule].push_back(of_rule.cpu);
    }
    for (auto& [rule, rounds] : seconds) {
      std::sort(rounds.begin(), rounds.end());
      counted[rule].cpu = rounds[rounds.size() / 2];
    }
    return counted;
  }

  // What is kept must be what is made out anew.
  void Compare(const std::map<std::string, Counted>& today) {
    for (const engine::Policy& policy : policies_) {
      for (const engine::Rule& rule : policy.rules) {
        const engine::Evaluator evaluator(
            rule, {.effective_from = std::max(CivilDay(2021, 12, 1), policy.effective_from)},
            WorkingDays::EnglandAndWales());
        Counts anew{};
        for (const auto& judge : judges_) {
          evaluator.Sweep(judge->facts(), EnglandToday(),
                          [&](uint32_t, const engine::Finding& finding) { load::Count(finding, anew); });
        }
        if (anew != today.at(rule.id).counts)
          out_ << "\nWHAT IS KEPT OF " << rule.id << " IS ANOTHER THING.\n";
      }
    }
  }

  const KeptOptions& options_;
  std::ostream& out_;
  std::vector<engine::Policy> policies_;
  std::vector<std::unique_ptr<AuthorityJudge>> judges_;
  FactCounts counts_;
  double pass_ = 0;
};

}  // namespace

void MeasureKept(const KeptOptions& options, std::ostream& out) { Kept(options, out).Run(); }

}  // namespace oversight::load

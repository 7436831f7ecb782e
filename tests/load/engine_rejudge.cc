#include "tests/load/engine_rejudge.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/time/working_days.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/compliance/facts/fact_reader.h"
#include "services/compliance/judgement/authority_judge.h"
#include "tests/load/engine_time.h"
#include "tests/load/england.h"

namespace oversight::load {
namespace {

// A larger authority is so many again and again under other names, so that all that differs is how many there
// are: each write finds as many sessions, cases and colleagues.
constexpr int kSmallWorkers = 260;

struct Percentiles {
  double p50 = 0;
  double p99 = 0;
  double subjects = 0;
};

Percentiles Of(std::vector<double> seconds, double subjects) {
  std::sort(seconds.begin(), seconds.end());
  const auto at = [&](double part) {
    return seconds[std::min(seconds.size() - 1,
                            static_cast<size_t>(part * static_cast<double>(seconds.size())))];
  };
  return {at(0.5), at(0.99), subjects / static_cast<double>(seconds.size())};
}

struct Measured {
  double first = 0;
  Percentiles session;
  Percentiles supervisor;
  size_t bytes = 0;
  double today = 0;  // counting all findings as of the day judged
  double another_day = 0;
  int64_t findings = 0;
};

void SetDay(google::type::Date* date, CivilDay day) {
  date->set_year(static_cast<int>(day.civil().year()));
  date->set_month(day.civil().month());
  date->set_day(day.civil().day());
}

Measured MeasureOne(const RejudgeOptions& options, const std::vector<engine::Policy>& policies, int workers) {
  const size_t before = AllocatedBytes();
  compliance::AuthorityJudge judge("example", &policies, &WorkingDays::EnglandAndWales());
  FactCounts counts;
  for (int part = 0; part * kSmallWorkers < workers; ++part) {
    EnglandSize size;
    size.workers = kSmallWorkers;
    size.cases = static_cast<int>(size.workers * options.cases_a_worker);
    size.months = options.months;
    AddAuthority(judge.facts(), size, 0, absl::StrCat("n", part, "-"), counts);
  }
  for (const engine::Policy& policy : policies)
    judge.SetAssignment(policy.id, policy.id, {CivilDay(2021, 12, 1), CivilDay::Max()});
  Measured measured;
  const CivilDay today = EnglandToday();
  {
    const Stopwatch watch;
    judge.Judge(today);
    measured.first = watch.Cpu();
  }
  measured.bytes = AllocatedBytes() - before;
  const auto count = [&](CivilDay day, double& seconds) {
    std::array<int64_t, 16> by_status{};
    const Stopwatch watch;
    judge.ForEachFinding(
        day, [&](const compliance::AssignedRule&, engine::Subject, const engine::Finding& finding) {
          ++by_status[static_cast<size_t>(finding.status)];
        });
    seconds = watch.Cpu();
    measured.findings = std::accumulate(by_status.begin(), by_status.end(), int64_t{0});
  };
  count(today - 40, measured.another_day);
  count(today, measured.today);

  const engine::AuthorityFacts& facts = judge.facts();
  std::vector<double> seconds;
  double subjects = 0;
  uint32_t worker = 0;
  const auto next_supervised = [&] {
    do {
      worker = (worker + 7919) % facts.worker_count();
    } while (facts.worker(worker).links.empty() || facts.worker(worker).sessions.empty());
  };
  for (int i = 0; i < options.writes; ++i) {
    next_supervised();
    const engine::WorkerRecord& record = facts.worker(worker);
    supervision::v1::Session session;
    session.set_supervisee(
        absl::StrCat("authorities/x/", std::string(facts.Name(engine::Subject::Worker(worker)))));
    session.set_supervisor(absl::StrCat(
        "authorities/x/", std::string(facts.Name(engine::Subject::Worker(record.links.back().supervisor)))));
    session.set_kind(supervision::v1::Session::KIND_FORMAL_ONE_TO_ONE);
    session.set_state(supervision::v1::Session::STATE_HELD);
    SetDay(session.mutable_date(), today);
    const Stopwatch watch;
    const engine::DirtySet dirty =
        compliance::PutMessage(judge.facts(), absl::StrCat("sessions/new-", i), session);
    judge.Touch(dirty);
    judge.Judge(today);
    seconds.push_back(watch.Cpu());
    subjects += static_cast<double>(dirty.All().size());
  }
  measured.session = Of(std::move(seconds), subjects);

  seconds.clear();
  subjects = 0;
  for (int i = 0; i < options.writes / 10; ++i) {
    next_supervised();
    const engine::SupervisorLink& old = facts.worker(worker).links.back();
    workforce::v1::SupervisorLink link;
    link.set_supervisor(
        absl::StrCat("authorities/x/",
                     std::string(facts.Name(engine::Subject::Worker((worker + 1) % facts.worker_count())))));
    link.set_function(workforce::v1::SupervisorLink::FUNCTION_LINE_MANAGEMENT);
    SetDay(link.mutable_start_date(), today - 60);
    const std::string name(facts.Name(engine::FactKind::kSupervisorLink, old.id));
    const Stopwatch watch;
    const engine::DirtySet dirty = compliance::PutMessage(judge.facts(), name, link);
    judge.Touch(dirty);
    judge.Judge(today);
    seconds.push_back(watch.Cpu());
    subjects += static_cast<double>(dirty.All().size());
  }
  measured.supervisor = Of(std::move(seconds), subjects);
  return measured;
}

}  // namespace

void MeasureRejudging(const RejudgeOptions& options, std::ostream& out) {
  std::vector<engine::Policy> policies;
  for (const policy::LoadedPolicy& pack : *options.packs) policies.push_back(pack.policy);
  // Some rules about the authority itself count all its sessions, each time one of them changes.
  std::vector<engine::Policy> of_people = policies;
  for (engine::Policy& policy : of_people) {
    std::erase_if(policy.rules,
                  [](const engine::Rule& rule) { return rule.subject == engine::FactKind::kAuthority; });
  }
  out << "\n### Judging again after one write, all five policies\n\n"
      << "| workers | rules | first judgement, CPU s | count of all findings today / another day, CPU ms | "
         "findings | facts and findings, MiB | a session is held: p50 / p99 ms CPU | subjects | another "
         "supervisor: p50 / p99 ms CPU | subjects |\n|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|\n";
  for (const bool all : {true, false}) {
    double small_p99 = 0;
    for (const int workers : {kSmallWorkers, options.many_workers}) {
      const Measured m = MeasureOne(options, all ? policies : of_people, workers);
      out << absl::StrFormat(
          "| %d | %s | %.2f | %.0f / %.0f | %d | %.0f | %.2f / %.2f | %.1f | %.2f / %.2f | %.1f |\n", workers,
          all ? "all" : "but those about the authority", m.first, m.today * 1000, m.another_day * 1000,
          m.findings, static_cast<double>(m.bytes) / (1 << 20), m.session.p50 * 1000, m.session.p99 * 1000,
          m.session.subjects, m.supervisor.p50 * 1000, m.supervisor.p99 * 1000, m.supervisor.subjects);
      if (workers == 260) {
        small_p99 = m.session.p99;
      } else {
        out << absl::StrFormat("| | p99 after a session: %.1f times that at 260 | | | | | | | | |\n",
                               m.session.p99 / small_p99);
      }
      out.flush();
    }
  }
}

}  // namespace oversight::load

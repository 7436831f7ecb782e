// Two records of one worker, or of one child's case, were merged by the service that owns them; the other
// services go on naming the duplicate. Whatever is told in whatever order, the judge says what it would say
// had everybody named the survivor from the beginning.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/text_format.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/compliance/v1/compliance.pb.h"
#include "oversight/compliance/v1/waiver.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/compliance/judgement/apply_entry.h"
#include "services/compliance/policy/load.h"

namespace oversight::compliance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

const CivilDay kToday(2026, 4, 10);

const std::vector<engine::Policy>& Packs() {
  static const auto* packs = [] {
    auto* policies = new std::vector<engine::Policy>;
    const auto loaded = policy::LoadDirectory(OVERSIGHT_POLICIES_DIR);
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    for (const policy::LoadedPolicy& pack : *loaded) policies->push_back(pack.policy);
    return policies;
  }();
  return *packs;
}

std::string DateText(CivilDay day) {
  const absl::CivilDay civil = day.civil();
  return absl::StrCat("{ year: ", civil.year(), " month: ", civil.month(), " day: ", civil.day(), " } ");
}

// One entry of a ledger, its payload as text so that names in it can be replaced.
struct Told {
  std::string ledger;
  ledger::v1::Change change = ledger::v1::CHANGE_UPDATED;
  std::string name;  // within the authority
  std::string type;  // `workforce.v1.Worker`
  std::string text;
};

std::string Full(const std::string& name) { return absl::StrCat("authorities/example/", name); }

ledger::v1::Entry ToEntry(const Told& told) {
  ledger::v1::Entry entry;
  entry.set_change(told.change);
  entry.set_resource_name(Full(told.name));
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName("oversight." + told.type);
  std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      absl::StrCat("name: '", Full(told.name), "' ", told.text), message.get()))
      << told.text;
  entry.mutable_resource()->PackFrom(*message);
  return entry;
}

class Authority {
 public:
  Authority() : judge_("example", &Packs(), &WorkingDays::EnglandAndWales()) {
    for (const engine::Policy& policy : Packs())
      judge_.SetAssignment(policy.id, policy.id, {CivilDay(2025, 1, 1), CivilDay::Max()});
  }
  void Tell(const Told& told) {
    const absl::Status status = ApplyEntry(judge_, told.ledger, ToEntry(told));
    EXPECT_TRUE(status.ok()) << status;
  }
  void TellAll(const std::vector<Told>& all) {
    for (const Told& told : all) Tell(told);
  }
  // `knowsley.case-discussion cases/c1: OVERDUE since 2026-01-05 due 2026-02-05`.
  std::vector<std::string> Findings(CivilDay day = kToday) {
    judge_.Judge(day);
    std::vector<std::string> said;
    judge_.ForEachFinding(
        day, [&](const AssignedRule& rule, engine::Subject subject, const engine::Finding& finding) {
          said.push_back(absl::StrCat(rule.rule().id, " ", judge_.facts().Name(subject), ": ",
                                      engine::StatusName(finding.status), " since ", finding.base.ToString(),
                                      " due ", finding.due.number(), " lacking ", finding.lacking,
                                      " because ", judge_.WaiverOf(rule, subject, day)));
        });
    std::sort(said.begin(), said.end());
    return said;
  }
  std::string Finding(const std::string& rule, const std::string& subject) {
    for (const std::string& said : Findings()) {
      const std::string which = absl::StrCat(rule, " ", subject, ": ");
      if (said.rfind(which, 0) == 0) return said.substr(which.size(), said.find(" due ") - which.size());
    }
    return "none";
  }
  AuthorityJudge& judge() { return judge_; }

 private:
  AuthorityJudge judge_;
};

Told Worker(const std::string& id) {
  return {.ledger = "workforce",
          .name = "workers/" + id,
          .type = "workforce.v1.Worker",
          .text = "employment_start_date " + DateText(CivilDay(2020, 1, 6))};
}
Told Post(const std::string& id) {
  return {.ledger = "workforce",
          .name = absl::StrCat("workers/", id, "/posts/p"),
          .type = "workforce.v1.Post",
          .text = absl::StrCat("career_stage: CAREER_STAGE_SOCIAL_WORKER case_holding: true start_date ",
                               DateText(CivilDay(2020, 1, 6)))};
}
Told Link(const std::string& id, const std::string& supervisor) {
  return {.ledger = "workforce",
          .name = absl::StrCat("workers/", id, "/supervisorLinks/l"),
          .type = "workforce.v1.SupervisorLink",
          .text = absl::StrCat("supervisor: '", Full("workers/" + supervisor),
                               "' function: FUNCTION_LINE_MANAGEMENT start_date ",
                               DateText(CivilDay(2020, 1, 6)))};
}
Told Case(const std::string& id) {
  return {.ledger = "caseload",
          .name = "cases/" + id,
          .type = "caseload.v1.Case",
          .text = absl::StrCat("open_periods { start_date ", DateText(CivilDay(2025, 6, 2)), "}")};
}
Told Status(const std::string& id) {
  return {.ledger = "caseload",
          .name = absl::StrCat("cases/", id, "/statusPeriods/s"),
          .type = "caseload.v1.StatusPeriod",
          .text = absl::StrCat("status: CASE_STATUS_CHILD_PROTECTION start_date ",
                               DateText(CivilDay(2025, 6, 2)))};
}
Told Allocation(const std::string& id, const std::string& case_id, const std::string& worker) {
  return {.ledger = "caseload",
          .name = absl::StrCat("cases/", case_id, "/allocations/", id),
          .type = "caseload.v1.Allocation",
          .text = absl::StrCat("role: ALLOCATION_ROLE_KEYWORKER worker: '", Full("workers/" + worker),
                               "' start_date ", DateText(CivilDay(2025, 6, 2)))};
}
Told Session(const std::string& id, const std::string& supervisee, const std::string& supervisor,
             CivilDay day) {
  return {.ledger = "supervision",
          .name = "sessions/" + id,
          .type = "supervision.v1.Session",
          .text = absl::StrCat("supervisee: '", Full("workers/" + supervisee), "' supervisor: '",
                               Full("workers/" + supervisor),
                               "' kind: KIND_FORMAL_ONE_TO_ONE state: STATE_HELD date ", DateText(day))};
}
Told Discussion(const std::string& session, const std::string& id, const std::string& case_id) {
  return {.ledger = "supervision",
          .name = absl::StrCat("sessions/", session, "/caseDiscussions/", id),
          .type = "supervision.v1.CaseDiscussion",
          .text = absl::StrCat("case: '", Full("cases/" + case_id), "' depth: DEPTH_IN_DEPTH")};
}
Told Waived(const std::string& id, const std::string& subject) {
  return {.ledger = "compliance",
          .name = "waivers/" + id,
          .type = "compliance.v1.Waiver",
          .text = absl::StrCat("rules: 'knowsley.supervision-frequency' rules: 'knowsley.case-discussion' ",
                               "subject: '", Full(subject), "' agreed_date ", DateText(kToday - 20),
                               "start_date ", DateText(kToday - 20), "end_date ", DateText(kToday + 20))};
}
Told Deleted(Told told, const std::string& merged_into = "") {
  told.change = ledger::v1::CHANGE_DELETED;
  if (!merged_into.empty()) {
    absl::StrAppend(&told.text, " withdrawal { reason: 'twice' merged_into: '", Full(merged_into), "' }");
  }
  return told;
}
// All that the workforce says when a worker is merged.
std::vector<Told> MergedWorker(const std::string& id, const std::string& into) {
  return {Deleted(Post(id), absl::StrCat("workers/", into, "/posts/p")),
          Deleted(Link(id, "mona"), absl::StrCat("workers/", into, "/supervisorLinks/l")),
          Deleted(Worker(id), "workers/" + into)};
}

// ---- Cases that a reader can follow.

constexpr char kFrequency[] = "knowsley.supervision-frequency";
constexpr char kCase[] = "knowsley.case-discussion";

// Anna, whom Mona supervises and who is on record a second time as anna-2; nobody has seen her since January.
class MergeTest : public ::testing::Test {
 protected:
  MergeTest() {
    authority_.TellAll({Worker("anna"), Post("anna"), Link("anna", "mona"), Worker("mona"), Post("mona"),
                        Case("c1"), Status("c1"), Allocation("a", "c1", "anna"),
                        Session("s0", "anna", "mona", CivilDay(2026, 1, 12)), Discussion("s0", "d", "c1")});
    EXPECT_EQ(authority_.Finding(kFrequency, "workers/anna"), "OVERDUE since 2026-01-12");
    EXPECT_EQ(authority_.Finding(kCase, "cases/c1"), "OVERDUE since 2026-01-12");
  }
  Authority authority_;
};

TEST_F(MergeTest, SessionsUnderTheDuplicatesNameCountWhicheverIsToldFirst) {
  authority_.TellAll(
      {Worker("anna-2"), Session("s1", "anna-2", "mona", CivilDay(2026, 4, 1)), Discussion("s1", "d", "c1")});
  EXPECT_EQ(authority_.Finding(kFrequency, "workers/anna"), "OVERDUE since 2026-01-12");
  authority_.TellAll(MergedWorker("anna-2", "anna"));
  EXPECT_EQ(authority_.Finding(kFrequency, "workers/anna"), "MET since 2026-04-01");
  EXPECT_EQ(authority_.Finding(kCase, "cases/c1"), "MET since 2026-04-01");
  EXPECT_EQ(authority_.Finding(kFrequency, "workers/anna-2"), "none");
  // One that comes late, and one that is corrected.
  authority_.Tell(Session("s2", "anna-2", "mona", CivilDay(2026, 4, 8)));
  EXPECT_EQ(authority_.Finding(kFrequency, "workers/anna"), "MET since 2026-04-08");
  authority_.Tell(Session("s2", "anna-2", "mona", CivilDay(2026, 4, 9)));
  EXPECT_EQ(authority_.Finding(kFrequency, "workers/anna"), "MET since 2026-04-09");
  authority_.Tell(Deleted(Session("s2", "anna-2", "mona", CivilDay(2026, 4, 9))));
  EXPECT_EQ(authority_.Finding(kFrequency, "workers/anna"), "MET since 2026-04-01");
}

TEST_F(MergeTest, UndeletingTheDuplicateEndsTheMerge) {
  authority_.TellAll({Worker("anna-2"), Session("s1", "anna-2", "mona", CivilDay(2026, 4, 1))});
  authority_.TellAll(MergedWorker("anna-2", "anna"));
  ASSERT_EQ(authority_.Finding(kFrequency, "workers/anna"), "MET since 2026-04-01");
  authority_.Tell(Worker("anna-2"));
  EXPECT_EQ(authority_.Finding(kFrequency, "workers/anna"), "OVERDUE since 2026-01-12");
  EXPECT_FALSE(authority_.judge().facts().HasDuplicates() &&
               authority_.judge().FindSubject(engine::FactKind::kWorker, "workers/anna-2") ==
                   authority_.judge().FindSubject(engine::FactKind::kWorker, "workers/anna"));
  authority_.TellAll({Post("anna-2"), Link("anna-2", "mona")});
  EXPECT_EQ(authority_.Finding(kFrequency, "workers/anna-2"), "MET since 2026-04-01");
  // Deleted plainly it is nobody's other name.
  authority_.Tell(Deleted(Worker("anna-2")));
  EXPECT_EQ(authority_.Finding(kFrequency, "workers/anna"), "OVERDUE since 2026-01-12");
}

TEST_F(MergeTest, AChainOfMergesEndsWithTheLastSurvivor) {
  authority_.TellAll({Worker("a-3"), Worker("a-2"), Session("s1", "a-3", "mona", CivilDay(2026, 4, 1))});
  authority_.TellAll(MergedWorker("a-3", "a-2"));
  EXPECT_EQ(authority_.Finding(kFrequency, "workers/anna"), "OVERDUE since 2026-01-12");
  authority_.TellAll(MergedWorker("a-2", "anna"));
  EXPECT_EQ(authority_.Finding(kFrequency, "workers/anna"), "MET since 2026-04-01");
  // The link in the middle comes back: a-3 means that one again.
  authority_.Tell(Worker("a-2"));
  EXPECT_EQ(authority_.Finding(kFrequency, "workers/anna"), "OVERDUE since 2026-01-12");
  authority_.TellAll({Post("a-2"), Link("a-2", "mona")});
  EXPECT_EQ(authority_.Finding(kFrequency, "workers/a-2"), "MET since 2026-04-01");
}

TEST_F(MergeTest, OfTwoCasesOfOneChildDiscussionsAndAllocationsCountForTheSurvivor) {
  authority_.TellAll(
      {Case("c1-2"), Session("s1", "anna", "mona", CivilDay(2026, 4, 1)), Discussion("s1", "d", "c1-2")});
  EXPECT_EQ(authority_.Finding(kCase, "cases/c1"), "OVERDUE since 2026-01-12");
  authority_.Tell(Deleted(Case("c1-2"), "cases/c1"));
  EXPECT_EQ(authority_.Finding(kCase, "cases/c1"), "MET since 2026-04-01");
  // A keyworker who was merged still holds the case.
  authority_.TellAll({Worker("ben"), Allocation("a", "c1", "ben")});
  EXPECT_EQ(authority_.Finding(kCase, "cases/c1"), "OVERDUE since 2025-06-02");
  authority_.TellAll(MergedWorker("ben", "anna"));
  EXPECT_EQ(authority_.Finding(kCase, "cases/c1"), "MET since 2026-04-01");
}

TEST_F(MergeTest, AWaiverOfTheDuplicateExcusesTheSurvivor) {
  authority_.TellAll({Worker("anna-2"), Waived("w", "workers/anna-2")});
  EXPECT_EQ(authority_.Finding(kFrequency, "workers/anna"), "OVERDUE since 2026-01-12");
  authority_.TellAll(MergedWorker("anna-2", "anna"));
  EXPECT_EQ(authority_.Finding(kFrequency, "workers/anna"), "EXCUSED since 2026-01-12");
  authority_.Tell(Deleted(Waived("w", "workers/anna-2")));
  EXPECT_EQ(authority_.Finding(kFrequency, "workers/anna"), "OVERDUE since 2026-01-12");
}

TEST_F(MergeTest, ALedgerThatIsReadAnewForgetsItsMerges) {
  authority_.TellAll({Worker("anna-2"), Session("s1", "anna-2", "mona", CivilDay(2026, 4, 1))});
  authority_.TellAll(MergedWorker("anna-2", "anna"));
  ForgetLedger(authority_.judge(), "workforce");
  EXPECT_FALSE(authority_.judge().facts().HasDuplicates());
  authority_.TellAll({Worker("anna"), Post("anna"), Link("anna", "mona")});
  EXPECT_EQ(authority_.Finding(kFrequency, "workers/anna"), "OVERDUE since 2026-01-12");
}

// ---- Against a world in which everybody names the survivor.

// The last states of all resources, merges included.
using States = std::map<std::string, Told>;

// The same with every name of a duplicate replaced by that of what it means.
std::vector<Told> Renamed(const States& states) {
  std::map<std::string, std::string> meanings;
  for (const auto& [name, told] : states) {
    const size_t into = told.text.find("merged_into: '");
    if (told.change != ledger::v1::CHANGE_DELETED || into == std::string::npos) continue;
    const size_t from = into + sizeof "merged_into: '" - 1;
    meanings[Full(name)] = told.text.substr(from, told.text.find('\'', from) - from);
  }
  std::vector<std::pair<std::string, std::string>> replacements;
  for (auto& [duplicate, survivor] : meanings) {
    std::string meant = survivor;
    while (meanings.contains(meant)) meant = meanings[meant];
    replacements.emplace_back(absl::StrCat("'", duplicate, "'"), absl::StrCat("'", meant, "'"));
  }
  std::vector<Told> renamed;
  for (const auto& [name, told] : states) {
    if (told.change == ledger::v1::CHANGE_DELETED) continue;
    renamed.push_back(told);
    renamed.back().text = absl::StrReplaceAll(told.text, replacements);
  }
  return renamed;
}

class Random {
 public:
  explicit Random(uint32_t seed) : random_(seed) {}
  int Number(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_); }
  bool Chance(int percent) { return Number(1, 100) <= percent; }
  std::string Worker() { return absl::StrCat("w", Number(0, 3)); }
  std::string Case() { return absl::StrCat("c", Number(0, 2)); }
  CivilDay Day() { return kToday - Number(0, 200); }
  // Whether `id` may be merged into `into` without a circle.
  static bool Fits(const States& states, const std::string& id, std::string into) {
    for (int steps = 0; steps < 10; ++steps) {
      if (into == id) return false;
      const auto found = states.find(into);
      if (found == states.end() || found->second.change != ledger::v1::CHANGE_DELETED) return true;
      const size_t at = found->second.text.find("merged_into: '");
      if (at == std::string::npos) return true;
      const size_t from = at + sizeof "merged_into: '" - 1 + sizeof "authorities/example/" - 1;
      into = found->second.text.substr(from, found->second.text.find('\'', from) - from);
    }
    return false;
  }
  Told Any(const States& states) {
    switch (Number(0, 12)) {
      case 0:
      case 1: {
        const std::string id = Worker();
        const std::string into = Worker();
        if (!Fits(states, "workers/" + id, "workers/" + into)) return compliance::Worker(id);
        return Deleted(compliance::Worker(id), "workers/" + into);
      }
      case 2: {
        const std::string id = Case();
        const std::string into = Case();
        if (!Fits(states, "cases/" + id, "cases/" + into)) return compliance::Case(id);
        return Deleted(compliance::Case(id), "cases/" + into);
      }
      case 3:
        return compliance::Worker(Worker());
      case 4:
        return compliance::Case(Case());
      case 5:
        return Allocation(absl::StrCat("a", Number(0, 1)), Case(), Worker());
      case 6:
        return Deleted(Allocation(absl::StrCat("a", Number(0, 1)), Case(), Worker()));
      case 7:
        return Waived(absl::StrCat("v", Number(0, 1)),
                      Chance(50) ? "workers/" + Worker() : "cases/" + Case());
      case 8:
        return Deleted(Session(absl::StrCat("s", Number(0, 5)), Worker(), Worker(), Day()));
      case 9:
      case 10:
        return Session(absl::StrCat("s", Number(0, 5)), Worker(), Worker(), Day());
      case 11:
        return Link(Worker(), Worker());
      default:
        return Discussion(absl::StrCat("s", Number(0, 5)), absl::StrCat("d", Number(0, 1)), Case());
    }
  }
  template <typename List>
  void Shuffle(List& list) {
    std::shuffle(list.begin(), list.end(), random_);
  }

 private:
  std::mt19937 random_;
};

// The ledger of a service is told in its order, the ledgers against each other in any.
TEST(MergeAgainstRenaming, SaysTheSameAfterEveryEntryWhateverTheOrder) {
  int merges = 0;
  size_t said = 0;
  std::set<std::string> different;
  for (uint32_t seed = 1; seed <= 25; ++seed) {
    Random random(seed);
    Authority authority;
    States states;
    std::vector<Told> all;
    const auto tell = [&](Told told) {
      authority.Tell(told);
      merges += told.text.find("merged_into") != std::string::npos;
      states[told.name] = told;
      all.push_back(std::move(told));
    };
    for (int w = 0; w < 4; ++w) {
      const std::string id = absl::StrCat("w", w);
      for (const Told& told : {Worker(id), Post(id), Link(id, random.Worker())}) tell(told);
    }
    for (int c = 0; c < 3; ++c) {
      const std::string id = absl::StrCat("c", c);
      for (const Told& told : {Case(id), Status(id), Allocation("a0", id, random.Worker())}) tell(told);
    }
    for (int step = 0; step < 60; ++step) {
      SCOPED_TRACE(absl::StrCat("seed ", seed, ", step ", step));
      tell(random.Any(states));
      // Many changes between two judgements, and one alone.
      if (!random.Chance(50)) continue;
      Authority renamed;
      renamed.TellAll(Renamed(states));
      const std::vector<std::string> expected = renamed.Findings();
      ASSERT_EQ(authority.Findings(), expected);
      said += expected.size();
      for (const std::string& finding : expected) different.insert(finding.substr(0, finding.find(" since")));
    }
    // The same told ledger after ledger in another order, and as a checkpoint tells it: last states only.
    for (int order = 0; order < 3; ++order) {
      std::vector<std::string> ledgers = {"workforce", "caseload", "supervision", "compliance"};
      random.Shuffle(ledgers);
      Authority other;
      for (const std::string& ledger : ledgers) {
        for (const Told& told : all) {
          if (told.ledger == ledger) other.Tell(told);
        }
      }
      EXPECT_EQ(other.Findings(), authority.Findings());
    }
    std::vector<Told> last;
    for (const auto& [name, told] : states) last.push_back(told);
    random.Shuffle(last);
    Authority from_checkpoint;
    from_checkpoint.TellAll(last);
    EXPECT_EQ(from_checkpoint.Findings(), authority.Findings());
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GT(merges, 100);
  EXPECT_GT(said, 10000u);
  EXPECT_GT(different.size(), 100u);
}

}  // namespace
}  // namespace oversight::compliance

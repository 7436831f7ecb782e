// Whatever happens to an authority's facts and policies, and however the days pass, the judge holds what a
// judge that was told everything at once would say; and what it tells of each judgement adds up to what it
// holds.

#include "services/compliance/judgement/authority_judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/compliance/engine/generate.h"
#include "services/compliance/engine/knowsley_for_test.h"
#include "services/compliance/engine/world.h"

namespace oversight::compliance {
namespace {

using engine::Finding;
using engine::Subject;
using engine::SubjectKind;
using engine::testing::Generator;
using engine::testing::World;
using engine::testing::WorldFromText;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

const WorkingDays& Calendar() { return WorkingDays::EnglandAndWales(); }

// Settles each set of numbers once: the same text is not to be read a thousand times.
void SettleOnce(engine::Policy& policy) {
  auto known = std::make_shared<std::map<std::vector<engine::Override>, engine::Policy>>();
  policy.settle = [known, settle = policy.settle](const std::vector<engine::Override>& overrides) {
    const auto found = known->find(overrides);
    if (found != known->end()) return found->second;
    return known->emplace(overrides, settle(overrides)).first->second;
  };
}

// Knowsley's policy, in effect from a day within the generated histories, and another one with the same
// subjects.
std::vector<engine::Policy> TwoPolicies(Generator& generator) {
  static const engine::Policy* knowsley = [] {
    auto* policy = new engine::Policy(engine::testing::Knowsley());
    SettleOnce(*policy);
    return policy;
  }();
  std::vector<engine::Policy> policies = {*knowsley, *knowsley};
  policies[0].effective_from = generator.first_day() + generator.Number(-60, 120);
  policies[1].id = "stricter";
  policies[1].effective_from = CivilDay(2020, 1, 1);
  for (engine::Rule& rule : policies[1].rules) {
    rule = generator.VaryIntervals(rule);
    rule.id = absl::StrCat("stricter.", rule.id);
  }
  return policies;
}

// All that a finding says, in words that do not depend on the order in which facts came. A worker or case
// that only other facts name has no finding.
std::string Say(const AuthorityJudge& judge, const AssignedRule& rule, const Finding& f) {
  std::string event = "none";
  if (f.event != Finding::kNoEvent) {
    event = std::string(judge.facts().Name(rule.subject_kind() == SubjectKind::kWorker
                                               ? engine::FactKind::kSession
                                               : engine::FactKind::kDiscussion,
                                           f.event));
  }
  return absl::StrCat(engine::StatusName(f.status), " row ", f.row, " base ", f.base.ToString(), " because ",
                      static_cast<int>(f.base_reason), " event ", event, " due ", f.due.number(),
                      " unadjusted ", f.unadjusted_due.number(), " notice ", f.notice_from.number(),
                      " missing ", static_cast<int>(f.missing), " overdue ", f.days_overdue);
}

using Sayings = std::vector<std::string>;

Sayings SayAll(const AuthorityJudge& judge, CivilDay day) {
  Sayings sayings;
  judge.ForEachFinding(day, [&](const AssignedRule& rule, Subject subject, const Finding& finding) {
    sayings.push_back(
        absl::StrCat(rule.rule().id, " ", judge.facts().Name(subject), ": ", Say(judge, rule, finding)));
  });
  std::sort(sayings.begin(), sayings.end());
  return sayings;
}

// What the changes that a judge told add up to.
class Replay {
 public:
  void Apply(const AuthorityJudge& judge, const std::vector<FindingChange>& changes) {
    for (const FindingChange& change : changes) {
      std::string& said =
          said_.try_emplace({change.rule->rule().id, std::string(judge.facts().Name(change.subject))}, "none")
              .first->second;
      // Each change starts where the last one ended, and says something new.
      EXPECT_EQ(said, Verdict(change.before));
      EXPECT_NE(said, Verdict(change.after));
      said = Verdict(change.after);
      ++told_;
    }
  }
  void ExpectEqual(const AuthorityJudge& judge, CivilDay day) const {
    std::map<std::pair<std::string, std::string>, std::string> held;
    judge.ForEachFinding(day, [&](const AssignedRule& rule, Subject subject, const Finding& finding) {
      held[{rule.rule().id, std::string(judge.facts().Name(subject))}] = Verdict(finding);
    });
    auto said = said_;
    std::erase_if(said, [](const auto& entry) { return entry.second == "none"; });
    EXPECT_EQ(said, held);
  }
  int told() const { return told_; }

 private:
  static std::string Verdict(const std::optional<Finding>& finding) {
    if (!finding.has_value()) return "none";
    return absl::StrCat(engine::StatusName(finding->status), " ", finding->base.ToString(), " ",
                        finding->due.number(), " ", finding->row, " ", static_cast<int>(finding->missing));
  }

  std::map<std::pair<std::string, std::string>, std::string> said_ = {};
  int told_ = 0;
};

// One authority under random changes, and what a fresh judge would have to be told.
class ChangingAuthority {
 public:
  explicit ChangingAuthority(uint32_t seed)
      : generator_(seed),
        policies_(TwoPolicies(generator_)),
        world_(generator_.MakeWorld()),
        today_(generator_.first_day() + generator_.Number(0, 200)),
        judge_("example", &policies_, &Calendar()) {
    engine::testing::Fill(judge_.facts(), world_);
    Assign("a0", policies_[0].id, {generator_.first_day() - 30, CivilDay::Max()});
  }

  void Step() {
    for (int changes = generator_.Number(0, 3); changes > 0; --changes) ChangeSomething();
    // Most days pass one by one, some in tens; some judgements follow each other on one day.
    if (generator_.Chance(50)) today_ = today_ + (generator_.Chance(85) ? 1 : generator_.Number(2, 12));
    replay_.Apply(judge_, judge_.Judge(today_));
  }

  void GoBack() {
    today_ = today_ - generator_.Number(1, 40);
    replay_.Apply(judge_, judge_.Judge(today_));
  }

  void ExpectEqualsFreshJudge() {
    AuthorityJudge fresh("example", &policies_, &Calendar());
    // Whether a merge is known before the facts that name the duplicate, or after them.
    const bool merged_first = generator_.Chance(50);
    if (merged_first) SetMeanings(fresh);
    engine::testing::Fill(fresh.facts(), world_);
    if (!merged_first) SetMeanings(fresh);
    for (const auto& [name, assignment] : assignments_) fresh.SetAssignment(name, assignment);
    for (const auto& [name, waiver] : waivers_) fresh.SetWaiver(name, waiver);
    fresh.Judge(today_);
    const Sayings expected = SayAll(fresh, today_);
    EXPECT_EQ(SayAll(judge_, today_), expected);
    found_ += static_cast<int>(expected.size());
    replay_.ExpectEqual(judge_, today_);
    EXPECT_FALSE(judge_.HasWork(today_));
    // Any other day is judged for the question, the same by both.
    const CivilDay other = generator_.Day();
    EXPECT_EQ(SayAll(judge_, other), SayAll(fresh, other));
  }

  int told() const { return replay_.told(); }
  int found() const { return found_; }
  CivilDay today() const { return today_; }

 private:
  using Name = std::pair<engine::FactKind, std::string>;
  void SetMeanings(AuthorityJudge& judge) const {
    for (const auto& [duplicate, survivor] : meanings_) {
      judge.SetMeaning(duplicate.first, duplicate.second, survivor);
    }
  }

  // Merged, into one that may have been merged in turn, and taken back.
  void ChangeMeanings() {
    const bool worker = generator_.Chance(60);
    const auto any = [&] { return absl::StrCat(worker ? "w" : "c", generator_.Number(0, 3)); };
    const Name duplicate = {worker ? engine::FactKind::kWorker : engine::FactKind::kCase, any()};
    if (generator_.Chance(40)) {
      judge_.ForgetMeaning(duplicate.first, duplicate.second);
      meanings_.erase(duplicate);
      return;
    }
    const std::string survivor = any();
    // Nothing is merged into itself, nor into a duplicate of itself: such a word counts for nothing.
    for (std::string meant = survivor;;) {
      if (meant == duplicate.second) return judge_.SetMeaning(duplicate.first, duplicate.second, survivor);
      const auto next = meanings_.find({duplicate.first, meant});
      if (next == meanings_.end()) break;
      meant = next->second;
    }
    judge_.SetMeaning(duplicate.first, duplicate.second, survivor);
    meanings_[duplicate] = survivor;
  }

  void ChangeWaivers() {
    const std::string name = absl::StrCat("w", generator_.Number(0, 5));
    if (generator_.Chance(25)) {
      judge_.RemoveWaiver(name);
      waivers_.erase(name);
      return;
    }
    Waiver waiver;
    for (const engine::Policy& policy : policies_) {
      for (const engine::Rule& rule : policy.rules) {
        if (generator_.Chance(60)) waiver.rules.insert(rule.id);
      }
    }
    auto fact = world_.facts.begin();
    for (int i = generator_.Number(0, 60); i > 0 && std::next(fact) != world_.facts.end(); --i) ++fact;
    waiver.subject = fact->first;
    waiver.period.start = today_ + generator_.Number(-30, 20);
    waiver.period.end = waiver.period.start + generator_.Number(0, 40);
    judge_.SetWaiver(name, waiver);
    waivers_[name] = waiver;
  }

  void Assign(const std::string& name, const std::string& policy, Period period) {
    Assignment assignment{.policy_id = policy, .period = period};
    const std::pair<const char*, std::vector<double>> numbers[] = {{"recurring.bridge_working_days", {0, 8}},
                                                                   {"recurring.return_working_days", {1, 10}},
                                                                   {"recurring.clock_pause_days", {7}}};
    for (const auto& [field, values] : numbers) {
      if (policy != "knowsley" || !generator_.Chance(40)) continue;
      assignment.overrides.push_back(
          {"knowsley.supervision-frequency", field,
           values[static_cast<size_t>(generator_.Number(0, static_cast<int>(values.size()) - 1))]});
    }
    judge_.SetAssignment(name, assignment);
    assignments_[name] = std::move(assignment);
  }

  void ChangeSomething() {
    if (generator_.Chance(4)) {
      world_.records_complete_from = generator_.Chance(30) ? CivilDay::Min() : generator_.Day();
      judge_.Touch(judge_.facts().SetRecordsCompleteFrom(world_.records_complete_from));
    } else if (generator_.Chance(8)) {
      ChangeAssignments();
    } else if (generator_.Chance(15)) {
      ChangeWaivers();
    } else if (generator_.Chance(10)) {
      ChangeMeanings();
    } else if (generator_.Chance(25)) {
      const std::string from = generator_.Chance(50) ? "" : generator_.Chance(50) ? "link" : "allocation";
      auto fact = world_.facts.lower_bound(from);
      for (int i = generator_.Number(0, 5); i > 0 && std::next(fact) != world_.facts.end(); --i) ++fact;
      judge_.Touch(engine::testing::Remove(judge_.facts(), fact->first, fact->second));
      world_.facts.erase(fact);
    } else {
      const auto [name, fact] = generator_.AnyFactAtAll();
      judge_.Touch(engine::testing::Upsert(judge_.facts(), name, fact));
      world_.facts[name] = fact;
    }
  }

  void ChangeAssignments() {
    const std::string name = absl::StrCat("a", generator_.Number(0, 2));
    if (generator_.Chance(35)) {
      judge_.RemoveAssignment(name);
      assignments_.erase(name);
      return;
    }
    const CivilDay start = generator_.Chance(60) ? generator_.first_day() - 30 : generator_.Day();
    const CivilDay end = generator_.Chance(60) ? CivilDay::Max() : generator_.Day();
    Assign(name, policies_[static_cast<size_t>(generator_.Number(0, 1))].id, {start, end});
  }

  Generator generator_;
  const std::vector<engine::Policy> policies_;
  World world_;
  std::map<std::string, Assignment> assignments_;
  std::map<Name, std::string> meanings_;
  std::map<std::string, Waiver> waivers_;
  CivilDay today_;
  AuthorityJudge judge_;
  Replay replay_;
  int found_ = 0;
};

TEST(AuthorityJudgeTest, HoldsWhatAFullSweepGivesAfterEveryChangeAndEveryMidnight) {
  int steps = 0;
  int told = 0;
  int found = 0;
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    ChangingAuthority authority(seed);
    for (int step = 0; step < 60; ++step, ++steps) {
      SCOPED_TRACE(::testing::Message()
                   << "seed " << seed << ", step " << step << ", day " << authority.today());
      authority.Step();
      authority.ExpectEqualsFreshJudge();
      if (HasFailure()) return;
    }
    authority.GoBack();
    authority.ExpectEqualsFreshJudge();
    if (HasFailure()) return;
    told += authority.told();
    found += authority.found();
  }
  // Neither silent nor empty.
  EXPECT_GT(told, steps / 6);
  EXPECT_GT(found, steps / 2);
}

// ---- Cases that a reader can follow.

std::vector<engine::Policy> OnlyKnowsley() { return {engine::testing::Knowsley()}; }

class OneWorkerTest : public ::testing::Test {
 protected:
  OneWorkerTest() : judge_("example", &policies_, &Calendar()) {
    Tell(R"(records complete from 2026-01-01
            worker anna employed 2020-01-06
            post anna social-worker 2020-01-06..
            supervisor anna mona 2020-01-06..
            session anna mona 2026-03-02)");
  }

  void Tell(absl::string_view text) {
    for (const auto& [name, fact] : WorldFromText(text).facts) {
      judge_.Touch(engine::testing::Upsert(judge_.facts(), name, fact));
    }
  }
  // `rule subject: before -> after`, of all that changed.
  std::vector<std::string> Judge(CivilDay day) {
    std::vector<std::string> said;
    for (const FindingChange& change : judge_.Judge(day)) {
      const auto status = [](const std::optional<Finding>& finding) {
        return std::string(finding.has_value() ? engine::StatusName(finding->status) : "none");
      };
      said.push_back(absl::StrCat(judge_.facts().Name(change.subject), ": ", status(change.before), " -> ",
                                  status(change.after)));
    }
    return said;
  }
  // Days overdue of all findings on a day.
  std::map<std::string, int> DaysOverdue(CivilDay day) {
    std::map<std::string, int> days;
    judge_.ForEachFinding(day, [&](const AssignedRule&, Subject subject, const Finding& finding) {
      days[std::string(judge_.facts().Name(subject))] = finding.days_overdue;
    });
    return days;
  }

  const std::vector<engine::Policy> policies_ = OnlyKnowsley();
  AuthorityJudge judge_;
};

TEST_F(OneWorkerTest, NobodyIsJudgedWithoutAPolicy) { EXPECT_THAT(Judge(CivilDay(2026, 3, 2)), IsEmpty()); }

TEST_F(OneWorkerTest, MidnightsTurnAFindingWithoutAnyWrite) {
  judge_.SetAssignment("a", "knowsley", {CivilDay(2026, 1, 1), CivilDay::Max()});
  EXPECT_THAT(Judge(CivilDay(2026, 3, 2)), ElementsAre("anna: none -> MET"));
  std::map<std::string, std::string> turned;
  for (CivilDay day = CivilDay(2026, 3, 3); day < CivilDay(2026, 5, 1); ++day) {
    EXPECT_TRUE(judge_.HasWork(day));
    for (const std::string& change : Judge(day)) turned[day.ToString()] = change;
  }
  // A month from 2 March is Thursday 2 April; seven days before it the notice begins.
  EXPECT_THAT(turned, ElementsAre(Pair("2026-03-26", "anna: MET -> DUE_SOON"),
                                  Pair("2026-04-03", "anna: DUE_SOON -> OVERDUE")));
}

TEST_F(OneWorkerTest, TenMissedMidnightsEndWhereTenSeenOnesDo) {
  judge_.SetAssignment("a", "knowsley", {CivilDay(2026, 1, 1), CivilDay::Max()});
  Judge(CivilDay(2026, 3, 25));
  EXPECT_THAT(Judge(CivilDay(2026, 4, 4)), ElementsAre("anna: MET -> OVERDUE"));
}

TEST_F(OneWorkerTest, DaysOverdueGrowThoughNothingIsJudgedAgain) {
  judge_.SetAssignment("a", "knowsley", {CivilDay(2026, 1, 1), CivilDay::Max()});
  EXPECT_THAT(Judge(CivilDay(2026, 4, 3)), ElementsAre("anna: none -> OVERDUE"));
  EXPECT_THAT(DaysOverdue(CivilDay(2026, 4, 3)), ElementsAre(Pair("anna", 1)));
  EXPECT_THAT(Judge(CivilDay(2026, 4, 13)), IsEmpty());
  EXPECT_THAT(DaysOverdue(CivilDay(2026, 4, 13)), ElementsAre(Pair("anna", 11)));
}

TEST_F(OneWorkerTest, APolicyTakenOnEarlyBindsFromTheDayItTakesEffect) {
  std::vector<engine::Policy> policies = OnlyKnowsley();
  policies[0].effective_from = CivilDay(2026, 3, 10);
  AuthorityJudge judge("example", &policies, &Calendar());
  for (const auto& [name, fact] :
       WorldFromText("worker anna employed 2020-01-06\npost anna social-worker 2020-01-06..").facts) {
    judge.Touch(engine::testing::Upsert(judge.facts(), name, fact));
  }
  judge.SetAssignment("a", "knowsley", {CivilDay(2026, 1, 1), CivilDay::Max()});
  EXPECT_THAT(judge.Judge(CivilDay(2026, 3, 9)), IsEmpty());
  const std::vector<FindingChange> changes = judge.Judge(CivilDay(2026, 3, 10));
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].after->base, CivilDay(2026, 3, 10));
  EXPECT_EQ(changes[0].after->base_reason, engine::BaseReason::kPolicyEffective);
  // An assignment that ends before then binds nobody.
  judge.SetAssignment("a", "knowsley", {CivilDay(2026, 1, 1), CivilDay(2026, 3, 10)});
  EXPECT_EQ(judge.Judge(CivilDay(2026, 3, 11)).size(), 1u);
  EXPECT_THAT(SayAll(judge, CivilDay(2026, 3, 9)), IsEmpty());
}

TEST_F(OneWorkerTest, AssignmentsThatAdjoinAreOneDuty) {
  judge_.SetAssignment("a", "knowsley", {CivilDay(2026, 1, 1), CivilDay::Max()});
  Judge(CivilDay(2026, 4, 10));
  judge_.SetAssignment("a", "knowsley", {CivilDay(2026, 1, 1), CivilDay(2026, 4, 1)});
  judge_.SetAssignment("b", "knowsley", {CivilDay(2026, 4, 1), CivilDay::Max()});
  EXPECT_THAT(Judge(CivilDay(2026, 4, 10)), IsEmpty());
  // With a day between them the second begins anew.
  judge_.SetAssignment("b", "knowsley", {CivilDay(2026, 4, 2), CivilDay::Max()});
  EXPECT_THAT(Judge(CivilDay(2026, 4, 10)), ElementsAre("anna: OVERDUE -> PENDING"));
}

// Anna was seen on 2 March and away from 30 March to 10 April. By the policy's own number her supervision is
// due on the fifth working day after her return, Friday 17 April; by the authority's, the tenth, on the 24th.
class OwnNumbersTest : public OneWorkerTest {
 protected:
  OwnNumbersTest() {
    Tell("away anna 2026-03-30..2026-04-10");
    judge_.SetAssignment("a", "knowsley", {CivilDay(2026, 1, 1), kChange});
    judge_.SetAssignment("b", {.policy_id = "knowsley",
                               .period = {kChange, CivilDay::Max()},
                               .overrides = {{kRule, "recurring.return_working_days", 10}}});
  }
  std::string OnDay(CivilDay day) {
    std::string said;
    judge_.ForEachFinding(day, [&](const AssignedRule&, Subject, const Finding& finding) {
      said = absl::StrCat(engine::StatusName(finding.status), " since ", finding.base.ToString(), " due ",
                          finding.due.ToString());
    });
    return said;
  }
  // `MET due 2026-04-17`, of every gap from 2 March on.
  std::vector<std::string> History(CivilDay until) {
    std::vector<std::string> said;
    for (const engine::Gap& gap :
         judge_.FindRule(kRule)->History(judge_.facts(), judge_.facts().FindWorker("anna")->index, until)) {
      const char* outcome = gap.outcome == engine::Outcome::kMet    ? "MET"
                            : gap.outcome == engine::Outcome::kLate ? "LATE"
                                                                    : "open";
      if (gap.base >= CivilDay(2026, 3, 2))
        said.push_back(absl::StrCat(outcome, " since ", gap.base.ToString(), " due ", gap.due.ToString()));
    }
    return said;
  }

  static constexpr char kRule[] = "knowsley.supervision-frequency";
  const CivilDay kChange{2026, 4, 20};
};

TEST_F(OwnNumbersTest, AreThoseOfTheDayAndTheDutyGoesOn) {
  std::map<std::string, std::string> turned;
  for (CivilDay day(2026, 4, 16); day < CivilDay(2026, 4, 28); ++day) {
    for (const std::string& change : Judge(day)) turned[day.ToString()] = change;
  }
  EXPECT_THAT(turned, ElementsAre(Pair("2026-04-16", "anna: none -> DUE_SOON"),
                                  Pair("2026-04-18", "anna: DUE_SOON -> OVERDUE"),
                                  Pair("2026-04-20", "anna: OVERDUE -> DUE_SOON"),
                                  Pair("2026-04-25", "anna: DUE_SOON -> OVERDUE")));
  // Neither side of the change begins anew.
  EXPECT_EQ(OnDay(kChange - 1), "OVERDUE since 2026-03-02 due 2026-04-17");
  EXPECT_EQ(OnDay(kChange), "DUE_SOON since 2026-03-02 due 2026-04-24");
  // The version that judged says which numbers.
  const AssignedRule& rule = *judge_.FindRule(kRule);
  EXPECT_EQ(rule.PolicyOn(kChange - 1).VersionText(), policies_[0].VersionText());
  EXPECT_NE(rule.PolicyOn(kChange).VersionText(), policies_[0].VersionText());
  EXPECT_THAT(rule.PolicyOn(kChange).overrides, ::testing::SizeIs(1));
}

TEST_F(OwnNumbersTest, HistoryJudgesAGapByTheNumbersOfTheDayOnWhichItEnded) {
  Judge(kChange);
  EXPECT_THAT(History(CivilDay(2026, 4, 19)), ElementsAre("open since 2026-03-02 due 2026-04-17"));
  EXPECT_THAT(History(CivilDay(2026, 4, 20)), ElementsAre("open since 2026-03-02 due 2026-04-24"));
  Tell("session anna mona 2026-04-22");
  EXPECT_THAT(History(CivilDay(2026, 4, 22)),
              ElementsAre("MET since 2026-03-02 due 2026-04-24", "open since 2026-04-22 due 2026-05-22"));
  // A session put on record later closed it before the change, late by the numbers of then.
  Tell("session anna mona 2026-04-19\nsession anna mona 2026-04-22");
  EXPECT_THAT(History(CivilDay(2026, 4, 22)),
              ElementsAre("LATE since 2026-03-02 due 2026-04-17", "MET since 2026-04-19 due 2026-05-19",
                          "open since 2026-04-22 due 2026-05-22"));
}

TEST_F(OwnNumbersTest, ThatAreTakenBackOrFitNoMoreLeaveThePolicysOwn) {
  Judge(kChange);
  EXPECT_THAT(judge_.TakeUnfitOverrides(), IsEmpty());
  judge_.SetAssignment("b", "knowsley", {kChange, CivilDay::Max()});
  EXPECT_THAT(Judge(kChange), ElementsAre("anna: DUE_SOON -> OVERDUE"));
  // One of two is a number that no version of the policy has any more: the other one still holds.
  judge_.SetAssignment("b", {.policy_id = "knowsley",
                             .period = {kChange, CivilDay::Max()},
                             .overrides = {{kRule, "recurring.return_working_days", 10},
                                           {kRule, "recurring.once_was_there", 10}}});
  EXPECT_THAT(Judge(kChange), ElementsAre("anna: OVERDUE -> DUE_SOON"));
  EXPECT_THAT(judge_.TakeUnfitOverrides(),
              ElementsAre("knowsley.supervision-frequency recurring.once_was_there"));
  EXPECT_THAT(judge_.TakeUnfitOverrides(), IsEmpty());
}

TEST_F(OneWorkerTest, ARemovedAssignmentTakesItsFindingsAlong) {
  judge_.SetAssignment("a", "knowsley", {CivilDay(2026, 1, 1), CivilDay::Max()});
  Judge(CivilDay(2026, 3, 2));
  judge_.RemoveAssignment("a");
  EXPECT_TRUE(judge_.HasWork(CivilDay(2026, 3, 2)));
  EXPECT_THAT(Judge(CivilDay(2026, 3, 2)), ElementsAre("anna: MET -> none"));
  judge_.SetAssignment("a", "knowsley", {CivilDay(2026, 1, 1), CivilDay::Max()});
  EXPECT_THAT(Judge(CivilDay(2026, 3, 2)), ElementsAre("anna: none -> MET"));
}

TEST_F(OneWorkerTest, JudgingAnEarlierDayJudgesEverybodyAgain) {
  judge_.SetAssignment("a", "knowsley", {CivilDay(2026, 1, 1), CivilDay::Max()});
  Judge(CivilDay(2026, 4, 3));
  EXPECT_THAT(Judge(CivilDay(2026, 3, 2)), ElementsAre("anna: OVERDUE -> MET"));
  EXPECT_THAT(Judge(CivilDay(2026, 4, 3)), ElementsAre("anna: MET -> OVERDUE"));
}

TEST_F(OneWorkerTest, ABackDatedSessionAndItsCorrectionAreBothTold) {
  judge_.SetAssignment("a", "knowsley", {CivilDay(2026, 1, 1), CivilDay::Max()});
  Judge(CivilDay(2026, 4, 10));
  const engine::SessionFact session{.supervisee = "anna",
                                    .supervisor = "mona",
                                    .kind = engine::SessionKind::kFormalOneToOne,
                                    .state = engine::SessionState::kHeld,
                                    .day = CivilDay(2026, 3, 20)};
  judge_.Touch(judge_.facts().Upsert("late-entry", session));
  EXPECT_THAT(Judge(CivilDay(2026, 4, 10)), ElementsAre("anna: OVERDUE -> MET"));
  judge_.Touch(judge_.facts().Remove(engine::FactKind::kSession, "late-entry"));
  EXPECT_THAT(Judge(CivilDay(2026, 4, 10)), ElementsAre("anna: MET -> OVERDUE"));
}

TEST(Waiver, ExcusesFromItsFirstDayUntilBeforeItsEndAndTurnsWithoutAnyWrite) {
  const std::vector<engine::Policy> policies = {engine::testing::Knowsley()};
  AuthorityJudge judge("example", &policies, &Calendar());
  engine::testing::Fill(judge.facts(), WorldFromText(R"(worker anna employed 2020-01-06
      post anna social-worker 2020-01-06..
      supervisor anna mona 2020-01-06..
      session anna mona 2026-03-02)"));
  judge.SetAssignment("a", "knowsley", {CivilDay(2026, 1, 1), CivilDay::Max()});
  judge.SetWaiver("w", {.rules = {"knowsley.supervision-frequency"},
                        .subject = "anna",
                        .period = {CivilDay(2026, 4, 10), CivilDay(2026, 4, 20)}});
  std::map<std::string, std::string> turned;
  for (CivilDay day(2026, 4, 2); day < CivilDay(2026, 4, 25); ++day) {
    for (const FindingChange& change : judge.Judge(day)) {
      turned[day.ToString()] = std::string(engine::StatusName(change.after->status));
    }
  }
  EXPECT_THAT(turned, ElementsAre(Pair("2026-04-02", "DUE_SOON"), Pair("2026-04-03", "OVERDUE"),
                                  Pair("2026-04-10", "EXCUSED"), Pair("2026-04-20", "OVERDUE")));
}

TEST(Waiver, CoversItsRulesAndItsSubjectAlone) {
  Waivers waivers;
  waivers.Set("w1", {.rules = {"p.a", "p.b"},
                     .subject = "workers/anna",
                     .period = {CivilDay(2026, 4, 10), CivilDay(2026, 4, 20)}});
  waivers.Set(
      "w0",
      {.rules = {"p.a"}, .subject = "workers/anna", .period = {CivilDay(2026, 4, 15), CivilDay(2026, 5, 1)}});
  const struct {
    const char* rule;
    const char* subject;
    CivilDay day;
    const char* covered_by;
    CivilDay next;
  } cases[] = {
      {"p.a", "workers/anna", CivilDay(2026, 4, 9), "", CivilDay(2026, 4, 10)},
      {"p.a", "workers/anna", CivilDay(2026, 4, 10), "w1", CivilDay(2026, 4, 15)},
      {"p.a", "workers/anna", CivilDay(2026, 4, 15), "w0", CivilDay(2026, 4, 20)},
      {"p.a", "workers/anna", CivilDay(2026, 4, 20), "w0", CivilDay(2026, 5, 1)},
      {"p.a", "workers/anna", CivilDay(2026, 5, 1), "", CivilDay::Max()},
      {"p.b", "workers/anna", CivilDay(2026, 4, 19), "w1", CivilDay(2026, 4, 20)},
      {"p.b", "workers/anna", CivilDay(2026, 4, 20), "", CivilDay::Max()},
      {"p.c", "workers/anna", CivilDay(2026, 4, 12), "", CivilDay::Max()},
      {"p.a", "workers/ann", CivilDay(2026, 4, 12), "", CivilDay::Max()},
  };
  for (const auto& [rule, subject, day, covered_by, next] : cases) {
    SCOPED_TRACE(absl::StrCat(rule, " ", subject, " ", day.ToString()));
    EXPECT_EQ(waivers.Covering(rule, subject, day), covered_by);
    EXPECT_EQ(waivers.NextBorder(rule, subject, day), next);
  }
  waivers.Remove("w0");
  EXPECT_EQ(waivers.Covering("p.a", "workers/anna", CivilDay(2026, 4, 20)), "");
  waivers.Clear();
  EXPECT_TRUE(waivers.empty());
}

}  // namespace
}  // namespace oversight::compliance

#include "services/supervision/domain/record_access.h"

#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace oversight::supervision {
namespace {

using enum AccessGround;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const CivilDay kToday(2026, 4, 1);

// supervisee < team manager < head of service < director; the supervisor is led by another team manager.
std::vector<std::string> Managers(const std::string& worker) {
  static const std::map<std::string, std::vector<std::string>> managers = {
      {"supervisee", {"team manager"}}, {"supervisor", {"other manager"}},
      {"team manager", {"head"}},       {"other manager", {"head"}},
      {"head", {"director"}},
  };
  const auto found = managers.find(worker);
  return found == managers.end() ? std::vector<std::string>() : found->second;
}

TEST(RecordAccessTest, WhoIsOverThem) {
  EXPECT_THAT(WorkersOver({"supervisee", "supervisor"}, 0, Managers), IsEmpty());
  EXPECT_THAT(WorkersOver({"supervisee", "supervisor"}, 1, Managers),
              ElementsAre("other manager", "team manager"));
  EXPECT_THAT(WorkersOver({"supervisee", ""}, 2, Managers), ElementsAre("head", "team manager"));
  EXPECT_THAT(WorkersOver({"supervisee"}, 100, Managers), ElementsAre("director", "head", "team manager"));
  // Should workforce ever tell of a circle, it ends.
  EXPECT_THAT(WorkersOver({"a"}, 100,
                          [](const std::string& worker) -> std::vector<std::string> {
                            return {worker == "a" ? "b" : "a"};
                          }),
              ElementsAre("a", "b"));
}

TEST(RecordAccessTest, EachReaderAndTheGround) {
  struct Case {
    const char* reader;
    // With no, one and three levels of managers.
    AccessGround none, one, three;
  };
  const Case cases[] = {
      {"supervisee", kSupervisee, kSupervisee, kSupervisee},
      {"supervisor", kSupervisor, kSupervisor, kSupervisor},
      {"cover", kSupervisor, kSupervisor, kSupervisor},
      {"team manager", kNone, kManager, kManager},
      {"other manager", kNone, kManager, kManager},
      {"head", kNone, kNone, kManager},
      {"director", kNone, kNone, kManager},
      {"colleague", kNone, kNone, kNone},
      {"adviser", kDisclosure, kDisclosure, kDisclosure},
      {"", kNone, kNone, kNone},
  };
  const SessionPeople people = {"supervisee", "supervisor", "cover"};
  const std::vector<Disclosure> disclosures = {
      {"adviser", DisclosureReason::kGrievance, false, {kToday, CivilDay::Max()}}};
  for (const Case& c : cases) {
    EXPECT_EQ(GroundFor(c.reader, people, 0, Managers, disclosures, kToday), c.none) << c.reader;
    EXPECT_EQ(GroundFor(c.reader, people, 1, Managers, disclosures, kToday), c.one) << c.reader;
    EXPECT_EQ(GroundFor(c.reader, people, 3, Managers, disclosures, kToday), c.three) << c.reader;
  }
  // A session that nobody else led makes no reader of a worker without a name.
  EXPECT_EQ(GroundFor("", {"supervisee", "supervisor", ""}, 1, Managers, {}, kToday), kNone);
}

TEST(RecordAccessTest, ADisclosureHoldsFromItsStartUpToItsEnd) {
  const Disclosure disclosure = {"w", DisclosureReason::kSafeguarding, false, {kToday, kToday + 7}};
  EXPECT_FALSE(GivesAccess(disclosure, kToday - 1));
  EXPECT_TRUE(GivesAccess(disclosure, kToday));
  EXPECT_TRUE(GivesAccess(disclosure, kToday + 6));
  EXPECT_FALSE(GivesAccess(disclosure, kToday + 7));
}

TEST(RecordAccessTest, OnlyTheGroundsThatPolicyKnowsOpenARecord) {
  struct Case {
    DisclosureReason reason;
    bool alone, agreed;
  };
  const Case cases[] = {
      {DisclosureReason::kUnspecified, false, false},
      {DisclosureReason::kHumanResources, true, true},
      {DisclosureReason::kOccupationalHealth, true, true},
      {DisclosureReason::kRegulatorOrAudit, true, true},
      {DisclosureReason::kDisciplinaryOrFitnessToPractise, true, true},
      {DisclosureReason::kGrievance, true, true},
      {DisclosureReason::kSafeguarding, true, true},
      {DisclosureReason::kAdvice, false, true},
      {DisclosureReason::kOther, false, false},
  };
  for (const Case& c : cases) {
    const Period period = {kToday, CivilDay::Max()};
    EXPECT_EQ(GivesAccess({"w", c.reason, false, period}, kToday), c.alone) << static_cast<int>(c.reason);
    EXPECT_EQ(GivesAccess({"w", c.reason, true, period}, kToday), c.agreed) << static_cast<int>(c.reason);
  }
}

}  // namespace
}  // namespace oversight::supervision

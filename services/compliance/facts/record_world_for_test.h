#pragma once

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/time/civil_day.h"
#include "google/protobuf/message.h"
#include "oversight/compliance/v1/policy.pb.h"
#include "services/compliance/engine/facts.h"
#include "services/compliance/engine/policy.h"

// Worlds of any resources, as messages, for tests of rules that speak of them.
namespace oversight::compliance::testing {

// Resources by their names within the authority.
struct RecordWorld {
  std::map<std::string, std::shared_ptr<const google::protobuf::Message>> records;
};

void Fill(engine::AuthorityFacts& facts, const RecordWorld& world);

// Random resources of the kinds that a rule looks at: few of each, about the same few people and cases, on
// days that lie close together. The same seed gives the same sequence on every machine.
class RecordGenerator {
 public:
  RecordGenerator(uint32_t seed, const v1::RuleDefinition& definition, const engine::Rule& rule);

  static CivilDay first_day() { return CivilDay(2024, 1, 15); }
  static CivilDay last_day() { return CivilDay(2024, 6, 15); }
  RecordWorld MakeWorld();
  // A resource that replaces one of the world's, or is new.
  std::pair<std::string, std::shared_ptr<const google::protobuf::Message>> AnyRecord();
  // The names of the rule's subjects.
  const std::vector<std::string>& subjects() const { return subjects_; }
  bool Chance(int percent) { return Number(1, 100) <= percent; }
  int Number(int least, int most);

 private:
  struct KindPlan {
    const google::protobuf::Message* prototype;
    std::vector<std::string> names;
  };
  CivilDay Day();
  std::shared_ptr<const google::protobuf::Message> Make(const KindPlan& plan);
  void FillField(google::protobuf::Message& message, const google::protobuf::FieldDescriptor* field);
  void SetDay(google::protobuf::Message& message, const google::protobuf::FieldDescriptor* field,
              CivilDay day);
  int EnumValue(const google::protobuf::EnumDescriptor* type);
  void AddKind(engine::FactKind kind, const engine::Rule& rule);

  std::mt19937 random_;
  std::string rule_text_;
  std::map<engine::FactKind, KindPlan> kinds_;
  std::vector<std::string> subjects_;
  std::vector<CivilDay> busy_days_;
};

}  // namespace oversight::compliance::testing

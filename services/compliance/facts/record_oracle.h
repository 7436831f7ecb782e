#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/time/working_days.h"
#include "oversight/caseload/v1/caseload.pb.h"
#include "oversight/compliance/v1/policy.pb.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/facts/record_world_for_test.h"

// A second, independent reading of rules about records: slow and obvious. It reads the policy and the
// resources as they are written, field by field and day by day, and shares no code with the engine. For
// tests.
namespace oversight::compliance::testing {

// The message as one of a type; null where it is of another.
template <typename Resource>
const Resource* As(const google::protobuf::Message* message) {
  if (message == nullptr || message->GetDescriptor() != Resource::descriptor()) return nullptr;
  return static_cast<const Resource*>(message);
}

// The name within the authority.
std::string Relative(const std::string& name);

struct RecordVerdict {
  engine::Status status = engine::Status::kPending;
  CivilDay base;
  CivilDay due = CivilDay::Max();
  int row = -1;
  uint32_t lacking = 0;

  friend bool operator==(const RecordVerdict&, const RecordVerdict&) = default;
};

class RecordOracle {
 public:
  // How many days the oracle looks ahead for the end of what holds.
  static constexpr int kFarAhead = 75;
  // Days after the horizon on which the latest date of a generated record, with the interval that a rule adds
  // to it, lies at the latest.
  static constexpr int kLatestDate = 400;

  RecordOracle(const v1::RuleDefinition& rule, const RecordWorld& world, const WorkingDays& working_days,
               CivilDay first, CivilDay horizon);

  std::optional<RecordVerdict> Judge(const std::string& subject, CivilDay as_of) const;

 private:
  using Message = google::protobuf::Message;
  using FieldDescriptor = google::protobuf::FieldDescriptor;
  // A resource of which something is asked, and from which one came to it.
  struct At {
    std::string name;
    const Message* message = nullptr;  // null: not there
    const At* outer = nullptr;
  };
  // Where a path ends: a field of a resource, or the resource itself.
  struct End {
    At at;
    const FieldDescriptor* field = nullptr;
    bool whole = false;   // the path names the resource itself
    bool parent = false;  // it ends with `parent`
  };
  // One thing asked: as in the engine's own words, but worked out here.
  struct Item {
    CivilDay base;
    CivilDay until = CivilDay::Max();
    CivilDay due = CivilDay::Max();
    std::optional<CivilDay> done;
    engine::Status settled = engine::Status::kPending;  // other than PENDING: it is this, whatever the day
    bool holds = false;
    bool final = false;
    bool waiting = false;
    std::optional<bool> in_time;  // as the times of day say
    bool in_doubt = false;
    int row = -1;
    std::string event;
    std::set<std::string> items;  // coverage: not covered, with the day on which it was after all
    std::map<std::string, CivilDay> covered_on;
  };

  const Message* Find(const std::string& name) const;
  std::string Text(const Message& message, const std::string& field) const;
  std::optional<CivilDay> Day(const At& at, const std::string& field) const;
  std::optional<int64_t> Instant(const At& at, const std::string& field) const;
  std::optional<End> Follow(const std::string& path, const At& at) const;
  std::optional<At> Named(const std::string& path, const At& at) const;
  std::optional<CivilDay> DayAt(const std::string& path, const At& at) const;
  std::optional<double> NumberAt(const std::string& path, const At& at) const;
  std::vector<At> RecordsOf(const std::string& of, const std::string& via, const std::string& from,
                            const At& at, bool& nowhere) const;
  bool Counts(const v1::RecordCondition& records, const At& record, CivilDay day, bool doubt) const;

  bool Holds(const v1::Condition& condition, const At& at, CivilDay day, bool doubt) const;
  bool FieldHolds(const v1::FieldCondition& field, const At& at, CivilDay day, bool doubt) const;
  bool MeasureHolds(const v1::Measure& measure, const At& at, CivilDay day, bool doubt) const;
  bool KnownHolds(const v1::Condition& condition, const At& at, CivilDay day, bool doubt) const;
  bool ClockWithin(const std::string& worker, CivilDay start, const v1::Range& weeks, CivilDay day,
                   bool of_asye) const;
  bool AsyeIsPaused(const std::string& worker, CivilDay day) const;

  bool IsOpen(const caseload::v1::Case& a_case, CivilDay day) const;
  bool HeldBy(const std::string& case_name, const std::string& worker, CivilDay day) const;
  bool InScope(const At& subject, CivilDay day, bool doubt) const;
  bool Away(const std::string& worker, CivilDay day) const;
  bool Recorded(const std::string& worker, CivilDay day) const;
  bool SessionCounts(const At& session, const v1::SupervisionSession& sessions) const;
  CivilDay Add(CivilDay day, const v1::TimeAllowed& time) const;

  std::vector<Item> Standing(const At& subject, const v1::Condition& must, const std::string& on,
                             bool can_be_mended, const v1::TimeAllowed* grace, CivilDay as_of) const;
  std::vector<Item> Deadlines(const At& subject) const;
  std::vector<Item> Months(const At& subject, CivilDay as_of) const;
  std::vector<Item> FollowUps(const At& subject) const;
  bool LeadsTo(const At& from, const v1::CasesOfRecords& cases, int next, const std::string& name,
               CivilDay day) const;
  std::vector<Item> Coverages(const At& subject) const;
  std::vector<Item> Sequences(const At& subject) const;
  std::vector<Item> Minimums(const At& subject, CivilDay as_of) const;
  engine::Status StatusOf(const Item& item, CivilDay as_of) const;
  int MonthSays(const At& subject, CivilDay first) const;

  const v1::RuleDefinition& rule_;
  const RecordWorld& world_;
  const WorkingDays& working_days_;
  CivilDay first_;  // nothing before it is judged
  const CivilDay horizon_;
};

}  // namespace oversight::compliance::testing

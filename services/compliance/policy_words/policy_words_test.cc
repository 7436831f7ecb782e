#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/compliance/policy_words/difference.h"
#include "services/compliance/policy_words/page.h"

namespace oversight::policy_words {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using policy::LoadedPolicy;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr absl::string_view kPolicy = R"(
id: "demo" version: 1 title: "Demo" authority: "Anytown"
documents { id: "d" title: "The document" published: "2020" }
effective_from { year: 2024 month: 1 day: 1 }
rules {
  id: "demo.frequency" title: "Supervision monthly"
  clause { document: "d" section: "4" paraphrase: "Everybody monthly." }
  severity: SEVERITY_REQUIRED
  local_parameters { field: "recurring.bridge_working_days" reason: "A week." }
  recurring {
    supervision_session { kind: KIND_FORMAL_ONE_TO_ONE kind: KIND_GROUP }
    rows { id: "students" title: "Students" every { days: 14 } when { student_placement { weeks { from: 6 } } } }
    rows { id: "all" title: "All" every { months: 1 } }
    bridge_working_days: 5
  }
}
rules {
  id: "demo.signed" title: "The agreement is signed"
  clause { document: "d" section: "5" paraphrase: "Signed by both." }
  severity: SEVERITY_ADVISORY
  notice_days: 10
  about: "Worker"
  when { post { team_area: SERVICE_AREA_RESIDENTIAL case_holding: true } }
  standing {
    must {
      record {
        of: "Agreement" via: "supervisee" in_force: true
        where { field { name: "state" one_of { value: "IN_FORCE" } } field { name: "supervisor.employment_start_date" reached: true } }
      }
    }
    grace { working_days: 5 }
  }
}
)";

LoadedPolicy Loaded(absl::string_view text) {
  auto loaded = policy::Load("demo", text);
  EXPECT_TRUE(loaded.ok()) << std::string(loaded.status().message());
  return *std::move(loaded);
}

LoadedPolicy With(absl::string_view part, absl::string_view instead) {
  EXPECT_THAT(std::string(kPolicy), HasSubstr(std::string(part)));
  return Loaded(absl::StrReplaceAll(kPolicy, {{part, instead}}));
}

std::vector<std::string> Changes(absl::string_view part, absl::string_view instead) {
  std::vector<std::string> texts;
  for (const Difference& difference : Compare(Loaded(kPolicy), With(part, instead)))
    texts.push_back(ToText(difference));
  return texts;
}

TEST(PageTest, ARuleReadsAsWords) {
  EXPECT_EQ(Page(Loaded(kPolicy)).substr(Page(Loaded(kPolicy)).find("\n## ")), R"(
## Supervision monthly

`demo.frequency`

> Everybody monthly.
>
> The document, 4

- **About** each worker
- **What is asked**
  - again and again, at least as often as the shortest of the rows below that hold:
    - a session held (formal one to one or group) with a supervisor in force that day or the recorded cover
- **Rows**
  - `students` Students
    - every 2 weeks
    - when:
      - a student in a placement, after the first 6 weeks of it
  - `all` All
    - every month
- **Terms**
  - interruptions of up to 5 working days do not start it anew
- **Settled locally**; an authority may choose otherwise
  - `recurring.bridge_working_days`: 5. A week.
- **When broken** required

## The agreement is signed

`demo.signed`

> Signed by both.
>
> The document, 5

- **About** each worker
- **Where it applies**
  - a post in force:
    - team for residential
    - holds cases
- **What is asked**
  - on every day:
    - there is an agreement whose supervisee is this worker, in force, where:
      - state is in force
      - employment start date of the supervisor has come
- **Terms**
  - it may fail to hold for 5 working days
- **When broken** advisory: good practice, shown and not counted against anybody
- **Notice** 10 days before it is due
)");
}

TEST(DifferenceTest, EachChangeIsNamedByWhatItIs) {
  EXPECT_THAT(Changes("every { months: 1 }", "every { months: 2 }"),
              ElementsAre("demo.frequency, row all: asks: was: every month\n    is: every 2 months"));
  EXPECT_THAT(Changes("kind: KIND_GROUP", ""),
              ElementsAre(AllOf(HasSubstr("demo.frequency, what is asked: was: "), HasSubstr("is: "))));
  EXPECT_THAT(Changes("weeks { from: 6 }", "weeks { from: 6 to: 12 }"),
              ElementsAre("demo.frequency, row students: when: was: a student in a placement, after the "
                          "first 6 weeks of it\n    is: a student in a placement, in weeks 7 to 12 of it"));
  EXPECT_THAT(Changes("bridge_working_days: 5", "bridge_working_days: 3"),
              ElementsAre(HasSubstr("demo.frequency, terms: was: "),
                          HasSubstr("local parameter recurring.bridge_working_days: was: 5\n    is: 3")));
  EXPECT_THAT(Changes("section: \"5\"", "section: \"6\""),
              ElementsAre("demo.signed, clause: was: The document, 5\n    is: The document, 6"));
  EXPECT_THAT(Changes("notice_days: 10", ""), ElementsAre("demo.signed, notice: removed: 10 days"));
  EXPECT_THAT(Changes("SEVERITY_ADVISORY", "SEVERITY_REQUIRED"),
              ElementsAre(HasSubstr("demo.signed, when broken")));
  EXPECT_THAT(Changes("case_holding: true", ""),
              ElementsAre(HasSubstr(
                  "demo.signed, where it applies: was: a post in force (team for residential; holds "
                  "cases)")));
  EXPECT_THAT(Changes("version: 1", "version: 2"), ElementsAre("the policy, version: was: 1\n    is: 2"));
}

TEST(DifferenceTest, RulesAndRowsComeAndGo) {
  EXPECT_THAT(Changes("demo.signed", "demo.agreed"),
              ElementsAre("demo.signed: removed (The agreement is signed)",
                          "demo.agreed: added (The agreement is signed)"));
  const auto row = Changes(R"(rows { id: "all" title: "All" every { months: 1 } })", "");
  EXPECT_THAT(row, ElementsAre("demo.frequency, row all: title: removed: All",
                               "demo.frequency, row all: asks: removed: every month"));
}

TEST(DifferenceTest, CommentsAndLayoutAreNoDifference) {
  EXPECT_THAT(Changes("id: \"demo\" version", "# The same.\nid: \"demo\"\n\n  version"), IsEmpty());
}

// Every field that is set, however deep, one after the other changed a little: the words must tell.
class EveryField {
 public:
  explicit EveryField(const LoadedPolicy& policy) : policy_(policy), definition_(policy.definition) {}

  // The paths of fields whose change the words do not show.
  std::set<std::string> Silent() {
    Visit(definition_, "");
    return std::move(silent_);
  }
  int changed() const { return changed_; }

 private:
  void Visit(Message& message, const std::string& path) {
    const auto& r = *message.GetReflection();
    std::vector<const FieldDescriptor*> fields;
    r.ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      const std::string at = absl::StrCat(path, path.empty() ? "" : ".", field->name());
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        for (int i = 0; i < (field->is_repeated() ? r.FieldSize(message, field) : 1); ++i)
          Visit(field->is_repeated() ? *r.MutableRepeatedMessage(&message, field, i)
                                     : *r.MutableMessage(&message, field),
                at);
      } else if (!field->is_repeated()) {
        Change(message, field, at);
      } else {
        RemoveLast(message, field, at);
      }
    }
  }

  void Change(Message& message, const FieldDescriptor* field, const std::string& path) {
    const auto& r = *message.GetReflection();
    const std::unique_ptr<Message> kept(message.New());
    kept->CopyFrom(message);
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        r.SetInt32(&message, field, r.GetInt32(message, field) + 1);
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        r.SetDouble(&message, field, r.GetDouble(message, field) + 1);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        r.SetBool(&message, field, !r.GetBool(message, field));
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        r.SetEnumValue(&message, field, r.GetEnumValue(message, field) == 1 ? 2 : 1);
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        r.SetString(&message, field, absl::StrCat(r.GetString(message, field), "x"));
        break;
      default:
        ADD_FAILURE() << path;
    }
    Expect(path);
    message.CopyFrom(*kept);
  }

  void RemoveLast(Message& message, const FieldDescriptor* field, const std::string& path) {
    const std::unique_ptr<Message> kept(message.New());
    kept->CopyFrom(message);
    message.GetReflection()->RemoveLast(&message, field);
    Expect(path);
    message.CopyFrom(*kept);
  }

  void Expect(const std::string& path) {
    ++changed_;
    if (Compare(policy_, {policy_.policy, definition_, ""}).empty()) silent_.insert(path);
  }

  const LoadedPolicy& policy_;
  compliance::v1::PolicyDefinition definition_;
  std::set<std::string> silent_;
  int changed_ = 0;
};

// A policy of one of the rules only.
LoadedPolicy OnlyRule(const LoadedPolicy& policy, int rule) {
  LoadedPolicy only = policy;
  only.definition.clear_rules();
  *only.definition.add_rules() = policy.definition.rules(rule);
  only.policy.rules = {policy.policy.rules[static_cast<size_t>(rule)]};
  return only;
}

TEST(DifferenceTest, NoFieldOfAShippedPolicyChangesInSilence) {
  const auto policies = policy::LoadDirectory(OVERSIGHT_POLICIES_DIR);
  ASSERT_TRUE(policies.ok()) << std::string(policies.status().message());
  ASSERT_EQ(policies->size(), 5u);
  for (const LoadedPolicy& policy : *policies) {
    for (int rule = 0; rule < policy.definition.rules_size(); ++rule) {
      const LoadedPolicy only = OnlyRule(policy, rule);
      EveryField fields(only);
      std::set<std::string> silent = fields.Silent();
      for (const char* told_otherwise :
           {// Read from the compiled policy, which this test does not change.
            "effective_from.year", "effective_from.month", "effective_from.day", "rules.about",
            // That it is given says which of several is meant, whatever its value.
            "rules.coverage.held_cases", "rules.minimum.every_day", "rules.minimum.each_month"}) {
        silent.erase(told_otherwise);
      }
      EXPECT_THAT(silent, IsEmpty()) << policy.definition.rules(rule).id();
      EXPECT_GT(fields.changed(), 12) << policy.definition.rules(rule).id();
    }
  }
}

TEST(PageTest, EveryShippedPolicyIsAPage) {
  const auto policies = policy::LoadDirectory(OVERSIGHT_POLICIES_DIR);
  ASSERT_TRUE(policies.ok());
  for (const LoadedPolicy& policy : *policies) {
    const std::string page = Page(policy);
    for (const auto& rule : policy.definition.rules()) EXPECT_THAT(page, HasSubstr(rule.id()));
    EXPECT_THAT(
        page, AllOf(Not(HasSubstr("_UNSPECIFIED")), Not(HasSubstr("KIND_")), Not(HasSubstr("the record:"))));
    EXPECT_THAT(Compare(policy, policy), IsEmpty());
  }
}

}  // namespace
}  // namespace oversight::policy_words

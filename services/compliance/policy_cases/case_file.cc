#include "services/compliance/policy_cases/case_file.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/compliance/policy/override.h"
#include "services/compliance/policy/parse.h"
#include "services/compliance/policy/place.h"
#include "services/compliance/policy/record_schema.h"
#include "services/compliance/policy_cases/quoted.h"

namespace oversight::policy_cases {
namespace {

namespace v1 = ::oversight::compliance::v1;
using policy::Fault;
using policy::Placed;

// The id of a rule without that of its policy is close to the whole one.
std::string DidYouMean(absl::string_view word, const std::vector<std::string>& candidates) {
  const absl::string_view closest = policy::Closest(word, candidates);
  return absl::StrCat(closest.empty() ? "" : absl::StrCat("did you mean `", closest, "`? "),
                      "expected one of: ", absl::StrJoin(candidates, ", "));
}

class Reader {
 public:
  Reader(const CaseFile& file, std::shared_ptr<const policy::LoadedPolicy> policy)
      : file_(file), policy_(std::move(policy)) {}

  ReadCases Run() {
    std::unique_ptr<google::protobuf::TextFormat::ParseInfoTree> places;
    v1::PolicyCases cases;
    if (policy::Parse(file_.text, cases, places, result_.faults)) {
      ReadAll(Placed<v1::PolicyCases>(cases, places.get(), 1, 1));
    }
    std::stable_sort(result_.faults.begin(), result_.faults.end(), [](const Fault& a, const Fault& b) {
      return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    });
    result_.faults.erase(std::unique(result_.faults.begin(), result_.faults.end()), result_.faults.end());
    return std::move(result_);
  }

 private:
  void Add(Fault fault) { result_.faults.push_back(std::move(fault)); }

  void ReadAll(const Placed<v1::PolicyCases>& file) {
    if (file->cases().empty()) Add(file.Here("no `cases`: expected at least one"));
    FactSet shared;
    ApplyFacts(file, file->facts(), shared);
    for (int i = 0; i < file->cases_size(); ++i) {
      ReadCase(file, file.Into("cases", file->cases(i), i), shared);
    }
  }

  template <typename Message>
  void ApplyFacts(const Placed<Message>& message,
                  const google::protobuf::RepeatedPtrField<std::string>& lines, FactSet& facts) {
    std::vector<Place> fields;
    for (int i = 0; i < lines.size(); ++i) {
      // Of a list the parser notes one place only.
      const Fault at = message.At("facts", "", i);
      if (i == 0 || !(at == message.Here(""))) fields.push_back({at.line, at.column});
    }
    for (const PlacedText& line : QuotedTexts(file_.text, fields, lines)) facts.Apply(line, result_.faults);
  }

  // The policy with the case's numbers.
  std::shared_ptr<const policy::LoadedPolicy> PolicyOf(const Placed<v1::PolicyCase>& written,
                                                       const std::string& rule) {
    if (written->parameters().empty()) return policy_;
    std::vector<policy::Override> overrides;
    for (const v1::CaseParameter& parameter : written->parameters())
      overrides.push_back({rule, parameter.field(), parameter.value()});
    absl::StatusOr<policy::LoadedPolicy> changed = policy::WithOverrides(*policy_, overrides);
    if (changed.ok()) return std::make_shared<policy::LoadedPolicy>(*std::move(changed));
    Add(written.At("parameters", std::string(changed.status().message()), 0));
    return policy_;
  }

  void ReadCase(const Placed<v1::PolicyCases>& file, const Placed<v1::PolicyCase>& written,
                const FactSet& shared) {
    const size_t faults_before = result_.faults.size();
    Case read;
    read.file = file_.name;
    read.id = written->id();
    read.shows = written->shows();
    const Fault here = written.Here("");
    read.place = {here.line, here.column};
    if (read.id.empty()) Add(written.Here("no `id`: expected a short one, unique in the file"));
    if (!ids_.insert(read.id).second && !read.id.empty()) {
      Add(written.At("id", absl::StrCat("case id `", read.id, "` is taken: expected one of its own")));
    }
    if (read.shows.empty()) Add(written.Here("no `shows`: expected what the case shows, in a sentence"));
    const std::string& rule = written->rule().empty() ? file->rule() : written->rule();
    read.policy = PolicyOf(written, rule);
    read.rule = FindRule(*read.policy, rule);
    if (read.rule == nullptr) {
      std::vector<std::string> rules;
      for (const engine::Rule& known : policy_->policy.rules) rules.push_back(known.id);
      const std::string what = rule.empty()
                                   ? absl::StrCat("no `rule`: expected one of: ", absl::StrJoin(rules, ", "))
                                   : absl::StrCat("policy ", policy_->policy.id, " has no rule `", rule,
                                                  "`: ", DidYouMean(rule, rules));
      Add(written->rule().empty() && !file->rule().empty() ? file.At("rule", what)
                                                           : written.At("rule", what));
      return;
    }
    read.assigned = {policy_->policy.effective_from, CivilDay::Max()};
    if (!written->assigned().empty()) {
      ReadPeriod(written, written->assigned(), read.assigned);
    } else if (!file->assigned().empty()) {
      ReadPeriod(file, file->assigned(), read.assigned);
    }
    read.facts = shared;
    ApplyFacts(written, written->facts(), read.facts);
    read.facts.CheckReferences(result_.faults);
    for (const v1::CaseParameter& parameter : written->parameters())
      absl::StrAppend(&read.parameters, parameter.field(), "=", parameter.value(), " ");
    if (written->on().empty())
      Add(written.Here("no `on`: expected at least one day and what is found on it"));
    const std::string& subject = written->subject().empty() ? file->subject() : written->subject();
    for (int i = 0; i < written->on_size(); ++i)
      ReadExpectation(written.Into("on", written->on(i), i), subject, read);
    if (result_.faults.size() == faults_before) result_.cases.push_back(std::move(read));
  }

  static const engine::Rule* FindRule(const policy::LoadedPolicy& policy, const std::string& id) {
    for (const engine::Rule& rule : policy.policy.rules) {
      if (rule.id == id) return &rule;
    }
    return nullptr;
  }

  template <typename Message>
  void ReadPeriod(const Placed<Message>& message, const std::string& text, Period& period) {
    const std::pair<std::string, std::string> ends = absl::StrSplit(text, absl::MaxSplits("..", 1));
    const auto start = CivilDay::Parse(ends.first);
    const auto end = ends.second.empty() ? CivilDay::Max() : CivilDay::Parse(ends.second);
    if (!start.ok() || !end.ok() || text.find("..") == std::string::npos || *end <= *start) {
      return Add(message.At("assigned", absl::StrCat("`", text,
                                                     "`: expected 2024-01-15.. or 2024-01-15..2024-03-01, "
                                                     "up to but not on the last day")));
    }
    period = {*start, *end};
  }

  template <typename Message>
  std::optional<CivilDay> ReadDay(const Placed<Message>& message, absl::string_view field,
                                  const std::string& text) {
    const auto day = CivilDay::Parse(text);
    if (day.ok()) return *day;
    Add(message.At(field, absl::StrCat("`", field, "`: ", std::string(day.status().message()))));
    return std::nullopt;
  }

  void ReadExpectation(const Placed<v1::CaseExpectation>& written, const std::string& subject, Case& of) {
    Expectation read;
    read.written = *written;
    const Fault here = written.Here("");
    read.place = {here.line, here.column};
    if (const auto day = ReadDay(written, "day", written->day())) read.day = *day;
    ReadSubject(written, written->subject().empty() ? subject : written->subject(), of, read);
    if (!written->none() && written->status() == v1::Finding::STATUS_UNSPECIFIED)
      Add(written.Here("no `status`: expected one, or `none: true` where there is no finding"));
    if (written->none()) {
      v1::CaseExpectation bare;
      bare.set_day(written->day());
      bare.set_subject(written->subject());
      bare.set_none(true);
      if (bare.SerializeAsString() != written->SerializeAsString())
        Add(written.At("none", "there is no finding to describe: expected nothing but `day` and `subject`"));
    } else {
      read.status = static_cast<engine::Status>(written->status());
    }
    if (written->status() == v1::Finding::STATUS_UNKNOWN && written->missing().empty())
      Add(written.At("status", "what is missing? expected `missing` with part of its name"));
    if (written->due() == "never") {
      read.due = CivilDay::Max();
    } else if (!written->due().empty()) {
      read.due = ReadDay(written, "due", written->due());
    }
    if (!written->counted_from().empty())
      read.counted_from = ReadDay(written, "counted_from", written->counted_from());
    ReadRow(written, of);
    CheckNamed(written, "because", written->because(), of);
    CheckNamed(written, "not_counted", written->not_counted(), of);
    CheckNamed(written, "lacking", written->lacking(), of);
    of.expectations.push_back(std::move(read));
  }

  void ReadSubject(const Placed<v1::CaseExpectation>& written, const std::string& called, const Case& of,
                   Expectation& read) {
    read.subject = RelativeNameOf(called);
    const std::string kind(policy::RecordSchema().Of(of.rule->subject).type_name);
    if (called.empty()) return Add(written.Here("no `subject`: expected whom or what the finding is about"));
    if (policy::KindOfName(read.subject) != of.rule->subject) {
      return Add(written.At("subject", absl::StrCat("`", called, "`: ", of.rule->id, " is about each ",
                                                    kind.substr(kind.rfind('.') + 1))));
    }
    if (!read.subject.empty() && !of.facts.Has(read.subject)) {
      Add(written.At("subject", absl::StrCat("there is no `", called, "` among the facts")));
    }
  }

  void ReadRow(const Placed<v1::CaseExpectation>& written, const Case& of) {
    if (written->row().empty()) return;
    std::vector<std::string> rows;
    for (const engine::Row& row : of.rule->rows) rows.push_back(row.id);
    if (std::find(rows.begin(), rows.end(), written->row()) != rows.end()) return;
    Add(written.At("row",
                   absl::StrCat(of.rule->id, " has no row `", written->row(), "`",
                                rows.empty() ? "" : absl::StrCat(": ", DidYouMean(written->row(), rows)))));
  }

  void CheckNamed(const Placed<v1::CaseExpectation>& written, absl::string_view field,
                  const google::protobuf::RepeatedPtrField<std::string>& names, const Case& of) {
    for (int i = 0; i < names.size(); ++i) {
      if (of.facts.Has(RelativeNameOf(names[i])) || names[i] == CalledName("")) continue;
      Add(written.At(field,
                     absl::StrCat("there is no `", names[i],
                                  "` among the facts: ", DidYouMean(names[i], of.facts.Names())),
                     i));
    }
  }

  const CaseFile& file_;
  const std::shared_ptr<const policy::LoadedPolicy> policy_;
  std::set<std::string> ids_;
  ReadCases result_;
};

}  // namespace

ReadCases Read(const CaseFile& file, const std::shared_ptr<const policy::LoadedPolicy>& policy) {
  return Reader(file, policy).Run();
}

}  // namespace oversight::policy_cases

// How often must this worker have a session?

#include "services/compliance/questions/frequency.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/resource/dated.h"
#include "common/resource/name.h"
#include "common/status/error.h"
#include "services/compliance/engine/explain.h"
#include "services/compliance/facts/fact_reader.h"
#include "services/compliance/questions/finding_view.h"
#include "services/compliance/questions/questions.h"

namespace oversight::compliance {
namespace {

constexpr int kMonthsAhead = 12;
constexpr int kMostMonthsAhead = 36;

struct Asked {
  Period days;
  engine::SessionKind kind = engine::SessionKind::kUnspecified;
};

absl::StatusOr<Asked> Read(const v1::ProjectFrequencyRequest& request, CivilDay today) {
  std::vector<FieldViolation> violations;
  const auto day = [&](const char* field, const google::type::Date& date, bool given, CivilDay otherwise) {
    if (!given) return otherwise;
    const auto parsed = CivilDay::FromParts(date.year(), date.month(), date.day());
    if (parsed.ok()) return *parsed;
    violations.push_back({field, std::string(parsed.status().message())});
    return otherwise;
  };
  Asked asked;
  asked.days.start = day("start_date", request.start_date(), request.has_start_date(), today);
  asked.days.end =
      day("end_date", request.end_date(), request.has_end_date(), AddMonths(asked.days.start, kMonthsAhead));
  if (violations.empty() && asked.days.end <= asked.days.start) {
    violations.push_back({"end_date", "must be after start_date"});
  }
  if (asked.days.end > AddMonths(asked.days.start, kMostMonthsAhead)) {
    violations.push_back(
        {"end_date", absl::StrCat("must be at most ", kMostMonthsAhead, " months after start_date")});
  }
  if (!supervision::v1::Session::Kind_IsValid(request.kind())) {
    violations.push_back({"kind", "must be one of the kinds of Session"});
  }
  OVERSIGHT_RETURN_IF_ERROR(InvalidFields(violations));
  asked.kind = static_cast<engine::SessionKind>(request.kind());
  return asked;
}

absl::StatusOr<uint32_t> WorkerIn(const AuthorityJudge& judge, const char* field, const std::string& name) {
  if (resource::AuthorityOf(name) == judge.authority()) {
    const auto worker = judge.FindSubject(engine::SubjectKind::kWorker, RelativeName(name));
    if (worker.has_value() && judge.facts().worker(worker->index).known) return worker->index;
  }
  return InvalidFields({{field,
                         "is not known to compliance in this authority; if it was written just now, send "
                         "the token of that write in after_tokens"}});
}

void SetPeriod(const Period& period, google::type::Date& start, google::type::Date* end) {
  SetDate(period.start, start);
  if (end != nullptr) SetDate(period.end, *end);
}

}  // namespace

v1::RequiredFrequency ToProto(const engine::Policy& policy, const engine::Rule& rule,
                              const engine::RequiredFrequency& required) {
  v1::RequiredFrequency out;
  out.set_rule(rule.id);
  out.set_title(rule.title);
  *out.mutable_clause() = ToProto(rule.clause);
  out.set_policy(absl::StrCat("policies/", policy.id));
  SetPeriod(required.days, *out.mutable_start_date(),
            required.days.Open() ? nullptr : out.mutable_end_date());
  if (required.last_session) SetDate(*required.last_session, *out.mutable_last_session_date());
  for (const auto& interval : required.intervals) {
    auto& out_interval = *out.add_intervals();
    SetPeriod(interval.days, *out_interval.mutable_start_date(), out_interval.mutable_end_date());
    if (required.calendar_months) {
      out_interval.set_every_calendar_month(true);
    } else if (interval.every.unit == engine::Interval::Unit::kDays) {
      out_interval.set_every_days(interval.every.count);
    } else {
      out_interval.set_every_months(interval.every.count);
    }
    if (interval.row >= 0) {
      const engine::Row& row = rule.rows[static_cast<size_t>(interval.row)];
      out_interval.set_row(row.id);
      out_interval.set_row_title(row.title);
    }
    if (std::string missing = engine::WhatIsMissing(rule, interval.missing, interval.row, interval.input);
        !missing.empty())
      out_interval.add_missing_inputs(std::move(missing));
  }
  for (const Period& period : required.counted) {
    auto& out_period = *out.add_counted();
    SetPeriod(period, *out_period.mutable_start_date(), out_period.mutable_end_date());
  }
  for (const auto& moved : required.moved) {
    auto& out_moved = *out.add_moved();
    SetDate(moved.days.start, *out_moved.mutable_first_date());
    SetDate(moved.days.end - 1, *out_moved.mutable_last_date());
    if (moved.to != CivilDay::Max()) SetDate(moved.to, *out_moved.mutable_due_date());
  }
  return out;
}

absl::Status Questions::ProjectFrequency(rpc::Call& call, const v1::ProjectFrequencyRequest& request,
                                         v1::ProjectFrequencyResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, AuthorityIn(request.parent()));
  const CivilDay today = CivilDay::Of(clock_->Now());
  OVERSIGHT_ASSIGN_OR_RETURN(const Asked asked, Read(request, today));
  return Ask(call, authority, request,
             [&](const AuthorityJudge& judge, const std::vector<std::string>& tokens) -> absl::Status {
               engine::FrequencyQuestion question{
                   .supervisor = std::nullopt, .kind = asked.kind, .days = asked.days, .as_of = today};
               OVERSIGHT_ASSIGN_OR_RETURN(question.worker, WorkerIn(judge, "worker", request.worker()));
               if (!request.supervisor().empty()) {
                 OVERSIGHT_ASSIGN_OR_RETURN(question.supervisor,
                                            WorkerIn(judge, "supervisor", request.supervisor()));
               }
               for (const AssignedRule& rule : judge.rules()) {
                 rule.ForEachTerm([&](Period days, const engine::Policy& policy,
                                      const engine::Evaluator& evaluator) {
                   engine::FrequencyQuestion then = question;
                   then.days = question.days.Intersection(days);
                   if (then.days.Empty()) return;
                   for (const auto& required : engine::RequiredFrequencies(evaluator, judge.facts(), then)) {
                     *response.add_requirements() = ToProto(policy, evaluator.rule(), required);
                   }
                 });
               }
               std::stable_sort(response.mutable_requirements()->begin(),
                                response.mutable_requirements()->end(),
                                [](const auto& a, const auto& b) { return a.rule() < b.rule(); });
               response.mutable_tokens()->Assign(tokens.begin(), tokens.end());
               return absl::OkStatus();
             });
}

}  // namespace oversight::compliance

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/resource/dated.h"
#include "common/resource/dates.h"
#include "common/resource/question.h"
#include "common/resource/read_all.h"
#include "oversight/workforce/v1/workforce_questions.pb.h"
#include "services/workforce/domain/career.h"
#include "services/workforce/questions/questions.h"
#include "services/workforce/questions/workforce_facts.h"

namespace oversight::workforce {
namespace {

constexpr v1::SupervisorLink::Function kFunctions[] = {v1::SupervisorLink::FUNCTION_LINE_MANAGEMENT,
                                                       v1::SupervisorLink::FUNCTION_PROFESSIONAL,
                                                       v1::SupervisorLink::FUNCTION_PRACTICE_EDUCATION};

v1::SupervisorLink::Function FunctionOf(const Line& line) {
  return kFunctions[static_cast<int>(line.function)];
}

// Leaves the lines of one function; all of them when it is not set.
void KeepOnly(v1::SupervisorLink::Function function, std::vector<Line>& lines) {
  if (function == v1::SupervisorLink::FUNCTION_UNSPECIFIED) return;
  std::erase_if(lines, [&](const Line& line) { return FunctionOf(line) != function; });
}

void Fill(const Step& step, v1::Supervisee& supervisee) {
  supervisee.set_worker(step.worker);
  supervisee.set_depth(step.depth);
  if (step.line == nullptr) return;
  supervisee.set_supervisor(step.line->supervisor);
  supervisee.set_supervisor_link(step.line->link);
  supervisee.set_function(FunctionOf(*step.line));
  supervisee.set_cover(step.line->cover());
}

std::string KeyOf(const Step& step) {
  return absl::StrCat(absl::Dec(step.depth, absl::kZeroPad6), "\n", step.worker, "\n",
                      step.line == nullptr ? "" : step.line->link);
}

std::vector<std::string> WorkersIn(const std::map<std::string, std::vector<v1::Post>>& posts) {
  std::vector<std::string> workers;
  for (const auto& [worker, held] : posts) workers.push_back(worker);
  return workers;
}

}  // namespace

absl::Status Questions::ListSupervisees(rpc::Call& call, const v1::ListSuperviseesRequest& request,
                                        v1::ListSuperviseesResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay day,
                             resource::DayAsked(request, "as_of_date", *environment_.clock));
  OVERSIGHT_ASSIGN_OR_RETURN(
      const resource::Key worker,
      resource::LiveResource(call, environment_, *kinds_->worker, request.parent(), "parent"));
  OVERSIGHT_ASSIGN_OR_RETURN(auto lines, Read(call, worker.authority, day, &WorkforceFacts::Lines));
  KeepOnly(request.function(), lines);
  OVERSIGHT_ASSIGN_OR_RETURN(
      *response.mutable_next_page_token(),
      resource::AddPage(call.method(), request, Below(lines, request.parent(), request.indirect()), KeyOf,
                        [&](const Step& step) { Fill(step, *response.add_supervisees()); }));
  return absl::OkStatus();
}

absl::Status Questions::ListSupervisionTree(rpc::Call& call, const v1::ListSupervisionTreeRequest& request,
                                            v1::ListSupervisionTreeResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay day,
                             resource::DayAsked(request, "as_of_date", *environment_.clock));
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, LiveAuthority(call, request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(auto lines, Read(call, authority, day, &WorkforceFacts::Lines));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto posts, Read(call, authority, day, &WorkforceFacts::PostsByWorker));
  std::erase_if(lines, [](const Line& line) { return line.cover(); });
  KeepOnly(request.function() == v1::SupervisorLink::FUNCTION_UNSPECIFIED
               ? v1::SupervisorLink::FUNCTION_LINE_MANAGEMENT
               : request.function(),
           lines);
  OVERSIGHT_ASSIGN_OR_RETURN(*response.mutable_next_page_token(),
                             resource::AddPage(call.method(), request, Tree(lines, WorkersIn(posts)), KeyOf,
                                               [&](const Step& step) { Fill(step, *response.add_nodes()); }));
  return absl::OkStatus();
}

absl::Status Questions::ListUnsupervisedWorkers(rpc::Call& call,
                                                const v1::ListUnsupervisedWorkersRequest& request,
                                                v1::ListUnsupervisedWorkersResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay day,
                             resource::DayAsked(request, "as_of_date", *environment_.clock));
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, LiveAuthority(call, request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(auto lines, Read(call, authority, day, &WorkforceFacts::Lines));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto posts, Read(call, authority, day, &WorkforceFacts::PostsByWorker));
  KeepOnly(v1::SupervisorLink::FUNCTION_LINE_MANAGEMENT, lines);
  OVERSIGHT_ASSIGN_OR_RETURN(
      *response.mutable_next_page_token(),
      resource::AddPage(
          call.method(), request, Unsupervised(lines, WorkersIn(posts), request.include_top()),
          [](const std::string& worker) { return worker; },
          [&](const std::string& worker) {
            auto& unsupervised = *response.add_workers();
            unsupervised.set_worker(worker);
            for (const v1::Post& post : posts.at(worker)) unsupervised.add_posts(post.name());
          }));
  return absl::OkStatus();
}

absl::Status Questions::ListUncoveredWorkers(rpc::Call& call, const v1::ListUncoveredWorkersRequest& request,
                                             v1::ListUncoveredWorkersResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay day,
                             resource::DayAsked(request, "as_of_date", *environment_.clock));
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, LiveAuthority(call, request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto lines, Read(call, authority, day, &WorkforceFacts::Lines));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto posts, Read(call, authority, day, &WorkforceFacts::PostsByWorker));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto away, Read(call, authority, day, &WorkforceFacts::Absences));
  std::vector<const Line*> uncovered = Uncovered(lines, away);
  std::erase_if(uncovered, [&](const Line* line) { return !posts.contains(line->worker); });
  OVERSIGHT_ASSIGN_OR_RETURN(
      *response.mutable_next_page_token(),
      resource::AddPage(
          call.method(), request, uncovered,
          [](const Line* line) { return absl::StrCat(line->worker, "\n", line->link); },
          [&](const Line* line) {
            auto& worker = *response.add_workers();
            worker.set_worker(line->worker);
            worker.set_supervisor(line->supervisor);
            worker.set_absence(away.at(line->supervisor));
            worker.set_function(FunctionOf(*line));
          }));
  return absl::OkStatus();
}

absl::Status Questions::ListSpansOfControl(rpc::Call& call, const v1::ListSpansOfControlRequest& request,
                                           v1::ListSpansOfControlResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(const CivilDay day,
                             resource::DayAsked(request, "as_of_date", *environment_.clock));
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string authority, LiveAuthority(call, request.parent()));
  OVERSIGHT_ASSIGN_OR_RETURN(const auto lines, Read(call, authority, day, &WorkforceFacts::Lines));
  const std::map<std::string, Span> spans = Spans(lines);
  using Item = std::pair<std::string, Span>;
  OVERSIGHT_ASSIGN_OR_RETURN(*response.mutable_next_page_token(),
                             resource::AddPage(
                                 call.method(), request, std::vector<Item>(spans.begin(), spans.end()),
                                 [](const Item& item) { return item.first; },
                                 [&](const Item& item) {
                                   auto& span = *response.add_spans();
                                   span.set_supervisor(item.first);
                                   span.set_line_managed(item.second.line_managed);
                                   span.set_otherwise_supervised(item.second.otherwise_supervised);
                                   span.set_covered(item.second.covered);
                                   span.set_line_managed_below(item.second.line_managed_below);
                                 }));
  return absl::OkStatus();
}

absl::Status Questions::ListCareerStages(rpc::Call& call, const v1::ListCareerStagesRequest& request,
                                         v1::ListCareerStagesResponse& response) {
  OVERSIGHT_ASSIGN_OR_RETURN(
      const resource::Key worker,
      resource::LiveResource(call, environment_, *kinds_->worker, request.parent(), "parent"));
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment_.pool->Acquire(call.deadline()));
  const std::string parent = absl::StrCat("workers/", worker.id);
  OVERSIGHT_ASSIGN_OR_RETURN(const auto posts,
                             resource::ReadAll<v1::Post>(*connection, *environment_.tables, *kinds_->post,
                                                         worker.authority, &parent));
  std::vector<CareerPost> career;
  for (const v1::Post& post : posts) {
    career.push_back({post.name(), post.career_stage(), resource::PeriodOf(post)});
  }
  OVERSIGHT_ASSIGN_OR_RETURN(*response.mutable_next_page_token(),
                             resource::AddPage(
                                 call.method(), request, CareerStages(std::move(career)),
                                 [](const CareerStagePeriod& period) {
                                   return absl::StrCat(period.period.start.ToString(), "\n",
                                                       absl::Dec(period.stage, absl::kZeroPad3));
                                 },
                                 [&](const CareerStagePeriod& stage) {
                                   auto& period = *response.add_periods();
                                   period.set_career_stage(static_cast<v1::CareerStage>(stage.stage));
                                   *period.mutable_start_date() = resource::ToDate(stage.period.start);
                                   if (!stage.period.Open())
                                     *period.mutable_end_date() = resource::ToDate(stage.period.end);
                                   for (const std::string& post : stage.posts) period.add_posts(post);
                                 }));
  return absl::OkStatus();
}

}  // namespace oversight::workforce

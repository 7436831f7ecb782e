#include "services/compliance/judgement/kept_for_test.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/ledger/token.h"
#include "common/status/error.h"
#include "google/protobuf/text_format.h"
#include "oversight/compliance/v1/compliance.pb.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"

namespace oversight::compliance::testing {
namespace {

template <typename Message>
Message Parsed(const std::string& text) {
  Message message;
  if (!google::protobuf::TextFormat::ParseFromString(text, &message)) std::abort();
  return message;
}

std::string DateText(CivilDay day) {
  const absl::CivilDay civil = day.civil();
  return absl::StrCat("{ year: ", civil.year(), " month: ", civil.month(), " day: ", civil.day(), " }");
}

std::string NameOf(const google::protobuf::Message& resource) {
  return resource.GetReflection()->GetString(resource, resource.GetDescriptor()->FindFieldByName("name"));
}

}  // namespace

std::string ToldLedgers::TokenAhead(const std::string& ledger, int ahead) {
  const Ledger& told = ledgers_[ledger];
  ledger::v1::Token token;
  token.set_ledger(ledger);
  token.set_authority(absl::StrCat("authorities/", kAuthority));
  token.set_incarnation(std::string(16, static_cast<char>(told.life)));
  token.set_hash(std::string(32, 'h'));
  token.set_revision(told.revision + ahead);
  return ledger::EncodeToken(token);
}

ledger::v1::Entry ToldLedgers::Next(const std::string& ledger, ledger::v1::Change change,
                                    const std::string& name) {
  ledger::v1::Entry entry;
  entry.set_authority(absl::StrCat("authorities/", kAuthority));
  entry.set_change(change);
  entry.set_resource_name(name);
  entry.set_token(TokenAhead(ledger, 1));
  entry.set_revision(++ledgers_[ledger].revision);
  return entry;
}

ledger::v1::Entry ToldLedgers::Put(const std::string& ledger, const google::protobuf::Message& resource,
                                   std::vector<std::string> depends_on) {
  ledger::v1::Entry entry = Next(ledger, ledger::v1::CHANGE_UPDATED, NameOf(resource));
  entry.mutable_resource()->PackFrom(resource);
  for (std::string& token : depends_on) entry.add_depends_on(std::move(token));
  return Keep(ledger, std::move(entry));
}

ledger::v1::Entry ToldLedgers::Keep(const std::string& ledger, ledger::v1::Entry entry) {
  ledgers_[ledger].entries.push_back(entry);
  return entry;
}

absl::Status ToldLedgers::Read(const std::string& ledger, const std::string&, const std::string& after_token,
                               absl::Time, absl::FunctionRef<bool(const ledger::v1::Entry&)> take) {
  int64_t after = 0;
  if (const auto token = ledger::DecodeToken(after_token); token.ok()) after = token->revision();
  for (const ledger::v1::Entry& entry : ledgers_[ledger].entries) {
    if (entry.revision() <= after) continue;
    if (patience_-- <= 0) return absl::DeadlineExceededError("out of patience");
    ++entries_read_;
    if (!take(entry)) return absl::OkStatus();
  }
  return Error(absl::StatusCode::kOutOfRange, "LEDGER_ENDS", "no more entries");
}

ledger::v1::Entry ToldLedgers::Deleted(const std::string& ledger, const std::string& name) {
  return Keep(ledger, Next(ledger, ledger::v1::CHANGE_DELETED, name));
}

ledger::v1::Entry ToldLedgers::Withdrawn(const std::string& ledger,
                                         const google::protobuf::Message& resource) {
  ledger::v1::Entry entry = Next(ledger, ledger::v1::CHANGE_DELETED, NameOf(resource));
  entry.mutable_resource()->PackFrom(resource);
  return Keep(ledger, std::move(entry));
}

ledger::v1::Entry ToldLedgers::Erased(const std::string& ledger, const std::string& name) {
  // The law takes the payloads of before out of the ledger too.
  for (ledger::v1::Entry& entry : ledgers_[ledger].entries) {
    if (entry.resource_name().rfind(name, 0) != 0) continue;
    entry.clear_resource();
    entry.clear_resource_name();
    entry.set_erased(true);
  }
  return Keep(ledger, Next(ledger, ledger::v1::CHANGE_ERASED, name));
}

void ToldLedgers::Restore(const std::string& ledger) {
  ledgers_[ledger] = {.life = ledgers_[ledger].life + 1};
}

Replica::Replica(mysql::ConnectionOptions database, const std::vector<engine::Policy>* policies,
                 const Clock* clock)
    : keeper_({.policies = policies,
               .working_days = &WorkingDays::EnglandAndWales(),
               .clock = clock,
               .metrics = &metrics_,
               .database = std::move(database),
               .ledgers = {"workforce", "caseload", "supervision", "compliance"},
               .on_erased = [this](const std::string&) { ++erasures_; }}) {}

void Replica::Tell(const std::string& ledger, std::vector<ledger::v1::Entry> entries) {
  ledger::LedgerMessage message{.ledger = ledger};
  for (ledger::v1::Entry& entry : entries) *message.content.add_entries() = std::move(entry);
  keeper_.Take(std::move(message));
}

void Replica::TellHead(const std::string& ledger) { keeper_.Take({.ledger = ledger}); }

void Replica::TellHeads() {
  for (const char* ledger : {"workforce", "caseload", "supervision", "compliance"}) TellHead(ledger);
}

void Replica::TellDiverged(const std::string& ledger) { keeper_.Take({.ledger = ledger, .diverged = true}); }

absl::Status Replica::Ask(
    const std::string& authority, const std::vector<std::string>& after_tokens, absl::Time deadline,
    absl::FunctionRef<absl::Status(const AuthorityJudge&, const LedgerPositions&)> question) {
  while (true) {
    std::shared_ptr<absl::Notification> told;
    const auto wait_aside = [&]() -> absl::StatusOr<std::function<void()>> {
      if (absl::Now() >= deadline) return absl::DeadlineExceededError("no time is left");
      told = std::make_shared<absl::Notification>();
      return [told] { told->Notify(); };
    };
    const absl::Status status = keeper_.Ask(authority, after_tokens, deadline, wait_aside, question);
    if (told == nullptr) return status;
    told->WaitForNotificationWithDeadline(deadline);
  }
}

absl::StatusOr<std::vector<std::string>> Replica::Findings(const std::vector<std::string>& after_tokens,
                                                           CivilDay today) {
  std::vector<std::string> findings;
  const absl::Status status =
      Ask(ToldLedgers::kAuthority, after_tokens, absl::Now() + absl::Seconds(30),
          [&](const AuthorityJudge& judge, const LedgerPositions&) {
            judge.ForEachFinding(
                today, [&](const AssignedRule&, engine::Subject subject, const engine::Finding& finding) {
                  findings.push_back(absl::StrCat(judge.facts().Name(subject), " ",
                                                  engine::StatusName(finding.status), " since ",
                                                  finding.base.ToString()));
                });
            return absl::OkStatus();
          });
  if (!status.ok()) return status;
  std::sort(findings.begin(), findings.end());
  return findings;
}

void Replica::AwaitJudged(CivilDay day) {
  for (CivilDay judged = CivilDay::Min(); judged != day; std::this_thread::yield()) {
    static_cast<void>(Ask(ToldLedgers::kAuthority, {}, absl::Now() + absl::Seconds(1),
                          [&](const AuthorityJudge& judge, const LedgerPositions&) {
                            judged = judge.judged_day();
                            return absl::OkStatus();
                          }));
  }
}

ledger::v1::Entry SessionOf(ToldLedgers& ledgers, const std::string& id, const std::string& worker,
                            CivilDay day, std::vector<std::string> depends_on) {
  const auto session = Parsed<supervision::v1::Session>(absl::StrCat(
      "name: 'authorities/example/sessions/", id, "' supervisee: 'authorities/example/workers/", worker,
      "' supervisor: 'authorities/example/workers/mona' kind: KIND_FORMAL_ONE_TO_ONE state: STATE_HELD date ",
      DateText(day)));
  return ledgers.Put("supervision", session, std::move(depends_on));
}

std::vector<std::pair<std::string, ledger::v1::Entry>> AnnaAndBen(ToldLedgers& ledgers) {
  std::vector<std::pair<std::string, ledger::v1::Entry>> told;
  const std::string since = DateText(CivilDay(2020, 1, 6));
  for (const char* worker : {"anna", "ben"}) {
    const std::string name = absl::StrCat("authorities/example/workers/", worker);
    told.emplace_back("workforce",
                      ledgers.Put("workforce", Parsed<workforce::v1::Worker>(absl::StrCat(
                                                   "name: '", name, "' employment_start_date ", since))));
    told.emplace_back(
        "workforce",
        ledgers.Put("workforce", Parsed<workforce::v1::Post>(absl::StrCat(
                                     "name: '", name, "/posts/p' career_stage: CAREER_STAGE_SOCIAL_WORKER ",
                                     "team: 'authorities/example/teams/red' start_date ", since))));
    told.emplace_back(
        "workforce",
        ledgers.Put("workforce", Parsed<workforce::v1::SupervisorLink>(absl::StrCat(
                                     "name: '", name,
                                     "/supervisorLinks/l' supervisor: 'authorities/example/workers/mona' ",
                                     "function: FUNCTION_LINE_MANAGEMENT start_date ", since))));
  }
  told.emplace_back("supervision", SessionOf(ledgers, "s1", "anna", CivilDay(2026, 3, 2)));
  told.emplace_back("supervision", SessionOf(ledgers, "s2", "ben", CivilDay(2026, 4, 1)));
  told.emplace_back("compliance",
                    ledgers.Put("compliance", Parsed<v1::PolicyAssignment>(absl::StrCat(
                                                  "name: 'authorities/example/policyAssignments/a' ",
                                                  "policy: 'policies/knowsley' start_date ",
                                                  DateText(CivilDay(2026, 1, 1))))));
  return told;
}

void TellAll(Replica& replica, const std::vector<std::pair<std::string, ledger::v1::Entry>>& told) {
  for (const auto& [ledger, entry] : told) replica.Tell(ledger, {entry});
}

}  // namespace oversight::compliance::testing

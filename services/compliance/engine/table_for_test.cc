#include "services/compliance/engine/table_for_test.h"

#include "absl/strings/str_cat.h"
#include "services/compliance/engine/evaluate.h"
#include "services/compliance/engine/world.h"

namespace oversight::engine::testing {

std::string Judged(const Rule& rule, absl::string_view facts_text, absl::string_view subject,
                   absl::string_view as_of) {
  AuthorityFacts facts;
  Fill(facts, WorldFromText(facts_text));
  const std::optional<Subject> found =
      rule.subject == SubjectKind::kWorker ? facts.FindWorker(subject) : facts.FindCase(subject);
  if (!found) return "no such subject";
  const Evaluator evaluator(rule, {.effective_from = CivilDay(2024, 1, 1)}, WorkingDays::EnglandAndWales());
  const std::optional<Finding> f = evaluator.Evaluate(facts, found->index, *CivilDay::Parse(as_of));
  if (!f) return "none";
  std::string text =
      absl::StrCat(std::string(StatusName(f->status)), " ", rule.rows[f->row].id, ", from ",
                   f->base.ToString(), ", due ", f->due == CivilDay::Max() ? "never" : f->due.ToString());
  if (f->days_overdue > 0) absl::StrAppend(&text, ", ", f->days_overdue, " days overdue");
  return text;
}

}  // namespace oversight::engine::testing

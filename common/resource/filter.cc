#include "common/resource/filter.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/resource/filter_term.h"
#include "common/status/error.h"

namespace oversight::resource {
namespace {

using google::protobuf::FieldDescriptor;
using Terms = std::vector<const Filter::Term*>;

constexpr size_t kLongest = 2000;
constexpr size_t kMostComparisons = 20;
// Each combination is a prepared statement of its own.
constexpr size_t kMostConditions = 3;

bool MatchesFrom(const Message& message, const Terms& terms, size_t depth);

bool AnyEntryMatches(const Message& message, const FieldDescriptor* list, const Terms& terms, size_t depth) {
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < reflection->FieldSize(message, list); ++i) {
    if (MatchesFrom(reflection->GetRepeatedMessage(message, list, i), terms, depth + 1)) return true;
  }
  return false;
}

// Whether all terms hold, whose paths have led to `message`, which holds the field at `depth`.
bool MatchesFrom(const Message& message, const Terms& terms, size_t depth) {
  std::map<const FieldDescriptor*, Terms> through_lists;
  for (const Filter::Term* term : terms) {
    const FieldDescriptor* field = term->path[depth];
    if (depth + 1 == term->path.size()) {
      if (!term->Fits(message)) return false;
    } else if (field->is_repeated()) {
      through_lists[field].push_back(term);
    } else if (!MatchesFrom(message.GetReflection()->GetMessage(message, field), {term}, depth + 1)) {
      return false;
    }
  }
  for (const auto& [list, list_terms] : through_lists) {
    if (!AnyEntryMatches(message, list, list_terms, depth)) return false;
  }
  return true;
}

// What an index column of the same name can tell of a term.
std::optional<Condition> ConditionOf(const Kind& kind, const Filter::Term& term) {
  if (term.negated || term.any_value || term.path.size() != 1 || term.comparison == "!=") return std::nullopt;
  for (const Kind::IndexColumn& column : kind.index_columns) {
    if (column.field.empty() || column.field != term.path[0]->name()) continue;
    if (const auto* day = std::get_if<CivilDay>(&term.value)) {
      return Condition{column.column, term.comparison, *day};
    }
    if (const auto* text = std::get_if<std::string>(&term.value); text != nullptr && !text->empty()) {
      return Condition{column.column, "=", *text};
    }
    if (term.path[0]->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      return Condition{column.column, "=", std::get<int64_t>(term.value)};
    }
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<Filter> Filter::Parse(const Kind& kind, absl::string_view text) {
  if (text.size() > kLongest) {
    return InvalidFields(
        {{"filter", absl::StrCat("is ", text.size(), " bytes long; at most ", kLongest, " are accepted")}});
  }
  OVERSIGHT_ASSIGN_OR_RETURN(const std::vector<Comparison> comparisons, ReadComparisons(text));
  if (comparisons.size() > kMostComparisons) {
    return InvalidFields({{"filter", absl::StrCat("has ", comparisons.size(), " comparisons; at most ",
                                                  kMostComparisons, " are accepted")}});
  }
  Filter filter;
  for (const Comparison& comparison : comparisons) {
    OVERSIGHT_ASSIGN_OR_RETURN(Term term, Term::Make(*kind.prototype->GetDescriptor(), comparison));
    if (filter.conditions_.size() < kMostConditions) {
      if (auto condition = ConditionOf(kind, term)) filter.conditions_.push_back(*std::move(condition));
    }
    filter.terms_.push_back(std::make_shared<const Term>(std::move(term)));
  }
  return filter;
}

bool Filter::Matches(const Message& resource) const {
  Terms together;
  for (const auto& term : terms_) {
    if (!term->negated) {
      together.push_back(term.get());
    } else if (MatchesFrom(resource, {term.get()}, 0)) {
      return false;
    }
  }
  return MatchesFrom(resource, together, 0);
}

}  // namespace oversight::resource

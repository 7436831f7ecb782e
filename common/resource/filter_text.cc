#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/resource/filter_term.h"
#include "common/status/error.h"

namespace oversight::resource {
namespace {

// Reads a filter from left to right.
class Reader {
 public:
  explicit Reader(absl::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Comparison>> Read() {
    std::vector<Comparison> comparisons;
    SkipBlanks();
    while (!AtEnd()) {
      if (!comparisons.empty() && !TakeWord("AND")) {
        return Wrong("expected AND; only comparisons joined by AND are understood");
      }
      Comparison comparison;
      comparison.negated = TakeWord("NOT") || Take("-");
      OVERSIGHT_RETURN_IF_ERROR(ReadField(comparison));
      OVERSIGHT_RETURN_IF_ERROR(ReadComparison(comparison));
      OVERSIGHT_RETURN_IF_ERROR(ReadValue(comparison));
      comparisons.push_back(std::move(comparison));
      SkipBlanks();
      if (AtEnd()) break;
    }
    return comparisons;
  }

 private:
  static bool IsOfField(char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
  }
  static bool IsOfWord(char c) {
    return !absl::ascii_isspace(static_cast<unsigned char>(c)) && c != '(' && c != ')' && c != '"' &&
           c != '\'';
  }

  bool AtEnd() const { return position_ == text_.size(); }
  void SkipBlanks() {
    while (!AtEnd() && absl::ascii_isspace(static_cast<unsigned char>(text_[position_]))) ++position_;
  }
  bool Take(absl::string_view token) {
    if (!absl::StartsWith(text_.substr(position_), token)) return false;
    position_ += token.size();
    SkipBlanks();
    return true;
  }
  // Takes the word when it ends there.
  bool TakeWord(absl::string_view word) {
    const absl::string_view rest = text_.substr(position_);
    if (!absl::StartsWith(rest, word)) return false;
    const bool ends =
        rest.size() == word.size() || absl::ascii_isspace(static_cast<unsigned char>(rest[word.size()]));
    return ends && Take(word);
  }

  absl::Status ReadField(Comparison& comparison) {
    const size_t begin = position_;
    while (!AtEnd() && IsOfField(text_[position_])) ++position_;
    comparison.field = std::string(text_.substr(begin, position_ - begin));
    if (comparison.field.empty()) {
      return Wrong("expected a field; parentheses, OR and functions are not understood");
    }
    SkipBlanks();
    return absl::OkStatus();
  }

  absl::Status ReadComparison(Comparison& comparison) {
    for (const char* token : {"!=", "<=", ">=", "=", "<", ">", ":"}) {
      if (!Take(token)) continue;
      comparison.comparison = token;
      return absl::OkStatus();
    }
    return Wrong(absl::StrCat("expected =, !=, <, <=, >, >= or : after `", comparison.field, "`"));
  }

  absl::Status ReadValue(Comparison& comparison) {
    if (!AtEnd() && (text_[position_] == '"' || text_[position_] == '\'')) return ReadQuoted(comparison);
    const size_t begin = position_;
    while (!AtEnd() && IsOfWord(text_[position_])) ++position_;
    comparison.value = std::string(text_.substr(begin, position_ - begin));
    if (comparison.value.empty()) {
      return Wrong(
          absl::StrCat("expected a value after `", comparison.field, " ", comparison.comparison, "`"));
    }
    comparison.any_value = comparison.value == "*";
    return absl::OkStatus();
  }

  absl::Status ReadQuoted(Comparison& comparison) {
    const char quote = text_[position_++];
    while (!AtEnd() && text_[position_] != quote) {
      if (text_[position_] == '\\' && position_ + 1 < text_.size()) ++position_;
      comparison.value.push_back(text_[position_++]);
    }
    if (AtEnd()) return Wrong(absl::StrCat("the quoted value of `", comparison.field, "` does not end"));
    ++position_;
    if (!AtEnd() && IsOfWord(text_[position_])) return Wrong("expected a blank after the quoted value");
    return absl::OkStatus();
  }

  absl::Status Wrong(absl::string_view what) const {
    return InvalidFields({{"filter", absl::StrCat("at character ", position_ + 1, ": ", what)}});
  }

  const absl::string_view text_;
  size_t position_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<Comparison>> ReadComparisons(absl::string_view text) {
  return Reader(text).Read();
}

}  // namespace oversight::resource

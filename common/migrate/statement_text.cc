#include "common/migrate/statement_text.h"

#include <cctype>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace oversight::migrate {
namespace {

constexpr absl::string_view kAllowed =
    "write one CREATE, ALTER or DROP of a TABLE, INDEX or VIEW, or one INSERT, UPDATE, DELETE or REPLACE";

// Walks over SQL text and keeps what matters about it: its first words, and where a second statement begins.
class Scanner {
 public:
  explicit Scanner(absl::string_view text) : text_(text) {}

  void Run() {
    while (position_ < text_.size()) Step();
  }

  // Text up to the first semicolon outside of quotes and comments.
  absl::string_view statement() const { return text_.substr(0, end_); }
  const std::vector<std::string>& words() const { return words_; }
  bool has_text_after_end() const { return text_after_end_; }
  bool has_comma() const { return comma_; }
  const std::string& fault() const { return fault_; }

 private:
  void Step() {
    const absl::string_view rest = text_.substr(position_);
    const char c = rest[0];
    if (absl::StartsWith(rest, "/*!") || absl::StartsWith(rest, "/*M!")) {
      fault_ = "executable comments are not allowed";
      position_ = text_.size();
    } else if (absl::StartsWith(rest, "/*")) {
      SkipPast("*/", 2, "a comment is not closed");
    } else if (c == '#' || rest == "--" || (absl::StartsWith(rest, "--") && absl::ascii_isspace(rest[2]))) {
      const size_t newline = text_.find('\n', position_);
      position_ = newline == absl::string_view::npos ? text_.size() : newline + 1;
    } else if (absl::ascii_isspace(c)) {
      ++position_;
    } else if (c == ';') {
      if (end_ == absl::string_view::npos) end_ = position_;
      ++position_;
    } else {
      if (end_ != absl::string_view::npos) text_after_end_ = true;
      ReadCode(c);
    }
  }

  void ReadCode(char c) {
    if (c == '\'' || c == '"' || c == '`') {
      SkipQuoted(c);
    } else if (absl::ascii_isalpha(c)) {
      const size_t begin = position_;
      while (position_ < text_.size() && (absl::ascii_isalnum(text_[position_]) || text_[position_] == '_')) {
        ++position_;
      }
      if (words_.size() < 3) words_.push_back(absl::AsciiStrToUpper(text_.substr(begin, position_ - begin)));
    } else {
      if (c == ',') comma_ = true;
      ++position_;
    }
  }

  void SkipQuoted(char quote) {
    for (++position_; position_ < text_.size(); ++position_) {
      if (text_[position_] == '\\' && quote != '`') {
        ++position_;
      } else if (text_[position_] == quote) {
        // A doubled quote is read as two texts in a row, which ends at the same place.
        ++position_;
        return;
      }
    }
    fault_ = "a quoted text is not closed";
  }

  void SkipPast(absl::string_view closing, size_t opening, absl::string_view fault) {
    const size_t found = text_.find(closing, position_ + opening);
    if (found == absl::string_view::npos) {
      fault_ = std::string(fault);
      position_ = text_.size();
    } else {
      position_ = found + closing.size();
    }
  }

  const absl::string_view text_;
  size_t position_ = 0;
  size_t end_ = absl::string_view::npos;
  std::vector<std::string> words_;
  bool text_after_end_ = false;
  bool comma_ = false;
  std::string fault_;
};

bool IsOneOf(absl::string_view word, std::initializer_list<absl::string_view> accepted) {
  for (absl::string_view candidate : accepted) {
    if (word == candidate) return true;
  }
  return false;
}

// The kind of thing a table statement is about: `CREATE UNIQUE INDEX`, `CREATE OR REPLACE VIEW`.
bool NamesTableIndexOrView(const std::vector<std::string>& words) {
  if (words.size() < 2) return false;
  if (IsOneOf(words[1], {"TABLE", "INDEX", "VIEW"})) return true;
  return words[0] == "CREATE" && words.size() > 2 &&
         ((words[1] == "UNIQUE" && words[2] == "INDEX") || (words[1] == "OR" && words[2] == "REPLACE"));
}

}  // namespace

StatementText ReadStatement(absl::string_view text) {
  Scanner scanner(text);
  scanner.Run();
  StatementText result;
  result.sql = std::string(absl::StripAsciiWhitespace(scanner.statement()));
  const std::vector<std::string>& words = scanner.words();
  if (!scanner.fault().empty()) result.faults.push_back(scanner.fault());
  if (words.empty()) {
    if (scanner.fault().empty()) result.faults.push_back(absl::StrCat("holds no statement; ", kAllowed));
    return result;
  }
  if (scanner.has_text_after_end()) result.faults.push_back("holds more than one statement; split the file");
  result.changes_rows = IsOneOf(words[0], {"INSERT", "UPDATE", "DELETE", "REPLACE"});
  const bool changes_tables = IsOneOf(words[0], {"CREATE", "ALTER", "DROP"}) && NamesTableIndexOrView(words);
  if (!result.changes_rows && !changes_tables) {
    result.faults.push_back(absl::StrCat("begins with ", words[0], "; ", kAllowed));
  }
  if (words[0] == "DROP" && scanner.has_comma()) {
    result.faults.push_back(
        "drops several things, which the database does not do as a whole; split the file");
  }
  return result;
}

}  // namespace oversight::migrate

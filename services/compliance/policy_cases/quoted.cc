#include "services/compliance/policy_cases/quoted.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <set>
#include <utility>

namespace oversight::policy_cases {
namespace {

using google::protobuf::io::Tokenizer;

class Silent : public google::protobuf::io::ErrorCollector {
 public:
#if GOOGLE_PROTOBUF_VERSION >= 4022000
  void RecordError(int, int, absl::string_view) override {}
#else
  void AddError(int, int, const std::string&) override {}
#endif
};

// A value is one quoted text or several that stand after each other; in a list a comma divides values.
class Scanner {
 public:
  explicit Scanner(absl::string_view text)
      : input_(text.data(), static_cast<int>(text.size())), tokenizer_(&input_, &silent_) {
    tokenizer_.set_comment_style(Tokenizer::SH_COMMENT_STYLE);
    tokenizer_.set_allow_multiline_strings(false);
    tokenizer_.Next();
  }

  // The values of the field whose name begins at this place; places ascend from call to call.
  void AddValuesOf(Place field, std::vector<PlacedText>& values) {
    while (Type() != Tokenizer::TYPE_END && Before(field)) tokenizer_.Next();
    tokenizer_.Next();  // the name
    if (IsSymbol(":")) tokenizer_.Next();
    const bool list = IsSymbol("[");
    if (list) tokenizer_.Next();
    do {
      if (Type() != Tokenizer::TYPE_STRING) return;
      values.emplace_back();
      for (; Type() == Tokenizer::TYPE_STRING; tokenizer_.Next()) AddPiece(values.back());
      if (!list || !IsSymbol(",")) return;
      tokenizer_.Next();
    } while (true);
  }

 private:
  Tokenizer::TokenType Type() { return tokenizer_.current().type; }
  bool IsSymbol(absl::string_view symbol) {
    return Type() == Tokenizer::TYPE_SYMBOL && tokenizer_.current().text == std::string(symbol);
  }
  bool Before(Place place) {
    const auto& token = tokenizer_.current();
    return std::pair(token.line + 1, token.column + 1) < std::pair(place.line, place.column);
  }
  // Escapes are rare in a fact; after one the places of its text are a little early.
  void AddPiece(PlacedText& value) {
    const auto& token = tokenizer_.current();
    std::string piece;
    Tokenizer::ParseStringAppend(token.text, &piece);
    for (size_t i = 0; i < piece.size(); ++i)
      value.places.push_back({token.line + 1, token.column + 2 + static_cast<int>(i)});
    value.text += piece;
  }

  Silent silent_;
  google::protobuf::io::ArrayInputStream input_;
  Tokenizer tokenizer_;
};

}  // namespace

std::vector<PlacedText> QuotedTexts(absl::string_view text, const std::vector<Place>& fields,
                                    const google::protobuf::RepeatedPtrField<std::string>& values) {
  std::set<std::pair<int, int>> starts;
  for (const Place& field : fields) starts.emplace(field.line, field.column);
  std::vector<PlacedText> found;
  Scanner scanner(text);
  for (const auto& [line, column] : starts) scanner.AddValuesOf({line, column}, found);
  // Places are a help to the reader; what was parsed counts.
  found.resize(static_cast<size_t>(values.size()));
  for (int i = 0; i < values.size(); ++i) {
    PlacedText& value = found[static_cast<size_t>(i)];
    if (value.text == values[i] && !value.places.empty()) continue;
    const Place at = fields.empty() ? Place{} : fields[std::min(static_cast<size_t>(i), fields.size() - 1)];
    value = {values[i], std::vector<Place>(values[i].size(), at)};
  }
  return found;
}

}  // namespace oversight::policy_cases

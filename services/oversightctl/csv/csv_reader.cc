#include "services/oversightctl/csv/csv_reader.h"

#include <csv.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace oversight::ctl {
namespace {

constexpr size_t kBlockBytes = 64 * 1024;
constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Counts line ends, a CRLF as one even when it is cut between two pieces.
class LineCounter {
 public:
  void Take(absl::string_view text) {
    for (const char c : text) {
      if (c == '\r' || (c == '\n' && !after_cr_)) ++lines_;
      after_cr_ = c == '\r';
    }
  }
  int line() const { return lines_ + 1; }

 private:
  int lines_ = 0;
  bool after_cr_ = false;
};

// libcsv with the numbering of lines on top.
class Parser {
 public:
  explicit Parser(absl::FunctionRef<void(int, std::vector<std::string>&)> row) : row_(row) {
    csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL);
  }
  ~Parser() { csv_free(&parser_); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // `before` counts the lines ahead of the block.
  std::optional<CsvBreak> Parse(absl::string_view block, const LineCounter& before) {
    const size_t done =
        csv_parse(&parser_, block.data(), block.size(), &Parser::OnField, &Parser::OnRowEnd, this);
    if (done == block.size()) return std::nullopt;
    if (csv_error(&parser_) != CSV_EPARSE) return CsvBreak{row_line_, "out of memory"};
    LineCounter lines = before;
    lines.Take(block.substr(0, done));
    return CsvBreak{lines.line(),
                    absl::StrCat("a double quote in the wrong place (quote the whole field and double "
                                 "the quotes inside it); the row begins on line ",
                                 row_line_)};
  }

  std::optional<CsvBreak> Finish() {
    if (csv_fini(&parser_, &Parser::OnField, &Parser::OnRowEnd, this) == 0) return std::nullopt;
    return CsvBreak{row_line_,
                    "a quoted field of the row that begins here never ends: the file was cut off, or a "
                    "closing double quote is missing"};
  }

 private:
  static void OnField(void* text, size_t size, void* self) {
    auto& parser = *static_cast<Parser*>(self);
    parser.fields_.emplace_back(static_cast<const char*>(text), size);
    parser.in_fields_.Take(parser.fields_.back());
    parser.after_cr_ = false;
  }

  // `terminator` is the character that ended the row, or -1 at the end of the file.
  static void OnRowEnd(int terminator, void* self) {
    auto& parser = *static_cast<Parser*>(self);
    if (terminator == '\n' && parser.after_cr_) {
      parser.after_cr_ = false;  // second half of a CRLF
      return;
    }
    parser.after_cr_ = terminator == '\r';
    if (!parser.fields_.empty()) parser.row_(parser.row_line_, parser.fields_);
    parser.fields_.clear();
    parser.row_line_ += parser.in_fields_.line();  // its own line and those inside quotes
    parser.in_fields_ = LineCounter();
  }

  absl::FunctionRef<void(int, std::vector<std::string>&)> row_;
  csv_parser parser_;
  std::vector<std::string> fields_;
  int row_line_ = 1;
  bool after_cr_ = false;
  LineCounter in_fields_;
};

bool IsUtf16(absl::string_view beginning) {
  return beginning.substr(0, 2) == "\xFF\xFE" || beginning.substr(0, 2) == "\xFE\xFF";
}

}  // namespace

CsvEnd ReadCsv(std::istream& in, absl::FunctionRef<void(int line, std::vector<std::string>& fields)> row) {
  Parser parser(row);
  std::vector<char> buffer(kBlockBytes);
  LineCounter lines;
  char last = '\n';
  bool first = true;
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), in.gcount() > 0) {
    absl::string_view block(buffer.data(), static_cast<size_t>(in.gcount()));
    if (first && IsUtf16(block)) return {CsvBreak{1, "the file is UTF-16; save it as UTF-8"}};
    if (first && block.substr(0, kByteOrderMark.size()) == kByteOrderMark)
      block.remove_prefix(kByteOrderMark.size());
    first = false;
    const size_t nul = block.find('\0');
    const absl::string_view good = block.substr(0, nul);
    if (auto fault = parser.Parse(good, lines)) return {std::move(fault)};
    lines.Take(good);
    if (nul != absl::string_view::npos) {
      return {CsvBreak{lines.line(), "a NUL byte: the file is damaged, or no CSV file"}};
    }
    if (!good.empty()) last = good.back();
  }
  if (in.bad()) return {CsvBreak{lines.line(), "the file could not be read to its end"}};
  return {parser.Finish(), last == '\n' || last == '\r'};
}

}  // namespace oversight::ctl

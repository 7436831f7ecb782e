#include "services/compliance/policy/parse.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace oversight::policy {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::TextFormat;

constexpr int kMaxEnumFaults = 100;
// Deeper than anybody can read, and far from exhausting the stack.
constexpr int kMaxNesting = 50;

std::vector<std::string> FieldNames(const Descriptor& message) {
  std::vector<std::string> names;
  for (int i = 0; i < message.field_count(); ++i) names.push_back(message.field(i)->name());
  return names;
}

std::vector<std::string> ValueNames(const EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) names.push_back(type.value(i)->name());
  }
  return names;
}

std::string DidYouMean(absl::string_view word, const std::vector<std::string>& candidates) {
  const absl::string_view closest = Closest(word, candidates);
  const std::string hint = closest.empty() ? "" : absl::StrCat("did you mean `", closest, "`? ");
  return absl::StrCat(hint, "expected one of: ", absl::StrJoin(candidates, ", "));
}

// The parser's messages quote names: every second piece between quotes.
std::vector<std::string> Quoted(absl::string_view message) {
  const std::vector<std::string> pieces = absl::StrSplit(message, '"');
  std::vector<std::string> quoted;
  for (size_t i = 1; i < pieces.size(); i += 2) quoted.push_back(pieces[i]);
  return quoted;
}

// An enum field of the language by its name.
const EnumDescriptor* EnumOfField(const google::protobuf::FileDescriptor* file, absl::string_view name) {
  for (int i = 0; i < file->message_type_count(); ++i) {
    const FieldDescriptor* field = file->message_type(i)->FindFieldByName(std::string(name));
    if (field != nullptr && field->enum_type() != nullptr) return field->enum_type();
  }
  return nullptr;
}

// Where the byte at a line and column (from 1) stands in the text. The tokenizer counts a tab up to the next
// multiple of eight.
size_t OffsetOf(absl::string_view text, int line, int column) {
  size_t offset = 0;
  for (int i = 1; i < line; ++i) offset = text.find('\n', offset) + 1;
  for (int at = 1; at < column && offset < text.size() && text[offset] != '\n'; ++offset) {
    at += text[offset] == '\t' ? 8 - (at - 1) % 8 : 1;
  }
  return offset;
}

Fault PlaceOf(absl::string_view text, size_t offset, std::string message) {
  const absl::string_view before = text.substr(0, offset);
  const size_t newline = before.rfind('\n');
  const size_t line_start = newline == absl::string_view::npos ? 0 : newline + 1;
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(offset - line_start) + 1, std::move(message)};
}

// Turns the parser's complaints into faults that teach.
class Collector : public google::protobuf::io::ErrorCollector {
 public:
  explicit Collector(absl::string_view text) : text_(text) {}

#if GOOGLE_PROTOBUF_VERSION >= 4022000
  void RecordError(int line, int column, absl::string_view message) override { Error(line, column, message); }
  void RecordWarning(int line, int column, absl::string_view message) override {
    Warning(line, column, message);
  }
#else
  void AddError(int line, int column, const std::string& message) override { Error(line, column, message); }
  void AddWarning(int line, int column, const std::string& message) override {
    Warning(line, column, message);
  }
#endif

  std::vector<Fault> errors;
  std::vector<Fault> unknown_fields;

 private:
  void Error(int line, int column, absl::string_view message) {
    errors.push_back({line + 1, column + 1, std::string(message)});
  }
  // Unknown fields are warnings, so that the rest is read too.
  void Warning(int line, int column, absl::string_view message) {
    const std::vector<std::string> names = Quoted(message);
    if (absl::StrContains(message, "has no field named") && names.size() == 2) {
      const Descriptor* type =
          google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(names[0]);
      // Reported at the token that follows.
      const size_t offset = text_.rfind(names[1], OffsetOf(text_, line + 1, column + 1));
      if (type != nullptr && offset != absl::string_view::npos) {
        unknown_fields.push_back(PlaceOf(
            text_, offset,
            absl::StrCat("unknown field `", names[1], "`: ", DidYouMean(names[1], FieldNames(*type)))));
        return;
      }
    }
    unknown_fields.push_back({line + 1, column + 1, std::string(message)});
  }

  const absl::string_view text_;
};

// If the error is an unknown enum value: its fault, and in `text` a number of the same width in its place, so
// that the rest can be read.
std::optional<Fault> TakeUnknownValue(const google::protobuf::FileDescriptor* file, const Fault& error,
                                      std::string& text) {
  if (!absl::StartsWith(error.message, "Unknown enumeration value of")) return std::nullopt;
  const std::vector<std::string> names = Quoted(error.message);
  if (names.size() != 2 || names[0].empty()) return std::nullopt;
  const EnumDescriptor* type = EnumOfField(file, names[1]);
  // The parser reports it at the token that follows.
  const size_t offset = text.rfind(names[0], OffsetOf(text, error.line, error.column));
  if (type == nullptr || offset == std::string::npos) return std::nullopt;
  text.replace(offset, names[0].size(), absl::StrCat("1", std::string(names[0].size() - 1, ' ')));
  return PlaceOf(text, offset,
                 absl::StrCat("unknown value `", names[0], "` of field `", names[1],
                              "`: ", DidYouMean(names[0], ValueNames(*type))));
}

// The number of edits that turn one word into the other.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string ToString(absl::string_view file_name, const Fault& fault) {
  return absl::StrCat(file_name, ":", fault.line, ":", fault.column, ": ", fault.message);
}

absl::string_view Closest(absl::string_view word, const std::vector<std::string>& candidates) {
  absl::string_view closest;
  size_t best = std::max<size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    // Leaving out an enum's prefix is the commonest slip.
    const size_t distance =
        absl::EndsWith(candidate, absl::StrCat("_", word)) ? 0 : Distance(word, candidate);
    if (distance < best) {
      best = distance;
      closest = candidate;
    }
  }
  return closest;
}

bool Parse(absl::string_view text, google::protobuf::Message& message,
           std::unique_ptr<TextFormat::ParseInfoTree>& places, std::vector<Fault>& faults) {
  std::string readable(text);
  for (int i = 0; i < kMaxEnumFaults; ++i) {
    Collector collector(readable);
    TextFormat::Parser parser;
    parser.RecordErrorsTo(&collector);
    parser.AllowUnknownField(true);
    parser.SetRecursionLimit(kMaxNesting);
    places = std::make_unique<TextFormat::ParseInfoTree>();
    parser.WriteLocationsTo(places.get());
    message.Clear();
    const bool read = parser.ParseFromString(readable, &message);
    if (!read && collector.errors.size() == 1) {
      if (std::optional<Fault> fault =
              TakeUnknownValue(message.GetDescriptor()->file(), collector.errors.front(), readable)) {
        faults.push_back(*std::move(fault));
        continue;
      }
    }
    faults.insert(faults.end(), collector.unknown_fields.begin(), collector.unknown_fields.end());
    faults.insert(faults.end(), collector.errors.begin(), collector.errors.end());
    return read;
  }
  return false;
}

}  // namespace oversight::policy

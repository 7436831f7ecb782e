#include "services/compliance/engine/name_shape.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace oversight::engine {
namespace {

// Fewer may be a word, or a number.
constexpr size_t kFewestHexDigits = 16;
constexpr absl::string_view kUuid = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

bool IsHexDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f');
}

bool BeginsWithUuid(absl::string_view text) {
  if (text.size() < kUuid.size()) return false;
  for (size_t i = 0; i < kUuid.size(); ++i) {
    if (kUuid[i] == '-' ? text[i] != '-' : !IsHexDigit(text[i])) return false;
  }
  return true;
}

template <typename Condition>
size_t LengthOfRun(absl::string_view text, Condition&& condition) {
  return static_cast<size_t>(std::find_if_not(text.begin(), text.end(), condition) - text.begin());
}

class Taking {
 public:
  bool Take(absl::string_view name) {
    while (!name.empty()) {
      if (!IsHexDigit(name.front())) {
        if (!Character(name.front())) return false;
        name.remove_prefix(1);
        continue;
      }
      if (BeginsWithUuid(name)) {
        const absl::string_view uuid = name.substr(0, kUuid.size());
        name.remove_prefix(kUuid.size());
        for (size_t begin = 0; begin < uuid.size();) {
          const size_t run = LengthOfRun(uuid.substr(begin), IsHexDigit);
          if (!Digits(uuid.substr(begin, run), true)) return false;
          begin += run;
          if (begin < uuid.size() && !Character(uuid[begin++])) return false;
        }
        continue;
      }
      const size_t hex = LengthOfRun(name, IsHexDigit);
      const size_t decimal =
          LengthOfRun(name, [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
      const size_t run = hex >= kFewestHexDigits ? hex : decimal;
      if (run > 0 ? !Digits(name.substr(0, run), hex >= kFewestHexDigits) : !Character(name.front()))
        return false;
      name.remove_prefix(std::max<size_t>(run, 1));
    }
    return true;
  }
  const ShapedName& taken() const { return taken_; }

 private:
  bool Character(char c) { return !shape_marks::IsMark(c) && Put(c); }

  bool Put(char c) {
    if (taken_.text_size == ShapedName::kMostText) return false;
    taken_.text[taken_.text_size++] = c;
    return true;
  }

  bool Digits(absl::string_view run, bool hex) {
    const size_t most = hex ? shape_marks::kMostHex : shape_marks::kMostDecimal;
    while (!run.empty()) {
      const size_t digits = std::min(run.size(), most);
      const char mark = static_cast<char>(digits + (hex ? shape_marks::kMostDecimal : 0));
      if (taken_.count == ShapedName::kMostNumbers || !Put(mark)) return false;
      uint32_t number = 0;
      for (const char c : run.substr(0, digits)) {
        number = hex ? number * 16 : number * 10;
        number += static_cast<uint32_t>(c <= '9' ? c - '0' : c - 'a' + 10);
      }
      taken_.numbers[taken_.count++] = number;
      run.remove_prefix(digits);
    }
    return true;
  }

  ShapedName taken_;
};

}  // namespace

std::optional<ShapedName> TakeApart(absl::string_view name) {
  Taking taking;
  if (!taking.Take(name)) return std::nullopt;
  return taking.taken();
}

uint32_t CountNumbers(absl::string_view shape) {
  return static_cast<uint32_t>(std::count_if(shape.begin(), shape.end(), shape_marks::IsMark));
}

}  // namespace oversight::engine

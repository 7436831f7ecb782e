#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace oversight::engine {

// A name taken apart: names of one kind are mostly alike but for their numbers, `cases/C-004711` and
// `cases/C-004712`, or 32 hexadecimal digits.
struct ShapedName {
  static constexpr size_t kMostText = 120;
  static constexpr size_t kMostNumbers = 18;

  // What is alike, with a mark in place of each number that says how it is written.
  absl::string_view shape() const { return {text.data(), text_size}; }

  std::array<char, kMostText> text;
  uint8_t text_size = 0;
  uint8_t count = 0;
  std::array<uint32_t, kMostNumbers> numbers;
};

// Nothing when it does not pay: a name that is too long, has too many numbers, or characters that are marks.
std::optional<ShapedName> TakeApart(absl::string_view name);

// How many numbers a shape has.
uint32_t CountNumbers(absl::string_view shape);

// The name that TakeApart took apart; `number(i)` is its i-th.
template <typename Number>
std::string PutTogether(absl::string_view shape, Number&& number);

// ---- How.

namespace shape_marks {
// A mark says how many digits there are, and of which base.
inline constexpr int kMostDecimal = 9;
inline constexpr int kMostHex = 8;
inline constexpr char kLast = kMostDecimal + kMostHex;
constexpr bool IsMark(char c) { return static_cast<uint8_t>(c) <= kLast; }
constexpr bool IsHex(char mark) { return mark > kMostDecimal; }
constexpr int Digits(char mark) { return IsHex(mark) ? mark - kMostDecimal : mark; }
}  // namespace shape_marks

template <typename Number>
std::string PutTogether(absl::string_view shape, Number&& number) {
  std::string name;
  name.reserve(2 * shape.size());
  uint32_t next = 0;
  for (const char c : shape) {
    if (!shape_marks::IsMark(c)) {
      name.push_back(c);
      continue;
    }
    uint32_t left = number(next++);
    const uint32_t base = shape_marks::IsHex(c) ? 16 : 10;
    name.append(static_cast<size_t>(shape_marks::Digits(c)), '0');
    for (size_t at = name.size() - 1; left != 0; left /= base, --at)
      name[at] = "0123456789abcdef"[left % base];
  }
  return name;
}

}  // namespace oversight::engine

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace oversight::engine {

// Values of a plain type in one row, of which there are mostly few: up to `kFew` need no memory of their own.
template <typename Value, size_t kFew>
class ShortList {
 public:
  ShortList() = default;
  template <typename Iterator>
  ShortList(Iterator first, Iterator last) {
    for (; first != last; ++first) push_back(*first);
  }

  void push_back(const Value& value) { Append() = value; }
  // One more, as a value is made, to be filled in place.
  Value& Append() {
    if (size_ < kFew) return few_[size_++] = Value{};
    if (size_ == kFew) many_.assign(few_.begin(), few_.end());
    ++size_;
    return many_.emplace_back();
  }
  // Keeps the first `size`, of which there must be as many.
  void Shorten(size_t size) {
    if (size_ > kFew) {
      many_.resize(size);
      if (size <= kFew) std::copy(many_.begin(), many_.end(), few_.begin());
    }
    size_ = size;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Value* data() { return size_ > kFew ? many_.data() : few_.data(); }
  const Value* data() const { return size_ > kFew ? many_.data() : few_.data(); }
  Value* begin() { return data(); }
  Value* end() { return data() + size_; }
  const Value* begin() const { return data(); }
  const Value* end() const { return data() + size_; }
  Value& operator[](size_t i) { return data()[i]; }
  const Value& operator[](size_t i) const { return data()[i]; }
  Value& front() { return data()[0]; }
  const Value& front() const { return data()[0]; }
  Value& back() { return data()[size_ - 1]; }
  const Value& back() const { return data()[size_ - 1]; }

  friend bool operator==(const ShortList& a, const ShortList& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::array<Value, kFew> few_{};
  size_t size_ = 0;
  std::vector<Value> many_;  // all of them, once they are more
};

}  // namespace oversight::engine

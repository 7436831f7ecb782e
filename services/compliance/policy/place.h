#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/compliance/policy/fault.h"

namespace oversight::policy {

// A message together with where it and its fields stand in the text.
template <typename Message>
class Placed {
 public:
  using Tree = google::protobuf::TextFormat::ParseInfoTree;

  Placed(const Message& message, const Tree* tree, int line, int column)
      : message_(message), tree_(tree), line_(line), column_(column) {}

  const Message& operator*() const { return message_; }
  const Message* operator->() const { return &message_; }

  // A fault of the message itself: something is not there.
  Fault Here(std::string message) const { return {line_, column_, std::move(message)}; }
  // A fault of a field; of its `index`-th value when it is repeated.
  Fault At(absl::string_view field, std::string message, int index = -1) const {
    const auto place = Locate(field, index);
    return {place.line, place.column, std::move(message)};
  }
  template <typename Nested>
  Placed<Nested> Into(absl::string_view field, const Nested& nested, int index = -1) const {
    const auto place = Locate(field, index);
    const auto* descriptor = Find(field);
    return {nested, tree_ == nullptr ? nullptr : tree_->GetTreeForNested(descriptor, index), place.line,
            place.column};
  }

 private:
  struct Position {
    int line;
    int column;
  };

  static const google::protobuf::FieldDescriptor* Find(absl::string_view field) {
    return Message::descriptor()->FindFieldByName(std::string(field));
  }
  Position Locate(absl::string_view field, int index) const {
    if (tree_ == nullptr) return {line_, column_};
    const auto place = tree_->GetLocation(Find(field), index);
    return place.line < 0 ? Position{line_, column_} : Position{place.line + 1, place.column + 1};
  }

  const Message& message_;
  const Tree* tree_;
  int line_;
  int column_;
};

}  // namespace oversight::policy

#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace oversight::access {

// A list as somebody sees it who may see part of it.
struct VisibleList {
  // Asks the method, with the real page tokens.
  std::function<absl::Status(const google::protobuf::Message& request, google::protobuf::Message& response)>
      ask;
  // Whether an item of the answer may be seen.
  std::function<absl::StatusOr<bool>(const google::protobuf::Message& item)> shows;

  // Answers `request` (AIP-132) with what may be seen. A page has at least one item, unless nothing more is
  // to be seen; then it has no token for another either: what is hidden leaves no trace, in counts
  // (`total_size`) neither. What is hidden is read past in large pages.
  absl::Status Answer(const google::protobuf::Message& request, google::protobuf::Message& response) const;

 private:
  absl::StatusOr<int> AskAndHide(const google::protobuf::Message& request,
                                 google::protobuf::Message& response) const;
  // Moves the request's page token on to where a page of the size asked for shows something. False when none
  // does. `like` is an answer of the method.
  absl::StatusOr<bool> SkipHidden(google::protobuf::Message& request,
                                  const google::protobuf::Message& like) const;
};

// A singular text field by its name; empty when the message has none.
std::string TextIn(const google::protobuf::Message& message, absl::string_view field);
void SetTextIn(google::protobuf::Message& message, absl::string_view field, const std::string& text);

}  // namespace oversight::access

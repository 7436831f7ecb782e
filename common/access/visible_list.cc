#include "common/access/visible_list.h"

#include <memory>
#include <vector>

#include "common/status/macros.h"
#include "google/protobuf/descriptor.h"

namespace oversight::access {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// From large to small, until the page that was asked for begins with something to be seen.
constexpr int kStrides[] = {1000, 100, 10};
constexpr int kDefaultPageSize = 100;

const FieldDescriptor* TextField(const Message& message, absl::string_view name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(name));
  return field == nullptr || field->is_repeated() || field->type() != FieldDescriptor::TYPE_STRING ? nullptr
                                                                                                   : field;
}

const FieldDescriptor* PageSizeField(const Message& request) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("page_size");
  return field == nullptr || field->type() != FieldDescriptor::TYPE_INT32 ? nullptr : field;
}

std::unique_ptr<Message> NewLike(const Message& message) { return std::unique_ptr<Message>(message.New()); }

}  // namespace

std::string TextIn(const Message& message, absl::string_view name) {
  const FieldDescriptor* field = TextField(message, name);
  return field == nullptr ? std::string() : message.GetReflection()->GetString(message, field);
}

void SetTextIn(Message& message, absl::string_view name, const std::string& text) {
  if (const FieldDescriptor* field = TextField(message, name); field != nullptr) {
    message.GetReflection()->SetString(&message, field, text);
  }
}

absl::Status VisibleList::Answer(const Message& request, Message& response) const {
  OVERSIGHT_ASSIGN_OR_RETURN(const int shown, AskAndHide(request, response));
  std::string next = TextIn(response, "next_page_token");
  if (next.empty() || PageSizeField(request) == nullptr) return absl::OkStatus();
  const std::unique_ptr<Message> onward = NewLike(request);
  onward->CopyFrom(request);
  SetTextIn(*onward, "page_token", next);
  OVERSIGHT_ASSIGN_OR_RETURN(bool more, SkipHidden(*onward, response));
  if (shown == 0 && more) {
    response.Clear();
    OVERSIGHT_RETURN_IF_ERROR(AskAndHide(*onward, response).status());
    next = TextIn(response, "next_page_token");
    more = !next.empty();
    if (more) {
      SetTextIn(*onward, "page_token", next);
      OVERSIGHT_ASSIGN_OR_RETURN(more, SkipHidden(*onward, response));
    }
  }
  SetTextIn(response, "next_page_token", more ? TextIn(*onward, "page_token") : std::string());
  return absl::OkStatus();
}

absl::StatusOr<int> VisibleList::AskAndHide(const Message& request, Message& response) const {
  OVERSIGHT_RETURN_IF_ERROR(ask(request, response));
  const Reflection* reflection = response.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(response, &fields);
  int shown = 0;
  for (const FieldDescriptor* field : fields) {
    if (field->name() == "total_size") reflection->ClearField(&response, field);
    if (!field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    int kept = 0;
    const int count = reflection->FieldSize(response, field);
    for (int i = 0; i < count; ++i) {
      OVERSIGHT_ASSIGN_OR_RETURN(const bool show, shows(reflection->GetRepeatedMessage(response, field, i)));
      if (show) reflection->SwapElements(&response, field, i, kept++);
    }
    for (int i = count; i > kept; --i) reflection->RemoveLast(&response, field);
    shown += kept;
  }
  return shown;
}

absl::StatusOr<bool> VisibleList::SkipHidden(Message& request, const Message& like) const {
  const FieldDescriptor* size_field = PageSizeField(request);
  const int asked_for = request.GetReflection()->GetInt32(request, size_field);
  const int page_size = asked_for == 0 ? kDefaultPageSize : asked_for;
  std::vector<int> strides;
  for (const int stride : kStrides) {
    if (stride > page_size) strides.push_back(stride);
  }
  strides.push_back(page_size);
  bool found = false;
  for (size_t i = 0; i < strides.size();) {
    request.GetReflection()->SetInt32(&request, size_field, strides[i]);
    const std::unique_ptr<Message> page = NewLike(like);
    OVERSIGHT_ASSIGN_OR_RETURN(const int shown, AskAndHide(request, *page));
    if (shown > 0) {
      found = ++i == strides.size();
      continue;
    }
    const std::string next = TextIn(*page, "next_page_token");
    if (next.empty()) break;
    SetTextIn(request, "page_token", next);
  }
  request.GetReflection()->SetInt32(&request, size_field, asked_for);
  return found;
}

}  // namespace oversight::access

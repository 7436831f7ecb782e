#include "services/supervision/resources/instants.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/type/date.pb.h"
#include "oversight/type/v1/annotations.pb.h"

namespace oversight::supervision {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Timestamp;
using resource::Message;

const FieldDescriptor* FieldOf(const Message& message, absl::string_view name) {
  return message.GetDescriptor()->FindFieldByName(std::string(name));
}

bool IsInstant(const FieldDescriptor& field) {
  return !field.is_repeated() && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type() == Timestamp::descriptor() &&
         !field.options().GetExtension(type::v1::rules).output_only();
}

// The field of the day beside the instant's; null when there is none.
const FieldDescriptor* DayBeside(const Message& message, const FieldDescriptor& instant) {
  absl::string_view stem = instant.name();
  if (!absl::ConsumeSuffix(&stem, "_time")) return nullptr;
  return FieldOf(message, absl::StrCat(stem, "_date"));
}

std::optional<absl::Time> Read(const Message& message, const FieldDescriptor& field) {
  constexpr int64_t kYear1 = -62135596800;
  constexpr int64_t kYear9999 = 253402300799;
  if (!message.GetReflection()->HasField(message, &field)) return std::nullopt;
  const auto& instant = static_cast<const Timestamp&>(message.GetReflection()->GetMessage(message, &field));
  if (instant.seconds() < kYear1 || instant.seconds() > kYear9999 || instant.nanos() < 0 ||
      instant.nanos() > 999999999) {
    return std::nullopt;
  }
  return absl::FromUnixSeconds(instant.seconds()) + absl::Nanoseconds(instant.nanos());
}

template <typename Visitor>
void ForEachInstant(const Message& message, Visitor visitor) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    if (IsInstant(field) && message.GetReflection()->HasField(message, &field)) visitor(field);
  }
}

}  // namespace

std::optional<absl::Time> InstantOf(const Message& message, absl::string_view field) {
  return Read(message, *FieldOf(message, field));
}

void SetDay(Message& message, absl::string_view field, CivilDay day) {
  auto& date = static_cast<google::type::Date&>(
      *message.GetReflection()->MutableMessage(&message, FieldOf(message, field)));
  date.set_year(static_cast<int>(day.civil().year()));
  date.set_month(day.civil().month());
  date.set_day(day.civil().day());
}

void FillDays(Message& message) {
  ForEachInstant(message, [&](const FieldDescriptor& field) {
    const FieldDescriptor* day = DayBeside(message, field);
    if (day == nullptr || message.GetReflection()->HasField(message, day)) return;
    if (const auto instant = Read(message, field)) SetDay(message, day->name(), CivilDay::Of(*instant));
  });
}

void CheckInstants(const Message& message, std::vector<FieldViolation>& violations) {
  ForEachInstant(message, [&](const FieldDescriptor& field) {
    const std::optional<absl::Time> instant = Read(message, field);
    if (!instant) {
      violations.push_back({field.name(), "is no instant of the years 1 to 9999"});
      return;
    }
    const FieldDescriptor* beside = DayBeside(message, field);
    if (beside == nullptr) return;
    const std::optional<CivilDay> day = resource::DayOf(message, beside->name());
    if (day && *day != CivilDay::Of(*instant)) {
      violations.push_back(
          {beside->name(), absl::StrCat("must be the day of ", field.name(),
                                        " in Europe/London; set both, or only ", field.name())});
    }
  });
}

}  // namespace oversight::supervision

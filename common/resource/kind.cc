#include "common/resource/kind.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/resource/dates.h"
#include "common/resource/exclusive.h"
#include "common/status/macros.h"
#include "oversight/type/v1/annotations.pb.h"

namespace oversight::resource {
namespace {

std::string SnakeCase(absl::string_view camel) {
  std::string snake;
  for (char c : camel) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !snake.empty()) snake.push_back('_');
    snake.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
  }
  return snake;
}

// Puts the rule of an exclusive kind before its own decision.
void DecideExclusivelyFirst(Kind& kind) {
  kind.decide = [&kind, own = std::move(kind.decide)](WriteContext& context, const Key& key,
                                                      const Message* before,
                                                      const Message& after) -> absl::Status {
    OVERSIGHT_RETURN_IF_ERROR(RefuseOverlap(context, kind, key, after));
    return own ? own(context, key, before, after) : absl::OkStatus();
  };
}

}  // namespace

std::shared_ptr<const Pattern> PatternOf(const google::protobuf::Descriptor& descriptor) {
  const auto& options = descriptor.options().GetExtension(type::v1::resource);
  if (options.pattern().empty()) return nullptr;
  return std::make_shared<const Pattern>(options.pattern());
}

const Kind& Registry::Add(Kind kind) {
  const google::protobuf::Descriptor* descriptor = kind.prototype->GetDescriptor();
  kind.pattern = PatternOf(*descriptor);
  if (kind.pattern == nullptr) std::abort();  // a mistake of the programmer: the message is no resource
  kind.type_name = descriptor->full_name();
  kind.short_name = descriptor->name();
  kind.field_name = SnakeCase(kind.short_name);
  // As the pattern has it: `asyeProgrammes` gives AsyeProgrammes.
  kind.plural_name = kind.pattern->collection();
  kind.plural_name[0] = absl::ascii_toupper(static_cast<unsigned char>(kind.plural_name[0]));
  kinds_.push_back(std::make_unique<Kind>(std::move(kind)));
  if (IsExclusive(*kinds_.back())) DecideExclusivelyFirst(*kinds_.back());
  return *kinds_.back();
}

const Kind* Registry::FindByType(absl::string_view type_name) const {
  for (const auto& kind : kinds_) {
    if (kind->type_name == type_name) return kind.get();
  }
  return nullptr;
}

const Kind* Registry::FindByName(absl::string_view resource_name) const {
  for (const auto& kind : kinds_) {
    if (kind->pattern->Match(resource_name).has_value()) return kind.get();
  }
  return nullptr;
}

std::vector<const Kind*> Registry::ChildrenOf(const Kind& kind) const {
  std::vector<const Kind*> children;
  for (const auto& candidate : kinds_) {
    if (candidate->pattern->ParentText() == kind.pattern->text()) children.push_back(candidate.get());
  }
  return children;
}

std::optional<CivilDay> DayOf(const Message& message, absl::string_view field) {
  const auto* descriptor = message.GetDescriptor()->FindFieldByName(std::string(field));
  if (descriptor == nullptr || !message.GetReflection()->HasField(message, descriptor)) return std::nullopt;
  return ToDay(
      static_cast<const google::type::Date&>(message.GetReflection()->GetMessage(message, descriptor)));
}

}  // namespace oversight::resource

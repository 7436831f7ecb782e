#include "common/resource/exclusive.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/resource/dated.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/message_differencer.h"
#include "oversight/type/v1/annotations.pb.h"

namespace oversight::resource {
namespace {

const type::v1::ResourceOptions& OptionsOf(const Kind& kind) {
  return kind.prototype->GetDescriptor()->options().GetExtension(type::v1::resource);
}

bool AgreeIn(const google::protobuf::FieldDescriptor* field, const Message& a, const Message& b) {
  google::protobuf::util::MessageDifferencer differencer;
  return differencer.CompareWithFields(a, b, {field}, {field});
}

}  // namespace

bool IsExclusive(const Kind& kind) { return OptionsOf(kind).exclusive(); }

absl::Status RefuseOverlap(WriteContext& context, const Kind& kind, const Key& key, const Message& after) {
  const std::string& by = OptionsOf(kind).exclusive_by();
  const auto* field = kind.prototype->GetDescriptor()->FindFieldByName(by);
  const Period period = PeriodOf(after);
  OVERSIGHT_ASSIGN_OR_RETURN(const auto siblings, context.Siblings(kind, key));
  for (const WriteContext::Item& sibling : siblings) {
    if (sibling.key == key || !period.Overlaps(PeriodOf(*sibling.state))) continue;
    if (field != nullptr && !AgreeIn(field, after, *sibling.state)) continue;
    return Error(
               absl::StatusCode::kFailedPrecondition, "PERIOD_OVERLAP",
               absl::StrCat("another ", kind.short_name, by.empty() ? "" : absl::StrCat(" of the same ", by),
                            " holds on some of these days; end the one before the other starts"))
        .With("conflicting_resource", kind.pattern->Format(sibling.key));
  }
  return absl::OkStatus();
}

}  // namespace oversight::resource

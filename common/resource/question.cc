#include "common/resource/question.h"

#include <span>

#include "absl/strings/strip.h"

namespace oversight::resource {

absl::StatusOr<Key> LiveResource(rpc::Call& call, const Environment& environment, const Kind& kind,
                                 const std::string& name, absl::string_view field) {
  const std::optional<Key> key = kind.pattern->Match(name);
  if (!key)
    return InvalidFields({{std::string(field), absl::StrCat("must be a name like ", kind.pattern->text())}});
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection, environment.pool->Acquire(call.deadline()));
  bool live = false;
  OVERSIGHT_RETURN_IF_ERROR(environment.tables->Of(kind).ReadByKeys(
      *connection, std::span(&*key, 1), Lock::kNone, [&](const StoredResource& stored) {
        live = !stored.deleted;
        return absl::OkStatus();
      }));
  if (live) return *key;
  return Error(absl::StatusCode::kNotFound, "RESOURCE_NOT_FOUND",
               absl::StrCat("there is no such ", kind.short_name, "; check `", field, "`"))
      .With("resource_type", kind.type_name);
}

absl::StatusOr<std::string> AuthorityIn(const std::string& name, absl::string_view field) {
  absl::string_view id = name;
  if (absl::ConsumePrefix(&id, "authorities/") && IsValidId(id)) return std::string(id);
  return InvalidFields({{std::string(field), "must be a name like authorities/example"}});
}

}  // namespace oversight::resource

#include "services/workforce/domain/post.h"
#include "absl/strings/str_cat.h"
#include "common/resource/columns.h"
#include "common/resource/dated.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "oversight/workforce/v1/governance.pb.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/workforce/resources/kinds.h"

namespace oversight::workforce {
namespace {

Post FactsOf(const v1::Post& post) { return {post.team(), resource::PeriodOf(post)}; }

// FAILED_PRECONDITION (ROLE_STAGE_MISMATCH) when the post's role stands for another career stage. That the
// role exists is checked as every reference is.
absl::Status CheckRole(const Kinds& kinds, resource::WriteContext& context, const v1::Post& post) {
  const std::optional<resource::Key> key = kinds.role->pattern->Match(post.role());
  if (!key) return absl::OkStatus();
  OVERSIGHT_ASSIGN_OR_RETURN(const resource::Message* role, context.Find(*kinds.role, *key));
  if (role == nullptr) return absl::OkStatus();
  const v1::CareerStage stage = static_cast<const v1::Role*>(role)->career_stage();
  if (stage == post.career_stage()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "ROLE_STAGE_MISMATCH",
               absl::StrCat("the role stands for ", v1::CareerStage_Name(stage),
                            "; give the post that career_stage, or another role"))
      .With("career_stage", v1::CareerStage_Name(stage));
}

}  // namespace

resource::Kind PostKind(KindsPtr kinds) {
  resource::Kind kind;
  kind.prototype = &v1::Post::default_instance();
  kind.table = "post";
  kind.index_columns = {resource::TextColumn("team")};
  kind.decide = [kinds](resource::WriteContext& context, const resource::Key& key, const resource::Message*,
                        const resource::Message& after) -> absl::Status {
    OVERSIGHT_RETURN_IF_ERROR(CheckRole(*kinds, context, static_cast<const v1::Post&>(after)));
    return resource::RefuseClash<v1::Post, Post>(
        context, *kinds->post, key, after, FactsOf, Clash,
        "two posts of a worker in the same team cannot overlap; end the one before the other starts");
  };
  return kind;
}

}  // namespace oversight::workforce

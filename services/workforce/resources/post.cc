#include "services/workforce/domain/post.h"
#include "common/resource/columns.h"
#include "common/resource/dated.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/workforce/resources/kinds.h"

namespace oversight::workforce {
namespace {

Post FactsOf(const v1::Post& post) { return {post.team(), resource::PeriodOf(post)}; }

}  // namespace

resource::Kind PostKind(KindsPtr kinds) {
  resource::Kind kind;
  kind.prototype = &v1::Post::default_instance();
  kind.table = "post";
  kind.index_columns = {resource::TextColumn("team")};
  kind.decide = [kinds](resource::WriteContext& context, const resource::Key& key, const resource::Message*,
                        const resource::Message& after) {
    return resource::RefuseClash<v1::Post, Post>(
        context, *kinds->post, key, after, FactsOf, Clash,
        "two posts of a worker in the same team cannot overlap; end the one before the other starts");
  };
  return kind;
}

}  // namespace oversight::workforce

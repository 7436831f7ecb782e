#include "absl/strings/str_cat.h"
#include "common/resource/columns.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "services/supervision/resources/kinds.h"

namespace oversight::supervision {
namespace {

using resource::Key;
using resource::Kind;
using resource::Message;
using resource::WriteContext;

// Only what was said in the supervisee's own sessions: a disclosure must not open another's record.
absl::Status Decide(const Kinds& kinds, WriteContext& context, const v1::Disclosure& disclosure) {
  for (int i = 0; i < disclosure.sessions_size(); ++i) {
    const std::optional<Key> key = kinds.session->pattern->Match(disclosure.sessions(i));
    if (!key) continue;
    OVERSIGHT_ASSIGN_OR_RETURN(const Message* found, context.Find(*kinds.session, *key));
    if (found == nullptr) continue;  // the references are checked elsewhere
    const auto& session = static_cast<const v1::Session&>(*found);
    bool of_supervisee = session.supervisee() == disclosure.supervisee();
    for (const std::string& participant : session.participants()) {
      of_supervisee = of_supervisee || participant == disclosure.supervisee();
    }
    if (of_supervisee) continue;
    return InvalidFields({{absl::StrCat(context.importing() ? "" : "disclosure.", "sessions[", i, "]"),
                           "must be a session of the supervisee"}});
  }
  return absl::OkStatus();
}

}  // namespace

resource::Kind DisclosureKind(KindsPtr kinds) {
  Kind kind;
  kind.prototype = &v1::Disclosure::default_instance();
  kind.table = "disclosure";
  kind.index_columns = {resource::TextColumn("supervisee"), resource::TextColumn("disclosed_to"),
                        resource::DateColumn("start_date"), resource::DateColumn("end_date")};
  kind.decide = [kinds](WriteContext& context, const Key&, const Message*, const Message& after) {
    return Decide(*kinds, context, static_cast<const v1::Disclosure&>(after));
  };
  return kind;
}

}  // namespace oversight::supervision

#include "common/resource/list_method.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/resource/filter.h"
#include "common/resource/page_token.h"
#include "common/resource/request_fields.h"
#include "common/status/error.h"

namespace oversight::resource {
namespace {

// So many resources are looked at for one page at the most; a filter that few satisfy gives short pages.
constexpr int kMostScanned = 10000;
constexpr int kScannedAtOnce = 1000;

// One walk over a kind's resources, in the order of their keys.
struct Walk {
  const Kind* kind;
  const Table* table;
  Key parent;
  bool of_all_parents;
  bool show_deleted;
  const Filter* filter;
};

absl::Status ReadSome(mysql::Connection& connection, const Walk& walk, const Key& after, int limit,
                      StoredReader reader) {
  if (walk.kind->pattern->is_authority()) {
    return walk.table->ReadAll(connection, Key{.authority = after.id}, walk.show_deleted, limit, reader);
  }
  return walk.table->ReadPage(connection, walk.parent.authority,
                              walk.of_all_parents ? nullptr : &walk.parent.parent, after, walk.show_deleted,
                              limit, reader, walk.filter->conditions());
}

}  // namespace

absl::Status ListMethod::CheckParent(const Kind& kind, mysql::Connection& connection,
                                     const Key& parent) const {
  const std::string name = kind.pattern->FormatParent(parent);
  const Kind* parent_kind = writer_->environment().kinds->FindByName(name);
  if (parent_kind == nullptr) return absl::OkStatus();  // the authority, which another service owns
  const std::optional<Key> key = parent_kind->pattern->Match(name);
  bool live = false;
  OVERSIGHT_RETURN_IF_ERROR(
      writer_->environment()
          .tables->Of(*parent_kind)
          .ReadByKeys(connection, std::span(&*key, 1), Lock::kNone, [&](const StoredResource& stored) {
            live = !stored.deleted;
            return absl::OkStatus();
          }));
  if (live) return absl::OkStatus();
  return Error(absl::StatusCode::kNotFound, "PARENT_NOT_FOUND",
               absl::StrCat("there is no such ", parent_kind->short_name, "; check the parent"))
      .With("resource_type", parent_kind->type_name);
}

absl::Status ListMethod::List(const Kind& kind, rpc::Call& call, const Message& request,
                              Message& response) const {
  const auto* page_size_field = request.GetDescriptor()->FindFieldByName("page_size");
  OVERSIGHT_ASSIGN_OR_RETURN(const int page_size,
                             PageSize(request.GetReflection()->GetInt32(request, page_size_field)));
  const std::string parent_name = TextOf(request, "parent");
  OVERSIGHT_ASSIGN_OR_RETURN(const Filter filter, Filter::Parse(kind, TextOf(request, "filter")));
  Walk walk = {.kind = &kind,
               .table = &writer_->environment().tables->Of(kind),
               .parent = {},
               .of_all_parents = false,
               .show_deleted = FlagOf(request, "show_deleted"),
               .filter = &filter};
  const std::string query = absl::StrCat(call.method(), "\n", parent_name, "\n", walk.show_deleted, "\n",
                                         TextOf(request, "filter"));
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string last, DecodePageToken(query, TextOf(request, "page_token")));
  std::pair<std::string, std::string> after_parts = absl::StrSplit(last, absl::MaxSplits('\n', 1));
  Key after = {.authority = {}, .parent = std::move(after_parts.first), .id = std::move(after_parts.second)};

  if (!kind.pattern->is_authority()) {
    const std::optional<Key> parent = kind.pattern->MatchParent(parent_name, /*wildcards=*/true);
    if (!parent.has_value()) {
      return InvalidFields({{"parent", absl::StrCat("must be a name like ", kind.pattern->ParentText())}});
    }
    walk.parent = *parent;
    walk.of_all_parents = absl::EndsWith(parent->parent, "/-");
  }
  OVERSIGHT_ASSIGN_OR_RETURN(mysql::Pool::Lease connection,
                             writer_->environment().pool->Acquire(call.deadline()));
  if (!walk.of_all_parents && !kind.pattern->is_authority()) {
    OVERSIGHT_RETURN_IF_ERROR(CheckParent(kind, *connection, walk.parent));
  }

  const auto* items = response.GetDescriptor()->field(0);
  std::unique_ptr<Message> candidate(kind.prototype->New());
  int found = 0;
  bool more = true;
  // One more than fits is looked for, only to know whether there is more.
  for (int scanned = 0; more && found <= page_size && scanned < kMostScanned;) {
    const int limit = filter.empty() ? page_size + 1 : kScannedAtOnce;
    int read = 0;
    OVERSIGHT_RETURN_IF_ERROR(
        ReadSome(*connection, walk, after, limit, [&](const StoredResource& stored) -> absl::Status {
          ++read;
          if (found > page_size) return absl::OkStatus();
          candidate->Clear();
          if (!candidate->ParseFromString(stored.bytes)) {
            return Error(absl::StatusCode::kDataLoss, "RESOURCE_UNREADABLE",
                         "what is stored cannot be read; verify the ledger");
          }
          Render(stored, *candidate);
          const bool fits = filter.Matches(*candidate);
          if (fits && ++found > page_size) return absl::OkStatus();
          after = stored.key;
          if (!fits) return absl::OkStatus();
          Message* item = response.GetReflection()->AddMessage(&response, items);
          item->GetReflection()->Swap(item, candidate.get());
          return absl::OkStatus();
        }));
    scanned += read;
    more = read == limit;
  }
  if (found > page_size || more) {
    response.GetReflection()->SetString(&response,
                                        response.GetDescriptor()->FindFieldByName("next_page_token"),
                                        EncodePageToken(query, absl::StrCat(after.parent, "\n", after.id)));
  }
  return absl::OkStatus();
}

}  // namespace oversight::resource

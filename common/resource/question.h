#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/resource/field_rules.h"
#include "common/resource/kind.h"
#include "common/resource/page_token.h"
#include "common/resource/writer.h"
#include "common/rpc/methods.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/time/civil_day.h"
#include "common/time/clock.h"

namespace oversight::resource {

// What the questions of all services have in common (`ListSupervisees`, `ListCaseStates`, ...).

// The day in a date field of a request; today in Europe/London when it is not set. INVALID_FIELDS when there
// is no such day.
template <typename Request>
absl::StatusOr<CivilDay> DayAsked(const Request& request, const std::string& field, const Clock& clock) {
  const auto* descriptor = Request::descriptor()->FindFieldByName(field);
  if (!request.GetReflection()->HasField(request, descriptor)) return CivilDay::Of(clock.Now());
  const std::optional<CivilDay> day = DayOf(request, field);
  if (!day) return InvalidFields({{field, "is no date between 1900-01-01 and 9999-12-31"}});
  return *day;
}

// The key of the live resource that `name` in a request's `field` means. INVALID_FIELDS when it is no name of
// the kind, NOT_FOUND (RESOURCE_NOT_FOUND) when there is none.
absl::StatusOr<Key> LiveResource(rpc::Call& call, const Environment& environment, const Kind& kind,
                                 const std::string& name, absl::string_view field);

// The id in the `authorities/{authority}` of a request's `field`. INVALID_FIELDS when it is none.
absl::StatusOr<std::string> AuthorityIn(const std::string& name, absl::string_view field);

// Registers a method of an object that several methods share.
template <typename Object, typename Request, typename Response>
void AddMethod(rpc::Methods& methods, absl::string_view service, absl::string_view name,
               std::shared_ptr<Object> object,
               absl::Status (Object::*method)(rpc::Call&, const Request&, Response&)) {
  methods.Unary<Request, Response>(
      service, name,
      [object = std::move(object), method](rpc::Call& call, const Request& request, Response& response) {
        return ((*object).*method)(call, request, response);
      });
}

// Puts the page that a request asks for into its response. `items` are all there is to list, in an order in
// which `key_of(item)` grows strictly; `add(item)` adds one to the response. Returns the token of the next
// page, empty on the last. The token is bound to the request without its page.
template <typename Request, typename Item, typename KeyOf, typename Add>
absl::StatusOr<std::string> AddPage(absl::string_view method, const Request& request,
                                    const std::vector<Item>& items, KeyOf key_of, Add add) {
  OVERSIGHT_ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  Request query = request;
  query.clear_page_size();
  query.clear_page_token();
  const std::string bound_to = absl::StrCat(method, "\n", query.SerializeAsString());
  OVERSIGHT_ASSIGN_OR_RETURN(const std::string last, DecodePageToken(bound_to, request.page_token()));
  int added = 0;
  std::string end;
  for (const Item& item : items) {
    const std::string key = key_of(item);
    if (!last.empty() && key <= last) continue;
    if (added == page_size) return EncodePageToken(bound_to, end);
    add(item);
    end = key;
    ++added;
  }
  return std::string();
}

}  // namespace oversight::resource

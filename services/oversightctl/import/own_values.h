#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "services/oversightctl/import/own_tables.h"

namespace oversight::ctl {

// Reads a text that is not empty by the type of the column's field and sets it. Values of a list stand
// between
// `;`; so do the values of one field in a list of messages, where the n-th of each column belong together and
// an empty one is left out; those of a list within such a message stand between `|`. `name_of` turns an id
// into a resource's name. Errors: INVALID_ARGUMENT, to be read after the column's name, as in values.h.
absl::Status SetColumn(google::protobuf::Message& message, const OwnColumn& column, absl::string_view text,
                       const std::function<absl::StatusOr<std::string>(absl::string_view id)>& name_of);

// What the column accepts: `day`, `flag`, `id of a worker`, `support_only or direct_payments_only`.
std::string Accepts(const OwnColumn& column);

}  // namespace oversight::ctl

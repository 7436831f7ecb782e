#pragma once

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace oversight {

// What a client sees of a status: the same code, and google.rpc.Status in the error details with exactly one
// ErrorInfo; one without gets the reason INTERNAL_ERROR or the name of its code. Messages of INTERNAL and
// UNKNOWN are replaced by a general one, because they may quote data: log the original. Everything is cut to
// fit the 8 KiB that gRPC clients accept as trailers; violations left out are counted in the metadata
// `violations_omitted`.
grpc::Status ToGrpcStatus(const absl::Status& status);

// The client's side: the details become payloads again, for ReasonOf and its kin. Details that cannot be read
// are left out.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace oversight

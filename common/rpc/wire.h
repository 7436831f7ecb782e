#pragma once

#include "google/protobuf/message_lite.h"
#include "grpcpp/support/byte_buffer.h"

namespace oversight::rpc {

// Reads `message` from a call's bytes; false when they are absent or not this message.
bool ParseBytes(const grpc::ByteBuffer& bytes, google::protobuf::MessageLite* message);

// The message's bytes in one slice, written once.
grpc::ByteBuffer SerializeBytes(const google::protobuf::MessageLite& message);

}  // namespace oversight::rpc

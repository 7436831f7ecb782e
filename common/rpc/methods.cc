#include "common/rpc/methods.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace oversight::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

std::string PathOf(absl::string_view service, absl::string_view method) {
  return absl::StrCat("/", service, "/", method);
}

bool Served(const Methods::Handler& handler) {
  if (handler.descriptor == nullptr || handler.descriptor->client_streaming()) return false;
  if (handler.descriptor->server_streaming()) return handler.stream != nullptr || handler.feed != nullptr;
  return handler.unary != nullptr;
}

}  // namespace

void Methods::AddService(absl::string_view service) {
  const ServiceDescriptor* descriptor =
      DescriptorPool::generated_pool()->FindServiceByName(std::string(service));
  if (descriptor == nullptr) {
    unknown_.push_back(std::string(service));
    return;
  }
  for (const ServiceDescriptor* known : services_) {
    if (known == descriptor) return;
  }
  services_.push_back(descriptor);
  for (int i = 0; i < descriptor->method_count(); ++i) {
    handlers_[PathOf(service, descriptor->method(i)->name())].descriptor = descriptor->method(i);
  }
}

Methods::Handler& Methods::At(absl::string_view service, absl::string_view method) {
  AddService(service);
  return handlers_[PathOf(service, method)];
}

void Methods::Unary(absl::string_view service, absl::string_view method, UnaryHandler handler) {
  At(service, method).unary = std::move(handler);
}

void Methods::Bulk(absl::string_view service, absl::string_view method, UnaryHandler handler) {
  Handler& entry = At(service, method);
  entry.unary = std::move(handler);
  entry.bulk = true;
}

void Methods::Stream(absl::string_view service, absl::string_view method, StreamHandler handler) {
  At(service, method).stream = std::move(handler);
}

void Methods::Feed(absl::string_view service, absl::string_view method, FeedHandler handler) {
  At(service, method).feed = std::move(handler);
}

absl::Status Methods::CheckComplete() const {
  std::vector<std::string> faults;
  for (const std::string& service : unknown_) faults.push_back(absl::StrCat(service, " is not linked in"));
  for (const auto& [path, handler] : handlers_) {
    if (handler.descriptor == nullptr) {
      faults.push_back(absl::StrCat(path, " does not exist"));
    } else if (!Served(handler)) {
      faults.push_back(absl::StrCat(path, " has no handler of its kind"));
    }
  }
  if (faults.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("methods cannot be served: ", absl::StrJoin(faults, "; ")));
}

}  // namespace oversight::rpc

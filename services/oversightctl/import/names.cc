#include "services/oversightctl/import/names.h"

#include <openssl/evp.h>

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "oversight/type/v1/annotations.pb.h"

namespace oversight::ctl {
namespace {

constexpr size_t kLongestId = 63;
constexpr size_t kHashDigits = 40;

bool IsValidId(absl::string_view id) {
  if (id.empty() || id.size() > kLongestId || id == "-") return false;
  return std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~';
  });
}

std::string Sha256(absl::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  return {reinterpret_cast<const char*>(digest), size};
}

}  // namespace

std::string ResourceId(absl::string_view original) {
  if (IsValidId(original)) return std::string(original);
  return absl::StrCat("x-", absl::BytesToHexString(Sha256(original)).substr(0, kHashDigits));
}

Names::Names(absl::string_view authority) : authority_(absl::StrCat("authorities/", authority)) {}

std::string Names::Team(absl::string_view id) const {
  return absl::StrCat(authority_, "/teams/", ResourceId(id));
}
std::string Names::Worker(absl::string_view id) const {
  return absl::StrCat(authority_, "/workers/", ResourceId(id));
}
std::string Names::Case(absl::string_view id) const {
  return absl::StrCat(authority_, "/cases/", ResourceId(id));
}
std::string Names::Session(absl::string_view id) const {
  return absl::StrCat(authority_, "/sessions/", ResourceId(id));
}

std::string Names::Of(const google::protobuf::Descriptor& type, absl::string_view parent_id,
                      absl::string_view original_id) const {
  const std::string& pattern = type.options().GetExtension(type::v1::resource).pattern();
  std::vector<std::string> parts = absl::StrSplit(pattern, '/');
  // authorities/{}[/parents/{}]/things/{}
  std::vector<std::string> name = {authority_};
  if (parts.size() > 4) name.insert(name.end(), {parts[2], ResourceId(parent_id)});
  if (parts.size() > 2) name.insert(name.end(), {parts[parts.size() - 2], ResourceId(original_id)});
  return absl::StrJoin(name, "/");
}

}  // namespace oversight::ctl

#include <nlohmann/json.hpp>

#include "services/oversightctl/report/report.h"

namespace oversight::ctl {
namespace {

using Json = nlohmann::ordered_json;

Json AsJson(const google::protobuf::Message& message) {
  return Json::parse(ToJson(message, /*indented=*/false), nullptr, /*allow_exceptions=*/false);
}

Json AsJson(const std::vector<compliance::v1::Finding>& findings) {
  Json array = Json::array();
  for (const auto& finding : findings) array.push_back(AsJson(finding));
  return array;
}

}  // namespace

void PrintReportJson(const Report& report, std::ostream& out) {
  Json json = {{"authority", report.authority},
               {"summary", AsJson(report.summary)},
               {"overdue", report.overdue},
               {"longestOverdue", AsJson(report.longest)}};
  if (report.upcoming) json["upcoming"] = AsJson(*report.upcoming);
  if (report.explanation) json["explanation"] = AsJson(*report.explanation);
  out << json.dump(2) << "\n";
}

}  // namespace oversight::ctl

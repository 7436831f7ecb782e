#include "common/resource/dated.h"
#include "oversight/workforce/v1/workforce.pb.h"
#include "services/workforce/domain/learning.h"
#include "services/workforce/resources/kinds.h"

namespace oversight::workforce {
namespace {

AsyeProgramme FactsOf(const v1::AsyeProgramme& programme) {
  AsyeProgramme facts = {resource::DayOf(programme, "start_date").value_or(CivilDay::Min()),
                         resource::DayOf(programme, "planned_end_date"),
                         resource::DayOf(programme, "completed_date"),
                         {}};
  for (const v1::AsyeProgramme::Pause& pause : programme.pauses()) {
    facts.pauses.push_back(resource::PeriodOf(pause));
  }
  return facts;
}

}  // namespace

resource::Kind AsyeProgrammeKind(KindsPtr kinds) {
  resource::Kind kind;
  kind.prototype = &v1::AsyeProgramme::default_instance();
  kind.table = "asye_programme";
  kind.validate = [](const resource::Message& programme, std::vector<FieldViolation>& violations) {
    Check(FactsOf(static_cast<const v1::AsyeProgramme&>(programme)), violations);
  };
  kind.decide = [kinds](resource::WriteContext& context, const resource::Key& key, const resource::Message*,
                        const resource::Message& after) {
    return resource::RefuseClash<v1::AsyeProgramme, AsyeProgramme>(
        context, *kinds->asye_programme, key, after, FactsOf, Clash,
        "two ASYE programmes of a worker cannot overlap; set the completed_date of the one before");
  };
  return kind;
}

}  // namespace oversight::workforce

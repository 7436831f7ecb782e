#pragma once

#include <set>
#include <string>

#include "common/resource/kind.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "oversight/type/v1/annotations.pb.h"

namespace oversight::resource::testing {

// Expects that each kind comes after its parent and after those to which it refers, as an import needs it,
// and that no two share a table or a name.
inline void ExpectOrderOfImport(const Registry& kinds) {
  std::set<std::string> known, tables;
  for (const auto& kind : kinds.kinds()) {
    SCOPED_TRACE(kind->short_name);
    EXPECT_TRUE(known.insert(kind->type_name).second);
    EXPECT_TRUE(tables.insert(kind->table).second);
    const auto* descriptor = kind->prototype->GetDescriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const auto& rules = descriptor->field(i)->options().GetExtension(type::v1::rules);
      if (kinds.FindByType(rules.reference()) == nullptr) continue;
      EXPECT_TRUE(known.contains(rules.reference())) << descriptor->field(i)->name();
    }
    for (const auto& other : kinds.kinds()) {
      if (other->pattern->text() != kind->pattern->ParentText()) continue;
      EXPECT_TRUE(known.contains(other->type_name)) << "the parent";
    }
  }
}

}  // namespace oversight::resource::testing

#include "common/resource/testing/schema.h"
#include "gtest/gtest.h"
#include "services/caseload/resources/registry.h"

namespace oversight::caseload {
namespace {

TEST(SchemaTest, FitsTheKinds) {
  resource::testing::ExpectSchemaFits(Definition().kinds, OVERSIGHT_MIGRATIONS);
}

}  // namespace
}  // namespace oversight::caseload

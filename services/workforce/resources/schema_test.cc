#include "common/resource/testing/schema.h"
#include "gtest/gtest.h"
#include "services/workforce/resources/registry.h"

namespace oversight::workforce {
namespace {

TEST(SchemaTest, FitsTheKinds) {
  resource::testing::ExpectSchemaFits(Definition().kinds, OVERSIGHT_MIGRATIONS);
}

}  // namespace
}  // namespace oversight::workforce

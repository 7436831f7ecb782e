#include "common/resource/testing/schema.h"
#include "gtest/gtest.h"
#include "services/supervision/resources/registry.h"

namespace oversight::supervision {
namespace {

TEST(SchemaTest, FitsTheKinds) {
  resource::testing::ExpectSchemaFits(Definition().kinds, OVERSIGHT_MIGRATIONS);
}

}  // namespace
}  // namespace oversight::supervision

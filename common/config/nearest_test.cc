#include "common/config/nearest.h"

#include "gtest/gtest.h"

namespace oversight::config {
namespace {

TEST(NearestTest, FindsWhatWasMeant) {
  const std::vector<std::string> names = {"listen", "log-level", "mysql-address", "mysql-user",
                                          "worker-threads"};
  EXPECT_EQ(Nearest("listen", names), "listen");
  EXPECT_EQ(Nearest("lisen", names), "listen");
  EXPECT_EQ(Nearest("loglevel", names), "log-level");
  EXPECT_EQ(Nearest("mysql-addres", names), "mysql-address");
  EXPECT_EQ(Nearest("mysql-usr", names), "mysql-user");
  EXPECT_EQ(Nearest("worker_threads", names), "worker-threads");
  EXPECT_EQ(Nearest("policies", names), "");
  EXPECT_EQ(Nearest("", names), "");
  EXPECT_EQ(Nearest("x", {}), "");
}

}  // namespace
}  // namespace oversight::config

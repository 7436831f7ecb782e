#include "common/rpc/signals.h"

#include <signal.h>
#include <unistd.h>

#include "gtest/gtest.h"

namespace oversight::rpc {
namespace {

TEST(SignalsDeathTest, FirstSignalIsHandedOverAndTheSecondEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        BlockTerminationSignals();
        kill(getpid(), SIGTERM);
        if (WaitForTermination() != SIGTERM) _exit(1);
        kill(getpid(), SIGINT);
        while (true) pause();
      },
      ::testing::ExitedWithCode(128 + SIGINT), "");
}

TEST(SignalsDeathTest, ProcessMayEndAfterTheFirstSignal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        BlockTerminationSignals();
        kill(getpid(), SIGINT);
        _exit(WaitForTermination() == SIGINT ? 7 : 1);
      },
      ::testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace oversight::rpc

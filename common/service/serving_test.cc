#include "common/service/serving.h"

#include <gtest/gtest.h>

#include <utility>

#include "common/status/error.h"

namespace oversight::service {
namespace {

class CountingExtension : public Extension {
 public:
  explicit CountingExtension(absl::Status answer) : answer_(std::move(answer)) {}
  void Register(rpc::Methods&) override {}
  absl::Status Start() override {
    ++starts;
    return answer_;
  }
  bool CaughtUp() const override { return caught_up; }
  void Stop() override { ++stops; }

  int starts = 0;
  int stops = 0;
  bool caught_up = true;

 private:
  absl::Status answer_;
};

bool Always() { return true; }

TEST(ServingTest, StartsOnceWhenFirstReady) {
  CountingExtension extension((absl::OkStatus()));
  Serving serving(&extension, Always);
  EXPECT_FALSE(serving.MayServe(false));
  EXPECT_EQ(extension.starts, 0);
  EXPECT_TRUE(serving.MayServe(true));
  EXPECT_FALSE(serving.MayServe(false)) << "the database went away";
  EXPECT_TRUE(serving.MayServe(true)) << "and came back";
  EXPECT_EQ(extension.starts, 1);
  serving.Stop();
  EXPECT_EQ(extension.stops, 1);
}

TEST(ServingTest, AFailedStartIsNotForgottenWhenTheDatabaseComesBack) {
  CountingExtension extension(
      Error(absl::StatusCode::kFailedPrecondition, "POLICY_CHANGED", "raise its version"));
  Serving serving(&extension, Always);
  EXPECT_FALSE(serving.MayServe(true));
  EXPECT_FALSE(serving.MayServe(false));
  EXPECT_FALSE(serving.MayServe(true));
  EXPECT_EQ(extension.starts, 1);
  serving.Stop();
  EXPECT_EQ(extension.stops, 1) << "it may have started half";
}

TEST(ServingTest, WithoutAPartOfItsOwnReadinessDecides) {
  Serving serving(nullptr, Always);
  EXPECT_FALSE(serving.MayServe(false));
  EXPECT_TRUE(serving.MayServe(true));
  serving.Stop();
}

TEST(ServingTest, WhatNeverStartedIsNotStopped) {
  CountingExtension extension((absl::OkStatus()));
  Serving serving(&extension, Always);
  EXPECT_FALSE(serving.MayServe(false));
  serving.Stop();
  EXPECT_EQ(extension.stops, 0);
}

TEST(ServingTest, NotBeforeAllThatItFollowsHasBeenCaughtUpWithOnce) {
  CountingExtension extension((absl::OkStatus()));
  extension.caught_up = false;
  bool caught_up = false;
  Serving serving(&extension, [&] { return caught_up; });
  EXPECT_FALSE(serving.MayServe(true));
  EXPECT_EQ(extension.starts, 1) << "or it would never catch up";
  extension.caught_up = true;
  EXPECT_FALSE(serving.MayServe(true));
  caught_up = true;
  EXPECT_FALSE(serving.MayServe(false));
  EXPECT_TRUE(serving.MayServe(true));
  // A ledger that was restored is read anew, by all replicas at once: nobody could answer in its place.
  extension.caught_up = caught_up = false;
  EXPECT_TRUE(serving.MayServe(true));
}

}  // namespace
}  // namespace oversight::service

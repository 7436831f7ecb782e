#include "common/service/extension_start.h"

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
  void Stop() override { ++stops; }

  int starts = 0;
  int stops = 0;

 private:
  absl::Status answer_;
};

TEST(ExtensionStartTest, StartsOnceWhenFirstReady) {
  CountingExtension extension((absl::OkStatus()));
  ExtensionStart start(&extension);
  EXPECT_FALSE(start.MayServe(false));
  EXPECT_EQ(extension.starts, 0);
  EXPECT_TRUE(start.MayServe(true));
  EXPECT_FALSE(start.MayServe(false)) << "the database went away";
  EXPECT_TRUE(start.MayServe(true)) << "and came back";
  EXPECT_EQ(extension.starts, 1);
  start.Stop();
  EXPECT_EQ(extension.stops, 1);
}

TEST(ExtensionStartTest, AFailedStartIsNotForgottenWhenTheDatabaseComesBack) {
  CountingExtension extension(
      Error(absl::StatusCode::kFailedPrecondition, "POLICY_CHANGED", "raise its version"));
  ExtensionStart start(&extension);
  EXPECT_FALSE(start.MayServe(true));
  EXPECT_FALSE(start.MayServe(false));
  EXPECT_FALSE(start.MayServe(true));
  EXPECT_EQ(extension.starts, 1);
  start.Stop();
  EXPECT_EQ(extension.stops, 1) << "it may have started half";
}

TEST(ExtensionStartTest, WithoutAPartOfItsOwnReadinessDecides) {
  ExtensionStart start(nullptr);
  EXPECT_FALSE(start.MayServe(false));
  EXPECT_TRUE(start.MayServe(true));
  start.Stop();
}

TEST(ExtensionStartTest, WhatNeverStartedIsNotStopped) {
  CountingExtension extension((absl::OkStatus()));
  ExtensionStart start(&extension);
  EXPECT_FALSE(start.MayServe(false));
  start.Stop();
  EXPECT_EQ(extension.stops, 0);
}

}  // namespace
}  // namespace oversight::service

// The bucket, by a clock of the test's own.
#include "proxy/rate_limit.h"

#include <gtest/gtest.h>

namespace moonwire::proxy {
namespace {

using namespace std::chrono_literals;

class RateLimitTest : public ::testing::Test {
 protected:
  RateLimit::Moment now_{1h};
};

TEST_F(RateLimitTest, ZeroIsNoLimit) {
  RateLimit limit{0};
  limit.spend(1'000'000'000, now_);
  EXPECT_EQ(limit.wait(now_), 0ns);
  EXPECT_TRUE(limit.take_one(now_));
  EXPECT_FALSE(limit.is_limited());
}

TEST_F(RateLimitTest, WhatIsOverTheRateIsPaidWithTime) {
  RateLimit limit{1000};
  limit.spend(250, now_);  // what a quiet time saved up
  EXPECT_EQ(limit.wait(now_), 0ns);
  limit.spend(500, now_);
  EXPECT_EQ(limit.wait(now_), 500ms);
  EXPECT_EQ(limit.wait(now_ + 200ms), 300ms);
  EXPECT_EQ(limit.wait(now_ + 500ms), 0ns);
}

TEST_F(RateLimitTest, AQuietHourSavesUpNoMoreThanTheBurst) {
  RateLimit limit{1000};
  limit.spend(0, now_);
  now_ += 1h;
  limit.spend(251, now_);
  EXPECT_EQ(limit.wait(now_), 1ms);
}

TEST_F(RateLimitTest, OverManySecondsExactlyTheRatePasses) {
  RateLimit limit{100};
  limit.take_one(now_);
  int passed = 0;
  for (int i = 0; i < 10'000; ++i) {  // a thousand tries a second, for ten seconds
    now_ += 1ms;
    if (limit.take_one(now_)) ++passed;
  }
  EXPECT_NEAR(passed, 1000 + 25, 2);
}

TEST_F(RateLimitTest, AClockThatStandsStillOrGoesBackGivesNothing) {
  RateLimit limit{100};
  while (limit.take_one(now_)) continue;
  EXPECT_FALSE(limit.take_one(now_));
  EXPECT_FALSE(limit.take_one(now_ - 1h));
}

}  // namespace
}  // namespace moonwire::proxy

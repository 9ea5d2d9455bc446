// The calendar goes to and fro without loss. What strftime says is compared with native Lua in
// tests/lua/differential/times.lua.
#include "bindings/base/calendar.h"

#include <gtest/gtest.h>

namespace moonwire::bindings::base {
namespace {

TEST(Calendar, EveryMomentComesBack) {
  for (std::int64_t seconds = -70'000'000'000; seconds < 270'000'000'000; seconds += 86'399 * 37) {
    const auto time = calendar_time(seconds);
    ASSERT_TRUE(time);
    ASSERT_EQ(seconds_of(*time), seconds);
    ASSERT_TRUE(time->month >= 1 && time->month <= 12 && time->day >= 1 && time->day <= 31);
  }
}

TEST(Calendar, AYearBeyondCsIsNone) {
  EXPECT_FALSE(calendar_time(INT64_MAX));
  EXPECT_FALSE(calendar_time(INT64_MIN));
  EXPECT_TRUE(calendar_time(67'768'036'191'676'799));  // the last second of C's last year
  EXPECT_FALSE(calendar_time(67'768'036'191'676'800));
}

}  // namespace
}  // namespace moonwire::bindings::base

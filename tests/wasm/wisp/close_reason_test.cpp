// Reasons and failures keep their numbers and their meaning on the way across.
#include "wisp/close_reason.h"

#include <gtest/gtest.h>

namespace moonwire::wisp {
namespace {

TEST(CloseReason, KeepsAFailureThatPlainWispCanSay) {
  for (const Failure failure : {Failure::none, Failure::refused, Failure::timed_out, Failure::reset,
                                Failure::denied_by_rule, Failure::limit_reached,
                                Failure::host_unreachable, Failure::invalid_argument}) {
    EXPECT_EQ(failure_for(close_reason_for(failure)), failure) << name_of(failure);
  }
}

TEST(CloseReason, GivesEveryFailureAReasonAndAName) {
  for (int code = 1; code <= 22; ++code) {
    const Failure failure = failure_from_wire(static_cast<std::uint8_t>(code));
    EXPECT_EQ(static_cast<int>(failure), code);
    EXPECT_NE(close_reason_for(failure), CloseReason::voluntary) << name_of(failure);
    if (code > 1) {
      EXPECT_NE(name_of(failure), "other") << code;
    }
  }
}

TEST(CloseReason, TakesAFailureOfALaterVersionAsOther) {
  for (int code = 23; code < 256; ++code) {
    EXPECT_EQ(failure_from_wire(static_cast<std::uint8_t>(code)), Failure::other) << code;
  }
}

TEST(CloseReason, TakesAReasonNobodyDefinedAsOther) {
  EXPECT_EQ(failure_for(static_cast<CloseReason>(0x77)), Failure::other);
  EXPECT_EQ(name_of(static_cast<CloseReason>(0x77)), "unknown");
}

}  // namespace
}  // namespace moonwire::wisp

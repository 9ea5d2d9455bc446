// Every condition of the network has words in the dialect, and they are LuaSocket's.
#include "bindings/failure.h"

#include <gtest/gtest.h>

#include <string>

namespace moonwire::bindings {
namespace {

using net::NetError;

TEST(Failure, SuccessHasNoWords) {
  EXPECT_EQ(system_words(NetError::none), nullptr);
  EXPECT_EQ(luasocket_words(NetError::none), nullptr);
  EXPECT_EQ(luasocket_host_words(NetError::none), nullptr);
}

TEST(Failure, EveryOtherConditionHas) {
  for (int code = 1; code <= int(NetError::service_unknown); ++code) {
    for (const auto words :
         {system_words, luasocket_words, luasocket_send_words, luasocket_host_words}) {
      const char* text = words(NetError(code));
      ASSERT_NE(text, nullptr) << code;
      EXPECT_STRNE(text, "unknown error") << code;
    }
  }
}

TEST(Failure, WhatEndsAStreamIsClosed) {
  for (const NetError error : {NetError::connection_reset, NetError::connection_aborted}) {
    EXPECT_STREQ(luasocket_words(error), "closed");
    EXPECT_STREQ(luasocket_send_words(error), "closed");
  }
  EXPECT_STREQ(luasocket_send_words(NetError::broken_pipe), "closed");
  EXPECT_STREQ(luasocket_words(NetError::broken_pipe), "Broken pipe");  // getoption("error")
  EXPECT_STREQ(luasocket_words(NetError::timed_out), "timeout");
}

TEST(Failure, AnUnknownNameIsToldInThreeWays) {
  EXPECT_STREQ(luasocket_words(NetError::name_unknown),
               "host or service not provided, or not known");
  EXPECT_STREQ(luasocket_host_words(NetError::name_unknown), "host not found");
  EXPECT_STREQ(system_words(NetError::name_unknown), "Name or service not known");
}

}  // namespace
}  // namespace moonwire::bindings

// Log lines as JSON.
#include "proxy/log.h"

#include <gtest/gtest.h>

namespace moonwire::proxy {
namespace {

std::string line(std::string_view message) {
  return json_line("T", "info", message);
}

TEST(JsonLine, MakesMembersOfNamesAndValues) {
  EXPECT_EQ(
      line("session open peer=127.0.0.1:5 wisp=2"),
      R"({"time":"T","level":"info","event":"session open","peer":"127.0.0.1:5","wisp":"2"})");
  EXPECT_EQ(line("stopping"), R"({"time":"T","level":"info","event":"stopping"})");
}

TEST(JsonLine, AValueMayHoldSpacesAndQuotes) {
  EXPECT_EQ(
      line("closing code=1001 why=\"the proxy is \"stopping\"\""),
      R"({"time":"T","level":"info","event":"closing","code":"1001","why":"the proxy is \"stopping\""})");
}

TEST(JsonLine, WhatAClientSaysCannotReplaceAnEarlierMember) {
  EXPECT_EQ(line("refused peer=1.2.3.4:5 why=\"x\" peer=6.6.6.6:6 level=error\""),
            R"({"time":"T","level":"info","event":"refused","peer":"1.2.3.4:5","why":"x"})");
}

TEST(JsonLine, BytesThatAreNoTextStayOneLine) {
  EXPECT_EQ(line("dial to=\xff\n"),
            "{\"time\":\"T\",\"level\":\"info\",\"event\":\"dial\",\"to\":\"\xef\xbf\xbd\\n\"}");
}

}  // namespace
}  // namespace moonwire::proxy

// The command line: what it gives, and what it says about what is wrong.
#include "proxy/options.h"

#include <gtest/gtest.h>

namespace moonwire::proxy {
namespace {

std::variant<Options, Information, OptionsError> parse(std::vector<const char*> words) {
  words.insert(words.begin(), "moonwire-proxy");
  return parse_options(static_cast<int>(words.size()), words.data());
}

std::string complaint(const std::vector<const char*>& words) {
  const auto parsed = parse(words);
  if (const auto* error = std::get_if<OptionsError>(&parsed)) return error->why;
  return "";
}

TEST(Options, AreSafeByDefault) {
  const auto options = std::get<Options>(parse({}));
  EXPECT_EQ(options.listen_host, "127.0.0.1");
  EXPECT_EQ(options.listen_port, 8080);
  EXPECT_TRUE(options.needs_token);
  EXPECT_TRUE(options.allow.empty());
}

TEST(Options, TakeEveryFormOfAnAddress) {
  EXPECT_EQ(std::get<Options>(parse({"--listen", "[::1]:0"})).listen_host, "::1");
  EXPECT_EQ(std::get<Options>(parse({"--listen=localhost:9"})).listen_port, 9);
  EXPECT_EQ(std::get<Options>(parse({"--listen", "*:80"})).listen_host, "*");
}

TEST(Options, Repeat) {
  const auto options = std::get<Options>(
      parse({"--allow", "10.0.0.0/8:80", "--allow", "localhost:*", "--host", "a", "--host", "b"}));
  EXPECT_EQ(options.allow.size(), 3u);  // localhost is two
  EXPECT_EQ(options.hosts, (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(std::get<Options>(parse({"--token", "none"})).needs_token);
}

TEST(Options, SayWhatIsWrongByName) {
  EXPECT_NE(complaint({"--listen", "8080"}).find("--listen \"8080\""), std::string::npos);
  EXPECT_NE(complaint({"--listen", "x:70000"}).find("70000"), std::string::npos);
  EXPECT_NE(complaint({"--allow", "nowhere"}).find("--allow \"nowhere\""), std::string::npos);
  EXPECT_NE(complaint({"--token", "a/b"}).find("--token"), std::string::npos);
  EXPECT_NE(complaint({"--token", "none", "--token", "x"}).find("--token"), std::string::npos);
  EXPECT_NE(complaint({"--user", "nocolon"}).find("--user"), std::string::npos);
  EXPECT_NE(complaint({"--log-level", "loud"}).find("loud"), std::string::npos);
  EXPECT_NE(complaint({"--publish", "name:80"}).find("--publish"), std::string::npos);
  EXPECT_NE(complaint({"--lisen", "x"}).find("lisen"), std::string::npos);
  EXPECT_NE(complaint({"stray"}), "");
}

TEST(Options, HelpNamesEachOption) {
  const auto parsed = parse({"--help"});
  const std::string& text = std::get<Information>(parsed).text;
  for (const char* name : {"--listen", "--page", "--allow", "--deny", "--publish", "--token",
                           "--user", "--host", "--origin", "--port-file", "--log-level"}) {
    EXPECT_NE(text.find(name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace moonwire::proxy

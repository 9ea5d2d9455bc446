// The command line: what it gives, and what it says about what is wrong.
#include "proxy/options.h"

#include <gtest/gtest.h>

#include <fstream>

#include "proxy/config_file.h"

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

// Each of these once kept the maker of error texts busy for ever.
TEST(Options, WithThePlaceholdersOfErrorTextsAreRefused) {
  EXPECT_EQ(complaint({"--listen=x%value%"}),
            "\"--listen=x%value%\" holds %value%, which is not allowed");
  EXPECT_NE(complaint({"--frobnicate%original_token%"}), "");
  EXPECT_NE(complaint({"--a%canonical_option%"}), "");
  EXPECT_EQ(std::get<Options>(parse({"--user", "me:50%_of%it"})).users.front(), "me:50%_of%it");
}

TEST(Options, TargetsOfWebsockifyAreNamed) {
  const auto options = std::get<Options>(parse({"--websockify", "vm=10.0.0.1:5900"}));
  EXPECT_EQ(options.websockify.at("vm").host, "10.0.0.1");
  EXPECT_EQ(options.websockify.at("vm").port, 5900);
  EXPECT_NE(complaint({"--websockify", "vm"}), "");
  EXPECT_NE(complaint({"--websockify-tokens", "/nonexistent"}).find("/nonexistent"),
            std::string::npos);
}

TEST(Options, ComeFromAConfigurationFileAndTheCommandLineWins) {
  const std::string name = ::testing::TempDir() + "moonwire-options-test.toml";
  std::ofstream{name}
      << "listen = \"127.0.0.1:9\"\nallow = [\"*:80\", \"*:443\"]\nmax-streams = 7\n";
  const auto options = std::get<Options>(parse({"--config", name.c_str()}));
  EXPECT_EQ(options.listen_port, 9);
  EXPECT_EQ(options.allow.size(), 2u);
  EXPECT_EQ(options.limits.streams_per_session, 7u);
  EXPECT_EQ(
      std::get<Options>(parse({"--listen", "127.0.0.1:8", "--config", name.c_str()})).listen_port,
      8);
  EXPECT_EQ(std::get<Options>(parse({"--allow", "*:22", "--config", name.c_str()})).allow.size(),
            3u);
  std::ofstream{name} << "listen = [\n";
  EXPECT_NE(complaint({"--config", name.c_str()}).find(name + " line "), std::string::npos);
  std::ofstream{name} << "lissten = \"x\"\n";
  EXPECT_NE(complaint({"--config", name.c_str()}).find("lissten"), std::string::npos);
  std::ofstream{name} << "allow = { a = 1 }\n";
  EXPECT_NE(complaint({"--config", name.c_str()}).find("allow"), std::string::npos);
  EXPECT_NE(complaint({"--config", "/nonexistent.toml"}).find("/nonexistent.toml"),
            std::string::npos);
}

TEST(ParseConfig, RefusesLettersBeyondAsciiOutsideOfTextsAndNamesTheLine) {
  const auto why = [](std::string_view text) {
    const auto parsed = parse_config(text, "x.toml");
    const auto* error = std::get_if<ConfigError>(&parsed);
    return error == nullptr ? std::string{} : error->why;
  };
  EXPECT_EQ(why("motd = \"\xce\x8c\" # \xce\x8c"), "");
  EXPECT_EQ(why("\xef\xbb\xbfmotd = 'a \\'"), "") << "some editors begin a file so";
  EXPECT_EQ(why("# one\nmax-\xce\x8c = 4"),
            "x.toml line 2: a letter beyond ASCII outside of quotes");
  EXPECT_EQ(why("motd = \"\\\"\" \xce\x8c"),
            "x.toml line 1: a letter beyond ASCII outside of quotes");
  EXPECT_EQ(why("motd = \"\"\"\n\"\"\""), "x.toml line 1: a text of several lines");
}

TEST(Options, HelpNamesEachOption) {
  const auto parsed = parse({"--help"});
  const std::string& text = std::get<Information>(parsed).text;
  for (const char* name : {"--listen", "--page", "--allow", "--deny", "--publish", "--token",
                           "--user", "--host", "--origin", "--port-file", "--log-level",
                           "--websockify", "--cert", "--config", "--max-streams"}) {
    EXPECT_NE(text.find(name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace moonwire::proxy

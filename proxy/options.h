// The command line as values. What is missing has its default here, what is wrong is told with its
// name.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "proxy/access_rules.h"
#include "proxy/limits.h"
#include "proxy/log.h"
#include "proxy/relay_target.h"

namespace moonwire::proxy {

struct Options {
  std::string listen_host = "127.0.0.1";
  std::uint16_t listen_port = 8080;
  std::string page;       ///< a folder; empty: no page
  std::string port_file;  ///< where the port is written once it is known
  std::vector<std::string> hosts;
  std::vector<std::string> origins;
  std::vector<std::string> tokens;
  bool needs_token = true;
  std::vector<Rule> allow;
  std::vector<Rule> deny;
  std::optional<std::vector<PublishRule>>
      publish;                     ///< nothing: the default for the address listened on
  std::vector<std::string> users;  ///< NAME:PASSWORD
  std::map<std::string, RelayTarget> websockify;  ///< by token
  std::string certificate;                        ///< a PEM file; empty: plain HTTP
  std::string key;
  bool only_checks = false;  ///< --check-config
  std::string motd;
  std::string log_level = "info";
  LogFormat log_format = LogFormat::text;
  Limits limits;
};

/// The whole answer to --help or --version, to be printed.
struct Information {
  std::string text;
};
struct OptionsError {
  std::string why;
};

std::variant<Options, Information, OptionsError> parse_options(int argc, const char* const* argv);

inline constexpr const char* version = "0.1.0";

}  // namespace moonwire::proxy

// Names, help and checks of the options, by Boost's program_options.
#include "proxy/options.h"

#include <array>
#include <boost/program_options.hpp>
#include <charconv>
#include <fstream>
#include <sstream>

#include "proxy/config_file.h"
#include "proxy/tunnel_path.h"
#include "wisp/limits.h"

namespace moonwire::proxy {
namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

constexpr std::string_view introduction =
    R"(moonwire-proxy: gives the Lua computers in a browser tab real TCP and UDP, over one WebSocket.

  moonwire-proxy --page dist                        the page and the tunnel, for this machine only
  moonwire-proxy --page dist --allow 127.0.0.1:7777 ... and scripts may dial port 7777 of this machine
  moonwire-proxy --listen 0.0.0.0:8080 --page dist --host class.example --allow '*:80' --allow '*:443'

It listens on 127.0.0.1 unless told otherwise, and a tunnel needs the token that the served page knows. Listening on
127.0.0.1, scripts may dial public addresses; private, loopback, link-local and metadata addresses only with --allow.
Listening elsewhere, they may dial nothing without --allow. Rules look at addresses after name resolution.
)";

constexpr std::uint64_t most_stop_seconds = 3600;

struct LimitOption {
  const char* name;
  const char* help;
  std::size_t Limits::*limit;
};
constexpr std::array limit_options{
    LimitOption{"max-connections", "open client sockets", &Limits::connections},
    LimitOption{"max-connections-per-address", "... of one client address",
                &Limits::connections_per_address},
    LimitOption{"max-sessions", "open tunnels", &Limits::sessions},
    LimitOption{"max-streams", "streams, listeners and sockets of one tunnel",
                &Limits::streams_per_session},
    LimitOption{"max-bytes-per-second",
                "payload of one tunnel, both directions; 0 (the default): any",
                &Limits::bytes_per_second},
    LimitOption{"max-bytes-per-second-per-address", "... of one client address",
                &Limits::bytes_per_second_per_address},
    LimitOption{"max-datagrams-per-second",
                "datagrams of one tunnel, both directions; 0: any; default: 50000",
                &Limits::datagrams_per_second},
    LimitOption{"max-datagrams-per-second-per-address",
                "... of one client address; 0: any; default: 100000",
                &Limits::datagrams_per_second_per_address},
};

po::options_description description() {
  po::options_description all{"Options"};
  const auto texts = [] { return po::value<Texts>()->composing(); };
  all.add_options()("help,h", "this text")("version", "the version")(
      "config", po::value<std::string>()->value_name("FILE"),
      "a TOML file with these options' names as keys; the command line wins")(
      "check-config", "check all of it, start nothing")(
      "listen", po::value<std::string>()->value_name("HOST:PORT")->default_value("127.0.0.1:8080"),
      "where to listen; port 0 takes a free one")(
      "page", po::value<std::string>()->value_name("DIR"), "the folder of the page to serve")(
      "port-file", po::value<std::string>()->value_name("FILE"),
      "write the port to FILE once listening")(
      "allow", texts()->value_name("HOST:PORT"),
      "what may be dialled; HOST: an address, ADDRESS/BITS, a name, or * (public addresses); PORT: "
      "a number, FIRST-LAST "
      "or *; repeatable")("deny", texts()->value_name("HOST:PORT"),
                          "what may not, whatever is allowed; repeatable")(
      "publish", texts()->value_name("ADDRESS:PORTS"),
      "where scripts may listen, or none; default, when listening on 127.0.0.1: "
      "127.0.0.1:1024-65535; repeatable")(
      "token", texts()->value_name("TOKEN"),
      "the token in /wisp/TOKEN/, or none; default: a random one; repeatable")(
      "user", texts()->value_name("NAME:PASSWORD"), "ask for a password (Wisp v2); repeatable")(
      "host", texts()->value_name("NAME[:PORT]"),
      "another name of this proxy in the Host header; repeatable")(
      "origin", texts()->value_name("ORIGIN"),
      "a page of another origin that may open tunnels; repeatable")(
      "websockify", texts()->value_name("NAME=HOST:PORT"),
      "a target of /websockify/?token=NAME; repeatable")(
      "websockify-tokens", po::value<std::string>()->value_name("FILE"),
      "the same as lines NAME: HOST:PORT, websockify's own token file")(
      "cert", po::value<std::string>()->value_name("FILE"),
      "serve https and wss with this certificate chain (PEM)")(
      "key", po::value<std::string>()->value_name("FILE"), "... and its key (PEM)")(
      "motd", po::value<std::string>()->value_name("TEXT"),
      "a message to clients that ask for one")(
      "log-level", po::value<std::string>()->value_name("LEVEL")->default_value("info"),
      "debug, info, warn, error or off; the log goes to standard error")(
      "log-format", po::value<std::string>()->value_name("FORMAT")->default_value("text"),
      "text, or json: an object a line")(
      "stop-deadline", po::value<std::uint64_t>()->value_name("SECONDS"),
      "how long open connections may go on after SIGTERM; default: 5");
  for (const LimitOption& one : limit_options) {
    all.add_options()(one.name, po::value<std::uint64_t>()->value_name("N"), one.help);
  }
  return all;
}

std::optional<OptionsError> read_listen(const std::string& text, Options& options) {
  const OptionsError wrong{"--listen \"" + text +
                           "\" is not HOST:PORT (IPv6 in brackets: [::1]:8080)"};
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || colon == 0) return wrong;
  options.listen_host = normal_host(text.substr(0, colon));
  const std::string port = text.substr(colon + 1);
  unsigned value = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
  if (port.empty() || error != std::errc{} || end != port.data() + port.size() || value > 65535)
    return wrong;
  options.listen_port = static_cast<std::uint16_t>(value);
  return std::nullopt;
}

std::optional<OptionsError> read_rules(const std::string& name, const Texts& texts,
                                       std::vector<Rule>& rules) {
  for (const std::string& text : texts) {
    auto parsed = parse_rule(text);
    if (const auto* error = std::get_if<RuleError>(&parsed))
      return OptionsError{"--" + name + " " + error->why};
    for (Rule& rule : std::get<std::vector<Rule>>(parsed)) rules.push_back(std::move(rule));
  }
  return std::nullopt;
}

std::optional<OptionsError> read_publish(const Texts& texts, Options& options) {
  std::vector<PublishRule> rules;
  for (const std::string& text : texts) {
    if (text == "none") continue;
    auto parsed = parse_publish_rule(text);
    if (const auto* error = std::get_if<RuleError>(&parsed))
      return OptionsError{"--publish " + error->why};
    rules.push_back(std::get<PublishRule>(parsed));
  }
  options.publish = std::move(rules);
  return std::nullopt;
}

std::optional<OptionsError> read_tokens(const Texts& texts, Options& options) {
  for (const std::string& token : texts) {
    if (token == "none") {
      options.needs_token = false;
      continue;
    }
    const bool is_plain =
        token.find_first_not_of(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~") == token.npos;
    if (token.empty() || token.size() > 128 || !is_plain) {
      return OptionsError{"--token: 1 to 128 letters, digits and - _ . ~ (it stands in a path)"};
    }
    options.tokens.push_back(token);
  }
  if (!options.needs_token && !options.tokens.empty())
    return OptionsError{"--token none and --token TOKEN exclude each other"};
  return std::nullopt;
}

/// The file as words of a command line.
std::variant<Texts, OptionsError> words_of_config(const std::string& name) {
  std::ifstream file{name};
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return OptionsError{"--config " + name + " cannot be read"};
  auto parsed = parse_config(text.str(), name);
  if (const auto* error = std::get_if<ConfigError>(&parsed)) return OptionsError{error->why};
  Texts words;
  for (const auto& [option, value] : std::get<ConfigValues>(parsed)) {
    if (option == "config") return OptionsError{name + ": a configuration names no other"};
    words.push_back("--" + option + "=" + value);
  }
  return words;
}

std::optional<OptionsError> add_target(const std::string& name, std::string_view to,
                                       const std::string& where, Options& options) {
  const auto target = parse_host_port(to);
  if (name.empty() || !target) return OptionsError{where + ": not NAME and HOST:PORT"};
  options.websockify[name] = {target->host, target->port, Trust::configured};
  return std::nullopt;
}

std::optional<OptionsError> read_targets(const Texts& texts, const std::string& file,
                                         Options& options) {
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    const std::string_view to =
        equals == text.npos ? std::string_view{} : std::string_view{text}.substr(equals + 1);
    if (auto error =
            add_target(text.substr(0, equals), to, "--websockify \"" + text + "\"", options))
      return error;
  }
  if (file.empty()) return std::nullopt;
  std::ifstream lines{file};
  if (!lines) return OptionsError{"--websockify-tokens " + file + " cannot be read"};
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == line.npos || line.front() == '#') continue;
    const std::size_t colon = line.find(": ");
    const std::string to =
        colon == line.npos ? "" : line.substr(line.find_first_not_of(' ', colon + 1));
    const std::string where = file + " line " + std::to_string(number);
    if (auto error = add_target(line.substr(0, colon), to, where, options)) return error;
  }
  return std::nullopt;
}

std::optional<OptionsError> read_all(const po::variables_map& given, Options& options) {
  const auto texts = [&given](const char* name) {
    return given.contains(name) ? given[name].as<Texts>() : Texts{};
  };
  const auto text = [&given](const char* name) {
    return given.contains(name) ? given[name].as<std::string>() : std::string{};
  };
  if (auto error = read_listen(text("listen"), options)) return error;
  if (auto error = read_rules("allow", texts("allow"), options.allow)) return error;
  if (auto error = read_rules("deny", texts("deny"), options.deny)) return error;
  if (auto error = read_tokens(texts("token"), options)) return error;
  if (given.contains("publish")) {
    if (auto error = read_publish(texts("publish"), options)) return error;
  }
  if (auto error = read_targets(texts("websockify"), text("websockify-tokens"), options))
    return error;
  options.page = text("page");
  options.port_file = text("port-file");
  options.hosts = texts("host");
  options.origins = texts("origin");
  options.users = texts("user");
  for (const std::string& user : options.users) {
    const std::size_t colon = user.find(':');
    if (colon == 0 || colon == user.npos || colon > 255)
      return OptionsError{"--user: not NAME:PASSWORD"};
  }
  options.certificate = text("cert");
  options.key = text("key");
  if (options.certificate.empty() != options.key.empty())
    return OptionsError{"--cert and --key go together"};
  options.only_checks = given.contains("check-config");
  if (options.only_checks)
    options.listen_port = 0;  // the port may be in use by the proxy that runs
  for (const LimitOption& one : limit_options) {
    if (given.contains(one.name)) options.limits.*one.limit = given[one.name].as<std::uint64_t>();
  }
  for (const char* name : {"max-bytes-per-second", "max-bytes-per-second-per-address"}) {
    const std::uint64_t rate = given.contains(name) ? given[name].as<std::uint64_t>() : 0;
    if (rate > 0 && rate < least_bytes_per_second)
      return OptionsError{"--" + std::string{name} + ": at least 65536, or 0"};
  }
  if (given.contains("stop-deadline")) {
    const std::uint64_t seconds = given["stop-deadline"].as<std::uint64_t>();
    if (seconds > most_stop_seconds) return OptionsError{"--stop-deadline: at most 3600 seconds"};
    options.limits.stop_time = std::chrono::seconds{seconds};
  }
  const std::string format = text("log-format");
  if (format != "text" && format != "json")
    return OptionsError{"--log-format \"" + format + "\" is neither text nor json"};
  options.log_format = format == "json" ? LogFormat::json : LogFormat::text;
  options.motd = text("motd");
  if (options.motd.size() > wisp::max_motd_bytes) return OptionsError{"--motd: at most 512 bytes"};
  options.log_level = text("log-level");
  for (const char* level : {"debug", "info", "warn", "error", "off"}) {
    if (options.log_level == level) return std::nullopt;
  }
  return OptionsError{"--log-level \"" + options.log_level +
                      "\" is none of debug, info, warn, error, off"};
}

/// Boost.Program_options makes its errors by putting names and values into a template until no
/// placeholder is left: one that stands in a value would be put into itself without end (found by
/// fuzzing).
std::optional<OptionsError> check_placeholders(const Texts& words) {
  for (const std::string& word : words) {
    for (const char* placeholder :
         {"%canonical_option%", "%option%", "%prefix%", "%value%", "%original_token%"}) {
      if (word.find(placeholder) != word.npos)
        return OptionsError{"\"" + word + "\" holds " + placeholder + ", which is not allowed"};
    }
  }
  return std::nullopt;
}

}  // namespace

std::variant<Options, Information, OptionsError> parse_options(int argc, const char* const* argv) {
  const po::options_description all = description();
  if (auto error = check_placeholders({argv, argv + argc})) return std::move(*error);
  po::variables_map given;
  try {
    constexpr auto style =
        po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(argc, argv).options(all).positional({}).style(style).run(),
              given);
    if (given.contains("config")) {
      auto words = words_of_config(given["config"].as<std::string>());
      if (auto* error = std::get_if<OptionsError>(&words)) return std::move(*error);
      if (auto error = check_placeholders(std::get<Texts>(words))) return std::move(*error);
      // What is stored first wins, except in lists, which grow.
      po::store(po::command_line_parser(std::get<Texts>(words))
                    .options(all)
                    .positional({})
                    .style(style)
                    .run(),
                given);
    }
    po::notify(given);
  } catch (const po::error& error) {
    return OptionsError{error.what()};
  }
  if (given.contains("help")) {
    std::ostringstream text;
    text << introduction << '\n' << all;
    return Information{text.str()};
  }
  if (given.contains("version"))
    return Information{"moonwire-proxy " + std::string{version} + "\n"};
  Options options;
  if (auto error = read_all(given, options)) return std::move(*error);
  return options;
}

}  // namespace moonwire::proxy

// A configuration from any text: refused with the name of what is wrong, or read as the options
// that it spells; never an exception, never a limit nobody asked for.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "proxy/config_file.h"
#include "proxy/options.h"

using namespace moonwire::proxy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{reinterpret_cast<const char*>(data), size};
  const auto parsed = parse_config(text, "fuzz.toml");
  if (const auto* error = std::get_if<ConfigError>(&parsed)) {
    if (!error->why.starts_with("fuzz.toml line ")) std::abort();
    return 0;
  }
  std::vector<std::string> words{"moonwire-proxy"};
  for (const auto& [name, value] : std::get<ConfigValues>(parsed)) {
    if (name == "config" || name == "websockify-tokens") continue;  // they name files
    words.push_back("--" + name + "=" + value);
  }
  std::vector<const char*> arguments;
  for (const std::string& word : words) arguments.push_back(word.c_str());
  const auto options = parse_options(static_cast<int>(arguments.size()), arguments.data());
  if (const auto* error = std::get_if<OptionsError>(&options)) {
    if (error->why.empty()) std::abort();
  } else if (const auto* read = std::get_if<Options>(&options)) {
    const Limits& limits = read->limits;
    const bool is_sane =
        (limits.bytes_per_second == 0 || limits.bytes_per_second >= least_bytes_per_second) &&
        limits.stop_time <= std::chrono::hours{1} && read->certificate.empty() == read->key.empty();
    if (!is_sane) std::abort();
    if (read->needs_token && std::ranges::find(read->tokens, "") != read->tokens.end())
      std::abort();
  }
  return 0;
}

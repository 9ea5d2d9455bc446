// The configuration file: TOML whose keys are the long options' names.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace moonwire::proxy {

struct ConfigError {
  std::string why;  ///< with the file's name and the line
};

/// Name and value of each option, a list's values one by one.
using ConfigValues = std::vector<std::pair<std::string, std::string>>;

/// `name` is for the errors.
std::variant<ConfigValues, ConfigError> parse_config(std::string_view text,
                                                     const std::string& name);

}  // namespace moonwire::proxy

// TOML by toml++; what the values mean is left to the options.
#include "proxy/config_file.h"

#include <toml++/toml.h>

#include <optional>
#include <sstream>

namespace moonwire::proxy {
namespace {

std::optional<std::string> text_of(const toml::node& value) {
  if (const auto* text = value.as_string()) return text->get();
  if (const auto* number = value.as_integer()) return std::to_string(number->get());
  return std::nullopt;
}

std::string at(const std::string& name, const toml::source_region& where) {
  return name + " line " + std::to_string(where.begin.line);
}

}  // namespace

std::variant<ConfigValues, ConfigError> parse_config(std::string_view text,
                                                     const std::string& name) {
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return ConfigError{at(name, error.source()) + ": " + std::string{error.description()}};
  }
  ConfigValues values;
  for (const auto& [key, value] : table) {
    const std::string option{key.str()};
    if (const auto one = text_of(value)) {
      values.emplace_back(option, *one);
      continue;
    }
    const auto* list = value.as_array();
    if (list == nullptr)
      return ConfigError{at(name, value.source()) + ": " + option +
                         " is not a text, a number or a list of them"};
    for (const toml::node& element : *list) {
      const auto one = text_of(element);
      if (!one)
        return ConfigError{at(name, element.source()) + ": " + option +
                           " holds something that is not a text or a number"};
      values.emplace_back(option, *one);
    }
  }
  return values;
}

}  // namespace moonwire::proxy

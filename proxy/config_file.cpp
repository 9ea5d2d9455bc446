// TOML by toml++; what the values mean is left to the options.
#include "proxy/config_file.h"

#include <toml++/toml.h>

#include <algorithm>
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

/// Refuses what toml++ 3.0 is undefined for (found by fuzzing): letters beyond ASCII outside of
/// quotes. Texts of several lines, in which it looks for them too, no option needs.
std::optional<ConfigError> check_spelling(std::string_view text, const std::string& name) {
  int number = 1;
  for (std::size_t begin = 0; begin < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    const std::string where = name + " line " + std::to_string(number) + ": ";
    if (line.find(R"(""")") != line.npos || line.find("'''") != line.npos)
      return ConfigError{where + "a text of several lines"};
    char quote = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const char c = line[i];
      if (quote == '"' && c == '\\') {
        ++i;
      } else if (c == quote) {
        quote = 0;
      } else if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else if (quote == 0 && c == '#') {
        break;
      } else if (quote == 0 && static_cast<unsigned char>(c) >= 0x80) {
        return ConfigError{where + "a letter beyond ASCII outside of quotes"};
      }
    }
    begin = end + 1;
  }
  return std::nullopt;
}

}  // namespace

std::variant<ConfigValues, ConfigError> parse_config(std::string_view text,
                                                     const std::string& name) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  if (auto error = check_spelling(text, name)) return std::move(*error);
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

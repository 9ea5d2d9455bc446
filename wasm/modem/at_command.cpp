// Reads a command line: AT, a head, and what follows it.
#include "modem/at_command.h"

#include <algorithm>
#include <charconv>

#include "modem/limits.h"

namespace moonwire::modem {
namespace {

// Not <cctype>: that depends on the locale and on the sign of char.
bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::string_view take_head(std::string_view& rest) {
  const bool is_extended = std::string_view("+*^&%$#").find(rest.front()) != std::string_view::npos;
  std::size_t end = is_extended ? 1 : 0;
  if (is_extended) {
    while (end < rest.size() && (is_letter(rest[end]) || is_digit(rest[end]))) ++end;
  } else {
    end = 1;  // a basic command is one letter: ATE0, ATD10086;
  }
  const std::string_view head = rest.substr(0, end);
  rest.remove_prefix(end);
  return head;
}

/// One parameter off the front of `rest`, and the comma behind it. False: that was the last.
bool take_parameter(std::string_view& rest, std::string& parameter) {
  bool is_quoted = false;
  for (std::size_t at = 0; at < rest.size(); ++at) {
    const char c = rest[at];
    if (c == '"') {
      is_quoted = !is_quoted;
    } else if (c == ',' && !is_quoted) {
      rest.remove_prefix(at + 1);
      return true;
    } else if (c != ' ' || is_quoted) {
      parameter.push_back(c);
    }
  }
  rest = {};
  return false;
}

}  // namespace

std::optional<std::uint32_t> AtCommand::number(std::size_t index) const {
  const std::string_view digits = text(index);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return value;
}

std::string_view AtCommand::text(std::size_t index) const {
  return index < parameters.size() ? std::string_view(parameters[index]) : std::string_view();
}

std::optional<AtCommand> parse_command(std::string_view line) {
  line = trimmed(line);
  if (line.size() < 2 || upper(line[0]) != 'A' || upper(line[1]) != 'T') return std::nullopt;
  std::string_view rest = line.substr(2);
  AtCommand command;
  if (rest.empty()) return command;

  const std::string_view head = take_head(rest);
  command.head.resize(head.size());
  std::transform(head.begin(), head.end(), command.head.begin(), upper);
  using enum AtCommand::Kind;
  if (rest.empty()) return command;
  if (rest == "?") {
    command.kind = query;
    return command;
  }
  if (rest == "=?") {
    command.kind = test;
    return command;
  }
  command.kind = set;
  if (rest.front() == '=') {
    rest.remove_prefix(1);
  } else if (head.size() > 1) {
    return std::nullopt;  // AT+CSQ! and the like
  }
  for (bool more = true; more;) {
    if (command.parameters.size() == at_parameters_max) return std::nullopt;
    more = take_parameter(rest, command.parameters.emplace_back());
  }
  return command;
}

}  // namespace moonwire::modem
